"""From a draft to a definition that can run, and all problems on the way at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from pectin.authoring.draft import Draft, DraftNode
from pectin.authoring.fitting import Fitting
from pectin.authoring.schema_of import NoSchema
from pectin.authoring.signature import BadFunction
from pectin.authoring.state_model import DictModel, StateModel, state_model_of
from pectin.authoring.values import TypeMismatch
from pectin.core.definition import Definition, Each, Edge, Join, Json, Node, Place, Trigger
from pectin.core.error import PectinError
from pectin.core.problem import DefinitionError, Problem
from pectin.core.program import Program
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig
from pectin.nodes import bind
from pectin.ports.function import Function

S = TypeVar("S")

_FOLLOWS_FROM: Mapping[str, tuple[str, ...]] = {
    "E008": ("E002", "E016", "E036"),
    "E013": ("E036",),
    "E014": ("E037",),
    "E015": ("E016", "E036"),
    "E017": ("E022", "E036"),
    "E018": ("E036",),
    "E019": ("E037",),
    "E020": ("E020", "E037"),
}
"""What may only be missing because a draft leaves out what was wrong, and by which of its own problems."""


class BadInput(PectinError):
    """An input that is not a state of its workflow. `problems` are all of them, by field."""

    def __init__(self, workflow: str, problems: tuple[str, ...]) -> None:
        super().__init__(workflow, problems)
        self.workflow = workflow
        self.problems = problems

    def __str__(self) -> str:
        return f"the input of `{self.workflow}` can't be used: {'; '.join(self.problems)}"


@dataclass(frozen=True, slots=True)
class Blueprint(Generic[S]):
    """A workflow that can run: its program, where its parts were written, its functions and its state's type."""

    program: Program
    places: Mapping[tuple[str, ...], Place]
    functions: Mapping[str, Function]
    state: StateModel[S]

    @property
    def definition(self) -> Definition:
        """What is stored and hashed."""
        return self.program.definition

    def complete(self, input: object) -> dict[str, Json]:
        """The first state from an input: a state, or JSON without some of the defaults. Raises `BadInput`."""
        try:
            return self.state.complete(input)
        except TypeMismatch as error:
            raise BadInput(self.definition.id, error.problems) from None


class Header(NamedTuple):
    """What a definition says of the workflow as a whole."""

    id: str
    version: str
    name: str | None
    description: str | None
    session_type: SessionType
    timeouts: TimeoutConfig


class Lowered(NamedTuple):
    """A draft as a definition, with what was wrong on the way. With problems, parts are left out."""

    definition: Definition
    places: Mapping[tuple[str, ...], Place]
    functions: Mapping[str, Function]
    state: StateModel[Any]
    problems: list[Problem]


def build(header: Header, state: Any, draft: Draft) -> Blueprint[Any]:
    """Make a definition and check it. Raises `DefinitionError` with all problems."""
    lowered = lower(header, state, draft)
    try:
        program = bind(lowered.definition, lowered.places)
    except DefinitionError as error:
        raise DefinitionError([*lowered.problems, *_news(error.problems, lowered.problems)]) from None
    if lowered.problems:
        raise DefinitionError(lowered.problems)
    return Blueprint(program, lowered.places, lowered.functions, lowered.state)


def _news(theirs: Iterable[Problem], ours: Iterable[Problem]) -> list[Problem]:
    """What `bind` found that the draft's own problems neither say nor explain."""
    codes = {problem.code for problem in ours}
    told = {(problem.code, problem.place) for problem in ours}
    return [
        problem
        for problem in theirs
        if (problem.code, problem.place) not in told and codes.isdisjoint(_FOLLOWS_FROM.get(problem.code, ()))
    ]


def lower(header: Header, state: Any, draft: Draft) -> Lowered:
    """The definition that the draft says, as far as it says one."""
    problems = list(draft.problems)
    model: StateModel[Any] = DictModel()
    functions: Mapping[str, Function] = {}
    try:
        model = state_model_of(state)
    except NoSchema as error:
        problems.append(Problem("E037", "", str(error), None, draft.place))
    else:
        functions = _fit(Fitting(header.id, state, model), draft, problems)
    edges = tuple(edge for edge, _ in draft.edges)
    nodes = tuple(lowered for node in draft.nodes.values() for lowered in _lower(node, edges))
    places: dict[tuple[str, ...], Place] = {("workflow",): draft.place}
    places |= {("node", node.id): draft.nodes[node.id].place for node in nodes if node.id in draft.nodes}
    places |= {("node", item_name(name)): node.place for name, node in draft.nodes.items() if node.items is not None}
    places |= {("edge", str(index)): place for index, (_, place) in enumerate(draft.edges)}
    definition = Definition(
        id=header.id,
        version=header.version,
        state=model.schema,
        start=draft.start or _find_start(draft, problems),
        nodes=nodes,
        edges=edges,
        name=header.name,
        description=header.description,
        timeouts=header.timeouts,
        session_type=header.session_type,
    )
    return Lowered(definition, places, functions, model, problems)


def item_name(name: str) -> str:
    """The name of a map's item node."""
    return f"{name}-item"


def _fit(fitting: Fitting, draft: Draft, problems: list[Problem]) -> dict[str, Function]:
    """The functions by their registered names; notes what is wrong with them."""
    functions: dict[str, Function] = {}
    for node in draft.nodes.values():
        if node.function is None:
            continue
        try:
            functions[node.name] = fitting.fit(node, node.function)
        except BadFunction as error:
            for code, message, hint in error.findings:
                problems.append(Problem(code, "", message, hint, node.place))
    return functions


def _lower(node: DraftNode, edges: tuple[Edge, ...]) -> list[Node]:
    config = node.config if node.function is None else {"function": node.name}
    if node.items is None:
        sources = dict.fromkeys(edge.source for edge in edges if edge.target == node.name)
        wait_for = tuple(sources) if node.wait_for is None else node.wait_for
        return [
            Node(
                id=node.name,
                kind=node.kind,
                config=config,
                effect=node.effect,
                retry=node.retry,
                timeout_ms=node.timeout_ms,
                output_key=node.output_key,
                join=Join(wait_for) if node.kind == "join" else None,
                run_on=node.run_on,
            )
        ]
    item = Node(
        id=item_name(node.name),
        kind="python_fn",
        config=config,
        effect=node.effect,
        retry=node.retry,
        timeout_ms=node.timeout_ms,
    )
    each = Each(node.items, item.id, node.max_concurrency)
    return [Node(id=node.name, kind="parallel", output_key=node.output_key, each=each), item]


def _find_start(draft: Draft, problems: list[Problem]) -> str:
    """The only node that no edge leads to. Notes it if there are several or none, and takes the first then."""
    targets = {edge.target for edge, _ in draft.edges if edge.trigger is not Trigger.REPEAT}
    nodes = [node.name for node in draft.nodes.values() if node.run_on is None]
    found = [name for name in nodes if name not in targets]
    if len(found) == 1:
        return found[0]
    if not nodes:
        return ""
    if any(problem.code in ("E016", "E036") for problem in problems):  # edges were left out
        return (found or nodes)[0]
    listed = ", ".join(f"`{name}`" for name in found)
    message = f"an execution has one start, and no edge leads to {listed}" if found else "an edge leads to every node"
    problems.append(Problem("E002", "", message, f"write `workflow.start({(found or nodes)[0]})`", draft.place))
    return (found or nodes)[0]

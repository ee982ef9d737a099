"""From a draft to a core `Definition`, as far as it says one. What is wrong on the way is kept beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pectin.authoring.draft import Draft, DraftNode
from pectin.authoring.fitting import Fitting
from pectin.authoring.schema_of import NoSchema
from pectin.authoring.signature import BadFunction
from pectin.authoring.state_model import DictModel, StateModel, state_model_of
from pectin.core.definition import Child, Definition, Each, Edge, Join, Node, Place, Trigger, WorkflowLimits
from pectin.core.problem import Problem
from pectin.ports.function import Function


class Lowered(NamedTuple):
    """A draft as a definition, with what was wrong on the way. With problems, parts are left out."""

    definition: Definition
    places: Mapping[tuple[str, ...], Place]
    functions: Mapping[str, Function]
    state: StateModel[Any]
    problems: list[Problem]


def lower(draft: Draft) -> Lowered:
    """The definition that the draft says, as far as it says one."""
    header, problems = draft.header, list(draft.problems)
    model: StateModel[Any] = DictModel()
    functions: Mapping[str, Function] = {}
    try:
        model = state_model_of(draft.state)
    except NoSchema as error:
        problems.append(Problem("E037", "", str(error), None, draft.place))
    else:
        functions = _fit(Fitting(header.id, draft.state, model, header.reducers), draft, problems)
    edges = tuple(edge for edge, _ in draft.edges)
    nodes = tuple(lowered for node in draft.nodes.values() for lowered in _lower(node, edges))
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
        reducers=dict(header.reducers),
        limits=_limits(draft),
        on_failure=header.on_failure,
        stop_grace_ms=header.stop_grace_ms,
    )
    return Lowered(definition, _find_places(draft), functions, model, problems)


def item_name(name: str) -> str:
    """The name of a map's item node."""
    return f"{name}-item"


def reconcile_name(name: str) -> str:
    """The name under which a node's `reconcile` is registered. No node has it."""
    return f"{name}.reconcile"


def _fit(fitting: Fitting, draft: Draft, problems: list[Problem]) -> dict[str, Function]:
    """The functions by their registered names; notes what is wrong with them."""
    functions: dict[str, Function] = {}
    for node in draft.nodes.values():
        for name, given, fit in (
            (node.name, node.function, fitting.fit),
            (reconcile_name(node.name), node.reconcile, fitting.fit_reconcile),
        ):
            if given is None:
                continue
            try:
                functions[name] = fit(node, given)
            except BadFunction as error:
                problems += [Problem(code, "", message, hint, given.place) for code, message, hint in error.findings]
    return functions


def _find_places(draft: Draft) -> dict[tuple[str, ...], Place]:
    places: dict[tuple[str, ...], Place] = {("workflow",): draft.place}
    for name, node in draft.nodes.items():
        places["node", name] = node.place
        if node.items is not None:
            places["node", item_name(name)] = node.place
    return places | {("edge", str(index)): place for index, (_, place) in enumerate(draft.edges)}


def _limits(draft: Draft) -> WorkflowLimits | None:
    limits = WorkflowLimits(
        max_iterations=draft.header.max_iterations,
        wall_time_ms=draft.header.wall_time_ms,
        on_limit=draft.on_limit,
    )
    return None if limits == WorkflowLimits() else limits


def _lower(node: DraftNode, edges: Sequence[Edge]) -> list[Node]:
    """The node; for a map also its item node, which does the work."""
    if node.items is None:
        join = _join(node, edges) if node.kind == "join" else None
        return [_worker(node, node.name, node.kind, output_key=node.output_key, join=join)]
    item = _worker(node, item_name(node.name), "python_fn" if node.child is None else "subgraph")
    each = Each(node.items, item.id, node.max_concurrency, node.on_item_failure)
    return [Node(id=node.name, kind="parallel", output_key=node.output_key, each=each), item]


def _worker(node: DraftNode, id: str, kind: str, output_key: str | None = None, join: Join | None = None) -> Node:
    return Node(
        id=id,
        kind=kind,
        config=node.config if node.function is None else {"function": node.name},
        effect=node.effect,
        retry=node.retry,
        timeout_ms=node.timeout_ms,
        output_key=output_key,
        join=join,
        child=_child(node),
        run_on=node.run_on,
        reconcile=None if node.reconcile is None else reconcile_name(node.name),
    )


def _join(node: DraftNode, edges: Sequence[Edge]) -> Join:
    """A join waits for all that lead to it from outside its loop, where nothing else is said."""
    onward = (edge for edge in edges if edge.target == node.name and edge.trigger is not Trigger.REPEAT)
    sources = tuple(dict.fromkeys(edge.source for edge in onward))
    return Join(sources if node.wait_for is None else node.wait_for, node.at_least, node.fires_when)


def _child(node: DraftNode) -> Child | None:
    if node.child is None:
        return None
    draft = node.child.draft
    id, version = ("", "") if draft is None else (draft.header.id, draft.header.version)
    return Child(id, version, dict(node.child.input), dict(node.child.output))


def _find_start(draft: Draft, problems: list[Problem]) -> str:
    """The only node that no edge leads to. Notes it if there are several or none, and takes the first then."""
    targets = {edge.target for edge, _ in draft.edges if edge.trigger is not Trigger.REPEAT}
    nodes = [node.name for node in draft.nodes.values() if node.run_on is None and node.name != draft.on_limit]
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

"""From a draft to a core `Definition`, as far as it says one. What is wrong on the way is kept beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from pectin.authoring.draft import Draft, DraftNode
from pectin.authoring.fitting import Fitting
from pectin.authoring.order import turn_of, turns_of
from pectin.authoring.schema_of import NoSchema
from pectin.authoring.signature import BadFunction
from pectin.authoring.state_model import DictModel, StateModel, state_model_of
from pectin.authoring.tools import Tools
from pectin.core.definition import END, Child, Definition, Each, Edge, Join, Node, Place, Trigger, WorkflowLimits
from pectin.core.problem import Problem
from pectin.core.status import SessionType
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
    functions: dict[str, Function] = {}
    tools = Tools(draft, problems)
    try:
        model = state_model_of(draft.state)
    except NoSchema as error:
        problems.append(Problem("E037", "", str(error), None, draft.place))
    else:
        fitting = Fitting(header.id, draft.state, model, header.reducers)
        if all(problem.code != "E045" for problem in problems):  # else the state isn't what it was meant to be
            functions = _fit(fitting, draft, tools, problems)
            model = fitting.model
            tools.check_maps(model)
    nodes = tuple(lowered for node in draft.nodes.values() for lowered in _lower(node, draft.edges, tools))
    definition = Definition(
        id=header.id,
        version=header.version,
        state=model.schema,
        start=draft.start or _find_start(draft, problems),
        nodes=nodes,
        edges=tuple(edge for edge, _ in _in_order(draft)),
        name=header.name,
        description=header.description,
        timeouts=header.timeouts,
        session_type=header.session_type,
        reducers=dict(header.reducers),
        limits=_limits(draft),
        on_failure=header.on_failure,
        stop_grace_ms=header.stop_grace_ms,
        policy=header.policy,
        retention_days=header.retention_days,
        tools=tools.contracts,
        labels=dict(header.labels),
    )
    return Lowered(definition, {**_find_places(draft), **tools.places}, functions | tools.functions, model, problems)


def item_name(name: str) -> str:
    """The name of a map's item node."""
    return f"{name}-item"


def reconcile_name(name: str) -> str:
    """The name under which a node's `reconcile` is registered. No node has it."""
    return f"{name}.reconcile"


def _function_name(node: DraftNode) -> str:
    """The name under which a node's function is registered: its own, unless it says another one."""
    return node.config.get("function", node.name)


def _reconcile_name(node: DraftNode) -> str | None:
    return reconcile_name(node.name) if node.reconcile_name is None and node.reconcile else node.reconcile_name


def _fit(fitting: Fitting, draft: Draft, tools: Tools, problems: list[Problem]) -> dict[str, Function]:
    """The functions by their registered names; notes what is wrong with them."""
    functions: dict[str, Function] = {}
    users: dict[str, DraftNode] = {}
    for node in draft.nodes.values():
        if node.function is not None and not _is_alike(node, users.setdefault(_function_name(node), node)):
            problems.append(_two_uses(draft, node, users[_function_name(node)]))
            continue
        for name, given, fit in (
            (_function_name(node), node.function, fitting.fit),
            (
                _reconcile_name(node),
                node.reconcile,
                fitting.fit_reconcile if node.call is None else tools.fit_reconcile,
            ),
        ):
            if given is None or name is None or name in functions:
                continue
            try:
                functions[name] = fit(node, given)
            except BadFunction as error:
                problems += [Problem(code, "", message, hint, given.place) for code, message, hint in error.findings]
    return functions


def _is_alike(one: DraftNode, other: DraftNode) -> bool:
    """Whether one function can serve both: what it is given and what it returns mean the same."""
    return all(
        getattr(one, name) == getattr(other, name) for name in ("items", "output_key", "run_on", "on_item_failure")
    )


def _two_uses(draft: Draft, node: DraftNode, other: DraftNode) -> Problem:
    name = _function_name(node)
    message = f"`{node.name}` runs `{name}`, and so does `{other.name}`, which hands in or keeps something else"
    place = draft.parts.get(node.place, {}).get("config.function", node.place)
    return Problem("E047", "", message, f"give it a second name beside the function: `again = {name}`", place)


def _find_places(draft: Draft) -> dict[tuple[str, ...], Place]:
    places: dict[tuple[str, ...], Place] = {("workflow",): draft.place}
    for name, node in draft.nodes.items():
        places["node", name] = node.place
        if node.items is not None:
            places["node", item_name(name)] = node.place
    places |= {("edge", str(index)): place for index, (_, place) in enumerate(_in_order(draft))}
    for subject, place in tuple(places.items()):
        for part, finer in draft.parts.get(place, {}).items():
            places[*subject, part] = finer
    return places


def _limits(draft: Draft) -> WorkflowLimits | None:
    limits = replace(draft.header.limits, on_limit=draft.on_limit)
    return None if limits == WorkflowLimits() else limits


def _in_order(draft: Draft) -> list[tuple[Edge, Place]]:
    """The edges with their places, in the order of a definition."""
    turns = turns_of(draft.nodes)
    return sorted(draft.edges, key=lambda said: turn_of(said[0], turns))


def _lower(node: DraftNode, edges: Sequence[tuple[Edge, Place]], tools: Tools) -> list[Node]:
    """The node; for a map also its item node, which does the work."""
    if node.items is None:
        join = _join(node, edges) if node.kind == "join" else None
        return [_worker(node, node.name, node.kind, tools, output_key=node.output_key, join=join)]
    kind = "subgraph" if node.child is not None else "python_fn" if node.call is None else "tool"
    item = _worker(node, item_name(node.name), kind, tools)
    each = Each(node.items, item.id, node.max_concurrency, node.on_item_failure)
    return [Node(id=node.name, kind="parallel", output_key=node.output_key, each=each), item]


def _worker(
    node: DraftNode, id: str, kind: str, tools: Tools, output_key: str | None = None, join: Join | None = None
) -> Node:
    config = tools.config(node.call) if node.call is not None else node.config
    return Node(
        id=id,
        kind=kind,
        config=config if node.function is None else {"function": _function_name(node)},
        effect=node.effect if node.call is None else tools.effect(node.call),
        retry=node.retry,
        timeout_ms=node.timeout_ms,
        output_key=output_key,
        join=join,
        child=_child(node),
        run_on=node.run_on,
        reconcile=_reconcile_name(node),
        policy=node.policy,
        ceiling=node.ceiling,
        description=node.description,
        labels=node.labels,
    )


def _join(node: DraftNode, edges: Sequence[tuple[Edge, Place]]) -> Join:
    """A join waits for all that lead to it from outside its loop, in the order in which it was said, where nothing
    else is said."""
    onward = (edge for edge, _ in edges if edge.target == node.name and edge.trigger is not Trigger.REPEAT)
    sources = tuple(dict.fromkeys(edge.source for edge in onward))
    return Join(sources if node.wait_for is None else node.wait_for, node.at_least, node.fires_when)


def _child(node: DraftNode) -> Child | None:
    if node.child is None:
        return None
    draft = node.child.draft
    id, version = ("", "") if draft is None else (draft.header.id, draft.header.version)
    is_gated = draft is not None and draft.header.session_type is SessionType.APPROVAL_GATED
    return Child(id, version, dict(node.child.input), dict(node.child.output), is_gated or None)


def _find_start(draft: Draft, problems: list[Problem]) -> str:
    """The only node that no edge leads to. Notes it if there are several or none, and takes the first then."""
    targets = {edge.target for edge, _ in draft.edges if edge.trigger is not Trigger.REPEAT}
    nodes = [node.name for node in draft.nodes.values() if node.run_on is None and node.name != draft.on_limit]
    found = [name for name in nodes if name not in targets]
    if len(found) == 1:
        return found[0]
    if not nodes:
        return draft.on_limit or ""
    left_out = any(problem.code in ("E016", "E036", "E044") for problem in problems)
    if left_out or not targets <= {*draft.nodes, END}:  # what is wrong with an edge explains it
        return (found or nodes)[0]
    listed = ", ".join(f"`{name}`" for name in found)
    message = f"an execution has one start, and no edge leads to {listed}" if found else "an edge leads to every node"
    first = (found or nodes)[0]
    hint = f"write `workflow.start({first})`" if draft.written is None else f"write `start: {first}`"
    problems.append(Problem("E002", "", message, hint, draft.place))
    return (found or nodes)[0]

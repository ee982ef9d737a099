"""Nodes in the words of a document: the key that says the kind, its settings, and the ways on.

Each kind takes from a node what its keys say. What is left then, no document can say, and it is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

from pectin.authoring.document.durations import write_duration
from pectin.authoring.document.write_tools import write_ceiling, write_policy
from pectin.authoring.document.write_ways import Refuse, is_onward, write_decisions, write_ways
from pectin.core.definition import Child, Definition, Each, Edge, Effect, Join, Json, Node, Trigger
from pectin.core.error import quote
from pectin.core.retry import PRESETS, RetryPolicy

_RUNS: Final = ("effect", "retry", "timeout_ms")
_WORK: Final = (*_RUNS, "reconcile", "policy", "ceiling")
_NOTES: Final = ("description", "labels")


@dataclass(frozen=True, slots=True)
class Part:
    """A node with what surrounds it: its edges, the default order of what it waits for, its item node if it is a map.

    `settings` is its configuration, from which each kind takes what it says."""

    node: Node
    edges: Sequence[Edge]
    sources: Sequence[str]
    item: Node | None
    settings: dict[str, Json]
    refuse: Refuse

    def take(self, setting: str) -> Json:
        """A setting, None if there is none."""
        return self.settings.pop(setting, None)

    def take_duration(self, setting: str) -> str | None:
        """A setting in milliseconds, as a duration."""
        value = self.take(setting)
        return write_duration(value) if type(value) is int else value

    def take_list(self, setting: str) -> list[Json] | None:
        """A setting that is a list."""
        value = self.take(setting)
        return list(cast("Sequence[Json]", value)) if isinstance(value, list | tuple) else value


def write_nodes(definition: Definition, refuse: Refuse) -> dict[str, dict[str, Json]]:
    """The nodes by their names; an item node is said with its map."""
    edges: dict[str, list[Edge]] = {node.id: [] for node in definition.nodes}
    sources: dict[str, dict[str, None]] = {}
    for edge in definition.edges:
        edges.get(edge.source, []).append(edge)
        if edge.trigger is not Trigger.REPEAT:
            sources.setdefault(edge.target, {})[edge.source] = None
    items = _find_items(definition, refuse)
    written: dict[str, dict[str, Json]] = {}
    for node in definition.nodes:
        if node.id in written:
            refuse(f"two nodes are named `{node.id}`")
        if node.id not in {item.id for item in items.values()}:
            part = Part(
                node, edges[node.id], tuple(sources.get(node.id, ())), items.get(node.id), _settings(node), refuse
            )
            written[node.id] = _write(part)
    return written


def _find_items(definition: Definition, refuse: Refuse) -> dict[str, Node]:
    """The item nodes by their maps. A document gives them a name and a place: it has no words for another."""
    items: dict[str, Node] = {}
    nodes = definition.nodes
    for index, node in enumerate(nodes):
        if node.each is None:
            continue
        following = nodes[index + 1] if index + 1 < len(nodes) else None
        if node.each.node != f"{node.id}-item":
            refuse(f"the item node of `{node.id}` is `{node.each.node}`, and that of a document is `{node.id}-item`")
        elif following is None or following.id != node.each.node:
            refuse(f"the item node of `{node.id}` doesn't stand directly after it")
        else:
            items[node.id] = following
    return items


def _settings(node: Node) -> dict[str, Json]:
    return dict(node.config)


def _write(part: Part) -> dict[str, Json]:
    node = part.node
    write = _KINDS.get(node.kind)
    if write is None:
        part.refuse(f"no document can say the kind of `{node.id}`, {quote(node.kind)}")
        return {}
    form = write(part)
    noted = node if part.item is None else part.item
    _refuse_rest(part, (*form.said, *(_NOTES if noted is node else ())))
    ways = write_ways(part.edges, part.refuse, onward=not form.leads)
    (word, what), *rest = form.keys.items()
    notes = {"description": noted.description, "labels": dict(noted.labels) or None}
    return {key: value for key, value in {word: what, **notes, **dict(rest), **ways}.items() if value is not None}


class Form(NamedTuple):
    """The keys of a node, which of its fields they say, and whether they say how it leads on."""

    keys: dict[str, Json]
    said: Collection[str]
    leads: bool = False


def _refuse_rest(part: Part, said: Collection[str]) -> None:
    node, refuse = part.node, part.refuse
    for setting in part.settings:
        refuse(f"no document can say the setting `{setting}` of `{node.id}`")
    bare = Node(node.id, node.kind)
    for field in node.__struct_fields__:
        value: object = getattr(node, field)
        if field != "config" and field not in said and value != getattr(bare, field):
            refuse(f"no document can say `{field}` of `{node.id}`, a {node.kind}: {quote(value)}")


# -- kinds


def _function(part: Part) -> Form:
    keys = {"run": part.take("function"), **_attempts(part.node), **_governance(part)}
    return Form({**keys, "output_key": part.node.output_key}, (*_WORK, "output_key"))


def _tool(part: Part) -> Form:
    """A call of a tool, whose effect is the tool's."""
    keys: dict[str, Json] = {"tool": part.take("tool")}
    for side in ("input", "output"):
        keys[side] = part.take(side)
        if keys[side] == {}:
            part.refuse(f"`{side}` of `{part.node.id}` maps nothing; leave it out")
    keys |= {key: value for key, value in _attempts(part.node).items() if key != "effect"}
    return Form({**keys, **_governance(part), "output_key": part.node.output_key}, (*_WORK, "output_key"))


def _policy(part: Part) -> Form:
    rules: list[Json] = [dict(rule) for rule in part.take_list("rules") or ()]
    on_violation = part.take("on_violation")
    if on_violation is None:
        part.refuse(f"the policy `{part.node.id}` doesn't say `on_violation`")
    keys = {"rules": rules, "on_violation": None if on_violation == "fail" else on_violation}
    return Form({**keys, "output_key": part.node.output_key}, ("output_key",))


def _finalizer(part: Part) -> Form:
    node = part.node
    if node.run_on is None:
        part.refuse(f"the finalizer `{node.id}` doesn't say which ends it runs on")
    run_on = None if node.run_on is None else node.run_on.value
    keys = {"run": part.take("function"), "run_on": run_on, **_attempts(node)}
    return Form(keys, (*_RUNS, "run_on"))


def _subgraph(part: Part) -> Form:
    node = part.node
    ceiling = write_ceiling(node.ceiling, f"`{node.id}`", part.refuse)
    keys = {**_child(node, part.refuse), "ceiling": ceiling, "output_key": node.output_key}
    return Form(keys, ("child", "ceiling", "output_key"))


def _parallel(part: Part) -> Form:
    node = part.node
    if node.each is not None:
        return _map(part, node.each)
    onward = [edge for edge in part.edges if is_onward(edge)]
    if onward and all(edge.trigger is Trigger.ALWAYS for edge in onward):
        return Form({"parallel": [edge.target for edge in onward]}, (), leads=True)
    return Form({"parallel": True}, ())


def _map(part: Part, each: Each) -> Form:
    if each.on_item_failure == "fail":
        part.refuse(f"`on_item_failure` of `{part.node.id}` says what is so anyway: `fail`")
    keys: dict[str, Json] = {
        **({} if part.item is None else _item(part.item, part.refuse)),
        "each": each.items,
        "max_concurrency": each.max_concurrency,
        "on_item_failure": None if each.on_item_failure is None else each.on_item_failure.value,
        "output_key": part.node.output_key,
    }
    first = {key: keys.pop(key) for key in ("run", "child", "tool") if key in keys}
    return Form({**first, "each": keys.pop("each"), **keys}, ("each", "output_key"))


def _item(item: Node, refuse: Refuse) -> dict[str, Json]:
    part = Part(item, (), (), None, _settings(item), refuse)
    write = {"subgraph": _subgraph, "python_fn": _function, "tool": _tool}.get(item.kind)
    if write is None:
        refuse(f"the item node `{item.id}` is a {item.kind}")
        return {}
    form = write(part)
    _refuse_rest(part, {*form.said, *_NOTES} - {"output_key"})
    return {key: value for key, value in form.keys.items() if key != "output_key"}


def _join(part: Part) -> Form:
    join = part.node.join
    if join is None:
        part.refuse(f"the join `{part.node.id}` doesn't say what it waits for")
        join = Join(())
    wait_for = None if join.wait_for == part.sources else list(join.wait_for)
    said: dict[str, Json] = {"wait_for": wait_for, "at_least": join.at_least, "fires_when": join.fires_when}
    said = {key: value for key, value in said.items() if value is not None}
    word: Json = "all" if not said else "first" if said == {"at_least": 1} else said
    return Form({"join": word, "output_key": part.node.output_key}, ("join", "output_key"))


def _approval(part: Part) -> Form:
    options = part.take_list("decisions")
    keys: dict[str, Json] = {
        "approval": part.take("prompt"),
        "deadline": part.take_duration("deadline_ms"),
        "editable": part.take_list("editable"),
    }
    if keys["editable"] == []:
        part.refuse(f"`editable` of the approval `{part.node.id}` names nothing; leave it out")
    if options is None:
        part.refuse(f"the approval `{part.node.id}` doesn't say its decisions")
    elif (decisions := write_decisions(part.edges, options)) is not None:
        return Form({**keys, "decisions": decisions}, (), leads=True)
    return Form({**keys, "options": options}, ())


def _wait(part: Part) -> Form:
    waits: dict[str, Json] = {
        "duration": part.take_duration("duration_ms"),
        "until": part.take("until"),
        "event": part.take("event"),
        "key": part.take("correlation"),
        "signal": part.take("signal"),
    }
    keys: dict[str, Json] = {
        "wait": {key: value for key, value in waits.items() if value is not None},
        "deadline": part.take_duration("deadline_ms"),
        "output_key": part.node.output_key,
    }
    return Form(keys, ("output_key",))


def _condition(part: Part) -> Form:
    node = part.node
    default = part.take("default")
    if "default" in node.config and default is None:
        part.refuse(f"`default` of the condition `{node.id}` is null; leave it out")
    branches: list[Json] = [dict(branch) for branch in part.take_list("branches") or ()]
    targets = [branch.get("to") for branch in branches] + ([] if default is None else [default])
    onward = [edge for edge in part.edges if is_onward(edge)]
    if onward != [Edge(node.id, target) for target in dict.fromkeys(targets)]:
        part.refuse(f"the edges of the condition `{node.id}` aren't those of its branches, in their order")
    return Form({"condition": branches, "default": default}, (), leads=True)


def _limit_exceeded(part: Part) -> Form:
    return Form({"limit_exceeded": part.take("message")}, ())


_KINDS: Final[Mapping[str, Callable[[Part], Form]]] = {
    "python_fn": _function,
    "tool": _tool,
    "finalizer": _finalizer,
    "subgraph": _subgraph,
    "parallel": _parallel,
    "join": _join,
    "human_approval": _approval,
    "wait": _wait,
    "condition": _condition,
    "limit_exceeded": _limit_exceeded,
    "policy": _policy,
}


# -- what kinds share


def _attempts(node: Node) -> dict[str, Json]:
    """How a function runs."""
    return {
        "effect": None if node.effect is Effect.IDEMPOTENT else node.effect.value,
        "retry": None if node.retry is None else _retry(node.retry),
        "timeout": None if node.timeout_ms is None else write_duration(node.timeout_ms),
    }


def _governance(part: Part) -> dict[str, Json]:
    """Who is asked of it, whether it may run, and what it may spend."""
    node, subject = part.node, f"`{part.node.id}`"
    return {
        "reconcile": node.reconcile,
        "policy": write_policy(node.policy, subject, part.refuse),
        "ceiling": write_ceiling(node.ceiling, subject, part.refuse),
    }


def _retry(policy: RetryPolicy) -> Json:
    preset = next((name for name, known in PRESETS.items() if known == policy), None)
    if preset is not None:
        return preset
    usual = RetryPolicy(max_attempts=policy.max_attempts)
    said: dict[str, Any] = {"max_attempts": policy.max_attempts}
    if policy.backoff != usual.backoff:
        said["backoff"] = policy.backoff.value
    for name in ("initial_delay", "max_delay"):
        if (delay_ms := getattr(policy, f"{name}_ms")) != getattr(usual, f"{name}_ms"):
            said[name] = write_duration(delay_ms)
    if policy.jitter != usual.jitter:
        said["jitter"] = policy.jitter
    if policy.retryable_on:
        said["retryable_on"] = list(policy.retryable_on)
    return said


def _child(node: Node, refuse: Refuse) -> dict[str, Json]:
    child = node.child
    if child is None:
        refuse(f"`{node.id}` doesn't say which workflow it runs")
        child = Child("", "")
    return {
        "child": {"workflow": child.workflow, "version": child.version},
        "input": dict(child.input) or None,
        "output": dict(child.output) or None,
    }

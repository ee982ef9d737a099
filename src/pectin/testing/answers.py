"""Whether a script can be said at all: its names are those of the workflow, and its decisions can be taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pectin.core.action import TIMEOUT
from pectin.core.activation import parse_activation
from pectin.core.definition import Definition, Effect, Node
from pectin.core.error import BadValue, quote
from pectin.core.hint import did_you_mean
from pectin.nodes import human_approval, judge_calls, wait
from pectin.nodes.human_approval import DECISIONS
from pectin.testing.script import Script


def check_answers(script: Script, definitions: Sequence[Definition]) -> None:
    """Raise `BadValue` for an answer that nothing in these workflows asks for: it would be passed over in silence."""
    nodes = [node for definition in definitions for node in definition.nodes]
    approvals = {node.id: _texts(node, "decisions") or DECISIONS for node in nodes if node.kind == human_approval.NAME}
    approvals |= {node: DECISIONS for definition in definitions for node in judge_calls(definition)}
    for name, decision in script.decide.items():
        node = _known("decide", name, approvals, "approval", inside=True)
        can_be = (*approvals[node], TIMEOUT)
        if decision not in can_be:
            listed = ", ".join(f"`{each}`" for each in can_be)
            what = f"`{node}` has no decision {quote(decision)}"
            raise BadValue("decide", what, did_you_mean(decision, can_be) or f"it has {listed}")
    editable = [key for node in nodes for key in _texts(node, "editable")]
    for key in script.edits:
        _known("set", key, editable, "key that an approval lets people change")
    waits = [node for node in nodes if node.kind == wait.NAME]
    for what, given in (("signal", script.signal), ("send", script.send)):
        word = "event" if what == "send" else what
        own = [node for node in waits if node.config.get(word) is not None]
        names = [name for node in own for name in (node.id, str(node.config[word]))]
        for name in given:
            _known(
                what, name, names, f"wait for {'an event' if what == 'send' else 'a signal'}", inside=name not in names
            )
    for name in script.resolve:
        _known("resolve", name, [node.id for node in nodes if node.effect is Effect.ONCE], "`once` node", inside=True)
    messages = [str(node.config[word]) for node in waits for word in ("signal", "event") if node.config.get(word)]
    for name in script.silent:
        silent = [*approvals, *(node.id for node in waits), *messages]
        _known("silent", name, silent, "approval, wait or message", inside=name not in silent)


def _known(option: str, name: str, names: Iterable[str], what: str, *, inside: bool = False) -> str:
    """The name, or if it may be that of an activation, its node's."""
    known = list(dict.fromkeys(names))
    meant = parse_activation(name).node if inside else name
    if meant not in known:
        listed = ", ".join(f"`{each}`" for each in known) or "none"
        raise BadValue(option, f"there is no {what} `{meant}`", did_you_mean(meant, known) or f"there is {listed}")
    return meant


def _texts(node: Node, key: str) -> tuple[str, ...]:
    config: Mapping[str, Any] = node.config
    return tuple(cast("list[str]", config.get(key) or ()))

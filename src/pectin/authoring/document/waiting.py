"""Nodes that wait: for a person, or for a time, an event or a signal."""

from __future__ import annotations

from typing import Final

from pectin.authoring.document.page import Fields
from pectin.authoring.document.subject import NodeFields
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Sequence, Tree, name_of
from pectin.authoring.document.ways import read_decisions
from pectin.authoring.waiting import complain_of_wait, outcomes
from pectin.core.action import TIMEOUT
from pectin.nodes.human_approval import DECISIONS

_AWAITED: Final = ("duration", "until", "event", "key", "signal")


def read_approval(subject: NodeFields, value: Tree) -> None:
    """`approval: TEXT`, which a person is shown."""
    page, fields, node = subject.page, subject.fields, subject.node
    subject.point("config.prompt", value)
    node.config["prompt"] = page.text(value, f"`approval` of {fields.what}") or "?"
    decisions = subject.get("decisions", "config.decisions")
    if decisions is not None:
        subject.point("config.decisions", fields.key("decisions"))
    node.config["decisions"] = list(_read_options(subject, decisions))
    if (editable := subject.get("editable", "config.editable")) is not None:
        names = page.names(editable, f"`editable` of {fields.what}")
        if isinstance(editable, Sequence):
            for item, name in zip(editable.items, names, strict=False):
                subject.point(f"config.editable.{name}", item)
        if names:
            node.config["editable"] = list(names)
    deadline_ms = subject.read("deadline", "config.deadline_ms", page.duration)
    subject.set("deadline_ms", deadline_ms)
    if isinstance(decisions, MappingTree):
        known = outcomes(page.draft, node, deadline_ms)
        read_decisions(fields, node.name, decisions, known, guess="deadline" in fields or fields.has_unknown)


def _read_options(subject: NodeFields, decisions: Tree | None) -> tuple[str, ...]:
    """What a person can decide: the keys of `decisions`, or what `options` say, or the usual."""
    page, fields = subject.page, subject.fields
    options = fields.get("options")
    if options is not None:
        if decisions is not None:
            hint = "keep `decisions`; or let `then` lead on, with `when: output.decision == 'approved'`"
            page.note(fields.key("options"), "E044", f"{fields.what} has both `options` and `decisions`", hint)
        subject.point("config.decisions", options)
        return page.names(options, f"`options` of {fields.what}")
    if decisions is None:
        return DECISIONS
    if not isinstance(decisions, MappingTree):
        hint = "write a mapping, such as `decisions: {approved: pay, rejected: end}`"
        page.note(decisions, "E044", f"`decisions` of {fields.what} are {name_of(decisions)}", hint)
        return DECISIONS
    for key, _ in decisions.entries:
        subject.point(f"config.decisions.{key.text}", key)
    return tuple(key.text for key, _ in decisions.entries if key.text != TIMEOUT)


def read_wait(subject: NodeFields, value: Tree) -> None:
    """`wait: {duration | until | event, key | signal}`: whichever comes first."""
    page, node = subject.page, subject.node
    what = subject.fields.what
    if not isinstance(value, MappingTree):
        hint = "write `wait: {duration: 1h}`, or `until`, `event` with its `key`, or `signal`"
        page.note(value, "E044", f"`wait` of {what} is {name_of(value)}, and has to be a mapping", hint)
        node.config["duration_ms"] = 1
        return
    awaited = Fields(page, value, f"`wait` of {what}", _AWAITED)
    settings = ("duration_ms", "until", "event", "correlation", "signal")
    for key, setting in zip(_AWAITED, settings, strict=True):
        if (tree := awaited.get(key)) is not None:
            subject.point(f"config.{setting}", tree)
    noted = len(page.draft.problems)
    subject.set("duration_ms", awaited.read("duration", page.duration))
    subject.set("until", awaited.read("until", page.expression))
    subject.set("event", awaited.read("event", page.name))
    subject.set("correlation", awaited.read("key", page.text))
    subject.set("signal", awaited.read("signal", page.name))
    subject.set("deadline_ms", subject.read("deadline", "config.deadline_ms", page.duration))
    subject.read_output_key()
    if len(page.draft.problems) == noted and not awaited.has_unknown:
        said = [awaited.get(key) and node.config.get(setting) for key, setting in zip(_AWAITED, settings, strict=True)]
        for part, message, hint in complain_of_wait(*said):
            at = page.draft.parts.get(node.place, {}).get(f"config.{part}", node.place)
            page.draft.note(at, "E017", f"wait `{node.name}` {message}", hint)

"""Each part of a definition by itself: names, versions, kinds, and the words of its edges."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Final, NamedTuple

from pectin.core.activation import NODE_ID
from pectin.core.definition import END, Definition, Edge, Node, Trigger
from pectin.core.error import quote
from pectin.core.hint import Guesses, did_you_mean
from pectin.core.kind import Kind
from pectin.core.limits import LIMITS
from pectin.core.validate.report import Report

_NUMBER: Final = r"(?:0|[1-9][0-9]*)"
_LABEL: Final = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
VERSION: Final = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_LABEL}(?:\.{_LABEL})*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
"""What the whole of a semantic version must match."""

_LENGTH_MAX: Final = LIMITS.identifier_characters_max  # whatever an engine says: a definition is fine or not by itself


def leads(edge: Edge, nodes: Mapping[str, Node]) -> bool:
    """Whether both ends of an edge are there."""
    return edge.source in nodes and (edge.target in nodes or edge.target == END)


def check_header(definition: Definition, report: Report) -> None:
    """The workflow's id and version, and its start."""
    if complaint := _complain_of_name(definition.id):
        report.workflow("E001", f"the workflow's id {quote(definition.id)} {complaint[0]}", complaint[1], part="id")
    if len(definition.version) > _LENGTH_MAX or not VERSION.fullmatch(definition.version):
        message = f"{quote(definition.version)} is no version"
        report.workflow("E001", message, 'write a semantic one, such as "1.0.0" or "0.0.0-dev"', part="version")
    names = [node.id for node in definition.nodes]
    if not names:
        report.workflow("E002", "the workflow has no nodes", "give it one to start at")
    elif not definition.start:
        report.workflow("E002", "the workflow has no start", "say at which node it starts")
    elif definition.start not in names:
        hint = did_you_mean(definition.start, names)
        report.workflow("E002", f"the start, `{definition.start}`, is no node", hint, part="start")


def check_names(definition: Definition, report: Report) -> None:
    """Nodes are told apart by their names."""
    for name, count in Counter(node.id for node in definition.nodes).items():
        if name == END:
            message = "a node can't be named `end`, which is where an edge leads that leads nowhere further"
            report.node(name, "E004", message, "give it another name")
        elif complaint := _complain_of_name(name):
            report.node(name, "E004", f"a node's name, {quote(name)}, {complaint[0]}", complaint[1])
        if count > 1:
            times = "two nodes are" if count == 2 else f"{count} nodes are"
            report.node(name, "E005", f"{times} named `{name}`", "give each a name of its own")


def check_kinds(definition: Definition, kinds: Mapping[str, Kind], later: Collection[str], report: Report) -> None:
    """Nothing is run by guessing."""
    listed = f"there are {', '.join(f'`{name}`' for name in kinds)}"
    for node in definition.nodes:
        if node.kind in later:
            report.node(node.id, "E023", f"node `{node.id}`: kind `{node.kind}` is not there yet", listed)
        elif node.kind not in kinds:
            hint = did_you_mean(node.kind, kinds) or listed
            report.node(node.id, "E003", f"node `{node.id}`: there is no kind `{node.kind}`", hint)


def check_edges(definition: Definition, nodes: Mapping[str, Node], report: Report) -> None:
    """The ends and the words of each edge; and no edge stands twice."""
    seen: set[tuple[str, str, Trigger, str | None]] = set()
    conditional = {edge.source for edge in definition.edges if edge.trigger is Trigger.WHEN}
    limited = definition.limits is not None and definition.limits.max_iterations is not None
    guess = Guesses((*nodes, END))
    for index, edge in enumerate(definition.edges):
        for code, message, hint, part in (
            *_complain_of_ends(edge, nodes, guess),
            *_complain_of_words(edge, alone=edge.source not in conditional, limited=limited),
        ):
            report.edge(index, code, message, hint, part=part)
        key = (edge.source, edge.target, edge.trigger, edge.condition)
        if key in seen:
            report.edge(index, "E007", "this edge stands twice", "delete one")
        seen.add(key)


def _complain_of_name(name: str) -> tuple[str, str] | None:
    """What is wrong with a name, and what to do."""
    if not NODE_ID.fullmatch(name):
        return "can't be used", "use letters, digits, `_` and `-`; begin with no digit"
    return (f"is longer than {_LENGTH_MAX} characters", "shorten it") if len(name) > _LENGTH_MAX else None


class Complaint(NamedTuple):
    """A problem with an edge, or with a part of it."""

    code: str
    message: str
    hint: str
    part: str = ""


def _complain_of_ends(edge: Edge, nodes: Mapping[str, Node], guess: Callable[[str], str]) -> list[Complaint]:
    complaints: list[Complaint] = []
    if edge.source == END:
        complaints.append(Complaint("E012", "no edge leads away from `end`", "begin it at a node"))
    elif edge.source not in nodes:
        complaints.append(Complaint("E006", f"unknown node `{edge.source}`", guess(edge.source) or "name a node"))
    if edge.target == END and edge.trigger is Trigger.REPEAT:
        complaints.append(
            Complaint("E010", "`repeat` leads back to a node, and `end` is none", "name the loop's first node")
        )
    elif edge.target != END and edge.target not in nodes:
        hint = guess(edge.target) or "name a node, or `end`"
        complaints.append(Complaint("E006", f"unknown node `{edge.target}`", hint))
    return complaints


def _complain_of_words(edge: Edge, *, alone: bool, limited: bool) -> list[Complaint]:
    """`alone`: no `when` stands beside it; `limited`: the workflow has a limit for loops without their own."""
    complaints: list[Complaint] = []
    word, repeats = edge.trigger, edge.trigger is Trigger.REPEAT
    if edge.condition is None and word in (Trigger.WHEN, Trigger.REPEAT):
        complaints.append(Complaint("E013", f"`{word}` has no condition", "say when the edge is taken"))
    if edge.condition is not None and word in (Trigger.ALWAYS, Trigger.OTHERWISE, Trigger.LIMIT):
        complaints.append(
            Complaint("E013", f"`{word}` takes no condition", "write `when`, or delete the condition", "condition")
        )
    if repeats and edge.max_iterations is None and not limited:
        complaints.append(Complaint("E013", "`repeat` has no limit", "write `max_iterations`"))
    if not repeats and edge.max_iterations is not None:
        complaints.append(
            Complaint("E013", f"`{word}` takes no `max_iterations`", "only `repeat` does", "max_iterations")
        )
    if edge.max_iterations is not None and edge.max_iterations < 1:
        hint = "write a whole number from 1 on"
        complaints.append(Complaint("E013", f"`max_iterations` is {edge.max_iterations}", hint, "max_iterations"))
    if word is Trigger.OTHERWISE and alone:
        complaints.append(
            Complaint("E013", "`otherwise` stands without a `when`", "add one, or lead on without a word")
        )
    return complaints

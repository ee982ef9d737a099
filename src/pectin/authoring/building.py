"""From a draft to a workflow that can run, together with its children, with all that is wrong told at once.

Here types become schemas, by pydantic, which takes long to import.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from pectin.authoring.blueprint import Blueprint
from pectin.authoring.children import Relation, check_ceilings, check_type
from pectin.authoring.draft import Draft, DraftNode
from pectin.authoring.lowering import Lowered, item_name, lower
from pectin.core.definition import Definition
from pectin.core.problem import DefinitionError, Problem
from pectin.core.status import SessionType
from pectin.nodes import bind, wait

_FOLLOWS_FROM: Mapping[str, tuple[str, ...]] = {
    "E002": ("E044",),
    "E008": ("E002", "E016", "E036", "E044"),
    "E013": ("E013", "E014", "E036", "E044"),
    "E014": ("E037",),
    "E015": ("E016", "E036", "E044"),
    "E017": ("E022", "E036", "E044"),
    "E018": ("E036", "E044"),
    "E019": ("E037",),
    "E020": ("E020", "E037"),
    "E028": ("E036",),
    "E029": ("E037",),
    "E041": ("E041", "E044"),
    "E042": ("E036",),
    "E061": ("E022", "E026", "E030", "E032", "E033", "E035", "E046", "E048", "E060", "E061", "E064"),
}
"""What may only be missing because a draft leaves out what was wrong, and by which of its own problems."""


def build(draft: Draft) -> Blueprint[Any]:
    """Make definitions of the draft and of its children. Raises `DefinitionError` with all that is wrong."""
    found: dict[Draft, Lowered] = {}
    _lower_all(draft, (), found)
    _check_children(found)
    problems: list[Problem] = []
    built: dict[Draft, Blueprint[Any]] = {}
    for each, lowered in found.items():
        if blueprint := _bind(each, lowered, built, problems):
            built[each] = blueprint
    if problems:
        raise DefinitionError(problems)
    return built[draft]


def _lower_all(draft: Draft, around: tuple[Draft, ...], found: dict[Draft, Lowered]) -> None:
    """Lower a draft after its children. One that is inside itself would never end, and is refused."""
    inside: list[Problem] = []
    for node in draft.nodes.values():
        child = None if node.child is None else node.child.draft
        if child is None or child in found:
            continue
        trail = (*around, draft)
        if child not in trail:
            _lower_all(child, trail, found)
            continue
        walk = " → ".join(f"`{each.header.id}`" for each in (*trail[trail.index(child) :], child))
        message = f"`{node.name}` runs a workflow inside itself: {walk}"
        inside.append(Problem("E041", "", message, "to do something again, lead back with `repeat`", node.place))
    found[draft] = lower(draft)
    found[draft].problems.extend(inside)


def _check_children(found: Mapping[Draft, Lowered]) -> None:
    for draft, lowered in found.items():
        for node in draft.nodes.values():
            if node.child is not None and node.child.draft is not None:
                child = found[node.child.draft].state
                lowered.problems.extend(
                    Relation(node, node.child, draft.parts.get(node.place, {}), lowered.state, child).check()
                )
                lowered.problems.extend(check_type(node, draft.header, node.child.draft.header))
                lowered.problems.extend(_check_ceiling(node, lowered.definition, found[node.child.draft].definition))
                lowered.problems.extend(_check_governance(node, lowered.definition, found[node.child.draft].definition))


def _check_ceiling(node: DraftNode, parent: Definition, child: Definition) -> list[Problem]:
    ids = (node.name, item_name(node.name))
    lowered = next(each for each in reversed(parent.nodes) if each.id in ids and each.child is not None)
    return [replace(problem, place=node.place) for problem in check_ceilings(parent, lowered, child)]


def _check_governance(node: DraftNode, parent: Definition, child: Definition) -> list[Problem]:
    """A child is governed if its parent is: one that has to be must not slip out of it, and the other be able to."""
    governed = SessionType.PERSISTENT_GOVERNED
    if parent.session_type is not governed:
        if child.session_type is not governed:
            return []
        message = f"`{node.name}` runs `{child.id}`, which is governed, and `{parent.id}` is not"
        return [Problem("E059", "", message, f"make `{parent.id}` `{governed}`, too", node.place)]
    events = [each for each in child.nodes if each.kind == wait.NAME and each.config.get("event") is not None]
    hint = "wait for a signal: who sends one says who it is"
    return [
        Problem("E023", "", f"`{node.name}` runs `{child.id}`, in which `{each.id}` is for an event", hint, node.place)
        for each in events
        if child.session_type is not governed  # else its own kind has told it
    ]


def _bind(
    draft: Draft, lowered: Lowered, built: Mapping[Draft, Blueprint[Any]], problems: list[Problem]
) -> Blueprint[Any] | None:
    problems.extend(map(draft.locate, lowered.problems))
    try:
        program = bind(lowered.definition, lowered.places)
    except DefinitionError as error:
        problems.extend(map(draft.locate, _news(error.problems, lowered.problems)))
        return None
    return Blueprint(program, lowered.places, lowered.functions, lowered.state, draft, _offspring(draft, built))


def _offspring(draft: Draft, built: Mapping[Draft, Blueprint[Any]]) -> tuple[Blueprint[Any], ...]:
    drafts = [node.child.draft for node in draft.nodes.values() if node.child is not None]
    own = [built[child] for child in drafts if child is not None and child in built]
    return tuple(dict.fromkeys(each for child in own for each in (*child.children, child)))


def _news(theirs: Iterable[Problem], ours: Iterable[Problem]) -> list[Problem]:
    """What `bind` found that the draft's own problems neither say nor explain."""
    codes = {problem.code for problem in ours}
    told = {(problem.code, problem.place, problem.source) for problem in ours}
    return [
        problem
        for problem in theirs
        if (problem.code, problem.place, problem.source) not in told
        and codes.isdisjoint(_FOLLOWS_FROM.get(problem.code, ()))
    ]

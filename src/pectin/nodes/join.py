"""`join`: collects what arrives, in the order of `wait_for`; ways that turned out dead are left out.

It waits for all, unless its trait says on how many arrivals, or on what of them, it fires.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

from pectin.core.action import Action, Resolve
from pectin.core.definition import Join, Node
from pectin.core.hint import Guesses
from pectin.core.kind import Scope, Trait, check_config, problem_of
from pectin.core.problem import Problem
from pectin.core.program import Enter, Entry
from pectin.core.schema import Any, Field, List, Object, Schema, String

NAME: Final = "join"
TRAITS: Final = frozenset({Trait.JOIN, Trait.OUTPUT_KEY})
ROUTES: Final = True
CHOOSES: Final = False
ACTS: Final = False
DECIDES: Final = False


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """It has no settings of its own: the order stands in the trait `join`."""


def check(node: Node, scope: Scope) -> list[Problem]:
    problems = check_config(node, Config)
    if node.join is None:
        message = f"join `{node.id}` doesn't say what it waits for"
        problems.append(problem_of(node, message, "give it `wait_for`", code="E018"))
        return problems
    complaints = _complaints(node.id, node.join, scope)
    problems += [problem_of(node, message, hint, code="E018", part="join.wait_for") for message, hint in complaints]
    problems += [
        problem_of(node, message, hint, code="E042", part="join")
        for message, hint in _complain_of_firing(node.id, node.join)
    ]
    if len(scope.sources) == 1:
        message = f"join `{node.id}` has one source, `{scope.sources[0]}`: there is nothing to wait for"
        problems.append(problem_of(node, message, "lead on directly", code="W001"))
    return problems


def bind(node: Node, scope: Scope) -> Enter:
    assert node.join is not None, "`check` refuses a join without its trait"
    order = node.join.wait_for

    def enter(entry: Entry) -> Action:
        arrivals = entry.arrivals or {}
        return Resolve([{"source": source, "output": arrivals[source]} for source in order if source in arrivals])

    return enter


def output(node: Node, scope: Scope) -> Schema:
    sources = node.join.wait_for if node.join is not None else ()
    return List(Object({"source": Field(String(sources)), "output": Field(Any())}))


def _complaints(name: str, join: Join, scope: Scope) -> list[tuple[str, str]]:
    """What is wrong with the order, and what to do. It holds every source once, also where the join fires early."""
    named, sources = join.wait_for, scope.sources
    guess = Guesses(set(sources) - set(named))
    counts, known = Counter(named), set(sources)
    complaints = [
        (f"join `{name}` waits for `{other}`, which doesn't lead to it", guess(other))
        for other in dict.fromkeys(named)
        if other not in known
    ]
    complaints += [
        (f"join `{name}` waits for `{other}` twice", "name it once") for other, count in counts.items() if count > 1
    ]
    complaints += [
        (f"`{other}` leads to the join `{name}`, which doesn't wait for it", f"add `{other}` to `wait_for`")
        for other in sources
        if other not in counts
    ]
    if not named and not sources:
        complaints.append((f"nothing leads to the join `{name}`", "lead at least two nodes to it"))
    return complaints


def _complain_of_firing(name: str, join: Join) -> list[tuple[str, str]]:
    """What is wrong with firing early, and what to do."""
    complaints: list[tuple[str, str]] = []
    count, members = join.at_least, len(join.wait_for)
    if count is not None and members and not 1 <= count <= members:
        message = f"join `{name}` fires at {count} arrival{'s' if count != 1 else ''}, and waits for {members}"
        complaints.append((message, f"write `at_least` from 1 to {members}"))
    if count is not None and join.fires_when is not None:
        complaints.append((f"join `{name}` has both `at_least` and `fires_when`", "write one of them"))
    return complaints

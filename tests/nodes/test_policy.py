"""`policy`: rules over the state."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.core.action import Resolve
from pectin.core.definition import Definition
from pectin.core.program import Entry, NodeError
from pectin.nodes import bind
from tests.definitions import define, fn, found, node, otherwise, when

TOO_MUCH = {"when": "state.count > 3", "message": "{{ state.count }} are too many."}
UNKNOWN = {"when": "state.risk == 'unknown'", "message": "Nobody has looked at {{ state.order }}."}
STATE = {"count": 5, "risk": "unknown", "order": "A-1"}
FOUND = {"violations": [{"rule": 1, "message": "5 are too many."}, {"rule": 2, "message": "Nobody has looked at A-1."}]}


def policy(*rules: dict[str, Any], on_violation: str | None = None, **config: Any) -> Any:
    said = {} if on_violation is None else {"on_violation": on_violation}
    return node("check", "policy", {"rules": list(rules), **said, **config})


BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (define(node("check", "policy")), [("E017", "", "policy `check` needs the setting `rules`")]),
    (define(policy()), [("E017", "", "policy `check` has no rules; give it one")]),
    (
        define(policy(*[TOO_MUCH] * 101)),
        [("E017", "", "policy `check` has 101 rules; write at most 100, or share them out among nodes")],
    ),
    (
        define(policy({"when": "state.cuont > 3", "message": "x"})),
        [("E014", "check", "`state` has no field `cuont` [cuont]; did you mean `count`?")],
    ),
    (
        define(policy({"when": "state.count > 3", "message": "{{ state.cuont }}"})),
        [("E014", "check", "`state` has no field `cuont` [cuont]; did you mean `count`?")],
    ),
    (
        define(policy(TOO_MUCH, on_violation="branch"), fn("b"), when("check", "b", None)),
        [],
    ),
    (
        define(policy(TOO_MUCH, on_violation="branch")),
        [
            (
                "E068",
                "",
                (
                    "policy `check` branches on a violation, and none of its edges has a condition; lead on with "
                    "`when` `size(output.violations) > 0`, and with `otherwise`"
                ),
            )
        ],
    ),
    (
        define(policy(TOO_MUCH, on_violation="shout")),
        [("E017", "", "policy `check`, `on_violation`: invalid enum value 'shout'")],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert [problem for problem in found(definition) if problem[0] != "E013"] == problems


@pytest.mark.parametrize("mode", [None, "fail"])
def test_a_violation_fails_with_all_that_is_wrong(mode: str | None) -> None:
    program = bind(define(policy(TOO_MUCH, UNKNOWN, on_violation=mode)))
    with pytest.raises(NodeError, match=r"5 are too many\.; Nobody has looked at A-1\.") as failure:
        program.enter["check"](Entry(state=STATE, at=0))
    assert failure.value.error_class == "policy_violation"


def test_where_nothing_is_wrong_it_leads_on() -> None:
    program = bind(define(policy(TOO_MUCH)))
    assert program.enter["check"](Entry(state={"count": 3}, at=0)) == Resolve({"violations": []})


def test_a_warning_lists_what_is_wrong_and_goes_on() -> None:
    program = bind(define(policy(TOO_MUCH, UNKNOWN, on_violation="warn")))
    assert program.enter["check"](Entry(state=STATE, at=0)) == Resolve(FOUND)


def test_a_branch_is_taken_by_what_was_found() -> None:
    program = bind(
        define(
            policy(TOO_MUCH, UNKNOWN, on_violation="branch"),
            fn("stop"),
            fn("go"),
            when("check", "stop", "output.violations.exists(one, one.rule == 2)"),
            otherwise("check", "go"),
        )
    )
    assert program.enter["check"](Entry(state=STATE, at=0)) == Resolve(FOUND)

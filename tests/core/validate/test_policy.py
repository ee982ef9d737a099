"""What policies refuse when a definition is read."""

from __future__ import annotations

import pytest

from pectin.core.definition import Definition
from pectin.core.policy import ApprovalRule, Policy
from pectin.core.status import SessionType
from tests.definitions import approval, define, finalizer, fn, found, node

PAY = Policy(require_approval_for=["pay"])

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(fn("pay"), policy=Policy(blocked_tools=["p*"])),
        [
            (
                "E065",
                "",
                (
                    "`pay` calls `pay`, which is blocked by `p*` of the workflow's policy; leave the node out, or let "
                    "the policy allow the call"
                ),
            )
        ],
    ),
    (
        define(fn("pay", policy=Policy(blocked_tools=["pay"]))),
        [
            (
                "E065",
                "",
                (
                    "`pay` calls `pay`, which is blocked by `pay` of the node's policy; leave the node out, or let "
                    "the policy allow the call"
                ),
            )
        ],
    ),
    (
        define(fn("a"), finalizer("pay"), policy=PAY),
        [
            (
                "E066",
                "",
                (
                    "finalizer `pay` calls `pay`, which needs an approval (`pay` of the workflow's policy): at the "
                    "end nobody is asked; do it in a node before the end"
                ),
            )
        ],
    ),
    (
        define(fn("pay"), policy=PAY, session_type=SessionType.STATELESS),
        [
            (
                "E040",
                "",
                (
                    "`pay` calls `pay`, which needs an approval (`pay` of the workflow's policy), and a stateless "
                    "execution can't wait; make the workflow `resumable`"
                ),
            )
        ],
    ),
    (
        define(fn("pay"), policy=Policy(model_allowlist=["small-*"])),
        [("E023", "", "`model_allowlist` of a policy is not there yet: no kind names a model; delete it")],
    ),
    (
        define(fn("pay", policy=Policy(model_allowlist=["small-*"]))),
        [("E023", "", "node `pay`: `model_allowlist` of a policy is not there yet: no kind names a model; delete it")],
    ),
    (
        define(fn("pay"), policy=Policy(require_approval_for=["Pay", "pay"])),
        [
            (
                "W065",
                "",
                ("`require_approval_for` of a policy names `Pay`, and nothing here calls that; did you mean `pay`?"),
            )
        ],
    ),
    (
        define(fn("pay", policy=Policy(require_approval_for=["send"]))),
        [("W065", "", "node `pay`: `require_approval_for` of a policy names `send`, and nothing here calls that")],
    ),
    (
        define(node("w", "wait", {"duration_ms": 5}, policy=PAY)),
        [
            ("E017", "", "wait `w` takes no `policy`; delete it"),
            ("W065", "", "node `w`: `require_approval_for` of a policy names `pay`, and nothing here calls that"),
        ],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert sorted(found(definition)) == sorted(problems)


@pytest.mark.parametrize(
    "policy",
    [PAY, Policy(blocked_tools=["send"]), Policy(require_approval_for=[ApprovalRule("*", 2)]), Policy()],
)
def test_what_can_be_run_is_let_pass(policy: Policy) -> None:
    assert found(define(fn("pay"), policy=policy)) == []
    assert found(define(fn("pay", policy=policy))) == []


def test_nodes_that_call_nothing_are_no_concern_of_a_workflows_policy() -> None:
    assert not any(code == "E065" for code, _, _ in found(define(approval(), policy=Policy(blocked_tools=["*"]))))

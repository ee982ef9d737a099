"""Policies: names against patterns, and that block beats approve beats allow, whatever the level and the order."""

from __future__ import annotations

import fnmatch
import itertools
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.definition import definition_hash
from pectin.core.error import BadValue
from pectin.core.policy import (
    ENTRIES_MAX,
    ApprovalRule,
    Ask,
    Level,
    Policy,
    Ruling,
    judge,
    lacking,
    matches,
)
from tests.core.world import define, step

# -- names and patterns ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("pay", "pay", True),
        ("pay", "Pay", False),
        ("pay", "payment", False),
        ("payments.*", "payments.send", True),
        ("payments.*", "payments.eu.send", True),
        ("payments.*", "payments", False),
        ("*.delete", "db.users.delete", True),
        ("*delete*", "undeleted", True),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*", "", True),
        ("a.c", "abc", False),
    ],
)
def test_a_star_stands_for_any_characters_and_nothing_else_does(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


@given(st.text("ab.*", min_size=1, max_size=10).filter(lambda text: "**" not in text), st.text("ab.", max_size=12))
def test_it_matches_what_a_shell_would(pattern: str, name: str) -> None:
    assert matches(pattern, name) == fnmatch.fnmatchcase(name, pattern)


def test_a_pattern_of_many_stars_takes_no_longer() -> None:
    pattern, name = "*a" * 120 + "*b", "a" * 100_000
    begun = time.perf_counter()
    assert not matches(pattern, name)
    assert time.perf_counter() - begun < 1


# -- what can be written --------------------------------------------------------------------------------------

BAD: list[tuple[Any, str]] = [
    (lambda: Policy(blocked_tools="pay"), "blocked_tools: 'pay' is no list"),
    (lambda: Policy(blocked_tools=["pay me"]), "is no pattern"),
    (lambda: Policy(blocked_tools=["pay?"]), "is no pattern"),
    (lambda: Policy(blocked_tools=[""]), "is no pattern"),
    (lambda: Policy(blocked_tools=["a**"]), "it stands for dots too"),
    (lambda: Policy(blocked_tools=["a" * 300]), "300 characters"),
    (lambda: Policy(blocked_tools=["a"] * (ENTRIES_MAX + 1)), "1001 entries"),
    (lambda: Policy(model_allowlist=[3]), "is no pattern"),  # type: ignore[list-item]
    (lambda: Policy(require_approval_for=[None]), "is no pattern"),  # type: ignore[list-item]
    (lambda: ApprovalRule("pay", approvers=0), "from 1 on"),
    (lambda: ApprovalRule("pay", approvers=True), "from 1 on"),
    (lambda: ApprovalRule("pay", 2, ("ops",)), "2 of 1 can't approve"),
    (lambda: ApprovalRule("pay", of=("ops", "ops")), "each once"),
    (lambda: ApprovalRule("pay", of=(" ops",)), "can't be one of those"),
    (lambda: ApprovalRule("pay", of="ops"), "is no list"),  # type: ignore[arg-type]
    (lambda: ApprovalRule("pay", deadline_ms=0), "is no deadline"),
    (lambda: ApprovalRule("pay ment"), "is no pattern"),
]


@pytest.mark.parametrize(("make", "complaint"), BAD)
def test_what_can_never_be_meant_is_refused(make: Any, complaint: str) -> None:
    with pytest.raises(BadValue) as refusal:
        make()
    assert complaint in str(refusal.value)


def test_a_pattern_is_a_rule_for_one_approver() -> None:
    policy = Policy(require_approval_for=["pay", ApprovalRule("send", 2)])
    assert policy.rules == (ApprovalRule("pay"), ApprovalRule("send", 2))
    assert policy == Policy(require_approval_for=(ApprovalRule("pay"), ApprovalRule("send", 2)))


def test_it_comes_back_from_json_as_it_was() -> None:
    policy = Policy(blocked_tools=["a.*"], require_approval_for=[ApprovalRule("b", 2, ("x", "y"), deadline_ms=5)])
    assert msgspec.json.decode(msgspec.json.encode(policy), type=Policy) == policy
    assert msgspec.convert({"require_approval_for": ["pay"]}, Policy).rules == (ApprovalRule("pay"),)
    with pytest.raises(msgspec.ValidationError, match="blocked"):
        msgspec.convert({"blocked": []}, Policy)


def test_a_policy_is_part_of_what_a_definition_means() -> None:
    without = definition_hash(define("pay -> b"))
    hashes = {
        definition_hash(define("pay -> b", policy=Policy(blocked_tools=["x"]))),
        definition_hash(define("pay -> b", policy=Policy(require_approval_for=["x"]))),
        definition_hash(define("pay -> b", policy=Policy(require_approval_for=[ApprovalRule("x", 2)]))),
        definition_hash(define("pay -> b", nodes=[step("pay", policy=Policy(blocked_tools=["x"]))])),
    }
    assert len(hashes | {without}) == 5
    one, other = (
        define("pay -> b", policy=Policy(require_approval_for=rules)) for rules in (["x"], [ApprovalRule("x")])
    )
    assert definition_hash(one) == definition_hash(other)


# -- block beats approve beats allow --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "call", "ruling", "rule"),
    [
        (Policy(blocked_tools=["*delete*"]), "database.delete_all_customers", Ruling.BLOCK, "*delete*"),
        (Policy(blocked_tools=["*delete*"]), "database.list_customers", Ruling.ALLOW, ""),
        (Policy(require_approval_for=["payments.*"]), "payments.refund", Ruling.APPROVE, "payments.*"),
        (Policy(require_approval_for=["payments.*"]), "payment.refund", Ruling.ALLOW, ""),
        (Policy(blocked_tools=["*delete*"]), "postgres/database.delete_all_customers", Ruling.BLOCK, "*delete*"),
    ],
)
def test_jamjets_examples_are_decided_as_they_say(policy: Policy, call: str, ruling: Ruling, rule: str) -> None:
    verdict = judge([(Level.WORKFLOW, policy)], call)
    assert verdict.ruling is ruling
    assert (verdict.rule or next((ask.rule.tool for ask in verdict.asks), "")) == rule


def test_a_nodes_approval_does_not_lift_a_workflows_block() -> None:
    """In JamJet it does."""
    levels = [(Level.WORKFLOW, Policy(blocked_tools=["pay"])), (Level.NODE, Policy(require_approval_for=["pay"]))]
    assert judge(levels, "pay").ruling is Ruling.BLOCK


NAMES = ("pay", "payments.send", "payments.eu.send", "look_up")
patterns = st.sampled_from(["*", "pay", "pay*", "payments.*", "*.send", "payments.eu.*", "look_up", "nothing"])
rules = st.builds(
    ApprovalRule,
    patterns,
    st.integers(1, 2),
    st.sampled_from([(), ("ops", "finance"), ("finance", "legal", "ops")]),
    not_requester=st.booleans(),
)
policies = st.none() | st.builds(
    Policy,
    blocked_tools=st.lists(patterns, max_size=2),
    require_approval_for=st.lists(rules, max_size=2),
)
three = st.tuples(policies, policies, policies)
LEVELS = (Level.ENGINE, Level.WORKFLOW, Level.NODE)
STRICTER = [Ruling.ALLOW, Ruling.APPROVE, Ruling.BLOCK]


def levels_of(given: Sequence[Policy | None]) -> list[tuple[Level, Policy | None]]:
    return list(zip(LEVELS, given, strict=True))


@given(three, st.sampled_from(NAMES))
def test_block_beats_approve_beats_allow_whatever_the_level_and_the_order(
    given: tuple[Policy | None, ...], name: str
) -> None:
    present = [policy for policy in given if policy is not None]
    blocks = any(matches(pattern, name) for policy in present for pattern in policy.blocked_tools)
    asks = any(matches(rule.tool, name) for policy in present for rule in policy.rules)
    expected = Ruling.BLOCK if blocks else Ruling.APPROVE if asks else Ruling.ALLOW
    for order in itertools.permutations(given):
        assert judge(levels_of(order), name).ruling is expected


@given(three, policies, st.integers(0, 2), st.sampled_from(NAMES))
def test_a_policy_more_makes_nothing_easier(
    given: tuple[Policy | None, ...], more: Policy | None, place: int, name: str
) -> None:
    before, after = judge(levels_of(given), name), judge([*levels_of(given), (LEVELS[place], more)], name)
    assert STRICTER.index(after.ruling) >= STRICTER.index(before.ruling)
    if after.ruling is Ruling.APPROVE:
        assert set(before.asks) <= set(after.asks)


@given(three, st.sampled_from(NAMES))
def test_a_verdict_names_a_rule_that_is_there(given: tuple[Policy | None, ...], name: str) -> None:
    verdict, at = judge(levels_of(given), name), dict(levels_of(given))
    if verdict.ruling is Ruling.BLOCK:
        assert verdict.level is not None
        policy = at[verdict.level]
        assert policy is not None
        assert verdict.rule in policy.blocked_tools
    for ask in verdict.asks:
        policy = at[ask.level]
        assert policy is not None
        assert ask.rule in policy.rules


PEOPLE = ("shop", "ops", "finance", "legal")
asked = st.lists(st.builds(Ask, st.sampled_from(LEVELS), rules), min_size=1, max_size=3)


@given(asked, st.lists(st.sampled_from(PEOPLE), unique=True), st.sampled_from(PEOPLE), st.none() | st.just("shop"))
def test_approvals_only_ever_help_and_a_rule_is_met_by_as_many_as_it_says(
    asks: list[Ask], people: list[str], one_more: str, requester: str | None
) -> None:
    before = lacking(asks, people, requester)
    assert lacking(asks, [*people, one_more] if one_more not in people else people, requester) in (before, before - 1)
    if before == 0:
        for ask in asks:
            counted = [by for by in people if not ask.rule.of or by in ask.rule.of]
            counted = [by for by in counted if not (ask.rule.not_requester and by == requester)]
            assert len(counted) >= ask.rule.approvers


@given(asked, st.sampled_from(["shop", "ops"]))
def test_what_can_be_met_is_met_when_everybody_approves(asks: list[Ask], requester: str) -> None:
    people = (*PEOPLE, "a", "b")
    assert all(ask.rule.can_be_met(requester) for ask in asks) == (lacking(asks, people, requester) == 0)

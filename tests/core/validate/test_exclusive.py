"""Whether two conditions can both hold: what their text shows, and that it is true."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pectin.core.expression import EvaluationError, ExpressionError, compile_condition
from pectin.core.schema import Any
from pectin.core.validate.exclusive import can_both_hold, find_ways

EXCLUSIVE = [
    ("state.done", "!state.done"),
    ("state.done == true", "state.done == false"),
    ("state.risk == 'low'", "state.risk == 'high'"),
    ("state.risk == 'low'", "'low' != state.risk"),
    ("state.risk in ['low', 'high']", "state.risk == 'unknown'"),
    ("state.risk in ['low', 'high']", "!(state.risk in ['high', 'low'])"),
    ("state.n > 10", "state.n <= 10"),
    ("state.n > 10", "!(state.n > 10)"),
    ("state.n < 3", "state.n > 3"),
    ("3 >= state.n", "state.n > 3"),
    ("state.n < 3.5", "state.n == 4"),
    ("state.n > decimal('2.50')", "state.n <= decimal('2.50')"),
    ("state.a < state.b", "state.b <= state.a"),
    ("size(state.items) == 0", "size(state.items) > 0"),
    ("state.x == null", "state.x != null && state.x > 3"),
    ("state.x == null", "state.x == 3"),
    ("state.done && state.n > 3", "state.n > 3 && !state.done"),
    ("state.n == 1 || state.n == 2", "state.n == 3 || state.n > 5"),
    ("!(state.n > 1 || state.done)", "state.done"),
    ("output.decision == 'approved'", "output.decision == 'rejected'"),
    ("state.items.exists(x, x == 1)", "!state.items.exists(x, x == 1)"),
]

MAYBE_BOTH = [
    ("state.done", "state.done"),
    ("state.done", "state.n > 3"),
    ("state.risk == 'low'", "state.risk != 'high'"),
    ("state.n > 3", "state.n < 10"),
    ("state.n >= 3", "state.n <= 3"),
    ("state.n != 3", "state.n != 4"),
    ("state.n == 1 || state.done", "state.n == 2 || state.done"),
    ("state.a < state.b", "state.a <= state.b"),
    ("state.a < 3", "state.b > 3"),
    ("state.n in []", "state.n == 3"),
    ("state.n in [state.a]", "!state.done"),
]


@pytest.mark.parametrize(("one", "other"), EXCLUSIVE)
def test_what_excludes_the_other_is_seen_from_both_sides(one: str, other: str) -> None:
    assert not can_both_hold(find_ways(one), find_ways(other))
    assert not can_both_hold(find_ways(other), find_ways(one))


@pytest.mark.parametrize(("one", "other"), MAYBE_BOTH)
def test_what_may_hold_with_the_other_is_left(one: str, other: str) -> None:
    assert can_both_hold(find_ways(one), find_ways(other))
    assert can_both_hold(find_ways(other), find_ways(one))


def test_what_can_hold_in_too_many_ways_is_not_taken_apart() -> None:
    many = " && ".join(f"(state.a == {n} || state.b == {n})" for n in range(7))
    assert find_ways(many) is None
    assert find_ways(" || ".join(f"state.a == {n}" for n in range(65))) is None
    assert can_both_hold(find_ways(many), find_ways("state.a == 99 && state.b == 99"))


def atoms() -> st.SearchStrategy[str]:
    paths = st.sampled_from(["state.a", "state.b"])
    values = st.sampled_from(["0", "1", "2", "1.5", "'x'", "true", "false", "null"])
    signs = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    compared = st.builds(" ".join, st.tuples(paths, signs, st.one_of(values, paths)))
    turned = st.builds(" ".join, st.tuples(values, signs, paths))
    listed = st.builds("{} in [{}]".format, paths, st.lists(values, max_size=3).map(", ".join))
    return st.one_of(paths, compared, turned, listed)


def conditions() -> st.SearchStrategy[str]:
    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        joined = st.builds("({} {} {})".format, inner, st.sampled_from(["&&", "||"]), inner)
        return st.one_of(joined, st.builds("!({})".format, inner))

    return st.recursive(atoms(), grow, max_leaves=4)


VALUES = [0, 1, 2, 1.5, 3, -1, "x", "y", True, False, None]


def holds(condition: str, state: dict[str, object]) -> bool:
    try:
        return compile_condition(condition, {"state": Any()}).holds({"state": state})
    except (ExpressionError, EvaluationError):
        return False


@given(conditions(), conditions(), st.sampled_from(VALUES), st.sampled_from(VALUES))
@example("!(state.a in [])", "state.a == 1", 1, 0)
@example("state.a == true", "state.a == 1", 1, 0)
def test_those_that_exclude_each_other_never_both_hold(one: str, other: str, a: object, b: object) -> None:
    state = {"a": a, "b": b}
    if not can_both_hold(find_ways(one), find_ways(other)):
        assert not (holds(one, state) and holds(other, state))


@given(conditions())
def test_a_condition_excludes_its_negation(condition: str) -> None:
    assert not can_both_hold(find_ways(condition), find_ways(f"!({condition})"))

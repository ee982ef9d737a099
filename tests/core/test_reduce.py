"""The laws of reducers: no order shows, and a difference leads from the one value to the other."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from pectin.core.codec import canonical
from pectin.core.definition import Reducer
from pectin.core.reduce import (
    NoDifference,
    ReduceError,
    check_contribution,
    clash,
    combine,
    difference,
    fold,
    reduce,
    same,
)

APPEND, ADD, MAX, MIN, UNION, MERGE = (
    Reducer.APPEND,
    Reducer.ADD,
    Reducer.MAX,
    Reducer.MIN,
    Reducer.UNION,
    Reducer.MERGE,
)

EFFORT = settings().max_examples

integers = st.integers(-20, 20)
decimals = st.decimals(-10, 10, places=2).map(str) | st.sampled_from(("1E+3", "-0.00", "1", "1.0", "1.00"))
scalars = (
    st.none()
    | st.booleans()
    | integers
    | st.sampled_from((0.0, -0.0, 1.0, 1.5))
    | decimals
    | st.text("ab1", max_size=2)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=5,
)
objects = st.recursive(
    st.dictionaries(st.sampled_from("ab"), st.sampled_from((None, 1, 2, [None])), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("ab"), inner | st.sampled_from((None, 1, 2)), max_size=2),
    max_leaves=6,
)
contributions: dict[Reducer, st.SearchStrategy[Any]] = {
    APPEND: st.lists(values, max_size=3),
    ADD: integers | decimals,
    MAX: integers | st.sampled_from((1.0, 1.5, -0.0, 1e300)) | decimals | st.text("ab1", max_size=2),
    UNION: st.lists(values, max_size=3),
    MERGE: objects,
}
contributions[MIN] = contributions[MAX]
reducers = st.sampled_from(list(Reducer))


def exact(value: Any) -> bytes:
    return canonical(None if value is UNSET else value)


@st.composite
def cases(draw: st.DrawFn, count: int = 3) -> tuple[Reducer, Any, list[Any]]:
    """A reducer, a value (perhaps none), and contributions."""
    reducer = draw(reducers)
    value = draw(contributions[reducer] | st.just(UNSET) | st.none())
    return reducer, value, [draw(contributions[reducer]) for _ in range(count)]


def reduce_all(reducer: Reducer, value: Any, given: Sequence[Any]) -> Any:
    for contribution in given:
        value = reduce(reducer, value, contribution)
    return value


# -- laws -------------------------------------------------------------------------------------------------------


@given(cases(4), st.permutations(range(4)))
def test_the_order_does_not_show(case: tuple[Reducer, Any, list[Any]], order: list[int]) -> None:
    reducer, value, given = case
    assume(not any(clash(reducer, one, other) for i, one in enumerate(given) for other in given[:i]))
    one, other = reduce_all(reducer, value, given), reduce_all(reducer, value, [given[index] for index in order])
    if reducer is APPEND:
        assert sorted(map(exact, one)) == sorted(map(exact, other))
    else:
        assert exact(one) == exact(other)


def test_only_patches_that_clash_depend_on_their_order() -> None:
    depending = 0
    for seed in range(20 * EFFORT):
        value, one, other = random_objects(seed, 3)
        if not same(reduce_all(MERGE, value, [one, other]), reduce_all(MERGE, value, [other, one])):
            assert clash(MERGE, one, other)
            depending += 1
        assert clash(MERGE, one, other) == clash(MERGE, other, one)
        assert not clash(MERGE, one, one)
    assert depending > EFFORT


@given(cases(4))
def test_fold_is_reduce_again_and_again(case: tuple[Reducer, Any, list[Any]]) -> None:
    reducer, value, given = case
    assert exact(fold(reducer, value, given)) == exact(reduce_all(reducer, value, given))


@given(cases(4), st.integers(1, 3))
def test_combined_contributions_do_the_same(case: tuple[Reducer, Any, list[Any]], cut: int) -> None:
    reducer, value, given = case
    combined = combine(reducer, given)
    assert len(combined) <= (2 if reducer is MERGE else 1)
    assert all(check_contribution(reducer, one) is None for one in combined)
    assert exact(fold(reducer, value, combined)) == exact(fold(reducer, value, given))
    stepwise = combine(reducer, [*combine(reducer, given[:cut]), *given[cut:]])
    assert exact(fold(reducer, value, stepwise)) == exact(fold(reducer, value, given))


def test_combined_patches_do_the_same_and_clash_with_the_same() -> None:
    clashing = 0
    for seed in range(20 * EFFORT):
        value, other, *patches = random_objects(seed, 6)
        rival = Random(seed).choice((other, *patches))
        so_far: list[Any] = []
        for patch in patches:
            so_far = combine(MERGE, [*so_far, patch])
            assert len(so_far) <= 2
        assert same(fold(MERGE, value, so_far), fold(MERGE, value, patches))
        clashes = any(clash(MERGE, patch, rival) for patch in patches)
        assert any(clash(MERGE, patch, rival) for patch in so_far) == clashes
        clashing += clashes
    assert EFFORT < clashing < 19 * EFFORT


def random_objects(seed: int, count: int) -> list[dict[str, Any]]:
    random = Random(seed)

    def tree(depth: int) -> Any:
        if depth == 3 or (depth and random.random() < 0.4):
            return random.choice((None, 1, 1.0, 2))
        return {random.choice("ab"): tree(depth + 1) for _ in range(random.randrange(3))}

    return [tree(0) for _ in range(count)]


@given(cases(1))
def test_a_difference_leads_to_the_value(case: tuple[Reducer, Any, list[Any]]) -> None:
    reducer, before, [after] = case
    try:
        contribution = difference(reducer, before, after)
    except NoDifference:
        assert reducer in (APPEND, UNION, MERGE)
        return
    assert check_contribution(reducer, contribution) is None
    reached = reduce(reducer, before, contribution)
    if reducer is ADD:
        assert Decimal(reached) == Decimal(after)
    elif reducer is UNION:
        assert {exact(item) for item in reached} == {exact(item) for item in after}
    elif reducer in (MAX, MIN):
        assert exact(reached) == exact(reduce(reducer, before, after))
    else:
        assert exact(reached) == exact(after)


@given(cases(1))
def test_what_a_contribution_made_has_a_difference(case: tuple[Reducer, Any, list[Any]]) -> None:
    reducer, value, [contribution] = case
    after = reduce(reducer, value, contribution)
    if reducer is MERGE:
        assume(b"null" not in exact(value))  # such an object was put there as it is
    again = reduce(reducer, value, difference(reducer, value, after))
    assert exact(again) == exact(after) if reducer is not ADD else Decimal(again) == Decimal(after)


@given(cases(2))
def test_nothing_is_changed_in_place(case: tuple[Reducer, Any, list[Any]]) -> None:
    reducer, value, given = case
    before = exact([None if value is UNSET else value, *given])
    reduce_all(reducer, value, given)
    combine(reducer, given)
    assert exact([None if value is UNSET else value, *given]) == before


# -- tables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reducer", "value", "contribution", "result"),
    [
        (APPEND, [1], [1, 2], [1, 1, 2]),
        (APPEND, UNSET, [], []),
        (APPEND, None, [None], [None]),
        (ADD, 40, 2, 42),
        (ADD, None, 2, 2),
        (ADD, "1.10", "2.2", "3.30"),
        (ADD, "1.10", 2, "3.10"),
        (ADD, 2, "-2.00", "0.00"),
        (ADD, UNSET, "1E+3", "1000"),
        (ADD, "0.1", "1E-30", "0.100000000000000000000000000001"),
        (ADD, 2**63 - 2, 1, 2**63 - 1),
        (MAX, 3, 5, 5),
        (MAX, 5, 3, 5),
        (MAX, "9.5", "10", "10"),
        (MAX, "b", "a", "b"),
        (MAX, "2024-02-01", "2024-10-01", "2024-10-01"),
        (MAX, 2**53, float(2**53), float(2**53)),
        (MAX, 2**53 + 1, float(2**53), 2**53 + 1),
        (MIN, None, 3, 3),
        (MIN, "10", "9.5", "9.5"),
        (MIN, 1, 1.0, 1),
        (MIN, 1.0, 1, 1),
        (UNION, [3, 1], [2, 1], [1, 2, 3]),
        (UNION, ["b", 10, 9, 1.5], ["a", "b", {"k": 1}, None], [1.5, 9, 10, "a", "b", None, {"k": 1}]),
        (UNION, [1, True], [1.0, "1"], [1, 1.0, "1", True]),
        (UNION, ["a!"], ["a"], ["a", "a!"]),
        (MERGE, {"a": 1, "b": {"c": 2}}, {"a": None, "b": {"d": [None]}}, {"b": {"c": 2, "d": [None]}}),
        (MERGE, {"a": 1}, {"a": {"b": None}}, {"a": {}}),
        (MERGE, UNSET, {}, {}),
    ],
)
def test_reduce(reducer: Reducer, value: Any, contribution: Any, result: Any) -> None:
    assert exact(reduce(reducer, value, contribution)) == exact(result)


@pytest.mark.parametrize(
    ("reducer", "value", "contribution", "message"),
    [
        (ADD, 2**63 - 1, 1, "the sum 9223372036854775808 doesn't fit into 64 bits; use a decimal"),
        (ADD, "1E-100", "1E+150", "the sum has 252 characters, and 200 are allowed"),
        (ADD, "1E+9999", "1", "the sum of '1E+9999' and '1' can't be exact"),
        (ADD, "abc", 1, "the reducer `add` goes with an int, or a decimal as text (\"1.50\"), and the value is 'abc'"),
        (APPEND, {}, [1], "the reducer `append` goes with a list, and the value is {}"),
        (MERGE, [], {}, "the reducer `merge` goes with an object, and the value is []"),
        (MAX, True, 1, "the reducer `max` goes with a number or text, and the value is true"),
    ],
)
def test_what_does_not_go_together(reducer: Reducer, value: Any, contribution: Any, message: str) -> None:
    with pytest.raises(ReduceError) as caught:
        reduce(reducer, value, contribution)
    assert str(caught.value) == message


def test_what_is_in_a_history_is_folded_whatever_its_size() -> None:
    assert fold(ADD, 2**63 - 1, [1]) == 2**63


@pytest.mark.parametrize(
    ("reducer", "contribution", "problem"),
    [
        (APPEND, "abc", "the reducer `append` takes a list, not 'abc'"),
        (APPEND, None, "the reducer `append` takes a list, not null"),
        (UNION, {"a": True}, 'the reducer `union` takes a list, not {"a":true}'),
        (ADD, 1.5, 'the reducer `add` takes an int, or a decimal as text ("1.50"), not 1.5'),
        (ADD, True, 'the reducer `add` takes an int, or a decimal as text ("1.50"), not true'),
        (ADD, "NaN", "the reducer `add` takes an int, or a decimal as text (\"1.50\"), not 'NaN'"),
        (ADD, "1E+1001", "the reducer `add` takes an int, or a decimal as text (\"1.50\"), not '1E+1001'"),
        (MAX, [], "the reducer `max` takes a number or text, not []"),
        (MIN, False, "the reducer `min` takes a number or text, not false"),
        (MERGE, [], "the reducer `merge` takes an object, not []"),
        (APPEND, [], None),
        (UNION, [], None),
        (ADD, "1.50", None),
        (ADD, -1, None),
        (MAX, 1.5, None),
        (MIN, "abc", None),
        (MERGE, {}, None),
    ],
)
def test_contributions_are_checked(reducer: Reducer, contribution: Any, problem: str | None) -> None:
    assert check_contribution(reducer, contribution) == problem


@pytest.mark.parametrize(
    ("reducer", "before", "after", "contribution"),
    [
        (APPEND, [1], [1, 2, 3], [2, 3]),
        (APPEND, None, [1], [1]),
        (ADD, 40, 42, 2),
        (ADD, "1.10", "3.3", "2.20"),
        (ADD, UNSET, 5, 5),
        (MAX, 5, 3, 3),
        (UNION, [1, 2], [2, 4, 1, 3, 4], [3, 4]),
        (
            MERGE,
            {"a": 1, "b": {"c": 2, "d": 3}, "e": None},
            {"b": {"c": 4, "d": 3}, "e": None},
            {"a": None, "b": {"c": 4}},
        ),
        (MERGE, {"a": 5}, {"a": {}}, {"a": {}}),
    ],
)
def test_difference(reducer: Reducer, before: Any, after: Any, contribution: Any) -> None:
    assert exact(difference(reducer, before, after)) == exact(contribution)


@pytest.mark.parametrize(
    ("reducer", "before", "after", "message"),
    [
        (APPEND, [1], [2, 1], "the reducer `append` only adds at the end, and what was in the list has changed"),
        (APPEND, [1], [1.0, 2], "the reducer `append` only adds at the end, and what was in the list has changed"),
        (APPEND, [1, 2], [1], "the reducer `append` only adds at the end, and what was in the list has changed"),
        (APPEND, [], None, "the reducer `append` takes a list, not null"),
        (UNION, ["a", "b"], ["b"], "the reducer `union` removes nothing, and 'a' is gone"),
        (
            MERGE,
            {"a": {"b": 1}},
            {"a": {"b": None}},
            'in a `merge` patch null means "remove", so `$.a.b` can\'t become null',
        ),
        (MERGE, {}, {"a": {"b": None}}, 'in a `merge` patch null means "remove", so `$.a.b` can\'t become null'),
        (
            ADD,
            -(2**63),
            1,
            "what the reducer `add` would have to add 9223372036854775809 doesn't fit into 64 bits; use a decimal",
        ),
        (ADD, "1E-100", "1E+150", "what the reducer `add` would have to add has 251 characters, and 200 are allowed"),
        (ADD, "1E+9999", "1", "'1' and '1E+9999' have no exact difference"),
        (ADD, [], 1, 'the reducer `add` goes with an int, or a decimal as text ("1.50"), and the value was []'),
    ],
)
def test_no_difference(reducer: Reducer, before: Any, after: Any, message: str) -> None:
    with pytest.raises(NoDifference) as caught:
        difference(reducer, before, after)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("one", "other", "clashes"),
    [
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, {"a": 1}, False),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": None}, {"a": 1}, True),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, False),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, True),
        ({"a": {"b": 1}}, {"a": 2}, True),
        ({"a": [1]}, {"a": [2]}, True),
    ],
)
def test_patches_clash_where_they_say_different_things(one: Any, other: Any, clashes: bool) -> None:
    assert clash(MERGE, one, other) is clashes


def test_only_patches_clash() -> None:
    assert not any(clash(reducer, 1, 2) for reducer in Reducer if reducer not in (APPEND, UNION, MERGE))
    assert not any(clash(reducer, [1], [2]) for reducer in (APPEND, UNION))


def test_an_object_in_place_of_what_was_none_takes_two_patches() -> None:
    assert combine(MERGE, [{"a": 1}, {"a": 1}]) == [{"a": 1}]
    assert [exact(patch) for patch in combine(MERGE, [{"a": 1}, {"a": 1.0}])] == [b'{"a":1}', b'{"a":1.0}']
    assert combine(MERGE, [{"a": None}, {"a": {"b": 1}}, {"a": {"c": 2}}]) == [{"a": None}, {"a": {"b": 1, "c": 2}}]
    assert fold(MERGE, {"a": {"z": 0}}, [{"a": None}, {"a": {"b": 1, "c": 2}}]) == {"a": {"b": 1, "c": 2}}

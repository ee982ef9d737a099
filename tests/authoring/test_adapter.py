"""Types that pydantic alone doesn't read on every Python."""

from typing import Any, NotRequired, TypedDict

import pytest
from pydantic import ValidationError

from pectin.authoring.adapter import adapter_of


class Part(TypedDict):
    size: int


class Whole(TypedDict):
    name: str
    parts: list[Part]
    first: NotRequired[Part | None]


class Loop(TypedDict):
    inner: list["Loop"]


def test_a_typed_dict_is_read_with_those_in_it() -> None:
    whole = {"name": "a", "parts": [{"size": 1}], "first": None}
    assert adapter_of(Whole).validate_python(whole) == whole
    assert adapter_of(dict[str, Whole]).validate_python({"x": {"name": "a", "parts": []}})


@pytest.mark.parametrize(
    "value", [{"name": "a"}, {"name": "a", "parts": [{"size": "x"}]}, {"name": "a", "parts": [], "first": {}}]
)
def test_what_is_wrong_in_it_is_found(value: Any) -> None:
    with pytest.raises(ValidationError):
        adapter_of(Whole).validate_python(value)


def test_a_recursive_one_is_read() -> None:
    assert adapter_of(Loop).validate_python({"inner": [{"inner": []}]}) == {"inner": [{"inner": []}]}

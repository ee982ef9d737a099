"""Texts with expressions in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.expression import EvaluationError, ExpressionError
from pectin.core.schema import Any, Decimal, Field, Float, Integer, List, Nullable, Object, String
from pectin.core.template import EXPRESSIONS_MAX, LENGTH_MAX, compile_template

STATE = Object(
    {
        "amount": Field(Decimal()),
        "order": Field(String()),
        "ratio": Field(Float()),
        "prices": Field(List(Decimal())),
        "receipt": Field(Nullable(String())),
        "count": Field(Integer()),
        "extra": Field(Any()),
    }
)
VARIABLES = {"state": STATE}
VALUES: dict[str, object] = {
    "state": {
        "amount": "1299.00",
        "order": "A-1 «é»",
        "ratio": 0.1,
        "prices": ["1.10", "2"],
        "receipt": None,
        "count": 9007199254740993,
        "extra": {"b": [True, None], "a": "ü"},
    }
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("no expression", "no expression"),
        ("Refund {{ state.amount }} for {{ state.order }}?", "Refund 1299.00 for A-1 «é»?"),
        ("{{state.amount + 1}}{{ state.count }}", "1300.009007199254740993"),
        ("{{ state.ratio }} {{ state.receipt }} {{ state.count > 3 }}", "0.1 null true"),
        ("{{ state.prices }}", '["1.10","2"]'),
        ("{{ state.prices.map(p, p * 2) }}", '["2.20","4"]'),
        ("{{ state.extra }}", '{"b":[true,null],"a":"ü"}'),
        ("{{ '{{' }} and }} and { and }", "{{ and }} and { and }"),
        ('{{ \'}}\' }} {{ "it\\"s }}" }}', '}} it"s }}'),
        ("{{ {'a': {'b': 1}} }}", '{"a":{"b":1}}'),
        ("a\n{{ state.receipt == null ? 'none' : state.receipt }}\n", "a\nnone\n"),
    ],
)
def test_what_is_rendered(text: str, shown: str) -> None:
    assert compile_template(text, VARIABLES).render(VALUES) == shown


def test_it_knows_what_it_reads() -> None:
    assert compile_template("{{ state.amount }} {{ state.order }}", VARIABLES).reads == {"amount", "order"}
    assert compile_template("{{ state }}{{ state.order }}", VARIABLES).reads is None
    assert compile_template("none", VARIABLES).reads == frozenset()


@pytest.mark.parametrize(
    ("text", "message", "marked"),
    [
        ("Dear {{ state.oder }}", "`state` has no field `oder`", "oder"),
        ("Dear {{ state.order", "`{{` is never closed", "{{"),
        ("Dear {{ 'a }}", "`{{` is never closed", "{{"),
        ("Dear {{ }}", "the expression is empty", ""),
        ("a\nb {{ state.count + 'a' }}", "`+` doesn't go with an int and a string", "state.count + 'a'"),
    ],
)
def test_a_mistake_is_placed_in_the_text(text: str, message: str, marked: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_template(text, VARIABLES)
    assert caught.value.message == message
    assert text[caught.value.start : caught.value.end].strip() == marked
    assert caught.value.source == text


def test_the_number_of_expressions_is_bounded() -> None:
    compile_template("{{ 1 }}" * EXPRESSIONS_MAX, {})
    with pytest.raises(ExpressionError, match="at most 200 expressions"):
        compile_template("{{ 1 }}" * (EXPRESSIONS_MAX + 1), {})


def test_a_value_that_can_not_be_had_is_an_error_and_not_an_empty_text() -> None:
    with pytest.raises(EvaluationError, match="there is no `gone`"):
        compile_template("{{ state.extra.gone }}", VARIABLES).render(VALUES)
    with pytest.raises(EvaluationError, match="JSON can't write"):
        compile_template("{{ 1.0 / 0.0 }}", {}).render({})


@given(st.text(st.characters(exclude_characters="{", exclude_categories=["Cs"])))
def test_a_text_without_expressions_is_itself(text: str) -> None:
    assert compile_template(text, {}).render({}) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_string_stands_as_it_is(value: str) -> None:
    text = compile_template("<{{ state.order }}>", VARIABLES).render({"state": {"order": value}})
    assert text == f"<{value}>"


def test_a_text_has_an_end() -> None:
    template = compile_template("{{ state.order }}" * 20, VARIABLES)
    assert len(template.render({"state": {"order": "a" * (LENGTH_MAX // 20)}})) == LENGTH_MAX
    with pytest.raises(EvaluationError, match="more than 1,000,000 characters"):
        template.render({"state": {"order": "a" * (LENGTH_MAX // 20 + 1)}})

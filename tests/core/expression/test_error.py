"""What a rejected expression shows."""

from pectin.core.expression.error import ExpressionError


def test_an_error_draws_its_place_and_says_what_to_do() -> None:
    error = ExpressionError("`state` has no field `rsik`", 6, 10, "did you mean `risk`?", "state.rsik == 'high'")
    assert str(error) == "`state` has no field `rsik`; did you mean `risk`?"
    assert error.render() == "state.rsik == 'high'\n      ^^^^  did you mean `risk`?"


def test_an_error_without_a_hint_says_what_is_wrong_only() -> None:
    assert str(ExpressionError("the expression is empty", 0, 0)) == "the expression is empty"

"""Doors of the expression language: sources, evaluations and templates."""

from __future__ import annotations

from random import Random
from typing import Any, Final

import msgspec

from pectin.core.codec import canonical, check_value
from pectin.core.error import BadValue
from pectin.core.expression import EvaluationError, ExpressionError, compile_condition, compile_expression, to_json
from pectin.core.template import compile_template
from tests.fuzz import grammar
from tests.fuzz.judge import Door
from tests.fuzz.recipe import Recipe, text

OUTPUT_BYTES_MAX: Final = 9 << 20
LENGTH_MAX: Final = 1_000_000


def enter_source(source: str) -> None:
    """A source is an expression, or it is told where it isn't one. What compiles is a condition or says why not."""
    compile_expression(source, grammar.VARIABLES)
    compile_condition(source, grammar.VARIABLES)


def draw_evaluation(random: Random) -> Recipe:
    written = grammar.heavy(random) if random.random() < 0.15 else grammar.expression(random)
    return [written, grammar.state(random), {"text": "a", "ok": True, "list": [1], "odd": grammar.value(random)}]


def enter_evaluation(case: list[Any]) -> None:
    """What compiles has a value that JSON can write, or says why it has none. The state stays as it was."""
    source, state, output = case
    try:
        check_value([state, output], bytes_max=1 << 20)
        expression = compile_expression(source, grammar.VARIABLES)
    except (BadValue, ExpressionError):  # another door's
        return
    before = canonical(state)
    try:
        result = to_json(expression.evaluate({"state": state, "output": output, "iteration": 1}), expression.type)
    finally:
        assert canonical(state) == before, "the state has changed"
    check_value(result)
    assert len(msgspec.json.encode(result)) <= OUTPUT_BYTES_MAX, "the result is larger than what may be stored"


def draw_template(random: Random) -> Recipe:
    if random.random() < 0.04:
        times = random.choice((2, 120, 200))
        return [text(("{{ state.s }}", times)), {"s": text((random.choice("aé"), 100_000))}]
    return [grammar.template(random), grammar.state(random)]


def enter_template(case: list[Any]) -> None:
    """A text is a template or is told where it isn't; and it is rendered, or there is a reason."""
    source, state = case
    try:
        check_value(state, bytes_max=1 << 20)
    except BadValue:
        return
    rendered = compile_template(source, grammar.VARIABLES).render({"state": state, "output": {}, "iteration": 1})
    assert len(rendered) <= LENGTH_MAX, "the text is larger than what anybody reads"


DOORS: Final = (
    Door("expression", grammar.source, enter_source, (ExpressionError,), share=170),
    Door("evaluation", draw_evaluation, enter_evaluation, (EvaluationError,), share=150),
    Door("template", draw_template, enter_template, (ExpressionError, EvaluationError), share=60),
)

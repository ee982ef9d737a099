"""What people read of a broken definition, and that each code has an explanation."""

import re
from pathlib import Path

import pytest

from pectin.core.definition import Place
from pectin.core.explanation import EXPLANATIONS
from pectin.core.problem import DefinitionError, Problem, render

SOURCES = Path(__file__).parents[2] / "src/pectin"

EXPRESSION = Problem(
    code="E014",
    where="assess → review",
    message="`state` has no field `rsik`",
    hint="did you mean `risk`?",
    place=Place("refund.py", 38),
    source="state.rsik == 'high'",
    start=6,
    end=10,
)
DOCUMENT = Problem(
    code="E006",
    where="review",
    message="unknown node `payy`",
    hint="did you mean `pay`?",
    place=Place("refund.yaml", 21, 27),
    source="    decisions: {approved: payy, rejected: end}",
    start=26,
    end=30,
)
PLAIN = Problem(
    "E016", "", "approval `review` has no decision `aproved`", "did you mean `approved`?", Place("a.py", 24)
)


def test_an_expression_is_marked_under_its_line() -> None:
    assert render(EXPRESSION) == (
        "refund.py:38: assess → review: `state` has no field `rsik`\n"
        "    state.rsik == 'high'\n"
        "          ^^^^  did you mean `risk`?"
    )


def test_a_document_is_marked_beside_its_line_number() -> None:
    assert render(DOCUMENT) == (
        "refund.yaml:21:27: error: unknown node `payy`\n"
        "  21 |     decisions: {approved: payy, rejected: end}\n"
        "     |                           ^^^^  did you mean `pay`?"
    )


def test_without_a_source_the_hint_ends_the_line() -> None:
    assert render(PLAIN) == "a.py:24: approval `review` has no decision `aproved`; did you mean `approved`?"
    assert render(Problem("E008", "", "no way leads to `pay`")) == "no way leads to `pay`"


def test_color_marks_the_place_and_the_carets_and_changes_no_text() -> None:
    for problem in (EXPRESSION, DOCUMENT, PLAIN):
        colored = render(problem, color=True)
        assert "\x1b[" in colored
        assert re.sub(r"\x1b\[\d+m", "", colored) == render(problem)


def test_an_error_shows_all_problems_in_the_order_of_their_places() -> None:
    error = DefinitionError([DOCUMENT, EXPRESSION, PLAIN])
    assert error.problems == (PLAIN, EXPRESSION, DOCUMENT)
    assert str(error) == "\n".join([render(PLAIN), render(EXPRESSION), render(DOCUMENT)])


def test_each_code_in_use_is_explained_and_each_explained_one_is_in_use() -> None:
    sources = [path for path in SOURCES.rglob("*.py") if path.name != "explanation.py"]
    used = {code for path in sources for code in re.findall(r'"([EW]\d{3})"', path.read_text(encoding="utf-8"))}
    assert used == EXPLANATIONS.keys()


@pytest.mark.parametrize("code", EXPLANATIONS)
def test_an_explanation_has_a_title_and_sentences(code: str) -> None:
    title, text = EXPLANATIONS[code]
    assert title[0].islower()
    assert not title.endswith(".")
    assert text.endswith(".")

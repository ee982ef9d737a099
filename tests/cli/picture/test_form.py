"""The forms of drawings, as the commands ask for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin.cli.exit import BadUsage
from pectin.cli.picture.form import Form, choose_form, draw_as, write_drawing
from tests.cli.picture.drawn import every_kind


@pytest.mark.parametrize(
    ("svg", "tree", "output", "form"),
    [
        (False, False, None, Form.MERMAID),
        (True, False, None, Form.SVG),
        (False, True, None, Form.TREE),
        (False, False, "w.mmd", Form.MERMAID),
        (False, False, "w.SVG", Form.SVG),
        (False, True, "w.svg", Form.TREE),
        (True, False, "w.txt", Form.SVG),
    ],
)
def test_which_is_meant(svg: bool, tree: bool, output: str | None, form: Form) -> None:
    assert choose_form(svg=svg, tree=tree, output=output) is form


def test_not_two_at_once() -> None:
    with pytest.raises(BadUsage, match="one or the other"):
        choose_form(svg=True, tree=True, output=None)


def test_each_form_draws() -> None:
    program = every_kind()
    assert draw_as(Form.MERMAID, program).startswith("flowchart TD\n")
    assert draw_as(Form.SVG, program).startswith("<svg ")
    assert draw_as(Form.TREE, program).startswith("look")


def test_a_file_that_can_not_be_written(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="can't be written"):
        write_drawing(str(tmp_path / "no" / "w.svg"), "", "w")

"""What the reference takes from the code is what the code says now, and nothing public is left out."""

import ast
import re
from pathlib import Path

import pytest

import pectin
from docs import generate
from pectin.core.definition import Effect
from pectin.core.status import SessionType
from pectin.nodes import KINDS, LATER
from tests.docs import markdown

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", generate.pages(), ids=lambda page: page.name)
def test_a_generated_part_is_fresh(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert generate.renew(text) == text, f"{page.name} is stale: run `make format`"


@pytest.mark.parametrize("name", generate.FILES)
def test_a_generated_file_is_fresh(name: str) -> None:
    assert generate.FILES[name]() == (ROOT / name).read_text(encoding="utf-8"), f"{name} is stale: run `make format`"


def test_every_part_stands_on_a_page() -> None:
    shown = {part for page in generate.pages() for _, part, _ in generate.PART.findall(page.read_text("utf-8"))}
    assert shown == generate.PARTS.keys()


def test_a_stale_part_is_renewed_and_what_is_around_it_kept() -> None:
    stale = "# Limits\n\n<!-- generated: limits -->\n\n| old |\n\n<!-- end -->\n\nAnd this.\n"
    fresh = generate.renew(stale)
    assert "| old |" not in fresh
    assert "| `stop_grace_ms` | 10,000 |" in fresh
    assert fresh.startswith("# Limits\n")
    assert fresh.endswith("<!-- end -->\n\nAnd this.\n")


def test_a_diagram_has_each_move_of_its_table_and_no_other() -> None:
    moves = re.findall(r"^ +(\w+) --> (\w+)$", generate.diagram(generate.WORKFLOW_TRANSITIONS), re.MULTILINE)
    assert {*moves} == {(str(one), str(other)) for one, to in generate.WORKFLOW_TRANSITIONS.items() for other in to}


def test_every_public_name_has_a_heading() -> None:
    headings = markdown.read(ROOT / "docs/reference/python-api.md").headings
    named = {word for heading in headings for word in re.findall(r"\w+", heading)}
    assert [name for name in pectin.__all__ if name not in named and not name.startswith("_")] == []


def test_the_readme_lists_each_kind_and_what_is_refused() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [*(kind.NAME for kind in KINDS), *LATER, *Effect, *SessionType]
    assert [name for name in names if f"`{name}`" not in readme] == []


@pytest.mark.parametrize("room", ["core", "core/decide", "ports"])
def test_each_module_of_the_inner_rooms_stands_in_the_architecture(room: str) -> None:
    architecture = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    stems = {path.stem for path in (ROOT / "src/pectin" / room).glob("*.py")} - {"__init__"}
    assert stems
    assert sorted(stem for stem in stems if not re.search(rf"\b{stem}\b", architecture)) == []


def constants(*names: str) -> set[str]:
    """The texts that stand as the first argument where these are called, anywhere in the source."""
    return {
        constant.value
        for path in (ROOT / "src/pectin").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names and node.args
        for constant in ast.walk(node.args[0])
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    }


def first_cells(page: str) -> set[str]:
    """The names in the first cells of a page's tables."""
    text = (ROOT / "docs/reference" / page).read_text(encoding="utf-8")
    return set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))


@pytest.mark.parametrize(("page", "called"), [("commands.md", ("Refused",)), ("errors.md", ("ErrorData", "NodeError"))])
def test_every_code_that_the_engine_makes_is_explained(page: str, called: tuple[str, ...]) -> None:
    made = constants(*called)
    assert made
    assert made - first_cells(page) == set()

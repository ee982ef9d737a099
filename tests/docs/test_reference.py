"""The reference is complete: what the code has by name, docs/reference has too.

Names are read from the source, not imported, so that each check can be run on a small tree with a gap in it.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.docs import markdown

Check = Callable[[Path], list[str]]

ROOT = Path(__file__).parents[2]

# module under src/pectin -> why it is not a kind or a store, though it lives among them
NOT_DOCUMENTED: dict[str, str] = {
    "store/migrate": "applies the stores' numbered SQL",
    "store/refusal": "says why a commit can't be made, in every store's words",
}


def members(root: Path, room: str) -> list[str]:
    """The names of a room's modules and packages."""
    return [
        path.stem
        for path in sorted((root / "src/pectin" / room).glob("*"))
        if path.suffix == ".py" or (path / "__init__.py").exists()
        if not path.stem.startswith("_") and f"{room}/{path.stem}" not in NOT_DOCUMENTED
    ]


def trees(root: Path, place: str) -> Iterator[ast.Module]:
    """The syntax of a module, or of all modules of a package."""
    base = root / "src/pectin" / place
    for path in (base.with_suffix(".py"), *sorted(base.rglob("*.py"))):
        if path.exists():
            yield ast.parse(path.read_text(encoding="utf-8"))


def tagged(root: Path, module: str) -> list[str]:
    """Classes with a tag of their own: the members of a module's union."""
    return [
        node.name
        for tree in trees(root, module)
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any(keyword.arg == "tag" for keyword in node.keywords)
    ]


def cli_commands(root: Path) -> list[str]:
    """What `app.command("name")` and `@app.command()` register."""
    names: list[str] = []
    for tree in trees(root, "cli"):
        decorated = {
            id(decorator): node.name.strip("_").replace("_", "-")
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for decorator in node.decorator_list
        }
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(attr="command"), args=[ast.Constant(value=str(name)), *_]):
                    names.append(name)
                case ast.Call(func=ast.Attribute(attr="command")) if id(node) in decorated:
                    names.append(decorated[id(node)])
                case _:
                    pass
    return names


def without_page(root: Path, room: str, pages: str) -> list[str]:
    return [
        f"{name}: src/pectin/{room} has it, {pages}/{name}.md is missing"
        for name in members(root, room)
        if not (root / pages / f"{name}.md").exists()
    ]


def without_heading(root: Path, names: list[str], source: str) -> list[str]:
    """A heading counts that is the name, or "`pectin run` FILE" for the two words `pectin run`."""
    headings = {
        text
        for path in sorted((root / "docs/reference").rglob("*.md"))
        for heading in markdown.read(path).headings
        for text in (heading, " ".join(heading.split()[:2]))
    }
    return [f"{name}: {source} has it, no heading in docs/reference does" for name in names if name not in headings]


def kinds(root: Path) -> list[str]:
    return without_page(root, "nodes", "docs/reference/nodes")


def stores(root: Path) -> list[str]:
    return without_page(root, "store", "docs/reference/stores")


def events(root: Path) -> list[str]:
    return without_heading(root, tagged(root, "core/event"), "pectin.core.event")


def commands(root: Path) -> list[str]:
    return without_heading(root, tagged(root, "core/command"), "pectin.core.command")


def cli(root: Path) -> list[str]:
    names = cli_commands(root)
    if not names and any(trees(root, "cli")):
        return ["src/pectin/cli registers no command that this test can see: app.command(…)"]
    return without_heading(root, [f"pectin {name}" for name in names], "src/pectin/cli")


CHECKS: tuple[Check, ...] = (kinds, stores, events, commands, cli)


@pytest.mark.parametrize("check", CHECKS)
def test_the_reference_is_complete(check: Check) -> None:
    complaints = check(ROOT)
    assert not complaints, "\n" + "\n".join(complaints)


@pytest.mark.parametrize("module", ["core/event", "core/command"])
def test_the_names_are_found(module: str) -> None:
    assert tagged(ROOT, module)


# -- the checks can fail -----------------------------------------------------------------------------------

DOCUMENTED = {
    "src/pectin/nodes/__init__.py": "",
    "src/pectin/nodes/wait.py": "",
    "src/pectin/store/sqlite/__init__.py": "",
    "src/pectin/core/event.py": "class Event: ...\n\nclass NodeFailed(Event, tag='node_failed'): ...\n",
    "src/pectin/core/command.py": "class Command: ...\n\nclass Start(Command, tag=True): ...\n",
    "src/pectin/cli/run.py": "@app.command()\ndef run(file): ...\n",
    "src/pectin/cli/__init__.py": "app.command('list')(executions)\n",
    "docs/reference/nodes/wait.md": "",
    "docs/reference/stores/sqlite.md": "",
    "docs/reference/events.md": "## `NodeFailed`\n\n## Start\n",
    "docs/reference/cli.md": "### `pectin run FILE[:NAME]`\n\n### pectin list\n",
}

GAPS: list[tuple[Check, str, str, str]] = [
    (kinds, "src/pectin/nodes/join.py", "", "join: src/pectin/nodes has it"),
    (stores, "src/pectin/store/memory.py", "", "memory: src/pectin/store has it"),
    (
        events,
        "docs/reference/events.md",
        "```text\n# NodeFailed\n```\n",
        "NodeFailed: pectin.core.event has it",
    ),
    (
        commands,
        "docs/reference/events.md",
        "# NodeFailed\n# Start it",
        "Start: pectin.core.command has it",
    ),
    (cli, "src/pectin/cli/why.py", "@app.command()\ndef why(): ...\n", "pectin why: src/pectin/cli has it"),
    (cli, "src/pectin/cli/why.py", "app.command(name)(why)\napp.command('at')(at)\n", "pectin at: "),
]


def plant(root: Path, tree: dict[str, str]) -> None:
    for name, text in tree.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("check", "name", "text", "complaint"), GAPS)
def test_a_gap_is_found(tmp_path: Path, *, check: Check, name: str, text: str, complaint: str) -> None:
    plant(tmp_path, DOCUMENTED | {name: text})
    assert any(found.startswith(complaint) for found in check(tmp_path)), check(tmp_path)


@pytest.mark.parametrize("check", CHECKS)
def test_a_complete_reference_has_no_complaints(tmp_path: Path, check: Check) -> None:
    plant(tmp_path, DOCUMENTED)
    assert check(tmp_path) == []


def test_a_cli_without_commands_is_suspicious(tmp_path: Path) -> None:
    plant(tmp_path, {"src/pectin/cli/__init__.py": "COMMANDS = {}\n"})
    assert cli(tmp_path) == ["src/pectin/cli registers no command that this test can see: app.command(…)"]

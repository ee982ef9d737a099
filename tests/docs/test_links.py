"""The documentation holds together: links lead somewhere, code says its language and Python compiles."""

import ast
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs import markdown

ROOT = Path(__file__).parents[2]


def broken_links(root: Path) -> list[str]:
    """Links inside the tree; those that leave it are not followed."""
    return [
        f"{path.relative_to(root).as_posix()}:{line}: {target} {reason}"
        for path in markdown.pages(root)
        for line, target in markdown.read(path).links
        if "://" not in target and not target.startswith("mailto:")
        if (reason := _why_broken(path, unquote(target)))
    ]


def _why_broken(page: Path, target: str) -> str | None:
    name, _, fragment = target.partition("#")
    path = page.parent / name if name else page
    if name.startswith("/"):
        return "is absolute: link from this file on"
    if not path.exists():
        return "leads nowhere"
    if fragment and path.suffix == ".md" and fragment not in markdown.read(path).anchors():
        return "leads to a heading that isn't there"
    return None


def broken_code(root: Path) -> list[str]:
    return [
        f"{path.relative_to(root).as_posix()}:{block.line}: {reason}"
        for path in markdown.pages(root)
        for block in markdown.read(path).blocks
        if (reason := _why_no_code(block))
    ]


def _why_no_code(block: markdown.Block) -> str | None:
    if not block.language:
        return "the code doesn't say its language: python, console, text, …"
    if block.language == "python":
        try:
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            compile(block.code, "<docs>", "exec", flags=flags, dont_inherit=True)
        except SyntaxError as error:
            return f"no Python, in line {error.lineno} of the block: {error.msg}"
    return None


def test_links_lead_somewhere() -> None:
    assert broken_links(ROOT) == []


def test_code_is_code() -> None:
    assert broken_code(ROOT) == []


# -- the checks can fail -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "complaint"),
    [
        ("[a](docs/b.md)", "README.md:3: docs/b.md leads nowhere"),
        ("![a](a.png)", "README.md:3: a.png leads nowhere"),
        ("[a](/docs/a.md)", "README.md:3: /docs/a.md is absolute: link from this file on"),
        ("[a](docs/a.md#no)", "README.md:3: docs/a.md#no leads to a heading that isn't there"),
        ("[a](#no)", "README.md:3: #no leads to a heading that isn't there"),
        ("[a][b]\n\n[b]: docs/b.md", "README.md:3: docs/b.md leads nowhere"),
        ("[a](docs/a.md#what-run-does) [b](#top) [c](docs) [d](https://example.org/x)", None),
    ],
)
def test_a_broken_link_is_found(tmp_path: Path, link: str, complaint: str | None) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.md").write_text("# What `run` does\n")
    (tmp_path / "README.md").write_text(f"# Top\n\n{link}\n")
    assert broken_links(tmp_path) == ([complaint] if complaint else [])


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ("```\nx\n```", "README.md:2: the code doesn't say its language: python, console, text, …"),
        ("```python\nx =\n```", "README.md:2: no Python, in line 1 of the block: invalid syntax"),
        ("```python\nasync with engine:\n    await engine.start(...)\n```", None),
        ("```text\nx =\n```", None),
    ],
)
def test_broken_code_is_found(tmp_path: Path, block: str, complaint: str | None) -> None:
    (tmp_path / "README.md").write_text(f"{block}\n")
    assert broken_code(tmp_path) == ([complaint] if complaint else [])


def test_a_repeated_heading_has_an_anchor_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A: `b`, _c_\n\n## Why\n\n## Why\n\n## Why\n")
    assert markdown.read(tmp_path / "a.md").anchors() == {"a-b-c", "why", "why-1", "why-2"}

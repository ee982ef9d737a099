"""What the documentation's tests look at in a Markdown file: its headings, its links, its code."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

_parser = MarkdownIt("commonmark").enable("table")


class Block(NamedTuple):
    """Fenced code: `line` is that of its first line, from 1. `marks` is what else stands beside the language."""

    language: str
    line: int
    code: str
    marks: tuple[str, ...] = ()


class Page(NamedTuple):
    """`headings` are plain text; `links` are (line, target), images among them."""

    headings: list[str]
    links: list[tuple[int, str]]
    blocks: list[Block]

    def anchors(self) -> set[str]:
        """The fragments that lead into the page, as GitHub makes them; a repeated heading counts up."""
        anchors: set[str] = set()
        for heading in self.headings:
            slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            repeats = sum(1 for other in anchors if re.fullmatch(rf"{re.escape(slug)}(-\d+)?", other))
            anchors.add(f"{slug}-{repeats}" if slug in anchors else slug)
        return anchors


def read(path: Path) -> Page:
    tokens = _parser.parse(path.read_text(encoding="utf-8"))
    headings = [_text(following) for token, following in pairwise(tokens) if token.type == "heading_open"]
    blocks = [
        Block(token.info.partition(" ")[0], _line(token) + 1, token.content, tuple(token.info.split()[1:]))
        for token in tokens
        if token.type == "fence"
    ]
    return Page(headings, [link for token in tokens for link in _links(token)], blocks)


def pages(root: Path) -> Iterator[Path]:
    """The Markdown files of a tree: at its root, in docs and beside the examples."""
    yield from sorted(root.glob("*.md"))
    for room in ("docs", "examples"):
        yield from sorted((root / room).rglob("*.md"))


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def _text(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())


def _links(inline: Token) -> Iterator[tuple[int, str]]:
    for child in inline.children or ():
        target = child.attrs.get("href") or child.attrs.get("src")
        if target:
            yield _line(inline), str(target)

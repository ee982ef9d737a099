"""A chart as SVG: one file, without scripts, fonts or ids, light or dark as the reader's system is.

Texts are in a monospaced face, because only of that one knows the width without asking a browser.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from html import escape
from typing import Final, NamedTuple

from pectin.cli.line import AGAIN, DOUBT, FAIL, NOTHING, OK, REST, WAIT
from pectin.cli.paper import columns_of
from pectin.cli.picture.chart import Box, Chart, Way
from pectin.cli.picture.layered import Arrow, Size
from pectin.cli.picture.layout import Layout, Place, lay_out
from pectin.cli.picture.routes import Route
from pectin.cli.picture.shapes import PLAIN, SHAPES, STACK, number
from pectin.cli.picture.standing import Standing
from pectin.cli.picture.style import STYLE

_MARGIN = 24
_NAME_PX, _SMALL_PX = 7.9, 6.7
"""How wide a column is, in the large letters and in the small ones, a little more than fonts have it."""

_NAME_LINE, _SMALL_LINE = 18, 15
_PADDING_X, _PADDING_Y = 18, 9
_WIDTH_MIN = 72
_LABEL_COLUMNS, _LABEL_LINES = 28, 3
_NAME_COLUMNS, _CAPTION_COLUMNS = 40, 44
_ASIDE = 0.2
"""What a way counts that isn't the ordinary course."""

_CLASSES: Final = {
    OK: "done",
    FAIL: "failed",
    WAIT: "active",
    AGAIN: "again",
    REST: "rests",
    DOUBT: "doubt",
    NOTHING: "skipped",
}


class _Text(NamedTuple):
    """The lines in a box, with their classes, from the top."""

    lines: tuple[tuple[str, str], ...]

    def size(self) -> Size:
        width = max((_width(text, _px(style)) for style, text in self.lines), default=0)
        height = sum(_line(style) for style, _ in self.lines)
        return Size(max(width + 2 * _PADDING_X, _WIDTH_MIN), height + 2 * _PADDING_Y)


def draw_svg(chart: Chart, standings: Mapping[str, Standing] | None = None, caption: str | None = None) -> str:
    """The picture, its last line without a line break. `standings` are of the nodes that something became of."""
    texts = {box.id: _text_of(box, (standings or {}).get(box.id)) for box in chart.boxes}
    sizes = {box.id: _size_of(box, texts[box.id]) for box in chart.boxes}
    labels = [_wrap(way) for way in chart.ways]
    arrows = [
        Arrow(way.source, way.target, _label_size(label), _ASIDE if way.is_aside or way.repeats else 1.0)
        for way, label in zip(chart.ways, labels, strict=True)
    ]
    layout = lay_out(sizes, arrows)
    top = _MARGIN if caption is None else _MARGIN + 2 * _NAME_LINE
    width = max(layout.width, 0 if caption is None else _width(_plain(caption), _SMALL_PX)) + 2 * _MARGIN
    lines = _head(chart, Size(round(width), round(layout.height) + top + _MARGIN))
    if caption is not None:
        lines.append(f'<text class="caption" x="{_MARGIN}" y="{_MARGIN + 12}">{_escape(_plain(caption))}</text>')
    lines.append(f'<g transform="translate({_MARGIN} {top})">')
    lines += [_draw_way(way, route) for way, route in zip(chart.ways, layout.routes, strict=True)]
    lines += _draw_boxes(chart, layout, texts, standings or {})
    lines += [
        text
        for way, label, route in zip(chart.ways, labels, layout.routes, strict=True)
        for text in _draw_label(way, label, route)
    ]
    return "\n".join([*lines, "</g>", "</svg>"])


def _head(chart: Chart, size: Size) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pectin" role="img" width="{size.width}" '
        f'height="{size.height}" viewBox="0 0 {size.width} {size.height}">',
        f"<title>{_escape(_plain(chart.title))}</title>",
        f"<desc>{_escape(_plain(chart.describe()))}</desc>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{size.width}" height="{size.height}" rx="10"/>',
    ]


# -- boxes ----------------------------------------------------------------------------------------------------------


def _text_of(box: Box, standing: Standing | None) -> _Text:
    if box.kind in PLAIN:
        return _Text((("note", box.name),) if PLAIN[box.kind] is None else ())
    lines = [("name", _cut(box.name, _NAME_COLUMNS))]
    lines += [("note", _cut(text, _CAPTION_COLUMNS)) for text in box.caption]
    if standing is not None:
        lines.append(("state", _cut(f"{standing.mark} {standing}", _CAPTION_COLUMNS)))
    return _Text(tuple(lines))


def _size_of(box: Box, text: _Text) -> Size:
    if box.kind in PLAIN:
        return PLAIN[box.kind] or Size(_width(box.name, _SMALL_PX), _SMALL_LINE)
    size = text.size()
    more = 2 * STACK if box.kind == "map" else 0
    return Size(size.width + more, size.height + more)


def _draw_boxes(
    chart: Chart, layout: Layout, texts: Mapping[str, _Text], standings: Mapping[str, Standing]
) -> list[str]:
    lines: list[str] = []
    for box in chart.boxes:
        standing = standings.get(box.id)
        classes = ["box", box.kind.strip("()"), *([] if standing is None else [_CLASSES[standing.mark]])]
        place = layout.boxes[box.id]
        shape = SHAPES.get(box.kind, SHAPES["python_fn"])(place)
        title = " · ".join([box.name, *box.caption, *([] if standing is None else [str(standing)])])
        lines.append(f'<g class="{" ".join(classes)}"><title>{_escape(_plain(title))}</title>{shape}')
        lines += _draw_text(texts[box.id], _inner(box, place))
        lines.append("</g>")
    return lines


def _inner(box: Box, place: Place) -> Place:
    """The part of a box in which its text stands."""
    if box.kind != "map":
        return place
    return Place(place.x, place.y, place.width - 2 * STACK, place.height - 2 * STACK)


def _draw_text(text: _Text, place: Place) -> list[str]:
    x = number(place.x + place.width / 2)
    y = place.y + (place.height - sum(_line(style) for style, _ in text.lines)) / 2
    lines: list[str] = []
    for style, line in text.lines:
        y += _line(style)
        lines.append(f'<text class="{style}" x="{x}" y="{number(y - _line(style) * 0.28)}">{_escape(line)}</text>')
    return lines


# -- arrows ---------------------------------------------------------------------------------------------------------


def _draw_way(way: Way, route: Route) -> str:
    words = [f"M{_point(route.start)}"]
    words += [f"C{' '.join(_point(point) for point in piece)}" for piece in route.pieces]
    x, y = route.end
    classes = f"way{' aside' if way.is_aside else ''}{' repeat' if way.repeats else ''}"
    head = f"M{number(x - 4)} {number(y - 8)}L{number(x)} {number(y)}L{number(x + 4)} {number(y - 8)}Z"
    return f'<g class="{classes}"><path class="line" d="{"".join(words)}"/><path class="head" d="{head}"/></g>'


def _wrap(way: Way) -> list[str]:
    """A label in at most so many lines."""
    text = _plain(" or ".join(way.labels))
    if not text:
        return []
    lines = textwrap.wrap(text, _LABEL_COLUMNS, break_on_hyphens=False)
    if len(lines) > _LABEL_LINES:
        lines = [*lines[: _LABEL_LINES - 1], " ".join(lines[_LABEL_LINES - 1 :])]
    return [_cut(line, _LABEL_COLUMNS) for line in lines]


def _label_size(lines: list[str]) -> Size | None:
    if not lines:
        return None
    return Size(max(_width(line, _SMALL_PX) for line in lines) + 8, _SMALL_LINE * len(lines) + 4)


def _draw_label(way: Way, lines: list[str], route: Route) -> list[str]:
    size = _label_size(lines)
    if route.label is None or size is None:
        return []
    x, y = route.label
    ground = (
        f'<rect class="ground" x="{number(x - size.width / 2)}" y="{number(y - size.height / 2)}" '
        f'width="{size.width}" height="{size.height}" rx="4"/>'
    )
    first = y - _SMALL_LINE * (len(lines) / 2 - 1) - _SMALL_LINE * 0.28
    texts = [
        f'<text class="label" x="{number(x)}" y="{number(first + place * _SMALL_LINE)}">{_escape(line)}</text>'
        for place, line in enumerate(lines)
    ]
    title = f"<title>{_escape(_plain(' or '.join(way.labels)))}</title>"
    return [f'<g class="words{" aside" if way.is_aside else ""}">{title}{ground}{"".join(texts)}</g>']


# -- text -----------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """On one line, and nothing in it that XML or a reader would trip over."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _cut(text: str, columns: int) -> str:
    text = _plain(text)
    while columns_of(text) > columns:
        text = text[: -2 if text.endswith("…") else -1].rstrip() + "…"
    return text


def _escape(text: str) -> str:
    return escape(text, quote=False)


def _width(text: str, px: float) -> int:
    return round(columns_of(text) * px)


def _px(style: str) -> float:
    return _NAME_PX if style == "name" else _SMALL_PX


def _line(style: str) -> int:
    return _NAME_LINE if style == "name" else _SMALL_LINE


def _point(point: tuple[float, float]) -> str:
    return f"{number(point[0])} {number(point[1])}"

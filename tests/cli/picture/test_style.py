"""The style sheet."""

from __future__ import annotations

import re

from pectin.cli.picture.style import STYLE


def colours(text: str) -> set[str]:
    return set(re.findall(r"(\.pectin[^{]*)\{(?:fill|stroke):#", text))


def test_light_and_dark_say_the_same_things() -> None:
    light, dark = STYLE.split("@media (prefers-color-scheme:dark){")
    assert colours(light) == colours(dark) != set()


def test_it_styles_nothing_but_its_own_picture() -> None:
    rules = re.findall(r"^([^@}\s][^{]*)\{", STYLE, re.MULTILINE)
    assert all(selector.startswith(".pectin ") for rule in rules for selector in rule.split(","))


def test_it_can_stand_in_xml() -> None:
    assert not set("<&>") & set(STYLE)


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((light(one), light(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_what_is_written_can_be_read() -> None:
    for part in STYLE.split("@media"):
        rules = dict(re.findall(r"^(\.pectin[^{]*)\{([^}]*)\}", part, re.MULTILINE))
        ink, ground = (rules[f".pectin {name}"].partition("fill:")[2] for name in (".name,.pectin .caption", ".ground"))
        assert contrast(ink, ground) > 7
        for state in ("done", "failed", "active", "again", "rests", "doubt"):
            fill = re.search(r"fill:(#\w+)", rules[f".pectin .{state} .shape"])
            word = rules[f".pectin .{state} .thick,.pectin .{state} .state"].partition("fill:")[2]
            assert fill is not None
            assert contrast(word, fill[1]) >= 4.5, state
            assert contrast(ink, fill[1]) > 7, state

"""What reaches a stream: at most 96 columns, no control characters, and signs only where they can be shown."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.cli.paper import COLUMNS_MAX, Paper, columns_of, pad


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def written(paper: Paper, stream: io.TextIOWrapper) -> str:
    del paper
    stream.seek(0)
    return stream.read()


def plain(encoding: str = "utf-8") -> tuple[Paper, io.TextIOWrapper]:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    return Paper(stream), stream


def terminal() -> tuple[Paper, io.TextIOWrapper]:
    stream = Terminal(io.BytesIO(), encoding="utf-8", newline="")
    return Paper(stream), stream


@given(st.text(max_size=200))
def test_no_line_is_too_wide_and_none_holds_control_characters(text: str) -> None:
    for encoding in ("utf-8", "ascii"):
        paper, stream = plain(encoding)
        paper.write(text)
        line = written(paper, stream)
        assert line.endswith("\n")
        assert columns_of(line[:-1]) <= COLUMNS_MAX
        assert all(sign.isprintable() for sign in line[:-1])


def test_words_for_signs_where_there_is_only_ascii() -> None:
    paper, stream = plain("ascii")
    paper.write(f"{paper.mark('✓')} a", f"{paper.mark('✗')} b", f"{paper.mark('●')} c", f"{paper.mark('↻')} d", "Ä · …")
    assert written(paper, stream) == "ok    a\nFAIL  b\nwait  c\nagain d\n\\xc4 - ...\n"


def test_colour_only_on_a_terminal_that_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    paper, stream = terminal()
    paper.write("  ✓ a")
    assert written(paper, stream) == "  \x1b[32m✓\x1b[0m a\n"
    monkeypatch.setenv("NO_COLOR", "1")
    paper, stream = terminal()
    paper.write("  ✓ a")
    assert written(paper, stream) == "  ✓ a\n"
    paper, stream = plain()
    paper.write("  ✓ a")
    assert written(paper, stream) == "  ✓ a\n"


def test_live_lines_are_rewritten_on_a_terminal_and_left_out_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for make, shown in ((terminal, "a\nb\n\x1b[2A\x1b[Jc\n\x1b[1A\x1b[Jdone\n"), (plain, "done\n")):
        paper, stream = make()
        paper.live(["a", "b"])
        paper.live(["c"])
        paper.write("done")
        assert written(paper, stream) == shown


def test_commands_are_never_cut() -> None:
    paper, stream = plain()
    paper.write_choices(("decide", "pectin approve A"), ("or", "pectin reject A"))
    paper.write_choices(("decide", f"pectin approve {'x' * 60}"), ("or", f"pectin reject {'x' * 100}"))
    assert written(paper, stream) == (
        "  decide   pectin approve A        or   pectin reject A\n"
        f"  decide   pectin approve {'x' * 60}\n"
        f"  or       pectin reject {'x' * 100}\n"
    )


def test_text_is_wrapped_at_words() -> None:
    paper, stream = plain()
    paper.write_text("word " * 40 + "\n  kept as it is", "    ")
    lines = written(paper, stream).splitlines()
    assert all(line.startswith("    word") and len(line) <= COLUMNS_MAX for line in lines[:-1])
    assert lines[-1] == "      kept as it is"


def test_wide_signs_take_two_columns() -> None:
    assert columns_of("注文") == 4
    assert pad("注文", 6) == "注文  "
    assert columns_of("é") == 1

"""Documents read as text, and files replaced at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pectin.cli.exit import BadUsage
from pectin.cli.files import plain_lines, read_document, replace_file


def test_lines_end_in_one_way() -> None:
    assert plain_lines("a\r\nb\rc\n") == "a\nb\nc\n"


def test_a_mark_in_front_is_no_part_of_the_text(tmp_path: Path) -> None:
    (path := tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_document(str(path)) == (str(path), "a: 1\n")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.txt", "is no document: name a file that ends in .yaml, .yml, .json"),
        ("none.yaml", "can't be read: No such file or directory"),
    ],
)
def test_what_can_not_be_read(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(BadUsage, match=message):
        read_document(str(tmp_path / name))


def test_a_file_keeps_its_mode_and_its_links(tmp_path: Path) -> None:
    (path := tmp_path / "a.yaml").write_text("old")
    path.chmod(0o640)
    (link := tmp_path / "link.yaml").symlink_to(path)
    replace_file(link, "new\r\n")
    assert link.is_symlink()
    assert path.read_bytes() == b"new\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "link.yaml"]


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("x")
    replace_file(tmp_path / "new", "x")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_what_can_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadUsage, match="folder can't be written: Is a directory"):
        replace_file(tmp_path / "folder", "x")
    with pytest.raises(BadUsage, match="can't be written: No such file"):
        replace_file(tmp_path / "nowhere" / "a.yaml", "x")
    assert os.listdir(tmp_path) == ["folder"]

"""Where the author's line is found."""

import inspect
from collections.abc import Callable
from pathlib import Path

import pytest

from pectin.authoring.places import Caller, find_caller


def test_the_caller_is_the_line_outside_the_package() -> None:
    local = find_caller()
    here = inspect.currentframe()
    assert here is not None
    assert local.place.line == here.f_lineno - 3
    assert local.place.file.endswith("tests/authoring/test_places.py")


def test_local_names_are_kept_and_a_modules_are_not() -> None:
    marker = object()
    assert find_caller().names["marker"] is marker
    module: dict[str, Callable[[], Caller] | Caller] = {"find_caller": find_caller}
    exec("found = find_caller()", module)
    found = module["found"]
    assert isinstance(found, Caller)
    assert found.names == {}


def test_a_file_outside_the_working_directory_keeps_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Path(find_caller().place.file) == Path(__file__)
    monkeypatch.chdir(Path(__file__).parent)
    assert find_caller().place.file == "test_places.py"

"""Where the store is looked for."""

from pathlib import Path

import pytest

from pectin.ports.store import StoreError
from pectin.runtime.default_store import default_store


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PECTIN_STORE", raising=False)


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_without_anything_it_is_the_one_here(tmp_path: Path) -> None:
    assert default_store(tmp_path) == str(tmp_path / ".pectin/pectin.db")


def test_the_nearest_that_exists_is_found_upwards(tmp_path: Path) -> None:
    write(tmp_path / ".pectin/pectin.db")
    (inner := tmp_path / "a/b").mkdir(parents=True)
    assert default_store(inner) == str(tmp_path / ".pectin/pectin.db")
    write(tmp_path / "a/.pectin/pectin.db")
    assert default_store(inner) == str(tmp_path / "a/.pectin/pectin.db")


@pytest.mark.parametrize(
    ("file", "text"),
    [("pectin.toml", 'store = "work.db"'), ("pyproject.toml", '[tool.pectin]\nstore = "work.db"')],
)
def test_what_is_configured_goes_before_what_exists(tmp_path: Path, file: str, text: str) -> None:
    write(tmp_path / file, text)
    write(tmp_path / "a/.pectin/pectin.db")
    assert default_store(tmp_path / "a") == str(tmp_path / "work.db")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sqlite:///work.db?durability=fast", "sqlite:///{folder}/work.db?durability=fast"),
        ("sqlite:////var/work.db", "sqlite:////var/work.db"),
        ("memory:", "memory:"),
        ("/var/work.db", "/var/work.db"),
    ],
)
def test_urls_keep_their_meaning(tmp_path: Path, written: str, meant: str) -> None:
    write(tmp_path / "pectin.toml", f'store = "{written}"')
    (tmp_path / "a").mkdir()
    assert default_store(tmp_path / "a") == meant.format(folder=tmp_path)


def test_a_pyproject_of_others_says_nothing(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[tool.ruff]\nstore = "no"')
    assert default_store(tmp_path) == str(tmp_path / ".pectin/pectin.db")


def test_the_variable_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "pectin.toml", 'store = "work.db"')
    monkeypatch.setenv("PECTIN_STORE", "other.db")
    assert default_store(tmp_path) == "other.db"


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("pectin.toml", 'stor = "x"', "`stor` is no setting; did you mean `store`"),
        ("pectin.toml", "[tool.pectin]", "`tool` is no setting; there are `store`, `http_hosts`, `http_private`"),
        ("pyproject.toml", '[tool.pectin]\nstore = "x"\nslots = 3', "`slots` is no setting"),
        ("pyproject.toml", "[tool]\npectin = 3", "tool.pectin is no table"),
    ],
)
def test_an_unknown_setting_is_refused(tmp_path: Path, file: str, text: str, message: str) -> None:
    write(tmp_path / file, text)
    with pytest.raises(StoreError, match=message):
        default_store(tmp_path)


def test_a_working_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (gone := tmp_path / "gone").mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(StoreError, match="working directory is gone"):
        default_store()


@pytest.mark.parametrize("text", ["store = ", "store = 3", 'store = ""'])
def test_a_bad_file_is_named(tmp_path: Path, text: str) -> None:
    write(tmp_path / "pectin.toml", text)
    with pytest.raises(StoreError, match=r"pectin\.toml"):
        default_store(tmp_path)

"""When an environment is made, with what, and what is said if that fails."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.peers import environment
from bench.peers.environment import Unavailable, prepare, run


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that would have been run; making an environment makes its folder."""
    commands: list[str] = []

    def record(_what: str, command: Sequence[str]) -> None:
        commands.append(" ".join(Path(command[0]).name if part == command[0] else part for part in command))
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True)

    monkeypatch.setattr(environment, "run", record)
    return commands


def test_an_environment_is_made_once_and_again_when_its_packages_change(tmp_path: Path, ran: list[str]) -> None:
    (tmp_path / "swift.txt").write_text("# why\nswift==1\n")
    python = prepare("swift", tmp_path / "peers", tmp_path)
    assert python == tmp_path / "peers" / "swift" / "bin" / "python"
    assert len(ran) == 2
    assert ran[1].endswith(f"--requirement {tmp_path}/swift.txt")
    assert prepare("swift", tmp_path / "peers", tmp_path) == python
    assert len(ran) == 2
    (tmp_path / "swift.txt").write_text("swift==2\n")
    prepare("swift", tmp_path / "peers", tmp_path)
    assert len(ran) == 4


def test_a_server_is_installed_beside_the_packages(tmp_path: Path, ran: list[str]) -> None:
    (tmp_path / "swift.txt").write_text("swift==1\n")
    (tmp_path / "swift.npm.txt").write_text("# its server\n@swift/server@1.0.0\n")
    prepare("swift", tmp_path / "peers", tmp_path)
    assert ran[2].startswith("npm install")
    assert ran[2].endswith(f"{tmp_path}/peers/swift @swift/server@1.0.0")


def test_an_environment_that_was_not_finished_is_made_anew(
    tmp_path: Path, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "swift.txt").write_text("swift==1\n")

    def fail(what: str, _command: Sequence[str]) -> None:
        raise Unavailable(what)

    with monkeypatch.context() as broken:
        broken.setattr(environment, "run", fail)
        with pytest.raises(Unavailable):
            prepare("swift", tmp_path / "peers", tmp_path)
    prepare("swift", tmp_path / "peers", tmp_path)
    assert len(ran) == 2


def test_the_reason_is_said() -> None:
    with pytest.raises(Unavailable, match=r"^installing it needs no-such-program, which is not installed$"):
        run("installing it", ["no-such-program"])
    with pytest.raises(Unavailable, match=r"^installing it failed: the end$"):
        run("installing it", ["sh", "-c", "echo first >&2; echo the end >&2; exit 3"])
    with pytest.raises(Unavailable, match=r"^installing it failed: exit code 3$"):
        run("installing it", ["sh", "-c", "exit 3"])

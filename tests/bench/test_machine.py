"""What is said of the machine, and what isn't."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import pytest

from bench.machine import facts, file_system


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    file = tmp_path / "mounts"
    file.write_text(f"/dev/a / ext4 rw 0 0\nnone {tmp_path}/in\\040memory tmpfs rw 0 0\n")
    return file


def test_the_file_system_is_that_of_the_nearest_mount(tmp_path: Path, mounts: Path) -> None:
    assert file_system(tmp_path / "in memory" / "deep", mounts) == "tmpfs"
    assert file_system(tmp_path / "else", mounts) == "ext4"
    assert file_system(tmp_path, tmp_path / "none") == "unknown"


def test_facts_tell_no_path_and_no_host(tmp_path: Path) -> None:
    told = json.dumps(facts(tmp_path))
    assert platform.node() not in told
    assert str(tmp_path) not in told
    assert str(Path.home()) not in told

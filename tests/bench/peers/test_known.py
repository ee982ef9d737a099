"""Every peer has its file, and an environment whose packages are pinned."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.peers.environment import REQUIREMENTS, pinned
from bench.peers.known import KNOWN, OURS, PEERS

PIN = re.compile(r"[A-Za-z0-9_.-]+==[^\s=]+|@[a-z-]+/[a-z-]+@\d+\.\d+\.\d+")


@pytest.mark.parametrize("name", KNOWN)
def test_a_peer_is_a_class_in_a_file(name: str) -> None:
    known = KNOWN[name]
    file = Path(__file__).parents[3].joinpath(*known.module.split(".")).with_suffix(".py")
    assert f"class {known.name}" in file.read_text("utf-8")


def test_ours_has_no_environment_and_each_peer_one_with_requirements() -> None:
    assert [name for name in KNOWN if KNOWN[name].environment is None] == [OURS]
    environments = {KNOWN[name].environment for name in PEERS}
    assert {file.name.partition(".")[0] for file in REQUIREMENTS.glob("*.txt")} == environments


@pytest.mark.parametrize("file", sorted(REQUIREMENTS.glob("*.txt")), ids=lambda file: file.name)
def test_every_package_is_pinned(file: Path) -> None:
    packages = pinned(file)
    assert packages
    assert [package for package in packages if not PIN.fullmatch(package)] == []

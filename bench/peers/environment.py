"""Sets up what a peer needs, once: an environment of its own with pinned packages, and its server where it has one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements")


class Unavailable(Exception):
    """A peer can't be had here; says why."""


def prepare(name: str, folder: Path, requirements: Path = REQUIREMENTS) -> Path:
    """The interpreter of an environment under `folder` with the packages of `requirements/<name>.txt`, and of
    `<name>.npm.txt` if there is one. It is made anew when they have changed. Raises `Unavailable`."""
    home = folder.resolve() / name
    packages, servers = requirements / f"{name}.txt", requirements / f"{name}.npm.txt"
    wanted = "".join(file.read_text("utf-8") for file in (packages, servers) if file.exists())
    ready, python = home / ".ready", home / "bin" / "python"
    if ready.exists() and ready.read_text("utf-8") == wanted:
        return python
    shutil.rmtree(home, ignore_errors=True)
    run("making its environment", [sys.executable, "-m", "venv", str(home)])
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    run("installing its packages", [*pip, "--requirement", str(packages)])
    if servers.exists():
        npm = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--no-save", "--ignore-scripts"]
        run("installing its server", [*npm, "--prefix", str(home), *pinned(servers)])
    ready.write_text(wanted, "utf-8")
    return python


def pinned(file: Path) -> list[str]:
    """The packages that a file of requirements names."""
    return [line for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def run(what: str, command: Sequence[str]) -> None:
    """Run a command of the set-up. Raises `Unavailable` with `what` and the last line of what it said."""
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise Unavailable(f"{what} needs {command[0]}, which is not installed") from missing
    if ended.returncode:
        said = (ended.stderr or ended.stdout).strip().splitlines()
        raise Unavailable(f"{what} failed: {said[-1] if said else f'exit code {ended.returncode}'}")

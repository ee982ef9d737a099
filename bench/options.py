"""What both commands of the benchmarks are asked in the same words, and how they speak."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

SCRATCH = Path(".make")
"""Where the files go unless `--folder` says otherwise: beside the sources, since a temporary folder may be in memory,
where a sync costs nothing."""


class Parser(argparse.ArgumentParser):
    """Reads what a command is asked that measures all of the `known` ones of a kind (`chosen`), or some."""

    def __init__(
        self, prog: str, about: str, kind: str, known: Collection[str], *, rounds: int, rounds_quick: int
    ) -> None:
        super().__init__(prog=prog, description=about)
        self._kind, self._known, self._rounds, self._rounds_quick = kind, known, rounds, rounds_quick
        is_quick = os.environ.get("QUICK", "0") not in ("", "0")
        self.add_argument("chosen", nargs="*", metavar=kind.upper(), help=f"some of: {', '.join(known)}")
        self.add_argument(
            "--quick",
            action="store_true",
            default=is_quick,
            help="fewer rounds, and smaller sizes where these take long",
        )
        self.add_argument("--rounds", type=count, help=f"turns of each side; {rounds}, or {rounds_quick} if quick")
        self.add_argument("--json", type=Path, metavar="FILE", help="write what was measured to this file")
        self.add_argument("--folder", type=Path, default=SCRATCH, help="on the disk that is to be measured")

    def read(self, arguments: Sequence[str] | None) -> argparse.Namespace:
        """What is asked, with a folder that is there. Exits with a complaint where it makes no sense."""
        asked = self.parse_args(arguments)
        for name in asked.chosen:
            if name not in self._known:
                self.error(f"there is no {self._kind} {name!r}; there are {', '.join(self._known)}")
        asked.chosen = list(dict.fromkeys(asked.chosen or self._known))
        asked.rounds = asked.rounds or (self._rounds_quick if asked.quick else self._rounds)
        asked.folder.mkdir(parents=True, exist_ok=True)
        return asked


def count(text: str) -> int:
    """A number of something, as an option has it."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("write a whole number from 1 on")
    return int(text)


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()

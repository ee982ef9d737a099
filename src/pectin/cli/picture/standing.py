"""How a node stands in an execution: a sign, the word for it, and how often it was entered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from pectin.cli.line import AGAIN, DOUBT, FAIL, NOTHING, OK, REST, WAIT
from pectin.cli.present import standing
from pectin.cli.words import show_message
from pectin.core.state import Activation, Run

WORDS: Final[Mapping[str, str]] = {
    OK: "done",
    FAIL: "failed",
    WAIT: "at work",
    AGAIN: "again",
    REST: "rests",
    DOUBT: "in doubt",
    NOTHING: "not done",
}


class Standing(NamedTuple):
    """A node's sign and its word. `times` counts the activations that were entered, in a loop one an iteration."""

    mark: str
    word: str
    times: int = 1

    def __str__(self) -> str:
        return self.word if self.times < 2 else f"{self.word} ({self.times}×)"


def standings(run: Run, marks: Mapping[str, str], times: Mapping[str, int]) -> dict[str, Standing]:
    """How each node stands that something became of. `marks` and `times` are of the activations that have settled."""
    present = {activation.node: activation for activation in run.activations.values()}
    found = {name: Standing(mark, WORDS[mark], times.get(name, 1)) for name, mark in standing(run, marks).items()}
    for name, activation in present.items():
        mark = found[name].mark
        found[name] = Standing(mark, _word(run, activation, mark), times.get(name, 0) + 1)
    return found


def _word(run: Run, activation: Activation, mark: str) -> str:
    waiting, mapping = activation.waiting, activation.mapping
    if waiting is not None:
        return f"waits for {'a person' if waiting.decisions else show_message(waiting) or 'its time'}"
    if activation.name in run.quarantined:
        return "in quarantine"
    if mapping is not None:
        failed = f", {len(mapping.errors)} failed" if mapping.errors else ""
        return f"{mapping.settled} of {len(mapping.items)} items{failed}"
    if activation.child is not None:
        return "waits for its child"
    if activation.attempt > 1 or mark == AGAIN:
        return f"attempt {activation.attempt}" if mark != AGAIN else f"attempt {activation.attempt + 1} to come"
    return WORDS[mark]

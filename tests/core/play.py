"""Plays an execution against `decide`, as workers, people and the clock would, in an order drawn from a seed.

What each activation results in is drawn from another seed and from the state that it sees, never from the order. So
orders can be compared, and whoever sees what he should not gives himself away by his results.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any
from zlib import crc32

from pectin.core import causal
from pectin.core.codec import canonical
from pectin.core.command import (
    AnyCommand,
    Begin,
    Cancel,
    Complete,
    Decide,
    Fail,
    Interrupt,
    Start,
    Stopped,
    Wake,
)
from pectin.core.decide import Decision, decide
from pectin.core.error import ErrorData
from pectin.core.event import AnyEvent, AttemptBegun, NodeScheduled
from pectin.core.program import Program
from pectin.core.state import Activation, Run
from pectin.core.work import next_wake
from tests.core.world import ENDED_BY_PEOPLE, first_state, key_of

EXECUTION = "019ab3e0-0000-7000-8000-000000000000"
COMMANDS_MAX = 4_000

Attempt = tuple[str, int]


class Stuck(AssertionError):
    """Nothing can happen any more, and it has not ended."""


@dataclass(slots=True)
class Play:
    """One execution. `calm` leaves out what makes an outcome depend on time: cancels, time-outs, deadlines."""

    program: Program
    results: int
    random: Random
    calm: bool = True
    run: Run = field(default_factory=Run)
    now: int = 1_000_000
    events: list[AnyEvent] = field(default_factory=list[AnyEvent])
    sent: list[AnyCommand] = field(default_factory=list[AnyCommand])
    attempts: dict[Attempt, dict[str, Any]] = field(default_factory=dict[Attempt, dict[str, Any]])

    # -- the moves ----------------------------------------------------------------------------------------------

    def start(self) -> Decision:
        state = first_state(self.program.definition)
        return self.send(
            Start(at=self.now, begin=self.offer(), execution_id=EXECUTION, input={}, state=state, definition="d")
        )

    def step(self) -> Decision:
        """One thing that could happen next, drawn by chance."""
        if self.random.random() < 0.2:
            noise = self._noise()
            if noise is not None:
                return self.send(noise)
        moves: list[AnyCommand] = []
        if self.attempts:
            moves += [self._report(*self.random.choice(list(self.attempts)))] * 4
        if self.run.ready or any(until <= self.now for until in self.run.backoff.values()):
            moves += [Wake(at=self.now, begin=Begin("w", self.random.randint(1, 3)))] * 2
        moves += [self._decision(name) for name in self.open_approvals()]
        wake = next_wake(self.run)
        if wake is not None and not self._is_deadline(wake):
            moves.append(Wake(at=max(wake, self.now), begin=self.offer()))
        if not moves:
            raise Stuck(self.run)
        return self.send(self.random.choice(moves))

    def play(self) -> Play:
        """To the end."""
        self.start()
        while not self.run.status.is_terminal:
            assert len(self.sent) < COMMANDS_MAX, "it never ends"
            self.step()
        return self

    def send(self, command: AnyCommand) -> Decision:
        self.now = max(self.now, command.at)
        decision = decide(self.program, self.run, command)
        self.events.extend(decision.events)
        self.sent.append(command)
        self._begin(decision.events)
        self.now += self.random.choice((0, 0, 20, 400))
        return decision

    def offer(self) -> Begin | None:
        slots = self.random.choice((0, 0, 1, 2, 9))
        return Begin("w", slots) if slots else None

    # -- workers ------------------------------------------------------------------------------------------------

    def _begin(self, events: list[AnyEvent]) -> None:
        for event in events:
            match event:
                case NodeScheduled(activation=name, begun_by="w"):
                    self._see(name, 1)
                case AttemptBegun(activation=name, attempt=attempt):
                    self._see(name, attempt)
                case _:
                    pass

    def _see(self, name: str, attempt: int) -> None:
        """A worker reads what its activation sees once the commit is done."""
        activation = self.run.activations.get(name)
        seen = activation.seen if activation is not None else causal.NOTHING
        self.attempts[name, attempt] = dict(causal.view(self.run, seen))

    def _report(self, name: str, attempt: int) -> AnyCommand:
        view = self.attempts[name, attempt]
        activation = self.run.activations.get(name)
        if activation is None or activation.attempt != attempt or activation.begun_by is None:
            return self._late_report(name, attempt)
        error = self.failure(activation)
        if error is not None:
            timed_out = not self.calm and self.random.random() < 0.2
            return Fail(
                at=self.now,
                begin=self.offer(),
                activation=name,
                attempt=attempt,
                error=error,
                draw=self.random.random(),
                timed_out=timed_out,
            )
        if activation.map is not None:
            output = self.draw(name, view) % 5
            return Complete(at=self.now, begin=self.offer(), activation=name, attempt=attempt, output=output)
        return Complete(
            at=self.now, begin=self.offer(), activation=name, attempt=attempt, patch=self.patch(activation, view)
        )

    def _late_report(self, name: str, attempt: int) -> AnyCommand:
        if self.random.random() < 0.5:
            return Stopped(at=self.now, activation=name, attempt=attempt)
        return Complete(at=self.now, begin=self.offer(), activation=name, attempt=attempt, patch={"shared": 99})

    def draw(self, name: str, view: object = None) -> int:
        return crc32(b"%d/%s/%s" % (self.results, name.encode(), canonical(view)))

    def failure(self, activation: Activation) -> ErrorData | None:
        """Outcomes are numbered, not attempts: an interruption must make no difference."""
        drawn = self.draw(f"{activation.name}/{activation.outcomes}") % 100
        if drawn >= 9:
            return None
        return ErrorData("io_error" if drawn < 6 else "other", "Drawn", "no")

    def patch(self, activation: Activation, view: dict[str, Any]) -> dict[str, Any]:
        if self.program.nodes[activation.node].run_on is not None:
            return {}
        drawn = self.draw(activation.name, view)
        patch = {key_of(activation.node): drawn % 8}
        kind = crc32(b"%d %s" % (self.results, activation.node.encode())) % 100
        if kind < 25:
            patch["shared"] = 1
        elif kind < 35:
            patch["shared"] = drawn % 2
        return patch

    # -- people and the clock -----------------------------------------------------------------------------------

    def open_approvals(self) -> list[str]:
        waiting = self.run.activations.items() if self.run.waits else ()
        return [name for name, a in waiting if a.waiting is not None and a.waiting.decisions]

    def _decision(self, name: str) -> Decide:
        decision = ENDED_BY_PEOPLE[self.draw(name) % 3 == 0]
        return Decide(at=self.now, begin=self.offer(), activation=name, decision=decision, by="reviewer")

    def _is_deadline(self, wake: int) -> bool:
        """Whether only an approval's deadline is due then. Calm runs don't let one pass."""
        if not self.calm and self.random.random() < 0.1:
            return False
        return any(
            a.waiting is not None and a.waiting.until == wake and a.waiting.decisions
            for a in self.run.activations.values()
        )

    # -- noise --------------------------------------------------------------------------------------------------

    def _noise(self) -> AnyCommand | None:
        """What changes nothing, or nothing that counts: interruptions, and when not calm the rest."""
        drawn = self.random.random()
        if drawn < 0.3 and self.attempts:
            if drawn < 0.05:
                self.attempts.clear()
                return Interrupt(at=self.now, reason="crash")
            name, attempt = self.random.choice(list(self.attempts))
            activation = self.run.activations.get(name)
            if activation is None or activation.attempt != attempt:
                return None
            del self.attempts[name, attempt]
            return Interrupt(at=self.now, reason="drain", attempts={name: attempt})
        if drawn < 0.5:
            name = self.random.choice(self.program.definition.nodes).id
            return Complete(at=self.now, begin=self.offer(), activation=name, attempt=7)
        if drawn < 0.6:
            return Wake(at=self.now, begin=self.offer())
        if not self.calm and drawn > 0.98:
            return Cancel(at=self.now, by="operator")
        return None

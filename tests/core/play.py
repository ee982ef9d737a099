"""Plays an execution against `decide`, as workers, people, children and the clock would, in an order drawn from a seed.

What each activation results in is drawn from another seed and from the state that it sees, never from the order. So
orders can be compared, and whoever sees what he should not gives himself away by his results.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from pectin.core import causal
from pectin.core.activation import parse_activation
from pectin.core.command import (
    AnyCommand,
    Begin,
    Cancel,
    ChildEnded,
    Complete,
    Decide,
    Deliver,
    Fail,
    Hold,
    Interrupt,
    Reconciled,
    Refused,
    Release,
    Resolve,
    Signal,
    Start,
    Stopped,
    Wake,
)
from pectin.core.decide import Decision, decide
from pectin.core.definition import Effect
from pectin.core.event import AnyEvent, AttemptBegun, ChildSpawned, NodeScheduled, ReconcileBegun
from pectin.core.line import may_begin
from pectin.core.program import Program
from pectin.core.state import Activation, Run, decode_snapshot, encode_snapshot
from pectin.core.work import next_wake
from tests.core.draw import Draw, plain
from tests.core.policing import PEOPLE, REQUESTER
from tests.core.world import first_state

EXECUTION = "019ab3e0-0000-7000-8000-000000000000"
COMMANDS_MAX = 4_000
NOISE = {"": 0.2, "cursed": 0.2, "eager": 0.4, "restless": 0.4, "rude": 0.4}
"""The moods of plays, with how much of them is noise."""

Attempt = tuple[str, int]


class Stuck(AssertionError):
    """Nothing can happen any more, and it has not ended."""


@dataclass(slots=True)
class Play:
    """One execution. `calm` leaves out what makes an outcome depend on time: cancels, time-outs, deadlines.

    `attempts` are those that a worker is at, also some that it should not be at any more, with what they see;
    `asked` the reconciles, and `children` the live child executions, by the activation.

    The `mood` makes rare things come often: workers die again and again of the `cursed` nodes, signals are sent by who
    is `eager` long before anybody waits for them, or an operator is `restless` and holds it, for long, or people are
    `rude` (where that may be).
    """

    program: Program
    results: int
    random: Random
    calm: bool = True
    run: Run = field(default_factory=Run)
    now: int = 1_000_000
    events: list[AnyEvent] = field(default_factory=list[AnyEvent])
    sent: list[AnyCommand] = field(default_factory=list[AnyCommand])
    answers: Counter[str] = field(default_factory=Counter[str])
    attempts: dict[Attempt, bytes] = field(default_factory=dict[Attempt, bytes])
    asked: dict[str, int] = field(default_factory=dict[str, int])
    children: dict[str, ChildSpawned] = field(default_factory=dict[str, ChildSpawned])
    mood: str = ""
    cursed: set[str] = field(default_factory=set[str])
    draw: Draw = field(init=False)

    def __post_init__(self) -> None:
        self.draw = Draw(self.program, self.results)
        self.mood = self.random.choice(list(NOISE))
        self.cursed = {node.id for node in self.program.definition.nodes if self.random.random() < 0.3}

    # -- the moves ----------------------------------------------------------------------------------------------

    def play(self) -> Play:
        """To the end."""
        state = first_state(self.program.definition)
        self.send(
            Start(
                at=self.now, begin=self.offer(), execution_id=EXECUTION, input={}, state=state, definition="d",
                by=REQUESTER,
            )
        )  # fmt: skip
        while not self.run.status.is_terminal:
            assert len(self.sent) < COMMANDS_MAX, "it never ends"
            self.step()
        return self

    def step(self) -> Decision:
        """One thing that could happen next, drawn by chance."""
        if self.random.random() < NOISE[self.mood]:
            rude = not self.calm and self.random.random() < (0.9 if self.mood == "rude" else 0.2)
            noise = self._mischief() if rude else self._noise()
            if noise is not None:
                return self.send(noise)
        moves = self._moves()
        if not moves:
            raise Stuck(self.run)
        return self.send(self.random.choice(moves)())

    def send(self, command: AnyCommand) -> Decision:
        self.now = max(self.now, command.at)
        decision = decide(self.program, self.run, command)
        self.events.extend(decision.events)
        self.sent.append(command)
        answer = decision.answer
        self.answers[answer.code if isinstance(answer, Refused) else type(answer).__name__] += 1
        self._see(decision.events)
        self.now += self.random.choice((0, 0, 20, 400))
        if self.random.random() < 0.02:  # whoever takes over reads a snapshot
            self.run = decode_snapshot(encode_snapshot(self.run))
        return decision

    def offer(self) -> Begin | None:
        slots = self.random.choice((0, 0, 1, 2, 9))
        return Begin("w", slots) if slots else None

    def _moves(self) -> list[Callable[[], AnyCommand]]:
        run = self.run
        moves: list[Callable[[], AnyCommand]] = []
        if self.attempts:
            moves += [self._report] * 4
        if self.asked:
            moves += [self._reconciled] * 2
        if run.hold is None and (may_begin(run) or any(until <= self.now for until in run.backoff.values())):
            moves += [lambda: Wake(at=self.now, begin=Begin("w", self.random.randint(1, 3)))] * 2
        if self.children:
            moves.append(self._child_ended)
        if run.waits:
            for name, activation in run.activations.items():
                if activation.waiting is not None or activation.doubt is not None:
                    moves += self._words(name, activation)
        wake = next_wake(run)
        if wake is not None and (
            not self._is_deadline(wake) or (not self.calm and (not moves or self.random.random() < 0.5))
        ):
            moves.append(lambda: Wake(at=max(wake, self.now), begin=self.offer()))
        patience = 0.02 if self.mood == "restless" else 0.3
        if (run.hold is not None or run.quarantined) and (not moves or self.random.random() < patience):
            moves.append(lambda: Release(at=self.now, begin=self.offer(), by="operator"))
        return moves

    def _words(self, name: str, activation: Activation) -> list[Callable[[], AnyCommand]]:
        """What somebody could say to an activation that waits."""
        if activation.doubt is not None:
            return [] if activation.doubt.asks else [lambda: self._resolve(activation)]
        waiting = activation.waiting
        assert waiting is not None, "it waits, if it isn't in doubt"
        if waiting.decisions:
            return [lambda: self._decision(name)]
        words: list[Callable[[], AnyCommand]] = []
        if waiting.signal is not None:
            words.append(lambda: self._signal(str(waiting.signal)))
        if waiting.event is not None:
            words.append(lambda: self._deliver(name, str(waiting.event), waiting.correlation))
        return words

    # -- workers ------------------------------------------------------------------------------------------------

    def _see(self, events: list[AnyEvent]) -> None:
        """Begin what is begun. A worker reads what its activation sees once the commit is done."""
        for event in events:
            match event:
                case NodeScheduled(activation=name, begun_by="w"):
                    self._begin(name, 1)
                case AttemptBegun(activation=name, attempt=attempt):
                    self._begin(name, attempt)
                case ReconcileBegun(activation=name):
                    activation = self.run.activations.get(name)
                    self.asked[name] = activation.attempt if activation is not None else 0
                case ChildSpawned(activation=name):
                    self.children[name] = event
                case _:
                    pass

    def _begin(self, name: str, attempt: int) -> None:
        activation = self.run.activations.get(name)
        seen = activation.seen if activation is not None else causal.NOTHING
        self.attempts[name, attempt] = plain(causal.view(self.run, seen))

    def _report(self) -> AnyCommand:
        name, attempt = self.random.choice(list(self.attempts))
        view = self.attempts[name, attempt]
        activation = self.run.activations.get(name)
        if self.random.random() < 0.9:  # else it is told again
            del self.attempts[name, attempt]
        if self._dies(name):
            return Interrupt(at=self.now, begin=self.offer(), reason="crash", attempts={name: attempt})
        if activation is None or activation.attempt != attempt:
            return self._late_report(name, attempt)
        if activation.begun_by is None and activation.doubt is None:
            return self._late_report(name, attempt)
        is_once = self.program.nodes[activation.node].effect is Effect.ONCE
        late = is_once or not self.calm
        error, spent = self.draw.failure(activation), self.draw.spent(activation)
        if late and activation.doubt is None and self.random.random() < (0.25 if is_once else 0.05):
            error = self.draw.late()
            self.attempts[name, attempt] = view  # and the body still runs
            return Fail(
                at=self.now, begin=self.offer(), activation=name, attempt=attempt, error=error,
                draw=self.random.random(), timed_out=True, abandoned=self.random.random() < 0.5, spent=spent,
            )  # fmt: skip
        if error is not None:
            draw = self.random.random()
            return Fail(
                at=self.now, begin=self.offer(), activation=name, attempt=attempt, error=error, draw=draw, spent=spent
            )
        patch, unset, output = self.draw.result(activation, view)
        return Complete(
            at=self.now, begin=self.offer(), activation=name, attempt=attempt, patch=patch, unset=unset, output=output,
            spent=spent,
        )  # fmt: skip

    def _late_report(self, name: str, attempt: int) -> AnyCommand:
        if self.random.random() < 0.5:
            return Stopped(at=self.now, activation=name, attempt=attempt)
        return Complete(at=self.now, begin=self.offer(), activation=name, attempt=attempt, patch={"shared": 99})

    def _reconciled(self) -> AnyCommand:
        """What `reconcile` says: the truth, which is that what failed did not happen, or nothing."""
        name = self.random.choice(list(self.asked))
        attempt = self.asked.pop(name)
        activation = self.run.activations.get(name)
        if self._dies(name):
            return Interrupt(at=self.now, begin=self.offer(), reason="crash", attempts={name: attempt})
        known: bool | None = None
        result = self.draw.nothing()
        if activation is not None and self.random.random() < 0.6:
            known = self.draw.failure(activation) is None and self.random.random() < 0.7
            result = self.draw.result(activation, self._view(activation))
        patch, unset, output = result if known else self.draw.nothing()
        return Reconciled(
            at=self.now, begin=self.offer(), activation=name, attempt=attempt, happened=known,
            patch=patch, unset=unset, output=output,
        )  # fmt: skip

    def _view(self, activation: Activation) -> bytes:
        return plain(causal.view(self.run, activation.seen))

    # -- people, messages, children and the clock ---------------------------------------------------------------

    def _resolve(self, activation: Activation) -> AnyCommand:
        patch, unset, output = self.draw.result(activation, self._view(activation))
        happened = self.draw.failure(activation) is None and not unset and self.random.random() < 0.6
        result = (patch if activation.map is None else output) if happened else None
        return Resolve(
            at=self.now,
            begin=self.offer(),
            activation=activation.name,
            happened=happened,
            by="finance",
            result=result,
            attempt=activation.attempt if activation.name in self.run.resolved else None,
        )

    def _decision(self, name: str) -> AnyCommand:
        waiting = self.run.activations[name].waiting
        assert waiting is not None
        edits = self.draw.edits(name, waiting.editable)
        decision = self.draw.decision(name, waiting.decisions)
        by = "reviewer"  # always who rejects: the failure names them
        if waiting.call is not None and (decision == "approved" or not self.calm):
            by = self.random.choice(PEOPLE)
        elif waiting.call is not None:
            by = next((person for ask in waiting.call.asks for person in ask.rule.of), by)
        return Decide(at=self.now, begin=self.offer(), activation=name, decision=decision, by=by, edits=edits)

    def _signal(self, name: str) -> AnyCommand:
        dedup = f"{name}-{len(self.sent)}" if self.random.random() < 0.5 else None
        return Signal(at=self.now, begin=self.offer(), name=name, payload=self.draw.payload(name), dedup=dedup)

    def _deliver(self, name: str, event: str, correlation: str) -> AnyCommand:
        return Deliver(
            at=self.now, begin=self.offer(), activation=name, name=event, correlation=correlation,
            payload=self.draw.payload(correlation),
        )  # fmt: skip

    def _child_ended(self) -> AnyCommand:
        """Also of one that nobody waits for any more, or that was told before."""
        spawned = self.children[self.random.choice(list(self.children))]
        if self.random.random() < 0.8 or self.run.status.is_terminal:
            del self.children[spawned.activation]
        status, state, error = self.draw.child(spawned)
        return ChildEnded(
            at=self.now, begin=self.offer(), activation=spawned.activation, child=spawned.child,
            status=status, state=state, error=error, spent=self.draw.spent_by_child(spawned),
        )  # fmt: skip

    def _is_deadline(self, wake: int) -> bool:
        """Whether only a deadline is due then, or the execution's time is up: nobody waits that long."""
        waits = (activation.waiting for activation in self.run.activations.values())
        long = any(w is not None and w.until == wake and (w.decisions or w.signal or w.event) for w in waits)
        return long or wake == self.run.wall

    # -- noise --------------------------------------------------------------------------------------------------

    def _noise(self) -> AnyCommand | None:
        """What changes nothing that counts: interruptions, holds, messages too many, and what comes too late."""
        drawn = self.random.random()
        if self.mood == "restless" and drawn < 0.5:
            return Hold(at=self.now, by="operator")
        if self.mood == "eager" and drawn < 0.5 and self.draw.signals:
            return self._signal(self.random.choice(self.draw.signals))
        if drawn < 0.05:
            self.attempts.clear()
            self.asked.clear()
            return Interrupt(at=self.now, reason="crash")
        if drawn < 0.25:
            return self._cut_off()
        if drawn < 0.40:
            name = self.random.choice(self.program.definition.nodes).id
            return Complete(at=self.now, begin=self.offer(), activation=name, attempt=COMMANDS_MAX)
        if drawn < 0.45:
            return Wake(at=self.now, begin=self.offer())
        if drawn < 0.55:
            return Hold(at=self.now, by="operator", inherited=not self.calm and drawn < 0.48)
        if drawn < 0.65:
            return self._signal(self.random.choice(self.draw.signals)) if self.draw.signals else None
        if drawn < 0.70:
            sent = self.random.choice(self.sent)
            return sent if isinstance(sent, Signal | Deliver | ChildEnded | Decide) and _is_once_only(sent) else None
        if drawn < 0.75:
            name = self.random.choice(self.program.definition.nodes).id
            return self._deliver(name, "parcel", "nobody's")
        return None

    def _cut_off(self) -> AnyCommand | None:
        """An interruption of one attempt, or asking, that the worker may not have noticed itself."""
        if self.asked and self.random.random() < 0.5:
            name = self.random.choice(list(self.asked))
            return Interrupt(at=self.now, reason="drain", attempts={name: self.asked.pop(name)})
        if not self.attempts:
            return None
        name, attempt = self.random.choice(list(self.attempts))
        if self.random.random() < 0.7:
            del self.attempts[name, attempt]
        return Interrupt(at=self.now, begin=self.offer(), reason="drain", attempts={name: attempt})

    def _dies(self, name: str) -> bool:
        """Whether the worker dies of it instead of telling what came of it."""
        return self.mood == "cursed" and parse_activation(name).node in self.cursed and self.random.random() < 0.8

    def _mischief(self) -> AnyCommand | None:
        """What may well change the outcome."""
        drawn = self.random.random()
        if drawn < 0.1:
            return Cancel(at=self.now, by="operator")
        if drawn < 0.20:
            return Release(at=self.now, begin=self.offer(), inherited=True)
        approvals = list(self.run.approvals())
        if drawn < 0.6 and approvals:
            return self._bad_decision(self.random.choice(approvals))
        if drawn < 0.8 and self.run.dedups:
            return Signal(at=self.now, name="go", payload="another", dedup=self.random.choice(list(self.run.dedups)))
        return None

    def _bad_decision(self, name: str) -> AnyCommand:
        waiting = self.run.activations[name].waiting
        assert waiting is not None
        wrong: dict[str, Any] = self.random.choice(
            (
                {"decision": "perhaps"},
                {"digest": "of another request"},
                {"by": " "},
                {"edits": {"nothing": 1}},
                {"edits": dict.fromkeys(waiting.editable, "text")},
            )
        )
        said: dict[str, Any] = {"decision": waiting.decisions[0], "by": "reviewer", **wrong}
        return Decide(at=self.now, begin=self.offer(), activation=name, **said)


def _is_once_only(command: Signal | Deliver | ChildEnded | Decide) -> bool:
    """Whether saying it again says nothing."""
    return not isinstance(command, Signal) or command.dedup is not None

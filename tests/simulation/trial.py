"""One seed's world with a drawn workflow in it, watched by a second opinion, and what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zlib import crc32

from pectin.core.definition import Definition, Effect, OnFailure
from pectin.core.event import AttemptFailed, MessageReceived, NodeCompleted
from pectin.core.identity import ExecutionId, idempotency_key
from pectin.core.state import Run
from pectin.core.status import SessionType
from pectin.ports.store import Commit
from pectin.runtime.audit_key import audit_keys
from pectin.runtime.verify import Broken, Verifier
from pectin.store.memory import MemoryStore
from pectin.testing.audit_key import AUDIT_KEY
from pectin.testing.simulate import CHANGING, Fault, Throw
from pectin.testing.simulate.scene import Beginning
from pectin.testing.simulate.verdict import check_effects
from pectin.testing.simulate.world import World
from tests.core.policing import check_calls
from tests.core.world import first_state
from tests.simulation.drawing import ADDED, plain
from tests.simulation.histories import History
from tests.simulation.prompt import check_prompt
from tests.simulation.workflow import Cast, RandomWorkflow

KEY = "trial"
CLIENT = "client"
"""Who starts executions in a simulated world."""

NEUTRAL = frozenset(Fault) - CHANGING | {Fault.TOOL_SLOW}
"""Faults that must make no difference. Here a slow tool is one of them: nobody's patience ends so soon."""

Outcome = tuple[Any, ...]


@dataclass
class Trial(World):
    """The world of a `cast`. Its `trace` is of everything that was committed, in this order, `taken` are the messages
    that commits have taken, and `verified` counts the governed executions."""

    cast: Cast = field(kw_only=True)
    trace: int = 0
    taken: set[int] = field(default_factory=set[int])
    verified: int = 0

    def applied(self, commit: Commit) -> None:
        for row in commit.rows:
            self.trace = crc32(row.body, self.trace)
        if commit.takes is not None:
            assert commit.takes not in self.taken, f"message {commit.takes} is taken twice"
            self.taken.add(commit.takes)
        self.cast.setting.histories.take(commit)
        super().applied(commit)

    def definition_of(self, run: Run) -> Definition:
        return self.cast.definitions[run.definition]

    def key_of(self, execution: str, activation: str) -> str:
        """The real one: what drawn bodies return doesn't depend on it."""
        return idempotency_key(ExecutionId.parse(execution), activation)

    @property
    def deployed(self) -> int:
        """Which of the versions of its workflow the engines have by now."""
        return self._deployed

    def judge(self) -> Outcome:
        """Live it, hold what was done against what was promised, and say what must not depend on the order."""
        self.run()
        check_effects(self)
        outside = self.cast.setting.outside
        assert not outside.complaints, outside.complaints[0]
        for execution, history in self.cast.setting.histories.items():
            assert history.is_over, f"{execution} has not ended"
            check_calls(history.definition, None, history.events, CLIENT)
            _check_effects(execution, history, self.cast)
        self._check_messages()
        asyncio.run(self._verify())
        if not self.faults:
            check_prompt(self.cast.setting.histories)
        root = self.acked[KEY]
        others = [each for each, history in self.cast.setting.histories.items() if history.parent is None]
        assert others == [root], f"one key is one execution, not {len(others)}"
        return _outcome(self.watch.run(root), self.cast.setting.histories[root])

    async def _verify(self) -> None:
        """What is governed is what was written, and all of a family is if one of it is."""
        async for found in Verifier(MemoryStore(self.memory), audit_keys(AUDIT_KEY)).everything(0):
            broken = found if isinstance(found, Broken) else found.broken
            assert broken is None, broken
            self.verified += 1
        governed = self.cast.program.definition.session_type is SessionType.PERSISTENT_GOVERNED
        assert self.verified == (len(self.watch.histories) if governed else 0), "who is governed, is verified"

    def _check_messages(self) -> None:
        """Nobody got an event that wasn't sent, or one twice."""
        events = (event for _, history in self.cast.setting.histories.items() for event in history.events)
        received = Counter((e.name, e.correlation) for e in events if isinstance(e, MessageReceived))
        received.update((message.name, message.correlation) for message in self.memory.inbox.messages.values())
        for place, sent in self.cast.people.sent.items():
            assert received[place] <= len(sent), f"{len(sent)} times {place}, and {received[place]} were received"


def make_trial(
    graph: int,
    order: int = 0,
    *,
    calm: bool = True,
    faults: Collection[Fault] = (),
    only: Iterable[Throw] | None = None,
    without: frozenset[str] = frozenset(),
    slots: int = 8,
    horizon_seconds: float | None = None,
) -> Trial:
    """The workflow of the seed `graph`, but for the nodes that it is to be `without`, in the order and with the faults
    of the seed `order`. With `calm` it is one whose outcome doesn't depend on time."""
    cast = Cast(graph, calm, asyncio.sleep, without)
    first, second = RandomWorkflow(cast), RandomWorkflow(cast)
    input = first_state(cast.program.definition)
    trial = Trial(
        order,
        [first],
        [Beginning(first, input, KEY)],
        cast.people,
        faults=faults,
        only=only,
        deploys=[[second]],
        slots=slots,
        horizon_seconds=horizon_seconds,
        cast=cast,
    )
    cast.deployed = lambda: trial.deployed
    return trial


@cache
def calm_outcome(graph: int, without: frozenset[str] = frozenset()) -> Outcome:
    """What comes of a calm workflow where nothing goes wrong."""
    return make_trial(graph, without=without).judge()


def _outcome(run: Run, history: History) -> Outcome:
    """A failed map cancels its other items as it finds them, and what is cut short ends in many ways."""
    closing = run.closing
    assert closing is not None, "it has ended"
    waited = closing.cause == "failed" and history.definition.on_failure is OnFailure.WAIT
    if run.limit is not None or not (waited or closing.cause == "all settled"):
        return ()
    statuses = history.ledger.settled().items()
    settled = {name: status for name, status in statuses if "#" not in name and name != ADDED}
    unhandled = {name: error.error_class for name, error in run.unhandled.items()}
    return run.status, settled, unhandled, plain(run.data)


def _check_effects(execution: ExecutionId, history: History, cast: Cast) -> None:
    """What is recorded as done was done, and what was to be done once was done no more than once."""
    outside = cast.setting.outside
    drawing = cast.drawings[history.definition.id]
    retried = {(event.activation, event.attempt) for event in history.events if isinstance(event, AttemptFailed)}
    for event in history.events:
        if isinstance(event, NodeCompleted) and drawing.runs(event.activation):
            done = outside.done[idempotency_key(execution, event.activation)]
            results = [each.result for each in done if each.attempt == event.attempt]
            assert results, f"{event.activation} is recorded, and was never done"
            assert len(results) == 1, f"attempt {event.attempt} of {event.activation} was done twice"
            assert event.patch == results[0].patch, f"{event.activation} has done something else"
    for name in {name for name, _ in history.begun}:
        if drawing.node_of(name).effect is Effect.ONCE:
            done = outside.done[idempotency_key(execution, name)]
            standing = [each for each in done if (name, each.attempt) not in retried]
            assert len(standing) <= 1, f"{name} was to happen once, and has happened {len(standing)} times"

"""Slips in how commands become commits, and attempts run."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
from collections.abc import Callable
from copy import copy
from importlib import import_module
from typing import Any

import pytest

from pectin.core.decide.turn import Turn
from pectin.core.identity import idempotency_key
from pectin.core.state import Run, decode_snapshot
from pectin.ports.store import StoreError
from pectin.runtime.chain import Chain
from pectin.runtime.dispatcher import Dispatcher
from pectin.runtime.held import Held
from pectin.runtime.programs import Programs
from pectin.runtime.recorder import Recorder
from pectin.runtime.service import Service
from pectin.runtime.slots import Slots
from pectin.runtime.worker import Worker
from tests.core.bugs.plant import nothing

ATTEMPT: Any = import_module("pectin.runtime.attempt")
CLOSE: Any = import_module("pectin.core.decide.close")
HELD: Any = import_module("pectin.runtime.held")
LOADING: Any = import_module("pectin.runtime.loading")
SERVICE: Any = import_module("pectin.runtime.service")


def begun_before_it_is_durable(patch: pytest.MonkeyPatch) -> None:
    real = Dispatcher.decided

    def decided(self: Dispatcher, *args: Any) -> Callable[[bool], None]:
        real(self, *args)(True)
        return nothing

    patch.setattr(Dispatcher, "decided", decided)


def acknowledged_before_it_is_durable(patch: pytest.MonkeyPatch) -> None:
    """A commit is under way, and that is taken for its end."""
    real: Any = Service.__init__

    class Hasty:
        def __init__(self, store: Any) -> None:
            self._store = store

        def __getattr__(self, name: str) -> Any:
            return getattr(self._store, name)

        async def commit(self, commit: Any) -> None:
            asyncio.ensure_future(self._store.commit(commit)).add_done_callback(asyncio.Task.exception)

    patch.setattr(Service, "__init__", lambda self, store, *args, **named: real(self, Hasty(store), *args, **named))


def foreign_attempts_taken_for_own(patch: pytest.MonkeyPatch) -> None:
    """What a dead engine ran is believed to run."""
    patch.setattr(Held, "foreign", property(lambda held: False, nothing), raising=False)


def snapshot_forgets_outcomes(patch: pytest.MonkeyPatch) -> None:
    def decode(body: bytes) -> Run:
        run = decode_snapshot(body)
        for activation in run.activations.values():
            activation.outcomes = 0
        return run

    patch.setattr(HELD, "SNAPSHOT_BYTES_MIN", 1)
    patch.setattr(LOADING, "decode_snapshot", decode)


def chain_that_does_not_go_on(patch: pytest.MonkeyPatch) -> None:
    """Each row is linked to the first one only."""
    real = Chain.extend

    def extend(chain: Any, row: Any) -> Any:
        before = chain._link
        linked = real(chain, row)
        chain._link = before
        return linked

    patch.setattr(Chain, "extend", extend)


def newest_definition(patch: pytest.MonkeyPatch) -> None:
    """What was begun goes on with the version that is deployed now."""
    real = Programs.get

    async def get(self: Programs, hash: str) -> Any:
        program = await real(self, hash)
        newest = [named for (id, _), named in self._named.items() if id == program.definition.id]
        return await real(self, newest[-1]) if newest else program

    patch.setattr(Programs, "get", get)


def cancel_leaves_what_has_not_begun(patch: pytest.MonkeyPatch) -> None:
    """What waits for a worker, or for its next attempt, goes on after the end was decided."""
    real = CLOSE.cancel

    def cancel(turn: Turn, name: str) -> None:
        if name not in turn.run.ready and name not in turn.run.backoff:
            real(turn, name)

    patch.setattr(CLOSE, "cancel", cancel)


def live_views(patch: pytest.MonkeyPatch) -> None:
    """A body sees the state as it is, not as it was for its activation."""
    patch.setattr(ATTEMPT, "_state_of", lambda run, activation, keys: dict(run.data))


def key_of_the_attempt(patch: pytest.MonkeyPatch) -> None:
    """Each attempt has a key of its own."""
    real = ATTEMPT.Context

    def context(**fields: Any) -> Any:
        key = idempotency_key(fields["execution_id"], fields["activation"])
        return real(**fields, key=f"{key}-{fields['attempt']}")

    patch.setattr(ATTEMPT, "Context", context)


def launched_twice(patch: pytest.MonkeyPatch) -> None:
    real = Worker.launch

    def launch(self: Worker, attempt: Any) -> None:
        again = copy(attempt)
        real(self, attempt)
        real(self, again)

    patch.setattr(Worker, "launch", launch)


def slot_leaked_by_a_failed_commit(patch: pytest.MonkeyPatch) -> None:
    real = Dispatcher.decided

    def decided(self: Dispatcher, *args: Any) -> Callable[[bool], None]:
        settle = real(self, *args)
        return lambda durable: settle(True) if durable else None

    patch.setattr(Dispatcher, "decided", decided)


def slot_counted_twice(patch: pytest.MonkeyPatch) -> None:
    real = Slots.take
    patch.setattr(Slots, "take", lambda self, execution, count: real(self, execution, 2 * count))


def slot_not_promised(patch: pytest.MonkeyPatch) -> None:
    """Nobody who waits for a slot is told when one is free."""
    patch.setattr(Slots, "promise", lambda self: [])


def timeout_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Worker, "_time_out", nothing)


def report_given_up(patch: pytest.MonkeyPatch) -> None:
    """The store can't write, and what an attempt came to is dropped."""
    real = Recorder._try_again

    async def drop(self: Recorder, report: Any, problem: Exception | None) -> None:
        if isinstance(problem, StoreError):
            self._end()
        else:
            await real(self, report, problem)

    patch.setattr(Recorder, "_try_again", drop)


def broken_store_tried_again(patch: pytest.MonkeyPatch) -> None:
    """Nobody knows what was written, and it is taken for a passing error."""
    real = Dispatcher.fail

    def fail(self: Dispatcher, problem: Exception) -> None:
        if type(problem).__name__ != "StoreBroken":
            real(self, problem)

    patch.setattr(Dispatcher, "fail", fail)

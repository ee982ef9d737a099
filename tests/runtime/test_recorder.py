"""Reports are recorded at once, or as soon as it can be done; none is given up while there is hope."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec import structs

from pectin import Engine, ExecutionFailed
from pectin.core.command import Complete, Done
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS
from pectin.ports.store import StoreBroken, StoreError
from pectin.runtime import recorder as recording
from pectin.runtime.host import ProcessHost
from pectin.runtime.recorder import Recorder
from pectin.runtime.report import Report, Reporter
from pectin.runtime.service import Handled
from pectin.testing import VirtualClock
from tests.runtime.sample import ZERO, Count, Flaky, Gate, add, chain, eventually

REPORT = Report(ExecutionId.new(), Complete(at=0, activation="add", attempt=1))
FULL = StoreError("the disk is full")
HANDLED = Handled(Done(), [], cast("Any", None), acted=True)


class Scripted:
    """A service whose answers are given: to `handle_now`, where None says that it isn't in memory, and then to
    `handle`."""

    def __init__(self, *answers: Handled | Exception | None) -> None:
        self.answers = list(answers)
        self.asked: list[Any] = []
        self.handled = 0

    def handle_now(self, execution: ExecutionId, command: Any, tell: Callable[..., None], *rest: Any) -> bool:
        self.asked.append(command)
        answer = self.answers.pop(0)
        if answer is not None:
            tell(answer)
        return answer is not None

    async def handle(self, *given: Any, **named: Any) -> Handled:
        self.handled += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Handled):
            return answer
        raise answer or AssertionError


class Principal:
    has_failed = False

    def __init__(self) -> None:
        self.done = 0
        self.tasks: list[asyncio.Task[Any]] = []

    def is_passing(self, execution: ExecutionId, problem: Exception) -> bool:
        self.has_failed = isinstance(problem, StoreBroken)
        return not self.has_failed

    def recorded(self) -> None:
        self.done += 1

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        self.tasks.append(asyncio.ensure_future(work))


def recorder_of(service: Scripted) -> tuple[Recorder, Principal]:
    principal = Principal()
    reporter = Reporter(ProcessHost(), VirtualClock(), LIMITS)
    return Recorder(cast("Any", service), reporter, principal), principal


async def test_what_is_in_memory_is_recorded_at_once() -> None:
    recorder, principal = recorder_of(Scripted(HANDLED))
    recorder.record(REPORT)
    assert (len(recorder), principal.done, principal.tasks) == (0, 1, [])


@pytest.mark.parametrize("problem", [None, FULL])
async def test_the_rest_is_recorded_as_soon_as_it_can_be(
    problem: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "AGAIN_SECONDS", 0)
    service = Scripted(problem, FULL, FULL, HANDLED)
    recorder, principal = recorder_of(service)
    recorder.record(REPORT)
    assert len(recorder) == 1
    await eventually(lambda: principal.done == 1)
    assert (len(recorder), service.handled) == (0, 3)


async def test_a_pause_ends_when_it_is_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "AGAIN_SECONDS", 1_000)
    service = Scripted(FULL, HANDLED)
    recorder, principal = recorder_of(service)
    recorder.record(REPORT)
    await eventually(lambda: recorder.is_at(REPORT.execution))
    recorder.give_up()
    await eventually(lambda: principal.done == 1)
    assert not recorder.is_at(REPORT.execution)
    assert service.handled == 1


async def test_what_nobody_can_mend_is_not_tried_again() -> None:
    service = Scripted(StoreBroken("a sync failed"))
    recorder, principal = recorder_of(service)
    recorder.record(REPORT)
    await eventually(lambda: principal.done == 1)
    assert service.handled == 0


@pytest.mark.parametrize("problem", [None, FULL])
async def test_what_was_said_later_is_recorded_after_it(
    problem: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "AGAIN_SECONDS", 0)
    later = Complete(at=1, activation="add", attempt=1)
    service = Scripted(problem, HANDLED, HANDLED)
    recorder, principal = recorder_of(service)
    recorder.record(structs.replace(REPORT, later=Report(REPORT.execution, later)))
    assert service.asked == [REPORT.said]
    await eventually(lambda: principal.done == 2)
    assert service.asked == [REPORT.said, later]
    assert (len(recorder), service.handled, service.answers) == (0, 1, [])


async def test_what_was_said_later_does_not_count_if_what_was_said_first_does_not() -> None:
    service = Scripted(StoreBroken("a sync failed"), HANDLED)
    recorder, principal = recorder_of(service)
    recorder.record(structs.replace(REPORT, later=REPORT))
    await eventually(lambda: principal.done == 1)
    assert (len(recorder), service.asked, service.answers) == (0, [REPORT.said], [HANDLED])


async def test_what_answers_the_cancel_of_its_timeout_is_late_also_on_a_disk_that_is_full(tmp_path: Path) -> None:
    clock, gate = VirtualClock(), Gate()

    async def answer(state: Count) -> Count:
        with suppress(asyncio.CancelledError):
            await gate.pass_through()
        store.failures = 1
        return await add(state)

    store, workflow = Flaky(str(tmp_path / "pectin.db")), chain(answer, timeout="30s")
    async with Engine(store, workflows=[workflow], clock=clock) as engine:
        execution = await engine.start(workflow, ZERO)
        await gate.entered.wait()
        await clock.advance("31s")
        with pytest.raises(ExecutionFailed, match="no result within 30 s"):
            await execution.result()
    await store.close()

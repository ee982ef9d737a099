"""A preview: an execution that is nowhere but in memory, and that changes nothing.

It is decided as every execution is. `pure` functions run, and for every other node something stands in that the caller
gives; where nothing does, the preview ends and says so. Time goes on only to what was simulated, and at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar, cast

from msgspec.structs import replace

from pectin.authoring.blueprint import Blueprint
from pectin.authoring.workflow import Workflow
from pectin.core import causal
from pectin.core.action import TIMEOUT
from pectin.core.codec import check_value
from pectin.core.command import AnyCommand, Begin, ChildEnded, Decide, Deliver, Refused, Signal, Start, Stopped, Wake
from pectin.core.decide import decide
from pectin.core.definition import Json
from pectin.core.error import BadValue, ErrorData, PectinError, quote
from pectin.core.event import AnyEvent, ChildSpawned
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS, Limits
from pectin.core.policy import Policy, Ruling
from pectin.core.program import Program
from pectin.core.record import WorkflowExecution
from pectin.core.schema import describe
from pectin.core.state import Activation, Run, Waiting
from pectin.core.status import WorkflowStatus
from pectin.nodes import police
from pectin.ports.clock import Clock
from pectin.runtime.attempt import Attempt, begun_attempts
from pectin.runtime.clock import SystemClock
from pectin.runtime.execution import Recorded
from pectin.runtime.host import ProcessHost
from pectin.runtime.report import Reporter, Said
from pectin.runtime.simulation import BadSimulation, Simulate, Simulations

S = TypeVar("S")

WORKER: Final = "preview"
"""Who runs what a preview runs, and decides what it decides."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Where a preview has ended because nothing stands in for a node: `asks` is what to give for it, and `example` one
    that can be given, as JSON."""

    node: str
    activation: str
    asks: str
    example: str


@dataclass(frozen=True, slots=True)
class Preview(Generic[S]):
    """What came of a preview: the last state, the history that nobody keeps, and what it lacks if it has not ended."""

    state: S
    info: WorkflowExecution
    history: tuple[Recorded, ...]
    error: ErrorData | None = None
    lacks: tuple[Lack, ...] = ()

    @property
    def status(self) -> WorkflowStatus:
        """How it ended; `running` or `paused` if it lacks something."""
        return self.info.status


def preview(
    workflow: Workflow[S],
    input: S | dict[str, Any] | None = None,
    *,
    simulate: Simulate | None = None,
) -> Preview[S]:
    """Try a workflow without doing anything: run its `pure` nodes, with `simulate` in the place of the others.

    `simulate` has, by the node, what it would give: JSON, a state, or a function of the state (for an item of a map, of
    the item; for a child, of its input). For an approval that is a decision, for a wait the payload, for a child its
    last state. Raises `BadInput`, and `BadValue` for what can't be simulated.
    """
    with suppress(RuntimeError):
        asyncio.get_running_loop()
        raise PectinError("`pectin.preview` is for scripts; where a loop runs, write `await engine.preview(…)`")
    return asyncio.run(preview_execution(workflow.build(), input, simulate or {}))


async def preview_execution(
    blueprint: Blueprint[S], input: object, simulate: Simulate, limits: Limits = LIMITS, policy: Policy | None = None
) -> Preview[S]:
    """What `preview` does, where a loop runs."""
    state = blueprint.complete({} if input is None else input)
    check_value(state, "input", limits.payload_bytes_max)
    host = ProcessHost()
    try:
        rehearsal = _Rehearsal(blueprint, Simulations(blueprint, simulate), host, limits, policy)
        await rehearsal.play(state)
    finally:
        host.close()
    run = rehearsal.run
    history = tuple(Recorded(seq, event) for seq, event in enumerate(rehearsal.events, 1))
    last = blueprint.state.read(run.data)
    return Preview(last, run.execution(), history, run.error, tuple(rehearsal.lacks()))


class _Skipping:
    """A clock that goes on by itself, and over what nobody wants to wait for."""

    def __init__(self) -> None:
        self._clock: Clock = SystemClock()
        self._skipped_ms = 0

    def now(self) -> int:
        return self._clock.now() + self._skipped_ms

    async def sleep_until(self, at: int) -> None:
        self._skipped_ms += max(at - self.now(), 0)


class _Rehearsal:
    """One execution without a store: `begun` are the attempts to run next, `said` what stands in for what waits."""

    def __init__(
        self,
        blueprint: Blueprint[Any],
        simulations: Simulations,
        host: ProcessHost,
        limits: Limits,
        policy: Policy | None,
    ) -> None:
        self.run = Run()
        self.events: list[AnyEvent] = []
        self._blueprint = blueprint
        self._program = _unasked(police(blueprint.program, policy))
        self._simulations = simulations
        self._host = host
        self._limits = limits
        self._clock = _Skipping()
        self._reporter = Reporter(host, self._clock, limits)
        self._id = ExecutionId.new()
        self._unable = simulations.unable()
        self._begun: deque[Attempt] = deque()
        self._said: dict[str, Json] = {}
        self._children: dict[str, ChildSpawned] = {}

    async def play(self, state: dict[str, Json]) -> None:
        """As far as it comes."""
        id, hash = self._id.to_json(), self._program.hash
        at = self._clock.now()
        begin = self._begin()
        self._send(Start(at=at, begin=begin, execution_id=id, input=state, state=state, definition=hash, by=WORKER))
        while not self.run.status.is_terminal:
            if self._begun:
                self._send(await self._attempt(self._begun.popleft()))
            elif (command := self._wake() or self._say()) is not None:
                self._send(command)
            elif not await self._skip():
                return

    def lacks(self) -> Iterator[Lack]:
        """What it has ended for, a node once."""
        if self.run.status.is_terminal:
            return
        told: set[str] = set()
        for name, activation in self.run.activations.items():
            node = self._simulations.name_of(activation.node)
            waits = activation.waiting is not None or activation.child is not None or name in self.run.ready
            if waits and node not in told and not self._simulations.has(activation.node):
                told.add(node)
                yield self._lack(name, activation)

    # -- commands -----------------------------------------------------------------------------------------------

    def _begin(self) -> Begin:
        return Begin(WORKER, self._limits.scheduled_items_max, self._unable)

    def _send(self, command: AnyCommand) -> None:
        decision = decide(self._program, self.run, command, self._limits)
        if isinstance(decision.answer, Refused) and isinstance(command, Start):
            raise BadValue("preview", decision.answer.reason, "preview it with another input")
        if isinstance(decision.answer, Refused) and isinstance(command, Decide | Signal | Deliver):
            name = getattr(command, "activation", None) or getattr(command, "name", "")
            raise BadSimulation(str(name), decision.answer.reason, "give something else")
        self.events += decision.events
        self._children |= {event.activation: event for event in decision.events if isinstance(event, ChildSpawned)}
        self._begun.extend(
            begun_attempts(
                self._program,
                self.run,
                self._id,
                decision.events,
                self._simulations.find,
                beat=lambda execution, name, attempt: None,
                clock=self._clock,
                limits=self._limits,
            )
        )

    def _wake(self) -> AnyCommand | None:
        """Begin what is ready and can be run."""
        run, now = self.run, self._clock.now()
        due = [*run.ready, *(name for name, until in run.backoff.items() if until <= now)]
        if any(run.activations[name].node not in self._unable for name in due):
            return Wake(at=now, begin=self._begin())
        return None

    async def _attempt(self, attempt: Attempt) -> Said:
        """Run what is begun; nobody wants it any more if it was cancelled meanwhile."""
        activation = self.run.activations.get(attempt.activation)
        if activation is None or activation.attempt != attempt.number:
            return Stopped(at=self._clock.now(), activation=attempt.activation, attempt=attempt.number)
        assert attempt.request is not None, "an attempt is made once"
        timeout: asyncio.Timeout | None = None
        is_timed = attempt.timeout_ms is not None and not self._simulations.has(activation.node)
        try:
            async with asyncio.timeout((attempt.timeout_ms or 0) / 1000 if is_timed else None) as timeout:
                conclusion = await self._host.call(attempt.function, attempt.request)
        except (BadSimulation, KeyboardInterrupt):
            raise
        except TimeoutError as error:
            late = timeout is not None and timeout.expired()
            said = self._reporter.timed_out(attempt, abandoned=False) if late else self._reporter.raised(attempt, error)
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            said = self._reporter.cancelled_itself(attempt)
        except BaseException as error:  # whatever a function raises is an outcome
            said = self._reporter.raised(attempt, error)
        else:
            said = self._reporter.concluded(attempt, conclusion)
        return replace(said, begin=self._begin())

    # -- what people, messages and children say -------------------------------------------------------------------

    def _say(self) -> AnyCommand | None:
        """The next word of what stands in for somebody."""
        for name, activation in self.run.activations.items():
            if self._simulations.has(activation.node):
                if activation.child is not None:
                    return self._end_child(name, activation)
                if activation.waiting is not None and (command := self._answer(name, activation.waiting)) is not None:
                    return command
        return None

    def _answer(self, name: str, waiting: Waiting) -> AnyCommand | None:
        """What ends a wait; nothing where time does."""
        if self._ends_by_time(name, waiting):
            return None
        at, begin, value = self._clock.now(), self._begin(), self._value(name)
        if waiting.decisions:
            said = _read_decision(self._node(name), value)
            return Decide(at=at, begin=begin, activation=name, by=WORKER, digest=waiting.digest, **said)
        if waiting.event is not None:
            return Deliver(
                at=at, begin=begin, activation=name, name=waiting.event, correlation=waiting.correlation, payload=value
            )
        assert waiting.signal is not None, "what waits for nothing else waits for time"
        same = (other for other, wait in self.run.waiting().items() if wait.signal == waiting.signal)
        if next(same) != name:  # the oldest wait takes it
            return None
        return Signal(at=at, begin=begin, name=waiting.signal, payload=value, by=WORKER)

    def _end_child(self, name: str, activation: Activation) -> AnyCommand:
        at, begin, child = self._clock.now(), self._begin(), activation.child or ""
        try:
            state = self._value(name)
        except BadSimulation:
            raise
        except Exception as error:
            failed = ErrorData(type(error).__name__, type(error).__name__, str(error))
            status = WorkflowStatus.FAILED
            return ChildEnded(at=at, begin=begin, activation=name, child=child, status=status, state={}, error=failed)
        if not isinstance(state, dict):
            what = f"{quote(state)} is no state of a child"
            raise BadSimulation(self._node(name), what, "give the child's last state")
        last = cast("dict[str, Json]", state)
        status = WorkflowStatus.COMPLETED
        return ChildEnded(at=at, begin=begin, activation=name, child=child, status=status, state=last)

    def _value(self, name: str) -> Json:
        """What stands in for an activation that waits: asked for once."""
        if name not in self._said:
            activation = self.run.activations[name]

            def argument() -> object:
                if activation.child is not None:
                    return self._children[name].input
                return self._blueprint.state.read(causal.view(self.run, activation.seen))

            self._said[name] = self._simulations.value(activation.node, argument)
        return self._said[name]

    def _node(self, name: str) -> str:
        return self._simulations.name_of(self.run.activations[name].node)

    # -- time -----------------------------------------------------------------------------------------------------

    async def _skip(self) -> bool:
        """Let time go on to what comes next by it, but never past a time of what nothing stands in for."""
        run = self.run
        times = [until for name, until in run.backoff.items() if run.activations[name].node not in self._unable]
        stops: list[int] = []
        for name, activation in run.activations.items():
            waiting = activation.waiting
            if waiting is not None and waiting.until is not None:
                passes = self._simulations.has(activation.node) and self._ends_by_time(name, waiting)
                (times if passes else stops).append(waiting.until)
        if run.in_grace and run.closing is not None:
            times.append(run.closing.grace_until)
        if not times or min(times) > min(stops, default=min(times)):
            return False
        await self._clock.sleep_until(min(times))
        self._send(Wake(at=max(min(times), self._clock.now()), begin=self._begin()))
        return True

    def _ends_by_time(self, name: str, waiting: Waiting) -> bool:
        """Whether what stands in for a wait says that its time is up. A wait for time alone has no other end."""
        if waiting.decisions:
            said = _read_decision(self._node(name), self._value(name))
            return said["decision"] == TIMEOUT and TIMEOUT not in waiting.decisions and waiting.until is not None
        if waiting.event is None and waiting.signal is None:
            return True
        value = self._value(name)
        return waiting.until is not None and isinstance(value, dict) and value == {"came": "timer"}

    # -- what is missing ------------------------------------------------------------------------------------------

    def _lack(self, name: str, activation: Activation) -> Lack:
        node, called, waiting = self._program.nodes[activation.node], self._node(name), activation.waiting
        if waiting is not None:
            return Lack(called, name, *_ask_of(waiting))
        if node.child is not None:
            return Lack(called, name, f"the last state of `{node.child.workflow}` {node.child.version}", "{}")
        if activation.map is not None:
            return Lack(called, name, f"what an item gives; it is `{node.effect}`", "null")
        if node.id in self._program.calls:
            tool = self._program.calls[node.id].tool
            gives = f"what `{tool.name}` gives, {describe(tool.output)}; it is `{node.effect}`"
            return Lack(called, name, gives, "null")
        if node.output_key is not None:
            return Lack(called, name, f"what goes to `{node.output_key}`; it is `{node.effect}`", "null")
        return Lack(called, name, f"the keys of the state that it sets; it is `{node.effect}`", "{}")


def _unasked(program: Program) -> Program:
    """The program of a preview: what is blocked stays blocked, and nobody is asked for a call that isn't made."""
    blocked = {name: said for name, said in program.policed.items() if said.ruling is Ruling.BLOCK}
    return replace(program, policed=blocked)


def _ask_of(waiting: Waiting) -> tuple[str, str]:
    """What to give for a wait, and an example."""
    if waiting.decisions:
        late = () if waiting.until is None else (TIMEOUT,)
        return f"a decision: {', '.join((*waiting.decisions, *late))}", f'"{waiting.decisions[0]}"'
    if waiting.event is None and waiting.signal is None:
        return "null, to let its time pass", "null"
    what = f"the event `{waiting.event}`" if waiting.event is not None else f"the signal `{waiting.signal}`"
    timer = "" if waiting.until is None else ', or {"came": "timer"}'
    return f"the payload of {what}{timer}", "null"


def _read_decision(node: str, value: object) -> dict[str, Any]:
    """A decision, by itself or with what is said and changed with it."""
    if isinstance(value, str):
        return {"decision": value}
    said = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    is_known = said.keys() <= {"decision", "comment", "edits"}
    if is_known and isinstance(said.get("decision"), str) and isinstance(said.get("edits", {}), dict):
        return said
    hint = 'write "approved", or {"decision": "approved", "comment": …, "edits": …}'
    raise BadSimulation(node, f"{quote(cast(Json, value))} is no decision", hint)

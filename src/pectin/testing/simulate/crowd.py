"""People and other systems: what they say, how often, and in which order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from pectin.core.command import Cancel, Decide, Done, Hold, Refused, Release, Signal
from pectin.core.identity import ExecutionId
from pectin.core.need import Need, NeedKind, needs_of
from pectin.core.state import Run
from pectin.core.work import is_at_work, next_wake
from pectin.ports.store import StoreError
from pectin.runtime.audit_key import audit_keys
from pectin.runtime.visitor import Visitor
from pectin.testing.audit_key import AUDIT_KEY
from pectin.testing.script import Reply, Send
from pectin.testing.simulate.clock import SimulatedClock
from pectin.testing.simulate.fault import Fault
from pectin.testing.simulate.loop import Process
from pectin.testing.simulate.scene import Scene
from pectin.testing.simulate.watch import Broken

PATIENCE_SECONDS = 20.0
IDLE_SECONDS_MAX = 3_600.0
VISIT_SECONDS = 0.05
"""Most visits take longer."""

HOPE_SECONDS = 24 * 3_600.0
"""When nothing has happened for so long in calm, and no time is due, nothing ever will."""

OPERATOR = "operator"

Said = Reply | Cancel | Hold


class Unanswered(AssertionError):
    """Executions wait for people or other systems, and nobody says anything that they take."""


class Crowd:
    """Each thing is said from a process of its own, as from a command line. `spoken` is what was said so far."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._clock = SimulatedClock(scene.loop)
        self._visitors = 0
        self._refused: dict[ExecutionId, Refused] = {}
        self._put_off: set[tuple[ExecutionId, str]] = set()
        self._commits = 0
        self._hopeless_since = 0.0
        self.spoken: list[tuple[ExecutionId, Reply]] = []

    async def speak_up(self) -> None:
        """Answer what waits, sometimes at once and sometimes later, for ever. Where nothing happens, look less often.

        Raises `Unanswered` when that leads nowhere.
        """
        scene, idle_seconds = self._scene, PATIENCE_SECONDS
        while True:
            commits = scene.watch.commits
            await asyncio.sleep(scene.a_while(0.01, PATIENCE_SECONDS))
            for execution in scene.watch.open():
                run = scene.watch.run(execution)
                for said in self._words(run):
                    if scene.random.random() < 0.7 and not self._puts_off(execution, run, said):
                        self.say(execution, said)
                        self._say_rudely(execution, run, said)
            self._check_hope()
            if not scene.is_calm or scene.watch.commits != commits:
                idle_seconds = PATIENCE_SECONDS
                continue
            await scene.news(idle_seconds)
            idle_seconds = min(2 * idle_seconds, IDLE_SECONDS_MAX)

    def say(self, execution: ExecutionId, said: Said) -> None:
        """Say something to an execution. Whoever says it may be killed meanwhile."""
        scene = self._scene
        self._visitors += 1
        process = scene.loop.process(f"visitor-{self._visitors}")
        if not isinstance(said, Cancel | Hold):
            self.spoken.append((execution, said))
        process.begin(self._visit(process, execution, said))
        if scene.dice.hits(Fault.VISITOR_CRASH, 0.05):
            scene.loop.call_later(scene.random.random() * VISIT_SECONDS, scene.kill, process)

    def _words(self, run: Run) -> Sequence[Reply]:
        at, scene = self._clock.now(), self._scene
        if run.hold is not None and scene.is_calm and not run.hold.inherited:
            return [Release(at=at, by=OPERATOR)]
        return scene.voice.reply(run, at, scene.look)

    def _say_rudely(self, execution: ExecutionId, run: Run, said: Reply) -> None:
        scene, dice = self._scene, self._scene.dice
        if isinstance(said, Signal | Send) and dice.hits(Fault.SIGNAL_DOUBLED, 0.3):
            self.say(execution, said)
        if not isinstance(said, Decide):
            return
        waiting = run.activations[str(said.activation)].waiting
        assert waiting is not None, "a decision is for what waits"
        others = [other for other in waiting.decisions if other != said.decision]
        if others and dice.hits(Fault.OPPOSITE_DECISIONS, 0.3):
            self.say(execution, replace(said, decision=scene.random.choice(others), by="other", edits={}))

    def _puts_off(self, execution: ExecutionId, run: Run, said: Reply) -> bool:
        """Whether it is a decision that comes in the last moment, a little before or after."""
        if not isinstance(said, Decide):
            return False
        place = (execution, str(said.activation))
        waiting = run.activations[str(said.activation)].waiting
        assert waiting is not None, "a decision is for what waits"
        if place in self._put_off or waiting.until is None:
            return place in self._put_off
        scene = self._scene
        if not scene.dice.hits(Fault.DECISION_AT_DEADLINE, 0.4):
            return False
        self._put_off.add(place)
        left_seconds = (waiting.until - self._clock.now()) / 1_000 + scene.random.uniform(-0.1, 0.05)
        scene.loop.call_later(max(left_seconds, 0), self.say, execution, said)
        return True

    def _check_hope(self) -> None:
        scene, watch = self._scene, self._scene.watch
        at, now = self._clock.now(), scene.loop.time()
        runs = [watch.run(execution) for execution in watch.open()]
        is_moving = any(is_at_work(run, at) or next_wake(run) is not None for run in runs)
        if is_moving or not scene.is_calm or watch.commits != self._commits:
            self._commits, self._hopeless_since = watch.commits, now
        elif now - self._hopeless_since > HOPE_SECONDS:
            stuck = [self._complain(run, need) for run in runs for need in _asked_of_others(run)]
            if stuck:
                raise Unanswered("; ".join(stuck))

    def _complain(self, run: Run, need: Need) -> str:
        refused = self._refused.get(ExecutionId.parse(run.execution_id))
        if self._words(run) and refused is not None:
            return f"`{need.activation}` waits for {need.what}, and what it is told is refused: {refused.reason}"
        if need.kind is NeedKind.DOUBT:
            hint = "say it in the script's `resolve`, or let `look` find out"
            return f"`{need.activation}` is in doubt, and nobody says whether it has happened: {hint}"
        return f"`{need.activation}` waits for {need.what}, and nobody says it: let the script answer in time"

    async def _visit(self, process: Process, execution: ExecutionId, said: Said) -> None:
        scene = self._scene
        visitor = Visitor(scene.open(process), clock=self._clock, limits=scene.limits, keys=audit_keys(AUDIT_KEY))
        try:
            if isinstance(said, Send):
                await visitor.send(said.name, said.correlation, said.payload, dedup=said.dedup)
                return
            answer = await visitor.handle(execution, replace(said, at=self._clock.now()))
        except StoreError:
            return  # its user sees that, and may try again
        if isinstance(answer, Refused):
            self._refused[execution] = answer
        scene.reached[f"{type(said).__name__} {type(answer).__name__}"] += 1
        if isinstance(said, Decide) and isinstance(answer, Done) and answer.note is None:
            decided = scene.watch.run(execution).decided.get(str(said.activation))
            if decided is None or decided.decision != said.decision:
                raise Broken(f"{execution}: a decision of `{said.activation}` was acknowledged, and is lost")


def _asked_of_others(run: Run) -> list[Need]:
    """What a run needs from people or other systems."""
    return [need for need in needs_of(run) if need.kind not in (NeedKind.TIME, NeedKind.CHILD)]

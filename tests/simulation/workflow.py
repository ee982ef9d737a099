"""Random workflows that an engine runs: the core's random definitions, with bodies that do what is drawn."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache
from random import Random
from typing import Any, NamedTuple

from msgspec.structs import replace

from pectin.authoring.blueprint import Blueprint
from pectin.authoring.state_model import DictModel
from pectin.authoring.workflow import Workflow
from pectin.core.definition import Definition, Effect, Node
from pectin.core.policy import Policy
from pectin.core.program import Program
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig
from pectin.nodes import bind, function_name
from pectin.ports.function import Conclusion, Function, Request, Result, Verdict
from tests.core.chance import random_definition
from tests.core.policing import with_policies
from tests.core.world import finalizer
from tests.simulation.drawing import ADDED, Drawing, Plan, plain
from tests.simulation.histories import Histories
from tests.simulation.inner import inner_definition, leaf_definition
from tests.simulation.outside import Outside
from tests.simulation.people import People
from tests.simulation.smaller import leave_out

Pause = Callable[[float], Awaitable[object]]
"""Lets so many seconds pass."""

TIMEOUT_MS = 6 * 3_600_000
"""Of every attempt: longer than processes stand still and clocks are set wrong, or those would end it. Not much longer,
because engines look around once a minute."""

GOVERNED_SHARE = 0.4
"""Of the workflows that can be."""

HANGING_SECONDS = 10 * 24 * 3_600
STUBBORN_SECONDS = 5


class Drawn(Exception):
    """A drawn failure."""

    def __init__(self, error_class: str, message: str) -> None:
        super().__init__(message)
        self.error_class = error_class


class Setting:
    """What the bodies of one world share: the outside, what is durable, and how time passes."""

    def __init__(self, definitions: Mapping[str, Definition], pause: Pause) -> None:
        self.outside = Outside()
        self.histories = Histories(definitions)
        self.pause = pause


class Body:
    """A `Function` that does what is drawn for an activation."""

    keys = None

    def __init__(self, drawing: Drawing, node: Node, setting: Setting) -> None:
        self.is_async = drawing.is_async(node)
        self._drawing = drawing
        self._effect = node.effect
        self._setting = setting

    def call(self, request: Request) -> Conclusion | Awaitable[Conclusion]:
        return self._run(request) if self.is_async else self._run_at_once(request)

    def _run_at_once(self, request: Request) -> Result:
        """As one that isn't async: to whoever waits for it, it takes no time."""
        plan = self._enter(request)
        if plan.error is not None:
            raise Drawn(plan.error.error_class, plan.error.message)
        self._setting.outside.do(request.context, plan.result)
        return self._setting.outside.leave(request.context, plan.result)

    async def _run(self, request: Request) -> Result:
        context, outside, pause = request.context, self._setting.outside, self._setting.pause
        plan = self._enter(request)
        await pause(plan.before_ms / 1_000)
        if plan.error is not None:
            raise Drawn(plan.error.error_class, plan.error.message)
        if not outside.do(context, plan.result):
            await pause(HANGING_SECONDS)  # somebody was told that it never happens: it says nothing any more
        if plan.hangs:
            await self._hang(plan)
        await pause(plan.after_ms / 1_000)
        return outside.leave(context, plan.result)

    def _enter(self, request: Request) -> Plan:
        context, view = request.context, plain(request.state)
        outcomes = self._setting.histories[context.execution_id].begun.get((context.activation, context.attempt))
        if outcomes is None:
            begin = f"attempt {context.attempt} of {context.activation}"
            self._setting.outside.complaints.append(f"{begin} is entered before its begin is durable")
            outcomes = 0
        self._setting.outside.enter(context, self._effect, view)
        return self._drawing.plan(context.activation, outcomes, view)

    async def _hang(self, plan: Plan) -> None:
        try:
            await self._setting.pause(HANGING_SECONDS)
        except CancelledError:
            if not plan.stubborn:
                raise
            await self._setting.pause(STUBBORN_SECONDS)


class Reconcile:
    """A `Function` that asks the outside what came of an attempt. What it says is true, but it doesn't always know."""

    keys = None
    is_async = True

    def __init__(self, drawing: Drawing, setting: Setting) -> None:
        self._drawing = drawing
        self._setting = setting

    def call(self, request: Request) -> Awaitable[Verdict]:
        return self._run(request)

    async def _run(self, request: Request) -> Verdict:
        context = request.context
        drawn = self._drawing.number(f"reconcile {context.activation}")
        await self._setting.pause(drawn % 3 / 2)
        match drawn // 3 % 6:
            case 0:
                return Verdict(None)
            case 1:
                raise Drawn("io_error", "nobody answers")
            case _:
                result = self._setting.outside.ask(context.key, context.attempt)
                return Verdict(False) if result is None else Verdict(True, result)


class Programs(NamedTuple):
    """The programs of a seed: what is started, its next version, its children's, and theirs."""

    random: Program
    next: Program
    inner: Program
    leaf: Program


@cache
def programs_of(seed: int, calm: bool, without: frozenset[str]) -> Programs:
    """Draw them. The next version has a finalizer more, and none of an execution's that began with this one."""
    effects = Random(f"effects {seed}")
    drawn = with_policies(_settle(leave_out(random_definition(seed, calm), without), effects), seed, calm)
    inner, leaf = (replace(each, policy=Policy()) for each in (inner_definition(seed), leaf_definition(seed)))
    drawn = _govern(drawn, (drawn, inner, leaf), seed)
    later = replace(drawn, version="2.0.0", nodes=(*drawn.nodes, finalizer(ADDED)))
    return Programs(
        bind(drawn),
        bind(later),
        bind(_settle(inner, effects)),
        bind(_settle(leaf, effects)),
    )


def _govern(definition: Definition, family: Iterable[Definition], seed: int) -> Definition:
    """Now and then it is governed, and its children with it: where nobody of them waits for an event."""
    awaited = any(node.config.get("event") is not None for each in family for node in each.nodes)
    if awaited or Random(f"governed {seed}").random() > GOVERNED_SHARE:
        return definition
    policy = Policy() if definition.policy is None else definition.policy
    return replace(definition, session_type=SessionType.PERSISTENT_GOVERNED, policy=policy)


def _settle(definition: Definition, random: Random) -> Definition:
    """Give its functions effects, and all the time that they need."""
    nodes = tuple(_with_effect(node, random) for node in definition.nodes)
    return replace(definition, nodes=nodes, timeouts=TimeoutConfig(node_timeout_ms=TIMEOUT_MS))


def _with_effect(node: Node, random: Random) -> Node:
    effect = random.choice((Effect.PURE, Effect.IDEMPOTENT, Effect.KEYED))
    return node if function_name(node) is None or node.effect is Effect.ONCE else replace(node, effect=effect)


class Cast:
    """Everything that a seed draws for one world: the workflow, and the people around it. `deployed` says whether its
    engines have the next version by now."""

    def __init__(self, seed: int, calm: bool, pause: Pause, without: frozenset[str] = frozenset()) -> None:
        self._programs = programs_of(seed, calm, without)
        self.program = self._programs.random
        self.definitions = {program.hash: program.definition for program in self._programs}
        newest = (self._programs.next, self._programs.inner, self._programs.leaf)
        self.drawings = {program.definition.id: Drawing(program, seed) for program in newest}
        self.setting = Setting(self.definitions, pause)
        self.people = People(self.drawings, self.setting.outside)
        self.deployed: Callable[[], int] = lambda: 0
        leaf = Fixed(self._programs.leaf, self._functions(self._programs.leaf)).blueprint
        inner = Fixed(self._programs.inner, self._functions(self._programs.inner), leaf).blueprint
        functions = self._functions(self._programs.next)
        self._versions = [
            Fixed(program, functions, leaf, inner).blueprint for program in (self._programs.random, self._programs.next)
        ]

    def blueprint(self) -> Blueprint[dict[str, Any]]:
        """The version that is deployed now."""
        return self._versions[self.deployed()]

    def _functions(self, program: Program) -> dict[str, Function]:
        drawing = self.drawings[program.definition.id]
        functions: dict[str, Function] = {}
        for node in program.definition.nodes:
            if (name := function_name(node)) is not None:
                functions[name] = Body(drawing, node, self.setting)
            if node.reconcile is not None:
                functions[node.reconcile] = Reconcile(drawing, self.setting)
        return functions


class Fixed(Workflow[dict[str, Any]]):
    """A workflow made of a program, with its `blueprint`. `children` are those that it runs, the innermost first."""

    def __init__(self, program: Program, functions: Mapping[str, Function], *children: Blueprint[Any]) -> None:
        super().__init__(program.definition.id, version=program.definition.version, state=dict[str, Any])
        self.blueprint: Blueprint[dict[str, Any]] = Blueprint(
            program, {}, functions, DictModel(), self._draft, children
        )


class RandomWorkflow(Workflow[dict[str, Any]]):
    """The workflow of a cast, in the version that is deployed when it is built."""

    def __init__(self, cast: Cast) -> None:
        definition = cast.program.definition
        super().__init__(definition.id, version=definition.version, state=dict[str, Any])
        self._cast = cast

    def build(self) -> Blueprint[dict[str, Any]]:
        return self._cast.blueprint()

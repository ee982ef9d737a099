"""`simulate`: one workflow through many seeds, each of them another order and other faults."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pectin.authoring.workflow import Workflow
from pectin.core.command import Signal
from pectin.core.definition import Definition, Node
from pectin.core.error import BadValue, quote
from pectin.core.limits import Limits
from pectin.core.state import Run
from pectin.core.status import SessionType
from pectin.testing.answers import check_answers
from pectin.testing.script import Look, Reply, Script
from pectin.testing.simulate.fault import CHANGING, Fault, Throw, listed, read_faults
from pectin.testing.simulate.scene import Beginning, Built
from pectin.testing.simulate.shrink import shrink
from pectin.testing.simulate.verdict import budgets_reached, check_effects, check_endings, endings, times_up
from pectin.testing.simulate.world import SPARING, World
from pectin.testing.stand_in import refuse_endpoints

S = TypeVar("S")
Check = Callable[[Mapping[str, Any]], object]

UNCHANGING = frozenset(Fault) - CHANGING
TAKING_TIME = frozenset({Fault.CLOCK_STEP, Fault.CLOCK_DRIFT, Fault.FREEZE})
"""With these a timeout or a deadline may pass that doesn't in a calm run, and what follows is nobody's fault."""

KEY = "simulated"


class SimulationFailed(AssertionError):
    """Something went wrong in a seed's world, or in the calm one (`seed` None). `faults` are enough for it; the cause
    is what was found."""

    def __init__(self, seed: int | None, faults: Sequence[Throw], cause: BaseException) -> None:
        where, repeat = "nothing went wrong in this world", "faults=[]"
        if seed is not None:
            where = f"seed {seed}"
            repeat = f"seeds=[{seed}], only={[str(fault) for fault in faults]}"
        named = ", ".join(map(str, faults)) or "none"
        super().__init__(
            f"{where}: {type(cause).__name__}: {cause}\n  faults   {named}\n  repeat   simulate(…, {repeat})"
        )
        self.seed = seed
        self.faults = tuple(faults)


@dataclass
class Report:
    """What was gone through: seeds, commits, how often each fault happened, and how many have ended as what."""

    seeds: int = 0
    commits: int = 0
    reached: Counter[str] = field(default_factory=Counter[str])
    ends: Counter[str] = field(default_factory=Counter[str])


def simulate(
    workflow: Workflow[S],
    input: S | dict[str, Any] | None = None,
    *,
    seeds: int | Iterable[int] = 100,
    script: Script | None = None,
    look: Look | None = None,
    deploy: Workflow[S] | None = None,
    faults: Iterable[Fault | str] | None = None,
    only: Iterable[str] | None = None,
    check: Check | None = None,
    reset: Callable[[], object] | None = None,
    limits: Limits = SPARING,
) -> Report:
    """Run a workflow in one simulated world per seed, and raise `SimulationFailed` for the first that goes wrong.

    Its functions are really called, in this thread and in virtual time, so they must not talk to anything real. People
    say what the `script` says, and `look` tells them whether something in doubt has happened. After each commit the
    history must be sound and nobody stranded; in the end no effect may break its promise. With faults that must make no
    difference (every other seed has these only), it must end as in a calm run. `check` is called with each final state.
    `reset` is called before each world, to empty what stands for the outside. `deploy` is a next version of the
    workflow, with which a later engine may come; after that an end may differ, and so it may where a time was up.

    `faults` narrows down what goes wrong; `only` names single occurrences, as a failure does. Raises `DefinitionError`,
    `BadInput` and `BadValue` for what can't be simulated.
    """
    chosen = None if faults is None else read_faults(faults)
    throws = None if only is None else _read_throws(only, chosen)
    numbers = _read_seeds(seeds)
    script = Script() if script is None else script
    given: Any = {} if input is None else input
    for each in (workflow, deploy or workflow):
        _check_workflow(each, workflow, given, script)
    _check_versions(workflow, deploy or workflow)
    next_version = None if deploy is None else Built(deploy)
    course = _Course(
        Built(workflow), given, script, look=look, deploy=next_version, check=check, reset=reset, limits=limits
    )
    report = Report()
    with quiet():
        calm = course.live_calmly()
        for seed in numbers:
            kinds = chosen if chosen is not None else _kinds_of(seed, throws)
            world = course.make(seed, kinds, throws)
            try:
                course.go_through(world, calm)
            except Exception as problem:
                raise course.smallest(world, kinds, calm, problem)  # noqa: B904 (it says what caused it)
            report.seeds += 1
            report.commits += world.watch.commits
            report.reached.update(str(throw.fault) for throw in world.dice.happened)
            report.ends.update(str(ending.status) for ending in endings(world).values())
    return report


@dataclass(frozen=True)
class _Course:
    """What all worlds of a simulation have in common."""

    workflow: Workflow[Any]
    input: Any
    script: Script
    look: Look | None
    deploy: Workflow[Any] | None
    check: Check | None
    reset: Callable[[], object] | None
    limits: Limits

    def make(self, seed: int, faults: Iterable[Fault] = (), only: Iterable[Throw] | None = None) -> World:
        return World(
            seed,
            [self.workflow],
            [Beginning(self.workflow, self.input, KEY)],
            _Voice(self.script),
            frozenset(faults),
            only=only,
            deploys=[] if self.deploy is None else [[self.deploy]],
            look=self.look,
            limits=self.limits,
        )

    def live_calmly(self) -> World:
        """The world in which nothing goes wrong."""
        world = self.make(0)
        try:
            self.go_through(world, None)
        except Exception as problem:
            raise SimulationFailed(None, (), problem) from problem
        return world

    def go_through(self, world: World, calm: World | None) -> None:
        """Live in a world, and judge it."""
        if self.reset is not None:
            self.reset()
        world.run()
        check_effects(world)
        happened = {throw.fault for throw in world.dice.happened}
        is_same = calm is not None and (TAKING_TIME.isdisjoint(happened) or times_up(world) == times_up(calm))
        is_same = is_same and calm is not None and budgets_reached(world) == budgets_reached(calm)
        if calm is not None and is_same and (CHANGING | {Fault.DEPLOY}).isdisjoint(happened):
            check_endings(world, endings(calm))
        if self.check is not None:
            for ending in endings(world).values():
                self.check(ending.state)

    def smallest(self, world: World, kinds: frozenset[Fault], calm: World, problem: Exception) -> SimulationFailed:
        """The failure with the fewest faults that one finds soon."""
        causes = [problem]

        def fails(throws: Sequence[Throw]) -> bool:
            try:
                self.go_through(self.make(world.seed, kinds, throws), calm)
            except Exception as other:
                if type(other) is type(problem):
                    causes.append(other)
                    return True
            return False

        faults = shrink(world.dice.happened, fails)
        failure = SimulationFailed(world.seed, faults, causes[-1])
        failure.__cause__ = causes[-1]
        return failure


class _Voice:
    """A script, which speaks early of signals only: nobody knows an event's correlation before it is waited for."""

    def __init__(self, script: Script) -> None:
        self.reply = script.reply
        self._script = script

    def foretell(self, run: Run, definition: Definition, at: int) -> Sequence[Reply]:
        names = {str(node.config["signal"]) for node in definition.nodes if self._will_be_signalled(node)}
        return [Signal(at=at, name=name, payload=self._script.signal.get(name)) for name in sorted(names)]

    def _will_be_signalled(self, node: Node) -> bool:
        """Whether it waits for a signal that the script says in any case, and with the same payload."""
        signal, script = node.config.get("signal"), self._script
        if signal is None or not script.silent.isdisjoint({node.id, str(signal)}):
            return False
        if signal in script.signal:
            return True
        is_named = any(name.startswith(node.id) for name in (*script.signal, *script.silent))
        return node.config.get("event") is None and not is_named


def _kinds_of(seed: int, throws: Sequence[Throw] | None) -> frozenset[Fault]:
    """What may go wrong in a seed: with the throws of a failure the same as when it was found."""
    named = {throw.fault for throw in throws or ()}
    return UNCHANGING if seed % 2 == 0 and named <= UNCHANGING else frozenset(Fault)


def _read_throws(only: Iterable[str], chosen: frozenset[Fault] | None) -> list[Throw]:
    throws = [Throw.parse(text) for text in listed(only, "only")]
    for throw in throws:
        if chosen is not None and throw.fault not in chosen:
            raise BadValue(
                "only", f"{throw} is left out by `faults`", f"add {throw.fault} to `faults`, or leave it out"
            )
    return throws


def _read_seeds(seeds: int | Iterable[int]) -> list[int]:
    numbers = list(range(seeds)) if isinstance(seeds, int) else listed(seeds, "seeds")
    if not numbers or not all(isinstance(number, int) for number in numbers):
        raise BadValue("seeds", f"{quote(seeds)} gives no seeds", "say how many, or which: 200, or [17]")
    return numbers


def _check_workflow(workflow: Workflow[Any], first: Workflow[Any], input: object, script: Script) -> None:
    """Find what no world is needed for."""
    if not isinstance(workflow, Workflow):  # pyright: ignore[reportUnnecessaryIsInstance]
        argument = "workflow" if workflow is first else "deploy"
        raise BadValue(argument, f"{quote(workflow)} is no workflow", "give the Workflow itself")
    if not isinstance(script, Script):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise BadValue("script", f"{quote(script)} is no script", "write Script(decide={…}, signal={…}, …)")
    if workflow.id != first.id:
        raise BadValue("deploy", f"it is called {quote(workflow.id)}", f"give a next version of `{first.id}`")
    blueprint = workflow.build()
    blueprint.complete(input)
    if blueprint.definition.session_type is SessionType.STATELESS:
        raise BadValue("workflow", "a stateless one keeps nothing that could be lost", "simulate a resumable one")
    definitions = [each.definition for each in (blueprint, *blueprint.children)]
    refuse_endpoints(definitions)
    check_answers(script, definitions)


def _check_versions(workflow: Workflow[Any], deploy: Workflow[Any]) -> None:
    """Find what no engine would begin with: the graph of a version never changes."""
    hashes: dict[tuple[str, str], str] = {}
    for each in (workflow.build(), deploy.build()):
        for blueprint in (each, *each.children):
            definition, hash = blueprint.definition, blueprint.program.hash
            name = (definition.id, definition.version)
            if hashes.setdefault(name, hash) != hash and not definition.version.endswith("-dev"):
                raise BadValue("deploy", f"it has another graph of {' '.join(name)}", "give it a new version")


@contextmanager
def quiet() -> Generator[None]:
    """Engines warn of what goes wrong, and here everything does."""
    log = logging.getLogger("pectin")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(level)

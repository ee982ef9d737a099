"""`simulate`: what it goes through, how it fails, that a failure can be repeated, and what it refuses."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pectin import BadInput, Context, DefinitionError, Workflow
from pectin.core.error import BadValue
from pectin.core.status import SessionType
from pectin.ports.function import DidNot
from pectin.store.memory import MemoryStore
from pectin.testing.simulate import CHANGING, Fault, Script, SimulationFailed, Throw, campaign, simulate
from pectin.testing.simulate.world import World
from tests.testing.simulate.sample import DELIVERED, PARCEL, PARCELS, Parcel, parcel, pause

ROOT = Path(__file__).parents[3]


def one(
    function: Callable[..., Any],
    session_type: SessionType = SessionType.RESUMABLE,
    version: str = "1.0.0",
    **options: Any,
) -> Workflow[Parcel]:
    """A workflow of one function."""
    workflow = Workflow("one", version=version, state=Parcel, session_type=session_type)
    workflow.node(function, name="it", **options)
    return workflow


async def wait_a_while(state: Parcel, ctx: Context) -> Parcel:
    """Unsound: what it does depends on how often it was tried."""
    await pause(3)
    state["paid"] = ctx.attempt
    return state


KNOWN = Script(resolve={"ship": DidNot()})
UNSOUND = one(wait_a_while, effect="keyed", retry="io_default")


def test_a_sound_workflow_passes_and_what_was_gone_through_is_counted() -> None:
    report = simulate(parcel(), PARCEL, seeds=30, script=KNOWN, faults=set(Fault) - CHANGING, check=check_delivered)
    assert report.seeds == 30
    assert report.commits > 30 * 8
    assert {"crash", "zombie", "pause", "clock_step", "hint_lost"} <= report.reached.keys()
    assert CHANGING.isdisjoint(map(Fault, report.reached))


def check_delivered(state: Mapping[str, Any]) -> None:
    assert state == DELIVERED


def test_every_other_seed_has_only_faults_that_must_make_no_difference() -> None:
    even = simulate(parcel(), PARCEL, seeds=range(0, 40, 2), script=KNOWN)
    odd = simulate(parcel(), PARCEL, seeds=range(1, 40, 2), script=KNOWN)
    assert CHANGING.isdisjoint(map(Fault, even.reached))
    assert not CHANGING.isdisjoint(map(Fault, odd.reached))


def keep_key(state: Parcel, ctx: Context) -> Parcel:
    return {**state, "stamps": [int(ctx.key[:4], 16)]}


def test_what_is_made_of_a_key_is_the_same_in_every_world() -> None:
    child = one(keep_key, effect="keyed")
    workflow = Workflow("family", version="1.0.0", state=Parcel)
    mine = workflow.node(keep_key, effect="keyed")
    mine.then(
        workflow.subgraph(
            "child", child, input={key: f"state.{key}" for key in PARCEL}, output={"letters": "output.stamps"}
        )
    )
    report = simulate(workflow, PARCEL, seeds=range(0, 30, 2))
    assert report.ends == {"completed": 15}
    assert report.reached["crash"] > 0


def test_without_faults_nothing_goes_wrong() -> None:
    assert simulate(parcel(), PARCEL, seeds=3, faults=[]).reached == {}


def test_a_next_version_is_deployed() -> None:
    assert simulate(parcel(), PARCEL, seeds=10, faults=["deploy"]).reached == {}
    assert simulate(parcel(), PARCEL, seeds=10, faults=["deploy"], deploy=parcel("2.0.0")).reached["deploy"] > 1


# -- failures ------------------------------------------------------------------------------------------------------


def failure_of(*args: Any, **options: Any) -> SimulationFailed:
    with pytest.raises(SimulationFailed) as found:
        simulate(*args, **options)
    return found.value


def test_an_unsound_workflow_is_found_with_few_faults_that_repeat_it() -> None:
    failure = failure_of(UNSOUND, PARCEL, seeds=50)
    assert f"seed {failure.seed}: Broken: exec_" in str(failure)
    assert "'paid': 2" in str(failure)
    assert "in a calm run as completed" in str(failure)
    assert len(failure.faults) == 1
    named = [str(fault) for fault in failure.faults]
    assert f"repeat   simulate(…, seeds=[{failure.seed}], only={named})" in str(failure)

    assert failure.seed is not None
    again = failure_of(UNSOUND, PARCEL, seeds=[failure.seed], only=named)
    assert str(again) == str(failure)
    assert simulate(UNSOUND, PARCEL, seeds=[failure.seed], only=[]).reached == {}


def test_a_store_that_forgets_the_fence_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted bug: whoever takes over gets the same fence again, so a zombie goes on beside it."""
    take = MemoryStore.take

    async def take_again(self: MemoryStore) -> int:
        await take(self)
        self._memory.term = 1  # pyright: ignore[reportPrivateUsage]
        return 1

    monkeypatch.setattr(MemoryStore, "take", take_again)
    failure = failure_of(UNSOUND, PARCEL, seeds=200, faults=[Fault.ZOMBIE])
    assert {fault.fault for fault in failure.faults} == {Fault.ZOMBIE}


def test_a_failed_check_is_a_failure() -> None:
    def check(state: Mapping[str, Any]) -> None:
        assert state["paid"] == 8, "paid otherwise"

    failure = failure_of(parcel(), PARCEL, seeds=100, faults=["opposite_decisions"], check=check)
    assert "AssertionError: paid otherwise" in str(failure)
    assert failure.faults == (Throw(Fault.OPPOSITE_DECISIONS, 0),)


def pay_little(state: Parcel) -> Parcel:
    return {**state, "paid": 1}


def pay_much(state: Parcel) -> Parcel:
    return {**state, "paid": 1_000}


async def take_a_while(state: Parcel) -> Parcel:
    await pause(60)
    return {**state, "paid": 1}


def test_a_timeout_that_a_clock_has_brought_about_is_nobody_s_fault() -> None:
    """Whoever says nothing has a timeout of 300 s."""
    report = simulate(one(take_a_while), PARCEL, seeds=40, faults=["clock_step"])
    assert report.ends["failed"] > 0
    assert report.ends["completed"] > 0


def test_who_always_runs_into_its_timeout_always_ends_so() -> None:
    assert simulate(one(take_a_while, timeout="5s"), PARCEL, seeds=10, faults=["crash"]).ends == {"failed": 10}


def test_how_far_one_that_fails_had_come_is_a_matter_of_time() -> None:
    workflow = Workflow("conflict", version="1.0.0", state=Parcel)
    branches = workflow.parallel("branches")
    branches.then(workflow.node(pay_little), workflow.node(pay_much))
    assert simulate(workflow, PARCEL, seeds=30).seeds == 30


@pytest.mark.parametrize("seed", [2, 3])
def test_a_repetition_goes_through_the_same_world(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds: list[frozenset[Fault]] = []

    class Watched(World):
        def __post_init__(self) -> None:
            super().__post_init__()
            kinds.append(frozenset(self.faults))

    monkeypatch.setattr(campaign, "World", Watched)
    simulate(parcel(), PARCEL, seeds=[seed])
    simulate(parcel(), PARCEL, seeds=[seed], only=["crash-0"])
    _, found_with, _, repeated_with = kinds
    assert repeated_with == found_with


def divide(_: object) -> float:
    return 1 / 0


def test_what_fails_where_nothing_goes_wrong_is_said_to() -> None:
    failure = failure_of(parcel(), PARCEL, check=divide)
    assert (failure.seed, failure.faults) == (None, ())
    assert str(failure).startswith("nothing went wrong in this world: ZeroDivisionError: ")
    assert str(failure).endswith("repeat   simulate(…, faults=[])")


def test_a_doubt_that_nobody_can_resolve_is_named() -> None:
    failure = failure_of(one(wait_a_while, effect="once"), PARCEL, faults=[Fault.CRASH])
    assert "Unanswered: `it` is in doubt, and nobody says whether it has happened" in str(failure)
    assert isinstance(failure.__cause__, AssertionError)


async def connect(state: Parcel) -> Parcel:
    try:
        await asyncio.open_connection("127.0.0.1", 9)
    except Exception:
        return state
    return state


def test_a_function_that_talks_to_something_real_is_refused() -> None:
    failure = failure_of(one(connect, retry="io_default"), PARCEL)
    assert "NotSimulated: `create_connection` is not simulated: there is no network" in str(failure)


def test_who_waits_for_what_nobody_says_is_named() -> None:
    workflow = Workflow("waiting", version="1.0.0", state=Parcel)
    workflow.wait("sent", signal="go")
    failure = failure_of(workflow, PARCEL, script=Script(silent=["go"]))
    assert "Unanswered: `sent` waits for the signal `go`, and nobody says it: let the script answer" in str(failure)


def test_what_is_silent_is_not_said_early() -> None:
    early = simulate(parcel(), PARCEL, seeds=5, script=KNOWN, faults=["signal_early"])
    silent = simulate(parcel(), PARCEL, seeds=5, script=Script(silent=["go"]), faults=["signal_early"])
    assert (early.reached["signal_early"] > 0, silent.reached) == (True, {})


# -- the same seed -------------------------------------------------------------------------------------------------

PRINT_HISTORIES = """
from pectin.testing.simulate import Fault
from tests.testing.simulate.sample import world
for seed in range(4):
    life = world(seed, frozenset(Fault)).run()
    print(life.watch.histories, life.dice.happened, life.loop.time())
"""


def test_the_same_seed_is_the_same_in_every_process() -> None:
    def run(hash_seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(["src", "."])}
        command = [sys.executable, "-c", PRINT_HISTORIES]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, text=True).stdout

    assert len(run("1")) > 1_000
    assert run("1") == run("2")


# -- what it refuses -----------------------------------------------------------------------------------------------

BAD: list[tuple[dict[str, Any], str]] = [
    ({"faults": ["crsh"]}, r"faults: 'crsh' is none; did you mean `crash`\?"),
    ({"faults": "crash"}, r"faults: 'crash' is a text; write a list: \['crash'\]"),
    ({"only": ["crash"]}, "only: 'crash' is no fault; write a fault and which time it is: crash-0"),
    ({"only": "crash-1"}, r"only: 'crash-1' is a text; write a list: \['crash-1'\]"),
    ({"only": ["crash-1"], "faults": ["stop"]}, "only: crash-1 is left out by `faults`; add crash"),
    ({"seeds": 0}, "seeds: 0 gives no seeds; say how many, or which"),
    ({"seeds": []}, r"seeds: \[\] gives no seeds"),
    ({"seeds": 1.5}, r"seeds: 1.5 is no list; write a list: seeds=\[…\]"),
    ({"faults": 3}, r"faults: 3 is no list; write a list: faults=\[…\]"),
    ({"only": [3]}, "only: 3 is no fault; write a fault and which time it is: crash-0"),
    ({"script": {}}, r"script: \{\} is no script; write Script\("),
    ({"deploy": 3}, "deploy: 3 is no workflow"),
    ({"seeds": ["a"]}, r"seeds: \['a'\] gives no seeds"),
    (
        {"script": Script(decide={"reviw": "approved"})},
        r"decide: there is no approval `reviw`; did you mean `review`\?",
    ),
    ({"script": Script(decide={"review": "aproved"})}, "`review` has no decision 'aproved'; did you mean `approved`"),
    ({"script": Script(signal={"stop": 1})}, "signal: there is no wait for a signal `stop`; "),
    ({"script": Script(silent=["nobody"])}, "silent: there is no approval, wait or message `nobody`"),
    ({"deploy": one(connect), "workflow": UNSOUND}, "deploy: it has another graph of one 1.0.0; give it a new"),
    ({"deploy": one(connect)}, "deploy: it is called 'one'; give a next version of `parcel`"),
    ({"workflow": parcel}, "workflow: <function parcel .* is no workflow; give the Workflow itself"),
    ({"workflow": one(connect, session_type=SessionType.STATELESS)}, "workflow: a stateless one keeps nothing"),
]


@pytest.mark.parametrize(("given", "complaint"), BAD, ids=[str(index) for index in range(len(BAD))])
def test_bad_arguments_are_refused_at_once(given: dict[str, Any], complaint: str) -> None:
    arguments: dict[str, Any] = {"workflow": PARCELS[0], "input": PARCEL, **given}
    with pytest.raises(BadValue, match=complaint):
        simulate(**arguments)


def test_a_bad_input_and_a_bad_workflow_are_refused_at_once() -> None:
    with pytest.raises(BadInput, match=r"pric: there is no such field; did you mean `price`\?"):
        simulate(parcel(), {"pric": 1})  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match="the workflow has no nodes"):
        simulate(Workflow("empty", version="1.0.0", state=Parcel), PARCEL)


def test_a_draft_may_be_deployed_anew() -> None:
    drafts = [one(function, version="1.0.0-dev") for function in (pay_little, pay_much)]
    assert simulate(drafts[0], PARCEL, deploy=drafts[1], seeds=10, faults=["deploy"]).reached["deploy"] > 0


def test_names_of_activations_and_messages_are_known_to_a_script() -> None:
    script = Script(decide={"review": "timeout"}, signal={"go": 1}, send={"parcel.came": 2}, silent=["came[2]"])
    assert simulate(parcel(), PARCEL, script=script, seeds=1, faults=[]).seeds == 1


def test_what_stands_for_the_outside_is_emptied_before_each_world() -> None:
    resets: list[None] = []
    simulate(parcel(), PARCEL, script=KNOWN, seeds=3, faults=[], reset=lambda: resets.append(None))
    assert len(resets) == 4  # the calm world is one, too

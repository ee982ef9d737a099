"""`pectin crashtest`: what it takes, and what it refuses before anything is tried."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Pectin

PAYOUTS = str(Path(__file__).parents[2] / "examples" / "payouts.py")
REFUND = str(Path(__file__).parents[2] / "examples" / "refund.py")
INPUT = ("--input", '{"order": "A-1"}')


def test_the_sound_one_exits_with_0(pectin: Pectin) -> None:
    said = pectin("crashtest", f"{PAYOUTS}:keyed", "--simulate")
    assert said.code == 0
    assert "✓ 1 payment every time, one key" in said.out
    assert "nothing lost, nothing done twice." in said.out
    assert said.err == ""


def test_the_double_payment_exits_with_1_and_the_command_it_shows_finds_it_again(pectin: Pectin) -> None:
    said = pectin("crashtest", f"{PAYOUTS}:careless", "--simulate")
    assert said.code == 1
    assert "pay did its work twice." in said.out
    (command,) = said.commands()
    again = pectin(*command)
    assert again.code == 1
    assert "1 crash (pay:after-body), 1 recovery:" in again.out


def test_programs_get_json(pectin: Pectin) -> None:
    said = pectin("crashtest", f"{PAYOUTS}:careless", "--simulate", "--json")
    assert (said.code, said.json["exit_code"], said.json["ok"]) == (1, 1, False)
    (failure,) = said.json["failures"]
    assert (failure["kind"], failure["node"], failure["points"]) == ("world", "pay", ["pay:after-body"])
    assert failure["repeat"].endswith("--simulate --at pay:after-body")
    assert [verdict["ok"] for verdict in said.json["verdicts"]] == [True, False]


def test_everything_that_is_said_to_it_can_be_given(pectin: Pectin) -> None:
    given = ("--decide", "review=rejected", "--simulate", "--probe", "echo 1", "--any-order", "--all", "--timeout", "9")
    said = pectin("crashtest", REFUND, *INPUT, *given)
    assert said.code == 0
    assert "pay" not in said.out
    assert "probe says: 1" in said.out


def test_a_real_process_is_killed_without_being_asked_to(pectin: Pectin) -> None:
    said = pectin("crashtest", f"{PAYOUTS}:asked", "--at", "pay:after-body", "--at", "pay:after-reconcile")
    assert said.code == 0
    assert "2 crashes (pay:after-body then pay:after-reconcile), 2 recoveries:" in said.out


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--decide", "reviw=approved"), "there is no approval `reviw`; did you mean `review`?"),
        (("--decide", "review=aproved"), "did you mean `approved`?"),
        (("--decide", "review"), "write an approval and its decision"),
        (("--decide", "review=approved", "--decide", "review=rejected"), "stands twice"),
        (("--at", "payy:after-body"), "there is no node `payy`; did you mean `pay`?"),
        (("--at", "commit-99:after", "--simulate"), "the run has 5 commits"),
        (("--at", "pay:later"), "doesn't say when"),
        (("--at", "review:after-body"), "`review` runs no body"),
        (("--set", "amount=1"), "there is no key that an approval lets people change"),
        (("--signal", "go=1"), "there is no wait for a signal `go`"),
        (("--send", "parcel"), "--send parcel: write a key and its new value"),
        (("--resolve", "pay=did-not"), "there is no `once` node `pay`"),
        (("--silent", "nobody"), "there is no approval, wait or message `nobody`"),
        (("--probe", "payments"), "has no function of that name, and there is no such command"),
        (("--probe", "exit 3", "--simulate"), "the probe `exit 3` ended with exit code 3"),
        (("--timeout", "0"), "timeout"),
    ],
)
def test_what_can_not_be_used_is_told_with_2(pectin: Pectin, given: tuple[str, ...], says: str) -> None:
    said = pectin("crashtest", REFUND, *INPUT, *given)
    assert said.code == 2
    assert says in " ".join(said.err.split())


def test_an_input_that_does_not_fit_is_told(pectin: Pectin) -> None:
    said = pectin("crashtest", REFUND)
    assert (said.code, "order: is missing" in said.err) == (2, True)


HANGS = """
import threading
from pydantic import BaseModel
from pectin import Workflow


class State(BaseModel):
    a: int = 0


w = Workflow("w", version="1.0.0", state=State)


@w.node
def hang(state: State) -> State:
    threading.Event().wait()
    return state
"""


def test_one_that_never_ends_is_told(pectin: Pectin, folder: Path) -> None:
    (folder / "w.py").write_text(HANGS, encoding="utf-8")
    said = pectin("crashtest", "w.py", "--timeout", "0.5")
    assert said.code == 2
    assert "it had not ended after 0.5 s; still running: `hang`" in " ".join(said.err.split())


def test_sigterm_leaves_no_process_and_no_file(folder: Path) -> None:
    (folder / "w.py").write_text(HANGS.replace("threading.Event", "note(); threading.Event"), encoding="utf-8")
    with (folder / "w.py").open("a", encoding="utf-8") as file:
        file.write("\n\ndef note() -> None:\n    import os\n    open('pid', 'w').write(f'{os.getpid()}\\n')\n")
    (folder / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": str(folder / "tmp")}
    command = [sys.executable, "-m", "pectin", "crashtest", "w.py"]
    began = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not (pid := (folder / "pid")).exists() or not pid.read_text().endswith("\n"):
        assert time.monotonic() < deadline
    began.terminate()
    assert began.wait(20) == 143
    assert os.listdir(folder / "tmp") == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_trial_may_take_as_long_when_it_is_repeated(pectin: Pectin) -> None:
    said = pectin("crashtest", f"{PAYOUTS}:careless", "--simulate", "--timeout", "9.5")
    assert "--timeout 9.5 --simulate --at pay:after-body" in said.out

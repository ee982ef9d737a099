"""`pectin run`: to the end, to a wait, and on again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, BOOM, BROKEN, CRASH, REFUND, SLOW, WAIT, write

ORDER = ("--input", '{"order": "A-1042"}', "--key", "A-1042")
Spawn = Callable[..., subprocess.Popen[str]]


def test_to_the_end(pectin: Pectin, folder: Path) -> None:
    said = pectin("run", write(folder, "add.py", ADD), "--input", '{"n": 1}')
    assert said.code == 0
    assert said.out == '{"n": 2, "texts": []}\n'
    lines = said.err.splitlines()
    assert lines[0].startswith("add 1.0.0 · exec …")
    assert lines[0].endswith(" · .pectin/pectin.db")
    assert lines[2].startswith("  ✓ one_more   ")
    assert lines[2].endswith("n 2")
    assert lines[4].startswith("completed in ")


def test_an_approval_without_a_terminal_and_the_commands_that_go_on(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    said = pectin("run", file, *ORDER)
    assert said.code == 4
    assert said.out == ""
    assert "  ● review            waits for a person until " in said.err
    assert said.err.endswith(
        "waiting for a person: Refund 1299.00 for A-1042?\n"
        "  decide   pectin approve A-1042        or   pectin reject A-1042\n"
        "  go on    pectin run refund.py --resume A-1042\n"
    )
    approve, _, go_on = said.commands()
    assert pectin(*approve).code == 0
    said = pectin(*go_on)
    assert said.code == 0
    assert json.loads(said.out)["risk"] == "high"
    assert "goes on where it stopped" in said.err
    assert said.err.count("done before") == 3
    assert "✓ pay" in said.err


def test_the_same_command_again_shows_the_same_execution(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "add.py", ADD)
    first = pectin("run", file, "--key", "k")
    again = pectin("run", file, "--key", "k")
    assert (again.code, again.out) == (0, first.out)
    assert "ended" in again.err.splitlines()[0]
    assert len(pectin("list", "--json").json) == 1
    assert pectin("run", file, "--key", "k", "--restart").code == 0
    assert len(pectin("list", "--json").json) == 2


def test_a_failure_shows_the_authors_frames_and_what_to_do(pectin: Pectin, folder: Path) -> None:
    said = pectin("run", write(folder, "boom.py", BOOM), "--key", "b")
    assert said.code == 1
    assert said.out == ""
    assert r"  ✗ bang" in said.err
    assert "retried after 1 ms (attempt 1 of 2)" in said.err
    assert "\nfailed: bang: ValueError: no such \\x1b[31morder at all, twice\n" in said.err
    line = BOOM[: BOOM.index("raise")].count("\n") + 1
    assert f"\n  boom.py:{line}  raise ValueError(" in said.err
    assert "Traceback" not in said.err
    look, again = said.commands()
    assert pectin(*look).code == 0
    assert again == ["run", "boom.py", "--key", "b", "--restart"]
    assert pectin(*again).code == 1


def test_a_distant_time_is_not_waited_for(pectin: Pectin, folder: Path) -> None:
    said = pectin("run", write(folder, "wait.py", WAIT), "--key", "w")
    assert said.code == 4
    assert "✓ soon" in said.err
    assert "waiting for time: later" in said.err
    assert pectin(*said.commands()[0]).code == 4


def test_json_lines_end_in_the_outcome(pectin: Pectin, folder: Path) -> None:
    lines = pectin("run", write(folder, "refund.py", REFUND), *ORDER, "--json").lines
    assert [line["seq"] for line in lines[:-1]] == list(range(1, len(lines)))
    assert lines[3]["type"] == "node_completed"
    assert lines[3]["patch"] == {"amount": "1299.00"}
    assert lines[3]["at"].endswith("Z")
    outcome = lines[-1]
    assert (outcome["type"], outcome["exit_code"]) == ("outcome", 4)
    assert outcome["execution"]["status"] == "paused"
    (wait,) = outcome["waiting_for"]
    assert (wait["kind"], wait["activation"], wait["decisions"]) == ("person", "review", ["approved", "rejected"])
    assert wait["until"].endswith("Z")


def test_json_of_a_failure(pectin: Pectin, folder: Path) -> None:
    outcome = pectin("run", write(folder, "boom.py", BOOM), "--json").lines[-1]
    assert (outcome["exit_code"], outcome["error"]["type"]) == (1, "ValueError")


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["nix.py"], "nix.py is not there"),
        (["refund.py:nix", *ORDER], "no workflow `nix`"),
        (["refund.py"], "order: is missing"),
        (["refund.py", "--input", '{"ordr": 1}'], "did you mean `order`?"),
        (["refund.py", "--input", "{"], "--input"),
        (["refund.py", "--input", '{"order": NaN}'], "NaN is no JSON number"),
        (["refund.py", "--resume", "x", "--key", "y"], "--resume"),
        (["refund.py", *ORDER[:2], "--restart"], "--key"),
        (["broken.py"], "did you mean `texts`?"),
        (["refund.py", *ORDER[:2], "--key", "a\nb"], "--key: has the control character"),
        (["refund.py", *ORDER, "--by", "a\tb"], "--by: has the control character"),
        (["refund.py", "--kye", "x"], "--kye"),
    ],
)
def test_what_cannot_be_used_starts_nothing(pectin: Pectin, folder: Path, args: list[str], text: str) -> None:
    write(folder, "refund.py", REFUND)
    write(folder, "broken.py", BROKEN)
    said = pectin("run", *args)
    assert said.code == 2
    assert text in said.err.replace("\n", " ")
    assert "Traceback" not in said.err
    assert not (folder / ".pectin").exists()


def test_a_key_with_another_input_is_refused(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "add.py", ADD)
    pectin("run", file, "--key", "k")
    assert pectin("run", file, "--key", "k", "--input", '{"n": 5}').code == 5
    assert pectin("run", file, "--resume", "nobody").code == 3
    assert pectin("run", write(folder, "refund.py", REFUND), "--resume", "k").code == 2


def test_a_function_that_is_gone_is_named(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    pectin("run", file, *ORDER)
    pectin("approve", "A-1042")
    write(
        folder,
        "refund.py",
        REFUND.replace("def pay", "def pay_out").replace("pay,", "pay_out,").replace("(pay)", "(pay_out)"),
    )
    changed = pectin("run", file, "--resume", "A-1042")
    assert changed.code == 2
    assert "give the changed one a new version" in changed.err.replace("\n", " ")
    newer = (folder / file).read_text("utf-8").replace('version="1.0.0"', 'version="1.1.0"')
    said = pectin("run", write(folder, "newer.py", newer), "--resume", "A-1042")
    assert said.code == 2
    assert "doesn't have the function `pay`" in said.err
    write(folder, "refund.py", REFUND)
    assert pectin("run", file, "--resume", "A-1042").code == 0


def test_after_a_crash_the_same_command_goes_on(spawn: Spawn, folder: Path) -> None:
    command = ("run", write(folder, "crash.py", CRASH), "--key", "c")
    assert spawn(*command).wait() == -signal.SIGKILL
    second = spawn(*command)
    _, shown = second.communicate()
    assert second.returncode == -signal.SIGKILL
    assert "goes on where it stopped" in shown
    assert "↻ label           2 of 4 done before" in shown
    assert "1 item cut off, run again" in shown
    third = spawn(*command)
    out, shown = third.communicate()
    assert third.returncode == 0
    assert json.loads(out) == {"n": 2, "texts": ["A", "B", "C", "D"]}
    assert "  ↻ pay             attempt 2: attempt 1 was cut off, same key\n" in shown
    assert "nobody ran it" in shown


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_hands_work_back(
    spawn: Spawn, pectin: Pectin, folder: Path, number: signal.Signals, code: int
) -> None:
    process = spawn("run", write(folder, "slow.py", SLOW), "--key", "s")
    assert process.stderr is not None
    while not (folder / "began").exists():
        assert process.poll() is None
        os.sched_yield()
    assert pectin("run", "slow.py", "--key", "other").code == 6
    assert pectin("why", "s").out.startswith("Runs `long` since ")
    process.send_signal(number)
    _, shown = process.communicate()
    assert process.returncode == code
    assert shown.endswith("stopped: what was running is handed back\n  go on    pectin run slow.py --resume s\n")
    assert "attempt_interrupted" in pectin("events", "s").out
    assert pectin("why", "s").out.startswith("Is ready, but nothing runs it")

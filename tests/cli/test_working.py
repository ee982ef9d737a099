"""What a worker says of executions."""

from __future__ import annotations

from pathlib import Path

from pectin.cli.working import Ledger, describe
from pectin.core.error import ErrorData
from pectin.core.identity import ExecutionId
from pectin.core.state import Activation, Closing, Doubt, Hold, Run, Waiting
from pectin.core.status import NodeStatus, WorkflowStatus
from tests.cli.conftest import Pectin
from tests.cli.workflows import REFUND, write


def active(**fields: object) -> Activation:
    return Activation("a", "a", NodeStatus.RUNNING, 0, **fields)  # pyright: ignore[reportArgumentType]


async def test_news_are_taken_once() -> None:
    ledger, execution = Ledger(), ExecutionId.new()
    change = ledger.change(None)
    ledger.notify(execution, rests=False)
    ledger.notify(execution, rests=True)
    assert change.done()
    assert ledger.take() == [execution]
    assert ledger.take() == []


def test_each_state_has_its_words() -> None:
    waiting = Activation("a", "a", NodeStatus.RUNNING, 0, waiting=Waiting(0, 90_000))
    asked = Activation("b", "b", NodeStatus.RUNNING, 0, waiting=Waiting(0, None, "?", ("approved",)))
    failed = ErrorData("io_error", "OSError", "refused")
    closing = Closing(WorkflowStatus.FAILED, "failed", 0, activation="a")
    now = 5_000
    for run, text in (
        (Run(status=WorkflowStatus.COMPLETED, completed_at=2_000), ("✓", "completed in 2.0 s")),
        (
            Run(status=WorkflowStatus.FAILED, completed_at=2_000, error=failed, closing=closing),
            ("✗", "failed in 2.0 s at a: io_error: refused"),
        ),
        (Run(status=WorkflowStatus.PAUSED, activations={"b": asked}), ("●", "waits for a person: b")),
        (Run(status=WorkflowStatus.RUNNING, backoff={"a": 6_000}), ("↻", "tries a again in 1 s")),
        (Run(status=WorkflowStatus.RUNNING), ("↻", "runs")),
    ):
        assert describe(run, {}, now) == text
    for activation, text in (
        (active(waiting=Waiting(0, None, signal="go")), ("⏸", "waits for the signal go: a")),
        (active(doubt=Doubt(1, 0, "gone")), ("?", "in doubt: a; a person is to say whether it happened")),
        (active(child=str(ExecutionId.new())), ("●", "waits for its child: a")),
    ):
        assert describe(Run(status=WorkflowStatus.PAUSED, activations={"a": activation}), {}, now) == text
    cut = Run(status=WorkflowStatus.RUNNING, activations={"a": active()}, quarantined={"a": 0}, busy=1)
    assert describe(cut, {}, now) == ("⏸", "in quarantine: a")
    held = Run(status=WorkflowStatus.PAUSED, hold=Hold(0, "ops", "audit"), ready={"a": None})
    assert describe(held, {}, now) == ("⏸", "paused by ops: audit")
    timed = Run(status=WorkflowStatus.PAUSED, activations={"a": waiting}, due={"a": 90_000})
    assert describe(timed, {}, now)[1].startswith("waits for its time: a, until ")


def test_a_function_that_is_not_there_is_named(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    pectin("run", file, "--input", '{"order": "A"}', "--key", "A")
    pectin("approve", "A")
    newer = REFUND.replace("1.0.0", "1.1.0").replace("def pay", "def pay_out")
    newer = newer.replace("otherwise(pay)", "otherwise(pay_out)").replace("approved=pay", "approved=pay_out")
    said = pectin("worker", write(folder, "newer.py", newer), "--until-idle")
    assert said.code == 0
    assert "waits for the function `pay`, which isn't in this file" in said.err
    assert pectin("worker", file, "--until-idle").code == 0
    assert pectin("list", "--json").json[0]["status"] == "completed"

"""Why an execution that is ending has not ended yet, and what is said of one that is stranded."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pectin.core.error import ErrorData
from pectin.core.state import Closing
from pectin.core.status import WorkflowStatus
from tests.core.situation import NOW, SECOND, doubted, made, ready, running, tell


def test_closing() -> None:
    closing = Closing(WorkflowStatus.FAILED, "failed", NOW + 9 * SECOND)
    stopping = replace(made(), closing=closing, stopping={"pay": [1]})
    assert tell(stopping).sentence == "Is ending as failed: waits for `pay` to stop, until T+9s at most."
    assert tell(stopping, served=False).code == "unserved"
    finalizing = replace(made(running("tidy")), closing=closing)
    assert tell(finalizing).sentence == "Is ending as failed: runs `tidy` since 12 s."
    waiting = replace(made(ready("tidy")), closing=closing)
    assert tell(waiting).sentence == (
        "Is ending as failed: is ready since 2 s: `tidy` waits for an engine that has its function and a free slot."
    )
    error = ErrorData("io_error", "OSError", "refused")
    retried = replace(made(ready("tidy", not_before=NOW + 5 * SECOND, error=error)), closing=closing)
    assert (
        tell(retried).sentence == "Is ending as failed: retries `tidy` in 5 s (attempt 1 of 1) after io_error: refused."
    )
    assert tell(retried).code == "closing"
    assert tell(retried, served=False).code == "unserved"


def test_a_finalizer_in_doubt() -> None:
    closing = Closing(WorkflowStatus.FAILED, "failed", NOW)
    run = replace(made(doubted("tidy")), closing=closing)
    for served in (True, False):
        told = tell(run, served=served)
        assert told.code == "doubt"
        assert told.sentence == (
            "Is ending as failed; is in doubt: `tidy` was started 4 min ago and cut off; nobody knows whether"
            " it happened."
        )
        assert told.needs[0].commands[1] == ("resolve", "EXEC", "tidy", "--did-not")


@pytest.mark.parametrize("closing", [None, Closing(WorkflowStatus.FAILED, "failed", NOW)])
@pytest.mark.parametrize("served", [True, False])
def test_who_is_stranded_is_told(closing: Closing | None, served: bool) -> None:
    told = tell(replace(made(), closing=closing), served=served)
    sentence = "Is stranded: nothing of it runs, waits, is due or is held."
    assert (told.code, told.sentence, told.then) == ("stranded", sentence, (("doctor", "--repair"),))


def test_a_finalizer_in_quarantine() -> None:
    closing = Closing(WorkflowStatus.FAILED, "failed", NOW)
    run = replace(made(ready("tidy", interruptions=3), quarantined={"tidy": NOW}), closing=closing)
    told = tell(run)
    assert told.sentence == "Is ending as failed; is in quarantine: `tidy` was cut off 3 times in a row."
    assert told.needs[0].commands == (("resume", "EXEC"),)

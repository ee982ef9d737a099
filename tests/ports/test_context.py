"""What a node's function may ask of the engine, and what a unit test makes by hand."""

import logging

import pytest

from pectin.ports.context import Context, Stop


def test_a_context_made_by_hand_beats_without_an_engine() -> None:
    context = Context(key="k")
    context.heartbeat()
    assert (context.key, context.attempt) == ("k", 1)


def test_a_heartbeat_tells_an_attempt_that_nobody_wants_it() -> None:
    def stop() -> None:
        raise Stop

    with pytest.raises(Stop):
        Context(beat=stop).heartbeat()


def test_stop_is_let_through_by_what_catches_errors() -> None:
    assert not issubclass(Stop, Exception)


def test_the_log_names_the_execution_and_the_activation(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "pectin.node"):
        Context(execution_id="exec_1", activation="pay[2]").log.info("paid %s", "A-1042")
    (record,) = caplog.records
    assert (record.getMessage(), record.__dict__["execution_id"], record.__dict__["activation"]) == (
        "paid A-1042",
        "exec_1",
        "pay[2]",
    )

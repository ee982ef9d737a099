"""Names of messages, and what waits for them."""

from __future__ import annotations

import pytest

from pectin.cli.exit import BadUsage
from pectin.cli.message import Awaited, check_dedup, check_message_name, check_signal, nearest, signals_of
from pectin.core.error import BadValue
from pectin.core.state import Run
from tests.core import world
from tests.core.world import program


def waiting_for(*signals: str) -> world.Program:
    nodes = [world.Node(f"w{i}", "wait", {"signal": signal}) for i, signal in enumerate(signals)]
    return program(*(f"a -> w{i}" for i in range(len(signals))), nodes=nodes)


@pytest.mark.parametrize("name", ["", " ", ":child", "9th", "a b", "é", "a\n", "-x"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(BadUsage, match="is no name of a message"):
        check_message_name(name)


def test_what_is_a_name() -> None:
    check_message_name("parcel.arrived-2")
    with pytest.raises(BadValue, match="NAME: has 129 characters"):
        check_message_name("x" * 129)


def test_keys() -> None:
    check_dedup(None)
    check_dedup("mail-7")
    with pytest.raises(BadUsage, match="--dedup is empty"):
        check_dedup(" ")
    with pytest.raises(BadValue, match="--dedup: has 257 characters"):
        check_dedup("x" * 257)


def test_a_signal_that_nothing_takes_is_refused() -> None:
    run = Run(workflow_id="ship", workflow_version="1.0.0")
    bound = waiting_for("go", "stop", "go")
    assert signals_of(bound) == ["go", "stop"]
    check_signal("go", bound, run, "A")
    with pytest.raises(BadUsage, match=r"`ship 1.0.0` has no wait for a signal `stopp`; did you mean `stop`\?"):
        check_signal("stopp", bound, run, "A")
    with pytest.raises(BadUsage, match="it has `go`, `stop`"):
        check_signal("weigh", bound, run, "A")
    with pytest.raises(BadUsage, match="it waits for none at all"):
        check_signal("go", program("a -> b"), run, "A")


def test_what_was_probably_meant() -> None:
    awaited = [Awaited("parcel", "C-1", "A"), Awaited("parcel", "C-2", "B"), Awaited("letter", "C-1", "A")]
    assert nearest("parcel", "C-9", awaited) == awaited[:2]
    assert nearest("leter", "C-1", awaited) == awaited[2:]
    assert nearest("invoice", "C-1", awaited) == []

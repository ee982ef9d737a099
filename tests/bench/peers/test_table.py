"""How engines look in the table."""

from __future__ import annotations

from bench.measure import alone, compared
from bench.peers.table import HEADINGS, NOTE, Entry, row, table


def measured() -> Entry:
    return Entry(
        "swift",
        "a file",
        "1.2",
        syncs=1.02,
        measures=[
            compared("sequential", "", "steps/s", [800.0], [8_000.0], raw_unit="commits/s"),
            compared("fan-out", "", "branches/s", [4_000.0], [8_000.0], raw_unit="commits/s"),
            alone("parked-memory", "", "KB", [12.0]),
            compared("wake-p50", "", "ms", [6.5], [0.13], raw_unit="ms a commit"),
        ],
    )


def test_a_line_has_what_was_measured_and_a_dash_for_the_rest() -> None:
    cells = dict(zip(HEADINGS, row(measured()), strict=True))
    assert cells == {
        "engine": "swift",
        "version": "1.2",
        "state in": "a file",
        "syncs a step": "1.02",
        "sequential": "800/s (× 0.100)",
        "many": "–",
        "fan-out": "4,000/s (× 0.500)",
        "KB a waiting one": "12.0",
        "event to result, p50": "6.50 ms (× 50.0)",
    }


def test_syncs_that_may_be_more_are_marked_and_none_are_0() -> None:
    assert row(Entry("a", "b", syncs=2.0, hidden=("O_DSYNC",)))[3] == "≥ 2.00"
    assert row(Entry("a", "b", syncs=0.0))[3] == "0"
    assert row(Entry("a", "b"))[3] == "–"


def test_a_ratio_is_marked_where_the_machine_was_unsteady() -> None:
    unsteady = Entry("a", "b", measures=[compared("many", "", "steps/s", [1.0, 1.0], [1.0, 1.6], raw_unit="commits/s")])
    assert row(unsteady)[5].endswith(" ~)")
    assert "~ raw itself moved" in table([unsteady])
    assert "~" not in table([measured()])


def test_what_was_skipped_has_a_line_and_its_reason_under_the_table() -> None:
    lines = table([measured(), Entry("absent", "a server", complaints=["skipped: it is nowhere"])]).splitlines()
    assert lines[0].split("   ")[0].strip() == "engine"
    assert set(lines[1]) == {"─"}
    assert lines[3].split() == ["absent", "–", "a", "server", *["–"] * 6]
    assert lines[4:] == [NOTE, "absent: skipped: it is nowhere"]


def test_an_engine_is_written_as_json() -> None:
    found = measured().to_json()
    assert (found["name"], found["syncs_a_step"], found["hidden_syncs"]) == ("swift", 1.02, [])
    assert [each["key"] for each in found["measures"]] == ["sequential", "fan-out", "parked-memory", "wake-p50"]

"""The parts of a step: each is seen, none twice, and together they are all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.measure import Bench
from bench.split import PARTS, REST, Parts, Work, bytecodes, measure, split, table
from bench.workloads.many import chains_of
from bench.workloads.sequential import in_loop, steps_of


async def test_every_part_of_a_step_takes_its_time(tmp_path: Path) -> None:
    parts = await split(Bench(tmp_path), lambda engine: steps_of(engine, in_loop, 20))
    assert list(parts) == [*PARTS, REST]
    assert all(us > 0 for us in parts.values())


def test_a_part_within_another_counts_once() -> None:
    parts = Parts()
    inner = parts._timed("inner", lambda: sum(range(100_000)))  # pyright: ignore[reportPrivateUsage]
    parts._timed("outer", inner)()  # pyright: ignore[reportPrivateUsage]
    assert parts.seconds["outer"] < parts.seconds["inner"]


MANY: Work = lambda engine: chains_of(engine, 5)  # noqa: E731
IN_A_ROW: Work = lambda engine: steps_of(engine, in_loop, 20)  # noqa: E731


@pytest.mark.parametrize("work", [MANY, IN_A_ROW])
async def test_bytecodes_are_the_same_each_time(work: Work, tmp_path: Path) -> None:
    once, again = [await bytecodes(Bench(tmp_path).within(name), work) for name in ("once", "again")]
    assert {"core", "runtime", "store", "authoring", "ports", "asyncio"} <= once.keys()
    assert once == again


async def test_both_tables_are_printed(tmp_path: Path) -> None:
    printed = await measure(Bench(tmp_path, scale=100))
    assert printed.count("| all |") == 2
    assert "| the core decides |" in printed


def test_a_table_has_a_line_for_each_name() -> None:
    assert table(("of", "a", "b"), [{"x": 1.4}, {"x": 2, "y": 1_000}]).splitlines() == [
        "| of | a | b |",
        "|---|---:|---:|",
        "| x | 1 | 2 |",
        "| y | 0 | 1,000 |",
        "| all | **1** | **1,002** |",
    ]

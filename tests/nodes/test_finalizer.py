"""`finalizer`: a worker runs it while the execution closes."""

from __future__ import annotations

import pytest

from pectin.core.action import Run
from pectin.core.definition import Definition, Effect, RunOn
from pectin.core.program import Entry
from pectin.core.retry import PRESETS
from pectin.nodes import bind
from tests.definitions import define, finalizer, fn, found, node

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(fn("a"), finalizer("tidy", None)),
        [
            (
                "E017",
                "",
                ("finalizer `tidy` doesn't say which ends it runs on; write `run_on`: success, failure or always"),
            )
        ],
    ),
    (
        define(fn("a"), node("tidy", "finalizer", {"fn": "x"}, run_on=RunOn.SUCCESS)),
        [
            ("E017", "", "finalizer `tidy` has no setting 'fn'; it has `function`"),
            ("E017", "", "finalizer `tidy` needs the setting `function`"),
        ],
    ),
    (
        define(fn("a"), node("tidy", "finalizer", {"function": "f"}, run_on=RunOn.ALWAYS, effect=Effect.ONCE)),
        [
            (
                "E039",
                "",
                (
                    "finalizer `tidy` can't be `once`: the end can't wait until it is known what it did; "
                    "use `keyed`, or do it in a node before the end"
                ),
            )
        ],
    ),
    (
        define(fn("a"), node("tidy", "finalizer", {"function": "f"}, run_on=RunOn.ALWAYS, effect=Effect.TRANSACTIONAL)),
        [
            (
                "E039",
                "",
                (
                    "finalizer `tidy` can't be `transactional`: the end can't wait until it is known "
                    "what it did; use `keyed`, or do it in a node before the end"
                ),
            )
        ],
    ),
    (
        define(fn("a"), node("tidy", "finalizer", {"function": "f"}, run_on=RunOn.ALWAYS, reconcile="ask")),
        [("E017", "", "finalizer `tidy` takes no `reconcile`; delete it")],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


@pytest.mark.parametrize("run_on", RunOn)
def test_a_worker_is_to_run_it(run_on: RunOn) -> None:
    program = bind(define(fn("a"), finalizer("tidy", run_on)))
    assert program.enter["tidy"](Entry(state={}, at=0)) == Run()
    assert program.graph.finalizers == ("tidy",)


def test_it_may_be_tried_again() -> None:
    tidy = node("tidy", "finalizer", {"function": "f"}, run_on=RunOn.ALWAYS, retry=PRESETS["io_default"], timeout_ms=9)
    assert found(define(fn("a"), tidy)) == []

"""The fields of a node that belong to some kinds only: nothing is declared that is not enforced."""

from __future__ import annotations

from typing import Final

from pectin.core.definition import Effect, Node
from pectin.core.kind import RUNS, Kind, Scope, Trait, check_duration, check_key, check_written, waits
from pectin.core.validate.report import Report

_CODES: Final = {Trait.RETRY: "E021", Trait.TIMEOUT: "E022", Trait.OUTPUT_KEY: "E019", Trait.EFFECT: "E026"}


def check_traits(node: Node, kind: Kind, scope: Scope, report: Report) -> None:
    """Refuse the fields that this kind hasn't, and check the others as far as they are alike for all kinds."""
    for trait in Trait:
        if trait not in kind.TRAITS and _has(node, trait):
            why = ": it has no attempts" if trait in RUNS else ""
            message = f"{node.kind} `{node.id}` takes no `{trait}`{why}"
            report.node(node.id, _CODES.get(trait, "E017"), message, "delete it", part=trait.value)
    problems = check_duration(node, "timeout", node.timeout_ms, part="timeout_ms")
    if node.output_key is not None and Trait.OUTPUT_KEY in kind.TRAITS:
        problems += check_key(node, "`output_key`", node.output_key, scope, part="output_key")
        if not waits(kind):
            problems += check_written(node, node.output_key, kind.output(node, scope), scope)
    for problem in problems:
        report.add(problem, "node", node.id)


def _has(node: Node, trait: Trait) -> bool:
    value: object = getattr(node, trait)
    return value is not (Effect.PURE if trait is Trait.EFFECT else None)

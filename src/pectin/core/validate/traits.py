"""The fields of a node that belong to some kinds only: nothing is declared that is not enforced."""

from __future__ import annotations

from typing import Final

from pectin.core.definition import Effect, Node
from pectin.core.expression import accepts
from pectin.core.hint import did_you_mean
from pectin.core.kind import RUNS, Kind, Scope, Trait, check_duration
from pectin.core.schema import describe
from pectin.core.validate.report import Report

_CODES: Final = {Trait.RETRY: "E021", Trait.TIMEOUT: "E022", Trait.OUTPUT_KEY: "E019", Trait.EFFECT: "E026"}


def check_traits(node: Node, kind: Kind, scope: Scope, report: Report) -> None:
    """Refuse the fields that this kind hasn't, and check the others as far as they are alike for all kinds."""
    for trait in Trait:
        if trait not in kind.TRAITS and _has(node, trait):
            why = ": it has no attempts" if trait in RUNS else ""
            message = f"{node.kind} `{node.id}` takes no `{trait}`{why}"
            report.node(node.id, _CODES.get(trait, "E017"), message, "delete it")
    for problem in check_duration(node, "timeout", node.timeout_ms):
        report.add(problem, "node", node.id)
    if node.output_key is not None and Trait.OUTPUT_KEY in kind.TRAITS:
        _check_output_key(node, node.output_key, kind, scope, report)


def _has(node: Node, trait: Trait) -> bool:
    value: object = getattr(node, trait)
    return value is not (Effect.PURE if trait is Trait.EFFECT else None)


def _check_output_key(node: Node, key: str, kind: Kind, scope: Scope, report: Report) -> None:
    field = scope.state.fields.get(key)
    if field is None:
        if not scope.state.open:
            message = f"{node.kind} `{node.id}` has the `output_key` `{key}`, and the state has no such field"
            report.node(node.id, "E019", message, did_you_mean(key, scope.state.fields) or "declare it there")
        return
    given = kind.output(node, scope)
    if not accepts(field.schema, given):
        message = f"{node.kind} `{node.id}` gives {describe(given)}, and `state.{key}` is {describe(field.schema)}"
        report.node(node.id, "E020", message)

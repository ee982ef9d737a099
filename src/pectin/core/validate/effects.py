"""What an effect asks of its node: a promise that couldn't be kept isn't made."""

from __future__ import annotations

from pectin.core.definition import Effect, Node
from pectin.core.kind import Kind, Trait
from pectin.core.retry import PRESETS
from pectin.core.validate.report import Report


def check_effect(node: Node, kind: Kind, report: Report) -> None:
    """`once` and `transactional` where they can be kept, and what belongs to `once` only there."""
    name = f"{node.kind} `{node.id}`"
    if Trait.RUN_ON in kind.TRAITS and node.effect in (Effect.ONCE, Effect.TRANSACTIONAL):
        message = f"{name} can't be `{node.effect}`: the end can't wait until it is known what it did"
        report.node(node.id, "E039", message, "use `keyed`, or do it in a node before the end", part="effect")
    if node.effect is Effect.ONCE and node.retry is not None and _names_no_class(node):
        message = f"{name} is `once`, and its retry policy doesn't name what it may be tried again after"
        hint = "name the classes in `retryable_on` of a RetryPolicy of its own, or leave the policy out"
        report.node(node.id, "E021", message, hint, part="retry")
    if node.reconcile is None or Trait.RECONCILE not in kind.TRAITS:
        return
    if node.effect is not Effect.ONCE:
        message = f"{name} has a `reconcile`, but is `{node.effect}`: only a `once` node is ever in doubt"
        report.node(node.id, "E039", message, "delete it, or make the node `once`", part="reconcile")
    elif not node.reconcile:
        report.node(node.id, "E017", f"{name} has a `reconcile` without a name", "name a registered function")


def _names_no_class(node: Node) -> bool:
    """A preset names classes that suit functions that may run twice; nobody chose them for this one."""
    return node.retry is not None and (not node.retry.retryable_on or node.retry in PRESETS.values())

"""What policies say of a definition's calls, as far as it is known when it is read.

What the definition's own policies block is refused here; an engine's policy is only known where it runs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pectin.core.definition import Definition, Node
from pectin.core.hint import did_you_mean
from pectin.core.policy import Level, Policy, Ruling, describe_asks, judge, matches
from pectin.core.status import SessionType
from pectin.core.validate.report import Report


def check_policies(definition: Definition, nodes: Mapping[str, Node], calls: Mapping[str, str], report: Report) -> None:
    """Calls that can never be made, approvals where nobody can be waited for, and rules that are about nothing.

    `calls` are the names of what nodes call.
    """
    if definition.policy is not None:
        _check_rules(None, definition.policy, calls.values(), report)
    for node in nodes.values():
        if node.policy is not None:
            called = [calls[node.id]] if node.id in calls else []
            _check_rules(node.id, node.policy, called, report)
    for name, call in calls.items():
        if name in nodes:
            _check_call(definition, nodes[name], call, report)


def _check_call(definition: Definition, node: Node, call: str, report: Report) -> None:
    verdict = judge(((Level.WORKFLOW, definition.policy), (Level.NODE, node.policy)), call)
    if verdict.ruling is Ruling.BLOCK:
        message = f"`{node.id}` calls `{call}`, which is blocked by `{verdict.rule}` of the {verdict.level}'s policy"
        report.node(node.id, "E065", message, "leave the node out, or let the policy allow the call")
    if verdict.ruling is not Ruling.APPROVE:
        return
    asks = describe_asks(verdict.asks)
    if node.run_on is not None:
        message = f"finalizer `{node.id}` calls `{call}`, which needs an approval ({asks}): at the end nobody is asked"
        report.node(node.id, "E066", message, "do it in a node before the end")
    elif definition.session_type is SessionType.STATELESS:
        message = f"`{node.id}` calls `{call}`, which needs an approval ({asks}), and a stateless execution can't wait"
        report.node(node.id, "E040", message, "make the workflow `resumable`")


def _check_rules(node: str | None, policy: Policy, called: Collection[str], report: Report) -> None:
    """Approvals of what nobody calls are probably misspelt. A block that nothing matches does its work."""
    problems: list[tuple[str, str, str, str]] = []
    if policy.model_allowlist:
        message = "`model_allowlist` of a policy is not there yet: no kind names a model"
        problems.append(("E023", message, "delete it", "policy.model_allowlist"))
    for index, rule in enumerate(policy.rules):
        if not any(matches(rule.tool, name) for name in called):
            message = f"`require_approval_for` of a policy names `{rule.tool}`, and nothing here calls that"
            hint = did_you_mean(rule.tool, called)
            problems.append(("W065", message, hint, f"policy.require_approval_for.{index}"))
    for code, message, hint, part in problems:
        if node is None:
            report.workflow(code, message, hint, part=part)
        else:
            report.node(node, code, f"node `{node}`: {message}", hint, part=part)

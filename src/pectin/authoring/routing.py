"""Nodes that run nothing and wait for nothing: they choose, hold rules against the state, lead to many, or end it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from pectin.authoring.draft import Draft, DraftNode
from pectin.authoring.handle import Condition, LimitExceeded, Parallel, PolicyCheck, Target
from pectin.authoring.places import find_caller
from pectin.core.definition import Edge, Json

S = TypeVar("S")

OnViolationName: TypeAlias = Literal["fail", "warn", "branch"]


class RoutingNodes(Generic[S]):
    """The part of a `Workflow` that declares them."""

    _draft: Draft

    def parallel(self, name: str) -> Parallel[S]:
        """A node that leads to all its targets at once and does nothing else."""
        node = DraftNode(name=name, kind="parallel", place=find_caller().place)
        self._draft.add(node)
        return Parallel(self._draft, node.name)

    def policy(
        self,
        name: str,
        rules: Sequence[tuple[str, str]],
        *,
        on_violation: OnViolationName = "fail",
        output_key: str | None = None,
    ) -> PolicyCheck[S]:
        """Hold rules against the state: pairs of a condition and of what is wrong where it holds, a text with
        expressions in it.

        With `fail` a violation fails the node (`policy_violation`), with all that is wrong. With `warn` and `branch` it
        goes on, and `output.violations` has a `{rule, message}` for each; `branch` needs an edge with a condition.
        """
        place, draft = find_caller().place, self._draft
        pairs = draft.read_pairs(rules, place, f"the rules of policy `{name}`", '[("state.total > 9000", "too much")]')
        written: list[Json] = [{"when": when, "message": message} for when, message in pairs]
        config: dict[str, Json] = {"rules": written, "on_violation": on_violation}
        node = DraftNode(name=name, kind="policy", place=place, config=config, output_key=output_key)
        draft.add(node)
        return PolicyCheck(draft, node.name)

    def condition(
        self, name: str, branches: Sequence[tuple[str, Target[S]]], *, default: Target[S] | None = None
    ) -> Condition[S]:
        """Go on to the target of the first branch whose expression holds, else to `default`.

        Without a default it fails with `no_route` if none holds.
        """
        place, draft = find_caller().place, self._draft
        pairs = draft.read_branches(branches, place, f"condition `{name}`")
        found = [(when, draft.find_target(target, place)) for when, target in pairs]
        config: dict[str, Any] = {"branches": [{"when": when, "to": to} for when, to in found if to is not None]}
        otherwise = None if default is None else draft.find_target(default, place)
        if otherwise is not None:
            config["default"] = otherwise
        node = DraftNode(name=name, kind="condition", place=place, config=config)
        draft.add(node)
        for target in dict.fromkeys([*(to for _, to in found), otherwise]):
            if target is not None:
                draft.edges.append((Edge(node.name, target), place))
        return Condition(draft, node.name)

    def limit_exceeded(self, name: str, message: str) -> LimitExceeded[S]:
        """End the execution as `limit_exceeded`, with this message: a text with expressions in it."""
        config = {"message": message}
        node = DraftNode(name=name, kind="limit_exceeded", place=find_caller().place, config=config)
        self._draft.add(node)
        return LimitExceeded(self._draft, node.name)

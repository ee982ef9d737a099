"""The worst case that a definition and its limits allow: how many attempts that spend, how much, and how long.

Every branch is taken, every loop goes round as often as it may, every map has as many items as there may be, and every
attempt fails but the last, as late as it may. Not counted are attempts that were cut off (each costs its ceiling, too),
and the time for which nobody can help it: until a worker is free, or while an operator holds it or is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from pectin.core.budget import COST, NOTHING, SORTS, Amount, Budget, read_money, show_money
from pectin.core.definition import END, Definition, Node, Trigger
from pectin.core.duration import format_duration
from pectin.core.graph import Graph, build_graph
from pectin.core.limits import LIMITS as BOUNDS
from pectin.core.limits import Limits

Workflow = tuple[str, str]
"""A workflow's id and version."""


class Worst(msgspec.Struct, frozen=True, omit_defaults=True):
    """`attempts` that spend and the `amount` of all of them, `time_ms` from the start to the end; None is no bound.

    `endless` are the nodes that leave the time without a bound, `unknown` those of which nobody says what they spend.
    """

    attempts: int | None = 0
    amount: Amount | None = NOTHING
    time_ms: int | None = 0
    endless: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def spends(self) -> bool:
        """Whether anything of it spends."""
        return self.attempts != 0 or bool(self.unknown)


def worst_case(
    definition: Definition,
    runs: Collection[str],
    waits: Mapping[str, int | None],
    children: Mapping[Workflow, Worst],
    bounds: Limits = BOUNDS,
) -> Worst:
    """The worst case of a valid definition.

    `runs` are the nodes that a worker runs, `waits` says of each node that waits how long at most, and `children` are
    the worst cases of the workflows that it runs.
    """
    survey = _Survey(definition, runs, waits, children, bounds)
    main, aside = survey.split()
    spent, more = survey.sum_spent(main), survey.sum_spent(aside)
    unknown = (*survey.list_unknown(main), *survey.list_unknown(aside))
    times = [survey.longest(main), survey.longest(aside), survey.time_of_end()]
    if definition.wall_time_ms is not None:
        times[0] = min(definition.wall_time_ms, definition.wall_time_ms if times[0] is None else times[0])
    known = [time for time in times if time is not None]
    is_endless = len(known) < len(times)
    return Worst(
        attempts=None if unknown else survey.count_attempts((*main, *aside)),
        amount=None if unknown else _within(definition, spent, more),
        time_ms=None if is_endless else sum(known),
        endless=tuple(survey.endless) if is_endless else (),
        unknown=unknown,
    )


def tell_worst(worst: Worst) -> str:
    """It in words: `at most 12 attempts that spend, $1.80, 31 min`."""
    told: list[str] = []
    if worst.attempts is not None:
        told.append("1 attempt that spends" if worst.attempts == 1 else f"{worst.attempts:,} attempts that spend")
    if worst.amount is not None:
        told.append(_show_amount(worst.amount))
    if worst.time_ms is not None:
        told.append(format_duration(_round_up(worst.time_ms)))
    clauses = [f"at most {', '.join(told)}"] if told else []
    if worst.unknown:
        clauses.append(f"nobody says what the child of {_names(worst.unknown)} may spend")
    if worst.endless:
        clauses.append(f"no bound on the time of {_names(worst.endless)}")
    return "; ".join(clauses)


_LOOP: Final = "loop "
"""What a loop is called beside nodes: no node's name has a blank."""


class _Survey:
    """What the nodes of one definition can come to."""

    def __init__(
        self,
        definition: Definition,
        runs: Collection[str],
        waits: Mapping[str, int | None],
        children: Mapping[Workflow, Worst],
        bounds: Limits,
    ) -> None:
        self.endless: dict[str, None] = {}
        self._definition = definition
        self._runs = runs
        self._waits = waits
        self._children = children
        self._bounds = bounds
        self._graph: Graph = build_graph(definition)
        self._nodes = {node.id: node for node in definition.nodes}

    def split(self) -> tuple[list[str], list[str]]:
        """The nodes that the start leads to, and those that a limit leads to. Items and finalizers are in neither."""
        onward: dict[str, list[str]] = {name: [] for name in self._nodes}
        for edge in self._definition.edges:
            if edge.target != END:
                onward[edge.source].append(edge.target)
        on_limit = self._definition.on_limit
        return _reach(self._definition.start, onward), [] if on_limit is None else _reach(on_limit, onward)

    # -- what is spent ----------------------------------------------------------------------------------------

    def count_attempts(self, names: Iterable[str]) -> int:
        return sum(times * self._attempts(node) for node, times in self._spenders(names))

    def sum_spent(self, names: Iterable[str]) -> Amount:
        total = NOTHING
        for node, times in self._spenders(names):
            total = total.plus(self._most(node).times(times))
        return total

    def list_unknown(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those who run a child of which nobody says what it spends."""
        workers = (self._nodes[self._work_of(name)] for name in names)
        return tuple(node.id for node in workers if node.child is not None and self._is_unknown(node))

    def _spenders(self, names: Iterable[str]) -> Iterable[tuple[Node, int]]:
        """Who spends, and how many activations of it there may be."""
        for name in names:
            node, times = self._nodes[self._work_of(name)], self._iterations(name)
            if self._nodes[name].each is not None:
                times *= self._bounds.items_max
            if node.ceiling is not None or self._has_spending_child(node):
                yield node, times

    def _has_spending_child(self, node: Node) -> bool:
        """Whether its child may spend, as far as is known of it."""
        if node.child is None:
            return False
        child = self._child(node)
        return child is None or child.spends

    def _work_of(self, name: str) -> str:
        """The node that does the work: of a map, its item node."""
        each = self._nodes[name].each
        return name if each is None else each.node

    def _attempts(self, node: Node) -> int:
        if node.child is not None:
            child = self._child(node)
            return (child.attempts or 1) if child is not None and child.attempts is not None else 1
        return 1 if node.retry is None else node.retry.max_attempts

    def _most(self, node: Node) -> Amount:
        """The most that one activation may spend."""
        if node.child is None:
            return NOTHING if node.ceiling is None else node.ceiling.times(self._attempts(node))
        child = self._child(node)
        inside = None if child is None else child.amount
        if node.ceiling is None:
            return NOTHING if inside is None else inside
        return node.ceiling if inside is None else _least(node.ceiling, inside)

    def _is_unknown(self, node: Node) -> bool:
        child = self._child(node)
        return node.ceiling is None and (child is None or child.amount is None)

    def _child(self, node: Node) -> Worst | None:
        assert node.child is not None, "only a node with a child has one"
        return self._children.get((node.child.workflow, node.child.version))

    # -- how often, and how long ------------------------------------------------------------------------------

    def _iterations(self, name: str) -> int:
        times = 1
        for header in self._graph.path[name]:
            times *= self._limit_of(header)
        return times

    def _limit_of(self, header: str) -> int:
        limits = self._definition.limits
        whole = limits.max_iterations if limits is not None else None
        return self._graph.loops[header].max_iterations or whole or self._bounds.iterations_max

    def longest(self, names: Iterable[str]) -> int | None:
        """The longest way through these nodes, loops included; None if there is no bound."""
        inside = set(names)
        return self._longest(inside, 0)

    def _longest(self, inside: set[str], depth: int) -> int | None:
        """Of the nodes in one loop, or outside loops: an inner loop counts as one of them."""
        parts: dict[str, set[str]] = {}
        for name in (name for name in self._nodes if name in inside):
            parts.setdefault(self._part_of(name, depth), set()).add(name)
        times = {part: self._time_of(part, members, depth) for part, members in parts.items()}
        if any(time is None for time in times.values()):
            return None
        onward: dict[str, set[str]] = {part: set() for part in parts}
        for edge in self._definition.edges:
            if edge.source in inside and edge.target in inside and edge.trigger is not Trigger.REPEAT:
                source, target = (self._part_of(name, depth) for name in (edge.source, edge.target))
                if source != target:
                    onward[source].add(target)
        return _longest_way(times, onward)

    def _part_of(self, name: str, depth: int) -> str:
        path = self._graph.path[name]
        return name if len(path) <= depth else f"{_LOOP}{path[depth]}"

    def _time_of(self, part: str, members: set[str], depth: int) -> int | None:
        if not part.startswith(_LOOP):
            return self._time(part)
        inner = self._longest(members, depth + 1)
        return None if inner is None else inner * self._limit_of(part.removeprefix(_LOOP))

    def _time(self, name: str) -> int | None:
        node = self._nodes[name]
        if node.each is not None:
            at_once = node.each.max_concurrency or self._bounds.scheduled_items_max
            one = self._time(node.each.node)
            return None if one is None else one * -(-self._bounds.items_max // at_once)
        time: int | None = 0
        if node.child is not None:
            child = self._child(node)
            time = None if child is None else child.time_ms
        elif name in self._waits:
            time = self._waits[name]
        elif name in self._runs:
            time = self._time_of_attempts(node)
        if time is None:
            self.endless[name] = None
        return time

    def _time_of_attempts(self, node: Node) -> int | None:
        timeout_ms = node.timeout_ms or self._definition.timeouts.node_timeout_ms
        if timeout_ms is None:
            return None
        retries = 0 if node.retry is None else node.retry.max_attempts - 1
        return timeout_ms * (retries + 1) + (0 if node.retry is None else node.retry.max_delay_ms * retries)

    def time_of_end(self) -> int | None:
        """The grace for attempts that don't stop, and the finalizers, one after another."""
        own = self._definition.stop_grace_ms
        times = [self._bounds.stop_grace_ms if own is None else own, *map(self._time, self._graph.finalizers)]
        known = [time for time in times if time is not None]
        return sum(known) if len(known) == len(times) else None


def _reach(start: str, onward: Mapping[str, Iterable[str]]) -> list[str]:
    reached, pending = {start: None}, [start]
    while pending:
        for target in onward[pending.pop()]:
            if target not in reached:
                reached[target] = None
                pending.append(target)
    return list(reached)


def _longest_way(times: Mapping[str, int | None], onward: Mapping[str, Iterable[str]]) -> int:
    found: dict[str, int] = {}
    for part in _in_order(onward):
        found[part] = (times[part] or 0) + max((found[target] for target in onward[part]), default=0)
    return max(found.values(), default=0)


def _in_order(onward: Mapping[str, Iterable[str]]) -> list[str]:
    """Each part after all that it leads to. There is no way round in a valid definition."""
    order: dict[str, None] = {}
    pending = [(part, False) for part in onward]
    while pending:
        part, is_done = pending.pop()
        if is_done:
            order[part] = None
        elif part not in order:
            pending.append((part, True))
            pending += [(target, False) for target in onward[part] if target not in order]
    return list(order)


def _within(definition: Definition, spent: Amount, more: Amount) -> Amount:
    """What the limits leave of it. The path of `on_limit` has one limit less: what it spends comes on top."""
    least: dict[str, Any] = {}
    for sort in SORTS:
        own, beyond = getattr(spent, sort), getattr(more, sort)
        limits = [limit for limit in _limits_on(definition.budget, sort) if Decimal(limit) < Decimal(own)]
        kept = Decimal(min(map(Decimal, limits))) if limits else Decimal(own)
        least[sort] = kept + Decimal(beyond)
    return Amount(read_money(least["cost_usd"], "cost_usd"), *(int(least[sort]) for sort in SORTS[1:]))


def _limits_on(budget: Budget | None, sort: str) -> list[str | int]:
    names = (COST,) if sort == "cost_usd" else (sort, "total_tokens")
    found = [getattr(budget, name) for name in names] if budget is not None else []
    return [limit for limit in found if limit is not None]


def _least(one: Amount, other: Amount) -> Amount:
    """Of what the first says, the less of both; of what it doesn't say, the other."""
    return Amount(
        min(one.cost_usd, other.cost_usd, key=Decimal) if one.cost_usd != "0" else other.cost_usd,
        min(one.input_tokens or other.input_tokens, other.input_tokens),
        min(one.output_tokens or other.output_tokens, other.output_tokens),
    )


def _show_amount(amount: Amount) -> str:
    tokens = f"{amount.total_tokens:,} tokens"
    if amount.cost_usd == "0":
        return tokens
    return f"{show_money(amount.cost_usd)} and {tokens}" if amount.total_tokens else show_money(amount.cost_usd)


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


def _round_up(time_ms: int) -> int:
    """To the unit to which it is cut where it is shown: it must not be said shorter than it is."""
    for least_ms, unit_ms in ((100 * 3_600_000, 3_600_000), (3_600_000, 60_000), (60_000, 1_000)):
        if time_ms >= least_ms:
            return -(-time_ms // unit_ms) * unit_ms
    return time_ms

"""Amounts of money and tokens, and the limits on them. All of it is exact: money is decimal text, never a float.

Who waits for a budget, and what is left of one, is in `core.line`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any, Final, cast

import msgspec

from pectin.core.error import BadValue, quote
from pectin.core.hint import did_you_mean

COST: Final = "max_cost_usd"
"""The name of the limit on money; those of tokens are named like the tokens."""

BUDGET_EXCEEDED: Final = "budget_exceeded"
"""The class of the failure of an attempt that wants to spend more than its ceiling."""

MONEY_MAX: Final = 10**12
DECIMALS_MAX: Final = 12
TOKENS_MAX: Final = 10**15

_EXACT: Final = Context(prec=100, traps=[Inexact, InvalidOperation])
_NO_MONEY: Final = "0"
_WRITE_MONEY: Final = 'write US dollars as text, such as "0.10"'


class Amount(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Money and tokens: what was spent, what is reserved, or as a *ceiling* the most that one attempt may spend.

    `cost_usd` is a decimal as text. Of a ceiling, nothing stands for: not said.
    """

    cost_usd: str = _NO_MONEY
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        """Input and output."""
        return self.input_tokens + self.output_tokens

    def plus(self, other: Amount) -> Amount:
        """The sum of both."""
        return Amount(
            _write(_EXACT.add(Decimal(self.cost_usd), Decimal(other.cost_usd))),
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
        )

    def minus(self, other: Amount) -> Amount:
        """What is left without the other, which is no more in anything."""
        return Amount(
            _write(_EXACT.subtract(Decimal(self.cost_usd), Decimal(other.cost_usd))),
            self.input_tokens - other.input_tokens,
            self.output_tokens - other.output_tokens,
        )

    def most(self, other: Amount) -> Amount:
        """Of everything the larger one."""
        return Amount(
            _write(max(Decimal(self.cost_usd), Decimal(other.cost_usd))),
            max(self.input_tokens, other.input_tokens),
            max(self.output_tokens, other.output_tokens),
        )

    def times(self, count: int) -> Amount:
        """As much, so many times."""
        cost = _EXACT.multiply(Decimal(self.cost_usd), Decimal(count))
        return Amount(_write(cost), self.input_tokens * count, self.output_tokens * count)

    def to_json(self) -> dict[str, Any]:
        """All of it, and the sum of the tokens."""
        tokens = {name: getattr(self, name) for name in ("input_tokens", "output_tokens", "total_tokens")}
        return {"cost_usd": self.cost_usd, **tokens}


NOTHING: Final = Amount()


class Budget(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Limits on what is spent; None is no limit. n allows n."""

    max_cost_usd: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None

    def passed_by(self, amount: Amount) -> str | None:
        """The first of the limits that this amount is more than."""
        if self.max_cost_usd is not None and Decimal(amount.cost_usd) > Decimal(self.max_cost_usd):
            return COST
        for name in _TOKENS:
            limit: int | None = getattr(self, name)
            if limit is not None and getattr(amount, name) > limit:
                return name
        return None

    def without(self, limit: str) -> Budget | None:
        """The other limits, None if there is no other."""
        rest = msgspec.structs.replace(self, **{limit: None})
        return None if rest == Budget() else rest

    def limits(self, sort: str) -> bool:
        """Whether any limit concerns this field of an amount."""
        if sort == "cost_usd":
            return self.max_cost_usd is not None
        return self.total_tokens is not None or getattr(self, sort) is not None


SORTS: Final = Amount.__struct_fields__
"""What an amount is made of."""

LIMITS: Final = Budget.__struct_fields__
"""The limits on what is spent, in the order in which they are looked at."""

_TOKENS: Final = LIMITS[1:]


def allowance(budgets: tuple[Budget, ...], ceiling: Amount | None) -> Budget | None:
    """What one attempt, or one child, may spend under these budgets: its ceiling; and where it says none, nothing of
    what is limited. None if nothing bounds it."""
    allowed: dict[str, Any] = {}
    for limit, sort in zip(LIMITS, SORTS, strict=False):
        nothing = getattr(NOTHING, sort)
        said = nothing if ceiling is None else getattr(ceiling, sort)
        if said != nothing or any(budget.limits(sort) for budget in budgets):
            allowed[limit] = said
    return Budget(**allowed) if allowed else None


# -- reading and showing ----------------------------------------------------------------------------------------


def read_amount(value: object, path: str) -> Amount:
    """An amount, or a mapping of some of its fields. Raises `BadValue`."""
    if isinstance(value, Amount):
        value = {sort: getattr(value, sort) for sort in SORTS if getattr(value, sort) != getattr(NOTHING, sort)}
    if not isinstance(value, Mapping):
        raise BadValue(path, f"{quote(value)} is no amount", 'write `{"cost_usd": "0.10", "output_tokens": 2000}`')
    given = cast("Mapping[Any, object]", value)
    for name in given:
        if name not in SORTS:
            hint = did_you_mean(str(name), SORTS) or f"use {', '.join(SORTS)}"
            raise BadValue(path, f"an amount has no {quote(name)}", hint)
    cost = given.get("cost_usd", _NO_MONEY)
    return Amount(
        read_money(cost, f"{path}.cost_usd"),
        *(read_tokens(given.get(name, 0), f"{path}.{name}") for name in SORTS[1:]),
    )


def read_money(value: object, path: str) -> str:
    """Money as decimal text, from text, an integer or a `Decimal`. Raises `BadValue`."""
    if isinstance(value, float):
        raise BadValue(path, f"{quote(value)} is a float, and floats are not exact", _WRITE_MONEY)
    if type(value) is not int and not isinstance(value, str | Decimal):
        raise BadValue(path, f"{quote(value)} is no money", _WRITE_MONEY)
    text = str(value)
    try:
        money = Decimal(text) if len(text) <= 100 and text.isascii() and "_" not in text else Decimal("nan")
    except InvalidOperation:
        money = Decimal("nan")
    if not money.is_finite():
        raise BadValue(path, f"{quote(value)} is no money", _WRITE_MONEY)
    if money < 0:
        raise BadValue(path, f"{quote(value)} is less than nothing", _WRITE_MONEY)
    if money > MONEY_MAX or money != money.quantize(Decimal(1).scaleb(-DECIMALS_MAX), context=_ROUNDING):
        raise BadValue(path, f"{quote(value)} has too many digits", f"write at most {DECIMALS_MAX} after the point")
    return _write(money)


def read_tokens(value: object, path: str) -> int:
    """A number of tokens. Raises `BadValue`."""
    if type(value) is not int or not 0 <= value <= TOKENS_MAX:
        raise BadValue(path, f"{quote(value)} is no number of tokens", "write a whole number from 0 on")
    return value


def show_money(cost_usd: str) -> str:
    """Money as people read it, with two digits after the point at least: `$0.10`."""
    whole, _, cents = cost_usd.partition(".")
    return f"${int(whole):,}.{cents:0<2}"


def show_limit(limit: str, value: str | int) -> str:
    """The value of one of the `LIMITS`: `$1.00`, `4,000`."""
    return show_money(str(value)) if limit == COST else f"{value:,}"


def measure(limit: str, amount: Amount) -> str | int:
    """How much of an amount a limit counts."""
    return amount.cost_usd if limit == COST else getattr(amount, limit)


_ROUNDING: Final = Context(prec=100)


def _write(money: Decimal) -> str:
    """One text for one sum: no exponent, and no zeros at the end."""
    text = format(money, "f")
    return _NO_MONEY if not money else text.rstrip("0").rstrip(".") if "." in text else text

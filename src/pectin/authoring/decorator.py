"""The types of decorators: which functions can be what, for an author's type checker.

A function takes the state, or a base of its type with fewer fields. It returns the state, or a TypedDict of some of
its keys, or any value if an `output_key` says where it goes. The overloads say this for `def` and `async def` and keep
the signature, so that a node is still called as its function. What a type checker can't see (the keys of the
TypedDict) is checked by `build`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import ClassVar, Concatenate, Literal, ParamSpec, Protocol, TypeAlias, TypedDict, TypeVar, overload

from pectin.authoring.draft import Duration
from pectin.authoring.handle import Finalizer, Map, Node, SomeCoroutine
from pectin.core.budget import Amount
from pectin.core.policy import Policy
from pectin.core.retry import RetryPolicy

S = TypeVar("S")
T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")

EffectName: TypeAlias = Literal["pure", "idempotent", "keyed", "transactional", "once"]
PresetName: TypeAlias = Literal["io_default", "llm_default", "no_retry"]
RunOnName: TypeAlias = Literal["success", "failure", "always"]
SessionTypeName: TypeAlias = Literal["resumable", "stateless", "ephemeral", "persistent_governed", "approval_gated"]
ReducerName: TypeAlias = Literal["append", "add", "max", "min", "union", "merge"]
OnFailureName: TypeAlias = Literal["fail_fast", "wait"]
OnItemFailureName: TypeAlias = Literal["fail", "wait", "collect"]


Money: TypeAlias = str | int | Decimal
"""US dollars, exact: `"0.10"`, a whole number, or a `Decimal`; never a float."""


class AmountOptions(TypedDict, total=False):
    """Some of the fields of an `Amount`."""

    cost_usd: Money
    input_tokens: int
    output_tokens: int


Ceiling: TypeAlias = Amount | AmountOptions
"""The most that one attempt may spend."""


class LimitOptions(TypedDict, total=False):
    """What one execution may use; n allows n.

    `max_iterations` is for each loop that doesn't say its own, `wall_time` counts from the start on. The others limit
    what is spent, before it is spent; `total_tokens` counts input and output.
    """

    max_iterations: int
    wall_time: Duration
    max_cost_usd: Money
    input_tokens: int
    output_tokens: int
    total_tokens: int


class Options(TypedDict, total=False):
    """How a function runs.

    `effect` says what a crash may do to it (`idempotent` if nothing is said), `retry` is a preset or a policy (none:
    no retry), `timeout` bounds one attempt, `name` is the node's name if it isn't the function's. A `policy`
    says whether it may be called. `ceiling` is the most that one attempt may spend, such as
    `{"cost_usd": "0.10", "output_tokens": 2000}`.
    """

    effect: EffectName
    retry: PresetName | RetryPolicy
    timeout: Duration
    name: str
    policy: Policy
    ceiling: Ceiling


class ItemOptions(TypedDict, total=False):
    """How the items of a map run: at most `max_concurrency` at once, their outputs to `output_key`.

    An item that fails ends the others (`fail`), or the map fails when all have ended (`wait`), or its output is
    `{"error": {...}}` (`collect`).
    """

    max_concurrency: int
    on_item_failure: OnItemFailureName
    output_key: str


class MapOptions(Options, ItemOptions, total=False):
    """How the function of a map runs."""


class SomeKeys(Protocol):
    """Any TypedDict, and no plain dict."""

    __required_keys__: ClassVar[frozenset[str]]
    __optional_keys__: ClassVar[frozenset[str]]


K = TypeVar("K", bound=SomeKeys)


class MakeNode(Protocol[S]):
    """`@workflow.node(...)`: on a function that returns the state or keys of it."""

    @overload
    def __call__(self, function: Callable[Concatenate[S, P], SomeCoroutine[S]], /) -> Node[S, P, SomeCoroutine[S]]: ...
    @overload
    def __call__(self, function: Callable[Concatenate[S, P], SomeCoroutine[K]], /) -> Node[S, P, SomeCoroutine[K]]: ...
    @overload
    def __call__(self, function: Callable[Concatenate[S, P], S], /) -> Node[S, P, S]: ...
    @overload
    def __call__(self, function: Callable[Concatenate[S, P], K], /) -> Node[S, P, K]: ...


class MakeValueNode(Protocol[S]):
    """`@workflow.node(output_key=..., ...)`: on a function that returns any value."""

    def __call__(self, function: Callable[Concatenate[S, P], R], /) -> Node[S, P, R]: ...


class MakeMap(Protocol[S, T]):
    """`@workflow.each(node, ...)`: on a function of one item of the list that the node gives."""

    def __call__(self, function: Callable[Concatenate[T, P], R], /) -> Map[S, T, P, R]: ...


class MakeAnyMap(Protocol[S]):
    """`@workflow.each("state.items", ...)`: on a function of one item, whose type `build` checks."""

    def __call__(self, function: Callable[Concatenate[T, P], R], /) -> Map[S, T, P, R]: ...


class MakeFinalizer(Protocol[S]):
    """`@workflow.finalizer(...)`: on a function that returns the state or None."""

    @overload
    def __call__(
        self, function: Callable[Concatenate[S, P], SomeCoroutine[S | None]], /
    ) -> Finalizer[S, P, SomeCoroutine[S | None]]: ...
    @overload
    def __call__(self, function: Callable[Concatenate[S, P], S | None], /) -> Finalizer[S, P, S | None]: ...

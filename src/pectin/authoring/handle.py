"""What declaring a node returns: its edges are added here, and it is called as the function it was made from.

The type parameter `S` is the workflow's state. It is here so that a node of a workflow with another state is no target
for a type checker; `build` finds the others.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from functools import update_wrapper
from typing import Any, Concatenate, Final, Generic, Literal, ParamSpec, Self, TypeAlias, TypeVar, overload

from pectin.authoring.draft import Draft, DraftFunction, Named
from pectin.authoring.places import find_caller
from pectin.core.definition import Place, Trigger
from pectin.core.error import quote
from pectin.core.hint import did_you_mean
from pectin.ports.function import DidNot, Happened, Unknown

S = TypeVar("S")
T = TypeVar("T")
P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

End: TypeAlias = Literal["end"]
END: Final[End] = "end"
"""The target of an edge that leads nowhere further."""

SomeCoroutine: TypeAlias = Coroutine[Any, Any, R]
Reconciliation: TypeAlias = Happened[R] | DidNot | Unknown
"""What a `reconcile` says of an attempt of which nobody knows whether it happened."""


class Handle(Named, Generic[S]):
    """A node of a workflow with state `S`. Each method returns the handle itself, not the target."""

    def describe(self, description: str | None = None, *, labels: Mapping[str, str] | None = None) -> Self:
        """Say what the node is for, and label it: notes for people, which change neither what it does nor a hash."""
        _note_description(self._draft, self.name, description, labels)
        return self

    def on_error(self, *targets: Target[S], when: str | None = None) -> Self:
        """Go on there if the node fails beyond its retries, and `when` holds over `error` (an expression)."""
        place = find_caller().place
        self._draft.connect(self.name, targets, place, trigger=Trigger.ERROR, condition=when)
        return self

    def repeat(self, target: Handle[S], *, when: str, max_iterations: int | None = None) -> Self:
        """Go back to `target` while the expression `when` holds, the only way to make a loop.

        `max_iterations` is how often `target` may run each time the loop is entered, the first included. It is only
        left out where the workflow has a limit for its loops.
        """
        self._draft.connect(
            self.name,
            (target,),
            find_caller().place,
            trigger=Trigger.REPEAT,
            condition=when,
            max_iterations=max_iterations,
        )
        return self

    def on_limit(self, *targets: Target[S]) -> Self:
        """Go on there if the iterations of the loop that begins at this node are used up. Else that is a limit."""
        self._draft.connect(self.name, targets, find_caller().place, trigger=Trigger.LIMIT)
        return self


Target: TypeAlias = Handle[S] | End
"""Where an edge may lead: a node of a workflow with state `S`, or END."""


class Source(Handle[S]):
    """A node whose ways on are said one by one."""

    def then(self, *targets: Target[S], when: str | None = None) -> Self:
        """Go on to each of the targets, always or where the expression `when` holds (over `state`, `output`)."""
        trigger = Trigger.ALWAYS if when is None else Trigger.WHEN
        self._draft.connect(self.name, targets, find_caller().place, trigger=trigger, condition=when)
        return self

    def otherwise(self, *targets: Target[S]) -> Self:
        """Go on to each of the targets if no `when` of this node held."""
        self._draft.connect(self.name, targets, find_caller().place, trigger=Trigger.OTHERWISE)
        return self


class Node(Source[S], Generic[S, P, R_co]):
    """A node that runs a function. Called, it is that function: a unit test needs no engine."""

    def __init__(self, draft: Draft, name: str, function: Callable[Concatenate[S, P], R_co]) -> None:
        super().__init__(draft, name)
        self.function = function
        update_wrapper(self, function)

    def __call__(self, state: S, /, *args: P.args, **kwargs: P.kwargs) -> R_co:
        return self.function(state, *args, **kwargs)

    @overload
    def reconcile(
        self: Node[S, P, SomeCoroutine[R]], function: Callable[Concatenate[S, Q], SomeCoroutine[Reconciliation[R]]], /
    ) -> Callable[Concatenate[S, Q], SomeCoroutine[Reconciliation[R]]]: ...
    @overload
    def reconcile(
        self: Node[S, P, SomeCoroutine[R]], function: Callable[Concatenate[S, Q], Reconciliation[R]], /
    ) -> Callable[Concatenate[S, Q], Reconciliation[R]]: ...
    @overload
    def reconcile(
        self: Node[S, P, R], function: Callable[Concatenate[S, Q], SomeCoroutine[Reconciliation[R]]], /
    ) -> Callable[Concatenate[S, Q], SomeCoroutine[Reconciliation[R]]]: ...
    @overload
    def reconcile(
        self: Node[S, P, R], function: Callable[Concatenate[S, Q], Reconciliation[R]], /
    ) -> Callable[Concatenate[S, Q], Reconciliation[R]]: ...
    def reconcile(self, function: Callable[..., Any], /) -> Any:
        """Ask this function `(state)` or `(state, ctx: Context)` whether an attempt in doubt has happened.

        For nodes with the effect `once`. It returns `Happened(result)` with what the node would have returned,
        `DidNot()`, or `Unknown()`, and then a person is asked.
        """
        return _note_reconcile(self._draft, self.name, function)


class Map(Source[S], Generic[S, T, P, R_co]):
    """A node that runs a function once for each item of a list. Called, it is that function."""

    def __init__(self, draft: Draft, name: str, function: Callable[Concatenate[T, P], R_co]) -> None:
        super().__init__(draft, name)
        self.function = function
        update_wrapper(self, function)

    def __call__(self, item: T, /, *args: P.args, **kwargs: P.kwargs) -> R_co:
        return self.function(item, *args, **kwargs)

    @overload
    def reconcile(
        self: Map[S, T, P, SomeCoroutine[R]], function: Callable[Concatenate[T, Q], SomeCoroutine[Reconciliation[R]]], /
    ) -> Callable[Concatenate[T, Q], SomeCoroutine[Reconciliation[R]]]: ...
    @overload
    def reconcile(
        self: Map[S, T, P, SomeCoroutine[R]], function: Callable[Concatenate[T, Q], Reconciliation[R]], /
    ) -> Callable[Concatenate[T, Q], Reconciliation[R]]: ...
    @overload
    def reconcile(
        self: Map[S, T, P, R], function: Callable[Concatenate[T, Q], SomeCoroutine[Reconciliation[R]]], /
    ) -> Callable[Concatenate[T, Q], SomeCoroutine[Reconciliation[R]]]: ...
    @overload
    def reconcile(
        self: Map[S, T, P, R], function: Callable[Concatenate[T, Q], Reconciliation[R]], /
    ) -> Callable[Concatenate[T, Q], Reconciliation[R]]: ...
    def reconcile(self, function: Callable[..., Any], /) -> Any:
        """Ask this function `(item)` or `(item, ctx: Context)`, as that of a node."""
        return _note_reconcile(self._draft, self.name, function)


class Finalizer(Generic[S, P, R_co]):
    """A function that runs when the execution ends. It has no edges. Called, it is that function."""

    def __init__(self, draft: Draft, name: str, function: Callable[Concatenate[S, P], R_co]) -> None:
        self._draft = draft
        self._name = name
        self.function = function
        update_wrapper(self, function)

    def describe(self, description: str | None = None, *, labels: Mapping[str, str] | None = None) -> Self:
        """Say what it is for, as with a node."""
        _note_description(self._draft, self._name, description, labels)
        return self

    def __call__(self, state: S, /, *args: P.args, **kwargs: P.kwargs) -> R_co:
        return self.function(state, *args, **kwargs)


class Approval(Source[S]):
    """A node that waits for a person's decision."""

    def __init__(self, draft: Draft, name: str, decisions: tuple[str, ...]) -> None:
        super().__init__(draft, name)
        self._decisions = decisions

    def on(self, **ways: Target[S] | tuple[Target[S], ...]) -> Self:
        """Where each decision leads: `review.on(approved=pay, rejected=END, timeout=(tell, END))`.

        `timeout` is the decision at the deadline. Each decision needs a way on.
        """
        place = find_caller().place
        for decision, way in ways.items():
            if decision in self._decisions:
                self._go(decision, way if isinstance(way, tuple) else (way,), place)
                continue
            hint = did_you_mean(decision, self._decisions) or f"it has {', '.join(self._decisions)}"
            self._draft.note(place, "E016", f"approval `{self.name}` has no decision `{decision}`", hint)
        return self

    def _go(self, decision: str, targets: tuple[Any, ...], place: Place) -> None:
        condition = f"output.decision == '{decision}'"
        self._draft.connect(self.name, targets, place, trigger=Trigger.WHEN, condition=condition)


class Wait(Source[S]):
    """A node that waits for a time, an event or a signal."""


class Join(Source[S]):
    """A node that waits for what leads to it and collects what arrives."""


class Parallel(Source[S]):
    """A node that does nothing but lead to all its targets."""


class Subgraph(Source[S]):
    """A node that runs another workflow, or one for each item of a list."""


class ToolNode(Source[S], Generic[S, R_co]):
    """A node that calls a tool, which gives an `R_co`."""

    @overload
    def reconcile(
        self: ToolNode[S, SomeCoroutine[R]], function: Callable[Q, SomeCoroutine[Reconciliation[R]]], /
    ) -> Callable[Q, SomeCoroutine[Reconciliation[R]]]: ...
    @overload
    def reconcile(
        self: ToolNode[S, SomeCoroutine[R]], function: Callable[Q, Reconciliation[R]], /
    ) -> Callable[Q, Reconciliation[R]]: ...
    @overload
    def reconcile(
        self: ToolNode[S, R], function: Callable[Q, SomeCoroutine[Reconciliation[R]]], /
    ) -> Callable[Q, SomeCoroutine[Reconciliation[R]]]: ...
    @overload
    def reconcile(
        self: ToolNode[S, R], function: Callable[Q, Reconciliation[R]], /
    ) -> Callable[Q, Reconciliation[R]]: ...
    def reconcile(self, function: Callable[..., Any], /) -> Any:
        """Ask this function, which takes what it needs of the tool's arguments, whether a call in doubt has happened.

        For tools with the effect `once`. It returns `Happened(result)` with what the tool would have given, `DidNot()`,
        or `Unknown()`, and then a person is asked.
        """
        return _note_reconcile(self._draft, self.name, function)


class Condition(Handle[S]):
    """A node that chooses one way. Its branches are its edges; besides it has `on_error` and `repeat` only."""


class PolicyCheck(Source[S]):
    """A node that holds rules against the state."""


class LimitExceeded(Handle[S]):
    """A node that ends the execution as `limit_exceeded`."""


def _note_description(draft: Draft, name: str, description: object, labels: Mapping[str, str] | None) -> None:
    place, node = find_caller().place, draft.nodes[name]
    if description is not None and not isinstance(description, str):
        message = f"the description of `{name}`, {quote(description)}, is no text"
        draft.note(place, "E017", message, "write it in quotes")
    elif description is not None:
        node.description = description
    node.labels |= draft.read_labels(labels, place, f"`{name}`")


def _note_reconcile(draft: Draft, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    place, names = find_caller()
    node = draft.nodes[name]
    if node.reconcile is not None:
        message = f"node `{name}` has a `reconcile` already, declared at {node.reconcile.place}"
        draft.note(place, "E039", message, "keep one")
    else:
        node.reconcile = DraftFunction(function, place, names)
    return function

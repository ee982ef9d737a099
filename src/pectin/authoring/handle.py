"""What declaring a node returns: its edges are added here, and it is called as the function it was made from.

The type parameter `S` is the workflow's state. It is here so that a node of a workflow with another state is no target
for a type checker; `build` finds the others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, Final, Generic, Literal, ParamSpec, Self, TypeAlias, TypeVar

from pectin.authoring.draft import Draft, Named
from pectin.authoring.places import find_caller
from pectin.core.definition import Place, Trigger
from pectin.core.hint import did_you_mean

S = TypeVar("S")
T = TypeVar("T")
P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)

End: TypeAlias = Literal["end"]
END: Final[End] = "end"
"""The target of an edge that leads nowhere further."""


class Handle(Named, Generic[S]):
    """A node of a workflow with state `S`. Each method returns the handle itself, not the target."""

    def on_error(self, *targets: Target[S], when: str | None = None) -> Self:
        """Go on there if the node fails beyond its retries, and `when` holds over `error` (an expression)."""
        place = find_caller().place
        self._draft.connect(self.name, targets, place, trigger=Trigger.ERROR, condition=when)
        return self

    def repeat(self, target: Handle[S], *, when: str, max_iterations: int) -> Self:
        """Go back to `target` while the expression `when` holds, the only way to make a loop.

        `max_iterations` is how often `target` may run each time the loop is entered, the first included.
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


class Map(Source[S], Generic[S, T, P, R_co]):
    """A node that runs a function once for each item of a list. Called, it is that function."""

    def __init__(self, draft: Draft, name: str, function: Callable[Concatenate[T, P], R_co]) -> None:
        super().__init__(draft, name)
        self.function = function
        update_wrapper(self, function)

    def __call__(self, item: T, /, *args: P.args, **kwargs: P.kwargs) -> R_co:
        return self.function(item, *args, **kwargs)


class Finalizer(Generic[S, P, R_co]):
    """A function that runs when the execution ends. It has no edges. Called, it is that function."""

    def __init__(self, function: Callable[Concatenate[S, P], R_co]) -> None:
        self.function = function
        update_wrapper(self, function)

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
    """A node that waits for a time."""


class Join(Source[S]):
    """A node that waits for what leads to it and collects what arrives."""


class Parallel(Source[S]):
    """A node that does nothing but lead to all its targets."""


class Condition(Handle[S]):
    """A node that chooses one way. Its branches are its edges; besides it has `on_error` and `repeat` only."""

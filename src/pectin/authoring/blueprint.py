"""A workflow that can run. What builds it (`building`) isn't imported here: that takes long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pectin.authoring.draft import Draft
from pectin.authoring.mismatch import TypeMismatch
from pectin.core.definition import Definition, Json, Place
from pectin.core.error import PectinError
from pectin.core.program import Program
from pectin.ports.function import Function

if TYPE_CHECKING:
    from pectin.authoring.state_model import StateModel

S = TypeVar("S")


class BadInput(PectinError):
    """An input that is not a state of its workflow. `problems` are all of them, by field."""

    def __init__(self, workflow: str, problems: tuple[str, ...]) -> None:
        super().__init__(workflow, problems)
        self.workflow = workflow
        self.problems = problems

    def __str__(self) -> str:
        return f"the input of `{self.workflow}` can't be used: {'; '.join(self.problems)}"


@dataclass(frozen=True, slots=True, eq=False)
class Blueprint(Generic[S]):
    """A workflow that can run: its program, where its parts were written, its functions and its state's type.

    `children` are the workflows that it runs inside itself, theirs included, each once and before those that run it.
    `draft` is what it was built from.
    """

    program: Program
    places: Mapping[tuple[str, ...], Place]
    functions: Mapping[str, Function]
    state: StateModel[S]
    draft: Draft
    children: tuple[Blueprint[Any], ...] = ()

    @property
    def definition(self) -> Definition:
        """What is stored and hashed."""
        return self.program.definition

    def complete(self, input: object) -> dict[str, Json]:
        """The first state from an input: a state, or JSON without some of the defaults. Raises `BadInput`."""
        try:
            return self.state.complete(input)
        except TypeMismatch as error:
            raise BadInput(self.definition.id, error.problems) from None

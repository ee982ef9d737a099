"""Tools as authors declare them: a function with a name of its own, or an HTTP endpoint.

Nothing is read here, and nothing raises because of the author: `contract` makes of it what a definition says, when a
workflow that calls it is built.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any, Generic, Literal, ParamSpec, Protocol, TypeAlias, TypeVar, overload

from pectin.authoring.draft import Duration
from pectin.authoring.places import find_caller
from pectin.core.definition import Effect, Endpoint, Json, Place, Secret
from pectin.core.schema import Object, Schema

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)
R = TypeVar("R")

ToolEffect: TypeAlias = Literal["pure", "idempotent", "keyed", "transactional", "once"]
EndpointEffect: TypeAlias = Literal["pure", "idempotent", "keyed", "once"]
Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

BYTES_MAX = 1024 * 1024


class Tool(Generic[P, R_co]):
    """A function that nodes call by the tool's name. Called, it is that function: a unit test needs no engine."""

    def __init__(self, function: Callable[P, R_co], *, name: str | None, effect: str, description: str | None) -> None:
        self.place, self.names = find_caller()
        self.function = function
        self.name = str(getattr(function, "__name__", "function")) if name is None else name
        self.effect = effect
        self.description = description or (inspect.getdoc(function) or "").partition("\n\n")[0] or None
        update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        return self.function(*args, **kwargs)


class MakeTool(Protocol):
    """`@tool(...)`: on a function of keyword arguments."""

    def __call__(self, function: Callable[P, R], /) -> Tool[P, R]: ...


@overload
def tool(function: Callable[P, R], /) -> Tool[P, R]: ...
@overload
def tool(*, name: str | None = None, effect: ToolEffect = "once", description: str | None = None) -> MakeTool: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    effect: str = "once",
    description: str | None = None,
) -> Any:
    """Make a tool of a function `(*, order: str, amount: Decimal)`, as a decorator.

    Its arguments and its result are converted from and to JSON by their annotations. One that is annotated as `Context`
    is the attempt's. `effect` says what a crash may do to it: a tool is `once` if nothing is said. `name` is the
    function's if it isn't said, and the description the first paragraph of its docstring.
    """

    def make(function: Callable[..., Any]) -> Tool[Any, Any]:
        return Tool(function, name=name, effect=effect, description=description)

    return make if function is None else make(function)


class HttpTool:
    """A tool that is an HTTP endpoint.

    `{names}` in the path of `url`, and those in `query`, are fields of the `input`; the others are sent as a JSON
    object. `query` lists them, or gives them by the parameter. `input` is a type with fields, `output` any type; or a
    JSON Schema of each. A header that is confidential is a `Secret`: the engine looks up its value for each call. A
    call of a `keyed` tool has its key in the header `key_header`. What may be called at all is the engine's to say.
    """

    def __init__(
        self,
        *,
        name: str,
        method: Method,
        url: str,
        query: Sequence[str] | Mapping[str, str] = (),
        headers: Mapping[str, str | Secret] | None = None,
        input: type[Any] | Mapping[str, Json] | None = None,
        output: Any = None,
        effect: EndpointEffect = "once",
        description: str | None = None,
        key_header: str = "Idempotency-Key",
        timeout: Duration | None = None,
        request_bytes_max: int = BYTES_MAX,
        response_bytes_max: int = BYTES_MAX,
    ) -> None:
        self.place, self.names = find_caller()
        self.name = name
        self.method = method
        self.url = url
        self.query = query
        self.headers = headers
        self.input = input
        self.output = output
        self.effect = effect
        self.description = description
        self.key_header = key_header
        self.timeout = timeout
        self.request_bytes_max = request_bytes_max
        self.response_bytes_max = response_bytes_max

    def __repr__(self) -> str:
        return f"HttpTool({self.name!r}, {self.method} {self.url})"


AnyTool: TypeAlias = Tool[..., Any] | HttpTool


@dataclass(slots=True, kw_only=True, eq=False)
class WrittenTool:
    """A tool as a document says it: of its contract what stands there, None where that is left to the application.

    `given` is the application's tool of this name, None where there is none. An endpoint needs none.
    """

    name: str
    place: Place
    effect: Effect | None = None
    input: Object | None = None
    output: Schema | None = None
    description: str | None = None
    endpoint: Endpoint | None = None
    given: AnyTool | None = None


CalledTool: TypeAlias = AnyTool | WrittenTool
"""What a node of a draft calls."""

"""The builder that authors see: `Workflow`.

It is typed by its state from end to end, and it only notes down what is said. `build` makes a definition of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, Unpack, overload

from pectin.authoring.blueprint import Blueprint, Header, build
from pectin.authoring.decorator import (
    EffectName,
    K,
    MakeAnyMap,
    MakeFinalizer,
    MakeMap,
    MakeNode,
    MakeValueNode,
    MapOptions,
    Options,
    PresetName,
    RunOnName,
    SessionTypeName,
    SomeCoroutine,
)
from pectin.authoring.draft import Draft, DraftNode, Duration
from pectin.authoring.handle import Approval, Condition, Finalizer, Handle, Join, Map, Node, Parallel, Target, Wait
from pectin.authoring.places import Caller, find_caller
from pectin.core.definition import Edge, RunOn
from pectin.core.hint import did_you_mean
from pectin.core.retry import RetryPolicy
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig
from pectin.nodes.human_approval import DECISIONS, TIMEOUT

S = TypeVar("S")
T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")


class Workflow(Generic[S]):
    """A workflow while it is written; `S` is the type of its state.

    `state` is a pydantic model, a dataclass, a TypedDict or `dict[str, Any]`. `(id, version)` names one graph for ever,
    except for versions that end in `-dev`.
    """

    def __init__(
        self,
        id: str,
        *,
        version: str,
        state: type[S],
        name: str | None = None,
        description: str | None = None,
        session_type: SessionType | SessionTypeName = SessionType.RESUMABLE,
        timeouts: TimeoutConfig | None = None,
    ) -> None:
        self._state = state
        self._draft = draft = Draft(str(id), find_caller().place)
        self._header = Header(
            id=draft.read_text(id, "id", instead="workflow"),
            version=draft.read_text(version, "version", instead="0.0.0-dev"),
            name=None if name is None else draft.read_text(name, "name"),
            description=None if description is None else draft.read_text(description, "description"),
            session_type=draft.read_session_type(session_type),
            timeouts=draft.read_timeouts(timeouts),
        )

    @property
    def id(self) -> str:
        """The workflow's id."""
        return self._header.id

    @property
    def version(self) -> str:
        """The workflow's version."""
        return self._header.version

    @overload
    def node(
        self, function: Callable[Concatenate[S, P], SomeCoroutine[S]], /, **options: Unpack[Options]
    ) -> Node[S, P, SomeCoroutine[S]]: ...
    @overload
    def node(
        self, function: Callable[Concatenate[S, P], SomeCoroutine[K]], /, **options: Unpack[Options]
    ) -> Node[S, P, SomeCoroutine[K]]: ...
    @overload
    def node(self, function: Callable[Concatenate[S, P], S], /, **options: Unpack[Options]) -> Node[S, P, S]: ...
    @overload
    def node(self, function: Callable[Concatenate[S, P], K], /, **options: Unpack[Options]) -> Node[S, P, K]: ...
    @overload
    def node(
        self, function: Callable[Concatenate[S, P], R], /, *, output_key: str, **options: Unpack[Options]
    ) -> Node[S, P, R]: ...
    @overload
    def node(self, /, **options: Unpack[Options]) -> MakeNode[S]: ...
    @overload
    def node(self, /, *, output_key: str, **options: Unpack[Options]) -> MakeValueNode[S]: ...
    def node(
        self,
        function: Callable[..., Any] | None = None,
        /,
        *,
        effect: EffectName = "idempotent",
        retry: PresetName | RetryPolicy | None = None,
        timeout: Duration | None = None,
        name: str | None = None,
        output_key: str | None = None,
    ) -> Any:
        """Make a node of a function `(state)` or `(state, ctx: Context)`, as a decorator or with the function.

        The function returns the state, of which the engine takes what changed, or a TypedDict of the keys to set, or
        with `output_key` the value of that key. `Options` says what the others mean.
        """

        def make(function: Callable[..., Any]) -> Node[S, Any, Any]:
            caller = find_caller()
            node = self._declare(function, caller, "python_fn", name)
            self._set_options(node, effect, retry, timeout)
            node.output_key = output_key
            self._draft.add(node)
            return Node(self._draft, node.name, _plain(function))

        return make if function is None else make(function)

    @overload
    def each(
        self,
        items: Node[S, ..., SomeCoroutine[list[T]]] | Node[S, ..., list[T]],
        /,
        **options: Unpack[MapOptions],
    ) -> MakeMap[S, T]: ...
    @overload
    def each(self, items: str, /, **options: Unpack[MapOptions]) -> MakeAnyMap[S]: ...
    def each(
        self,
        items: Node[S, ..., Any] | str,
        /,
        *,
        max_concurrency: int | None = None,
        output_key: str | None = None,
        effect: EffectName = "idempotent",
        retry: PresetName | RetryPolicy | None = None,
        timeout: Duration | None = None,
        name: str | None = None,
    ) -> Any:
        """Run a function `(item)` or `(item, ctx: Context)` for each item of a list.

        `items` is the node that wrote the list to its `output_key`, or an expression such as `"state.commits"`. The
        outputs, in the order of the items, go to `output_key`. At most `max_concurrency` items are at work at once.
        """

        def make(function: Callable[..., Any]) -> Map[S, Any, Any, Any]:
            caller = find_caller()
            node = self._declare(function, caller, "parallel", name)
            self._set_options(node, effect, retry, timeout)
            node.output_key, node.max_concurrency = output_key, max_concurrency
            node.items = self._find_items(items, node)
            self._draft.add(node)
            return Map(self._draft, node.name, _plain(function))

        return make

    def finalizer(
        self,
        *,
        run_on: RunOnName = "always",
        effect: EffectName = "idempotent",
        retry: PresetName | RetryPolicy | None = None,
        timeout: Duration | None = None,
        name: str | None = None,
    ) -> MakeFinalizer[S]:
        """Run a function `(state)` or `(state, ctx: Context)` when the execution ends, on that end.

        It returns the state or None. Finalizers run one after another, in the order in which they are declared.
        """

        def make(function: Callable[..., Any], /) -> Finalizer[S, Any, Any]:
            node = self._declare(function, find_caller(), "finalizer", name)
            self._set_options(node, effect, retry, timeout)
            node.run_on = self._find_end(run_on, node)
            self._draft.add(node)
            return Finalizer(_plain(function))

        return make

    def approval(
        self, name: str, prompt: str, *, deadline: Duration | None = None, decisions: Sequence[str] = DECISIONS
    ) -> Approval[S]:
        """Wait for a person, who is shown the prompt: a text with expressions in it, `{{ state.order }}`.

        At the deadline the decision is `timeout`. Say with `.on(...)` where each decision leads.
        """
        place = find_caller().place
        if tuple(decisions) != DECISIONS:
            message = f"approval `{name}`: decisions of your own are not there yet"
            self._draft.note(place, "E023", message, f"it has {' and '.join(DECISIONS)}")
        config: dict[str, Any] = {"prompt": prompt, "decisions": list(DECISIONS)}
        deadline_ms = self._draft.read_duration(deadline, place, f"the deadline of approval `{name}`")
        if deadline_ms is not None:
            config["deadline_ms"] = deadline_ms
        node = DraftNode(name=name, kind="human_approval", place=place, config=config)
        self._draft.add(node)
        with_deadline = deadline is not None or self._header.timeouts.approval_timeout_ms is not None
        return Approval(self._draft, node.name, (*DECISIONS, TIMEOUT) if with_deadline else DECISIONS)

    @overload
    def wait(self, name: str, *, duration: Duration) -> Wait[S]: ...
    @overload
    def wait(self, name: str, *, until: str) -> Wait[S]: ...
    def wait(self, name: str, *, duration: Duration | None = None, until: str | None = None) -> Wait[S]:
        """Wait for a duration, or until the date and time (RFC 3339) that the expression `until` gives."""
        place = find_caller().place
        if (duration is None) == (until is None):
            self._draft.note(place, "E017", f"wait `{name}` takes one of `duration` and `until`")
        duration_ms = self._draft.read_duration(duration, place, f"the duration of wait `{name}`")
        config = {"duration_ms": duration_ms} if until is None else {"until": until}
        node = DraftNode(name=name, kind="wait", place=place, config=config)
        self._draft.add(node)
        return Wait(self._draft, node.name)

    def join(self, name: str, *, wait_for: Sequence[Handle[S]] | None = None, output_key: str | None = None) -> Join[S]:
        """Wait for the nodes that lead here and collect what arrives, in the order of `wait_for`, to `output_key`.

        Without `wait_for` it waits for all of them, in the order of their edges.
        """
        place = find_caller().place
        node = DraftNode(name=name, kind="join", place=place, output_key=output_key)
        if wait_for is not None:
            found = [self._draft.find_target(source, place) for source in wait_for]
            node.wait_for = tuple(source for source in found if source is not None)
        self._draft.add(node)
        return Join(self._draft, node.name)

    def parallel(self, name: str) -> Parallel[S]:
        """A node that leads to all its targets at once and does nothing else."""
        node = DraftNode(name=name, kind="parallel", place=find_caller().place)
        self._draft.add(node)
        return Parallel(self._draft, node.name)

    def condition(
        self, name: str, branches: Sequence[tuple[str, Target[S]]], *, default: Target[S] | None = None
    ) -> Condition[S]:
        """Go on to the target of the first branch whose expression holds, else to `default`.

        Without a default it fails with `no_route` if none holds.
        """
        place, draft = find_caller().place, self._draft
        found = [(when, draft.find_target(target, place)) for when, target in branches]
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

    def start(self, node: Handle[S]) -> None:
        """Begin at this node. It need not be said if only one node has no edge that leads to it."""
        self._draft.start = self._draft.find_target(node, find_caller().place)

    def build(self) -> Blueprint[S]:
        """The definition with its functions. Raises `DefinitionError` with everything that is wrong."""
        return build(self._header, self._state, self._draft)

    def _declare(self, function: Callable[..., Any], caller: Caller, kind: str, name: str | None) -> DraftNode:
        plain = _plain(function)
        own = str(getattr(plain, "__name__", "function")).replace("<lambda>", "function")
        return DraftNode(name=name or own, kind=kind, place=caller.place, function=plain, names=caller.names)

    def _set_options(self, node: DraftNode, effect: str, retry: object, timeout: Duration | None) -> None:
        draft, subject = self._draft, f"node `{node.name}`"
        node.effect = draft.read_effect(effect, node.place, subject)
        node.retry = draft.read_retry(retry, node.place, subject)
        node.timeout_ms = draft.read_duration(timeout, node.place, f"the timeout of {subject}")

    def _find_items(self, items: Node[S, ..., Any] | str, node: DraftNode) -> str:
        if isinstance(items, str):
            return items
        found = self._draft.find_target(items, node.place)
        key = None if found is None else self._draft.nodes[found].output_key
        if found is not None and key is None:
            message = f"`{node.name}` takes its items from `{found}`, which has no `output_key`"
            self._draft.note(node.place, "E034", message, "say where its list goes, or give a path: `state.items`")
        return f"state.{key}" if key else "[]"

    def _find_end(self, run_on: str, node: DraftNode) -> RunOn:
        if run_on in tuple(RunOn):
            return RunOn(run_on)
        hint = did_you_mean(run_on, RunOn) or f"use one of {', '.join(RunOn)}"
        self._draft.note(node.place, "E017", f"finalizer `{node.name}` runs on the unknown end {run_on!r}", hint)
        return RunOn.ALWAYS


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of a node that is declared once more under another name."""
    made: Any = function
    return made.function if isinstance(function, Node | Map | Finalizer) else function

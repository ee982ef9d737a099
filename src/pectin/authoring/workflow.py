"""The builder that authors see: `Workflow`.

It is typed by its state from end to end, and it only notes down what is said. `build` makes a definition of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar, Unpack, overload

from pectin.authoring.blueprint import Blueprint
from pectin.authoring.calling import Calling
from pectin.authoring.declaring import function_node, plain, read_child, set_items
from pectin.authoring.decorator import (
    Ceiling,
    EffectName,
    K,
    LimitOptions,
    MakeAnyMap,
    MakeFinalizer,
    MakeMap,
    MakeNode,
    MakeValueNode,
    MapOptions,
    OnFailureName,
    OnItemFailureName,
    Options,
    PresetName,
    ReducerName,
    RunOnName,
    SessionTypeName,
)
from pectin.authoring.draft import Draft, DraftNode, Duration
from pectin.authoring.handle import (
    Approval,
    Finalizer,
    Handle,
    Join,
    Map,
    Node,
    SomeCoroutine,
    Subgraph,
    Wait,
)
from pectin.authoring.header import read_header
from pectin.authoring.places import find_caller
from pectin.authoring.routing import RoutingNodes
from pectin.authoring.waiting import WaitOptions, Waits, approval_node, outcomes, wait_node
from pectin.core.policy import Policy
from pectin.core.retry import RetryPolicy
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig
from pectin.nodes.human_approval import DECISIONS

S = TypeVar("S")
T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")


class Workflow(RoutingNodes[S], Calling[S]):
    """A workflow while it is written; `S` is the type of its state.

    `state` is a pydantic model, a dataclass, a TypedDict or `dict[str, Any]`. `(id, version)` names one graph for ever,
    except for versions that end in `-dev`. `reducers` say how what branches write to a key side by side becomes one
    value. `on_failure="wait"` lets everything else run to its end. `stop_grace` is how long an execution that ends
    waits for its running attempts. `LimitOptions` says which `limits` there are; see `on_limit`. `retention_days` are
    how long a governed execution is kept after its end. `labels` are notes, as are `name` and `description`.
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
        reducers: Mapping[str, ReducerName] | None = None,
        on_failure: OnFailureName = "fail_fast",
        stop_grace: Duration | None = None,
        policy: Policy | None = None,
        retention_days: int | None = None,
        labels: Mapping[str, str] | None = None,
        **limits: Unpack[LimitOptions],
    ) -> None:
        self._draft = draft = Draft(str(id), find_caller().place, state)
        draft.header = read_header(
            draft,
            id,
            version,
            name=name,
            description=description,
            session_type=session_type,
            timeouts=timeouts,
            reducers=reducers,
            on_failure=on_failure,
            stop_grace=stop_grace,
            policy=policy,
            retention_days=retention_days,
            labels=labels,
            **limits,
        )

    @classmethod
    def from_draft(cls, draft: Draft) -> Workflow[S]:
        """A workflow that was not written with these methods but read, from a document."""
        workflow = cls.__new__(cls)
        workflow._draft = draft
        return workflow

    @property
    def id(self) -> str:
        """The workflow's id."""
        return self._draft.header.id

    @property
    def version(self) -> str:
        """The workflow's version."""
        return self._draft.header.version

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
        policy: Policy | None = None,
        ceiling: Ceiling | None = None,
    ) -> Any:
        """Make a node of a function `(state)` or `(state, ctx: Context)`, as a decorator or with the function.

        The function returns the state, of which the engine takes what changed, or a TypedDict of the keys to set, or
        with `output_key` the value of that key. `Options` says what the others mean.
        """

        def make(function: Callable[..., Any]) -> Node[S, Any, Any]:
            run = plain(function)
            node = function_node(self._draft, run, "python_fn", name=name, effect=effect, retry=retry, timeout=timeout)
            node.policy = self._draft.read_policy(policy, node.place, f"node `{node.name}`", "E017")
            node.output_key = output_key
            node.ceiling = self._draft.read_ceiling(ceiling, node)
            self._draft.add(node)
            return Node(self._draft, node.name, run)

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
        on_item_failure: OnItemFailureName = "fail",
        output_key: str | None = None,
        effect: EffectName = "idempotent",
        retry: PresetName | RetryPolicy | None = None,
        timeout: Duration | None = None,
        name: str | None = None,
        policy: Policy | None = None,
        ceiling: Ceiling | None = None,
    ) -> Any:
        """Run a function `(item)` or `(item, ctx: Context)` for each item of a list.

        `items` is the node that wrote the list to its `output_key`, or an expression such as `"state.commits"`. The
        outputs, in the order of the items, go to `output_key`. `ItemOptions` says what the others mean.
        """

        def make(function: Callable[..., Any]) -> Map[S, Any, Any, Any]:
            run = plain(function)
            node = function_node(self._draft, run, "parallel", name=name, effect=effect, retry=retry, timeout=timeout)
            node.policy = self._draft.read_policy(policy, node.place, f"node `{node.name}`", "E017")
            set_items(
                self._draft,
                node,
                items,
                max_concurrency=max_concurrency,
                on_item_failure=on_item_failure,
                output_key=output_key,
            )
            node.ceiling = self._draft.read_ceiling(ceiling, node)
            self._draft.add(node)
            return Map(self._draft, node.name, run)

        return make

    def each_child(
        self,
        name: str,
        items: Node[S, ..., Any] | str,
        child: Workflow[Any],
        *,
        input: Mapping[str, str] | None = None,
        max_concurrency: int | None = None,
        on_item_failure: OnItemFailureName = "fail",
        output_key: str | None = None,
        ceiling: Ceiling | None = None,
    ) -> Subgraph[S]:
        """Run another workflow for each item of a list, each time as an execution of its own.

        `input` is as with `subgraph`, over `state`, `item` and `index`, and so is `ceiling`, of each child. The last
        states of the children, in the order of the items, go to `output_key`.
        """
        node = DraftNode(name=name, kind="parallel", place=find_caller().place)
        node.child = read_child(self._draft, node, child, self._draft_of(child), input)
        set_items(
            self._draft,
            node,
            items,
            max_concurrency=max_concurrency,
            on_item_failure=on_item_failure,
            output_key=output_key,
        )
        node.ceiling = self._draft.read_ceiling(ceiling, node)
        self._draft.add(node)
        return Subgraph(self._draft, node.name)

    def subgraph(
        self,
        name: str,
        child: Workflow[Any],
        *,
        input: Mapping[str, str] | None = None,
        output: Mapping[str, str] | None = None,
        output_key: str | None = None,
        ceiling: Ceiling | None = None,
    ) -> Subgraph[S]:
        """Run another workflow, as an execution of its own.

        `input` gives the child's input: its keys, with expressions over `state`. `output` says what is kept of the
        child's last state: keys of this one, with expressions over `output`. Or all of it goes to `output_key`. All of
        the child may spend its `ceiling`.
        """
        node = DraftNode(name=name, kind="subgraph", place=find_caller().place, output_key=output_key)
        node.child = read_child(self._draft, node, child, self._draft_of(child), input, output)
        node.ceiling = self._draft.read_ceiling(ceiling, node)
        self._draft.add(node)
        return Subgraph(self._draft, node.name)

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
            run = plain(function)
            node = function_node(self._draft, run, "finalizer", name=name, effect=effect, retry=retry, timeout=timeout)
            node.run_on = self._draft.read_run_on(run_on, node)
            self._draft.add(node)
            return Finalizer(self._draft, node.name, run)

        return make

    def approval(
        self,
        name: str,
        prompt: str,
        *,
        deadline: Duration | None = None,
        decisions: Sequence[str] = DECISIONS,
        editable: Sequence[str] = (),
    ) -> Approval[S]:
        """Wait for a person, who is shown the prompt: a text with expressions in it, `{{ state.order }}`.

        At the deadline the decision is `timeout`. Say with `.on(...)` where each decision leads. The keys of the state
        that are `editable` may be changed with the decision.
        """
        node = approval_node(self._draft, name, prompt, deadline=deadline, decisions=decisions, editable=editable)
        self._draft.add(node)
        return Approval(self._draft, node.name, outcomes(self._draft, node, deadline))

    @overload
    def wait(self, name: str, *, duration: Duration) -> Wait[S]: ...
    @overload
    def wait(self, name: str, *, until: str) -> Wait[S]: ...
    @overload
    def wait(self, name: str, *, event: str, key: str, signal: str = ..., **options: Unpack[Waits]) -> Wait[S]: ...
    @overload
    def wait(self, name: str, *, signal: str, **options: Unpack[Waits]) -> Wait[S]: ...
    def wait(self, name: str, **options: Unpack[WaitOptions]) -> Wait[S]:
        """Wait for a time, an event or a signal, whichever comes first.

        The time is a duration, or what the expression `until` gives: a date and time (RFC 3339). An `event` comes to
        any execution that waits for its name and `key`, a text with expressions in it, such as
        `"{{ state.tracking }}"`; a `signal` is sent to this one. `Waits` says what the others mean.
        """
        node = wait_node(self._draft, name, **options)
        self._draft.add(node)
        return Wait(self._draft, node.name)

    def join(
        self,
        name: str,
        *,
        wait_for: Sequence[Handle[S]] | None = None,
        first: bool = False,
        at_least: int | None = None,
        fires_when: str | None = None,
        output_key: str | None = None,
    ) -> Join[S]:
        """Wait for the nodes that lead here and collect what arrives, in the order of `wait_for`, to `output_key`.

        Without `wait_for` it waits for all of them, in the order of their edges. It goes on earlier with the `first`,
        with `at_least` so many, or when the expression `fires_when` holds over `arrivals`, a list of
        `{source, output}`; then what leads only here is cancelled.
        """
        place = find_caller().place
        draft, subject = self._draft, f"join `{name}`"
        node = DraftNode(name=name, kind="join", place=place, output_key=output_key)
        if first and at_least is not None:
            message = f"{subject} goes on with the first and with at least {at_least}"
            draft.note(place, "E042", message, "keep one of `first` and `at_least`")
        node.at_least = 1 if first else draft.read_number(at_least, place, "E042", f"at_least of {subject}")
        node.fires_when = draft.read_expression(fires_when, place, f"fires_when of {subject}")
        if wait_for is not None:
            node.wait_for = draft.read_nodes(wait_for, place, f"`wait_for` of {subject}")
        draft.add(node)
        return Join(draft, node.name)

    def start(self, node: Handle[S]) -> None:
        """Begin at this node. It need not be said if only one node has no edge that leads to it."""
        self._draft.start = self._draft.find_node(node, find_caller().place)

    def on_limit(self, node: Handle[S]) -> None:
        """Enter this node, to which no edge leads, instead of ending where the execution passes a limit.

        Everything else is cancelled, `error` tells the limit, and what follows decides the end.
        """
        self._draft.on_limit = self._draft.find_node(node, find_caller().place)

    def build(self) -> Blueprint[S]:
        """The definition with its functions. Raises `DefinitionError` with everything that is wrong."""
        from pectin.authoring.building import build  # not before: it takes longer to import than all else

        return build(self._draft)

    def _draft_of(self, workflow: object) -> Draft | None:
        return workflow._draft if isinstance(workflow, Workflow) else None

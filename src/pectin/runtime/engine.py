"""The engine: one process that owns a store, begins what is ready, and wakes what is due.

What is at work is in memory; what waits is a row in the store and nothing else. The engine learns of it by three ways:
its own commits, the clock, and the store's news of what another process wrote.
This is its face; what it does is in `dispatcher`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from pectin.authoring.blueprint import Blueprint
from pectin.authoring.registry import Registry
from pectin.authoring.workflow import Workflow
from pectin.core.definition import Effect, Json
from pectin.core.error import BadValue, PectinError, quote
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS, Limits
from pectin.core.policy import Policy
from pectin.core.problem import DefinitionError, Problem
from pectin.core.status import SessionType
from pectin.core.validate.governed import check_policy, is_governed
from pectin.core.validate.report import Report
from pectin.ports.clock import Clock
from pectin.ports.host import Host
from pectin.ports.http import HttpClient, HttpRules
from pectin.ports.store import Store, StoreError
from pectin.runtime.audit_key import audit_keys
from pectin.runtime.chain import signing_key
from pectin.runtime.clock import SystemClock
from pectin.runtime.default_store import default_store
from pectin.runtime.dispatcher import Dispatcher
from pectin.runtime.endpoints import Endpoints
from pectin.runtime.error import NotFound
from pectin.runtime.execution import Execution
from pectin.runtime.host import ProcessHost
from pectin.runtime.preview import Preview, preview_execution
from pectin.runtime.programs import Programs
from pectin.runtime.service import Service
from pectin.runtime.simulation import Simulate
from pectin.runtime.starting import start_execution
from pectin.runtime.watchers import Watchers
from pectin.store import open_store

S = TypeVar("S")


class Engine:
    """Runs the executions of the given workflows and of their children on a store, as an async context manager.

    `store` is a path, a store URL or a `Store`; None is the default store. `slots` bounds how many attempts run at
    once. A `policy` says what may be called in all of them. `clock` and `host` stand in for the world in tests: for
    time; for chance, threads and the calls of functions. `audit_key` marks governed executions (None: the
    environment's, `PECTIN_AUDIT_KEY`); of several the first does, and the others are old ones. `http` says
    which endpoints may be called, or stands in for the network; None is what is configured. `secrets` are looked up by
    name for each call, in the environment if nothing is said. Raises `StoreBusy` if
    another engine has the store, `DefinitionError` for a broken workflow, and `AuditKeyMissing` for a governed one
    without a key.
    """

    def __init__(
        self,
        store: str | os.PathLike[str] | Store | None = None,
        *,
        workflows: Sequence[Workflow[Any]] = (),
        slots: int = 256,
        clock: Clock | None = None,
        host: Host | None = None,
        limits: Limits = LIMITS,
        policy: Policy | None = None,
        audit_key: bytes | Sequence[bytes] | None = None,
        http: HttpRules | HttpClient | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        _check(store, workflows, slots, policy)
        self._keys = audit_keys(audit_key)
        self._given_store = store
        self._workflows = workflows
        self._slots = slots
        self._policy = policy
        self._dispatcher: Dispatcher | None = None
        self._stopped = False
        self.clock = clock or SystemClock()
        self._host = host
        self.limits = limits
        self.watchers = Watchers()
        self._endpoints = Endpoints(http, secrets)

    async def __aenter__(self) -> Self:
        blueprints = [workflow.build() for workflow in self._workflows]
        self._given = {workflow.id: workflow for workflow in self._workflows}
        functions = Registry(blueprints, self._endpoints)
        family = (*(child for parent in blueprints for child in parent.children), *blueprints)
        self.blueprints: dict[str, Blueprint[Any]] = {each.definition.id: each for each in family}
        self._endpoints.check(each.definition for each in self.blueprints.values())
        self._check_policies()
        given = default_store() if self._given_store is None else self._given_store
        self._owns_store = isinstance(given, str | os.PathLike)
        self.store: Store = open_store(given) if isinstance(given, str | os.PathLike) else given
        try:
            await self._open(functions)
        except BaseException:
            try:
                if self._dispatcher is not None:
                    await self._dispatcher.close(0)  # bodies may have begun
            finally:
                if self._owns_store:
                    await self.store.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop(patience_seconds=self.limits.stop_grace_ms / 1000 if kind is None else 0)

    async def start(
        self,
        workflow: Workflow[S],
        input: S | dict[str, Any] | None = None,
        *,
        key: str | None = None,
        by: str | None = None,
        restart: bool = False,
    ) -> Execution[S]:
        """Start an execution, durably: when this returns, it will run to its end.

        With a `key`, starting again with the same input returns the same execution, whatever became of it, and another
        input raises `CommandRefused`. `restart` makes a new one once the old has ended. Raises `BadInput`.
        """
        dispatcher = self._open_dispatcher()
        dispatcher.check()
        blueprint: Blueprint[S] = self._blueprint(workflow)
        starting = start_execution(dispatcher, blueprint, input, key=key, by=by, restart=restart)
        id, held = await dispatcher.see_through(starting)
        return Execution(dispatcher, blueprint, id, held)

    async def preview(
        self,
        workflow: Workflow[S],
        input: S | dict[str, Any] | None = None,
        *,
        simulate: Simulate | None = None,
    ) -> Preview[S]:
        """Try a workflow without doing anything, as `pectin.preview` does: nothing of it comes into the store."""
        self._open_dispatcher().check()
        blueprint: Blueprint[S] = self._blueprint(workflow)
        return await preview_execution(blueprint, input, simulate or {}, self.limits, self._policy)

    async def execution(self, id: ExecutionId | str, workflow: Workflow[S]) -> Execution[S]:
        """An execution of this workflow that was started before; raises `NotFound`."""
        dispatcher = self._open_dispatcher()
        dispatcher.check()
        blueprint: Blueprint[S] = self._blueprint(workflow)
        execution = id if isinstance(id, ExecutionId) else ExecutionId.parse(id)
        held = self.service.runs.unwritten.get(execution)
        of = (await self.service.runs.get(execution)).workflow_id
        if of != workflow.id:
            raise NotFound(f"{execution} is not of the workflow `{workflow.id}` but of `{of}`")
        return Execution(dispatcher, blueprint, execution, held)

    async def send(self, name: str, correlation: str, payload: Json = None, *, dedup: str | None = None) -> bool:
        """Send an external event, durably: the oldest wait for this name and correlation gets it, or if there is none,
        the first that begins within a week (`event_keep_ms`).

        False if the same one came before under its `dedup` key. Raises `BadValue`, and `DedupTaken` if another did.
        """
        dispatcher = self._open_dispatcher()
        dispatcher.check()
        return await dispatcher.send(name, correlation, payload, dedup)

    async def idle(self) -> None:
        """Return when nothing is at work any more: every execution has ended, or waits."""
        await self._open_dispatcher().idle()

    async def stop(self, *, patience_seconds: float) -> None:
        """Begin nothing more, let attempts end for so long, hand back those that don't, and let the store go."""
        if self._stopped:
            return
        self._stopped = True
        try:
            await self._open_dispatcher().close(patience_seconds)
        finally:
            await self._endpoints.close()
            if self._owns_store:
                await self.store.close()

    @property
    def service(self) -> Service:
        """What reads and changes the executions of its store."""
        return self._open_dispatcher().service

    @property
    def quarantined(self) -> Mapping[ExecutionId, Exception]:
        """The executions that are left alone, with the reason."""
        return self._open_dispatcher().quarantined

    async def _open(self, functions: Registry) -> None:
        self._check_sql()
        self._check_key()
        fence = await self.store.take()
        programs = Programs(self.store, self._policy)
        for blueprint in self.blueprints.values():
            await programs.publish(blueprint.program)
        self._dispatcher = Dispatcher(
            self.store,
            fence,
            programs,
            functions,
            workflows=frozenset(self.blueprints),
            slots=self._slots,
            host=self._host or ProcessHost(),
            clock=self.clock,
            limits=self.limits,
            watchers=self.watchers,
            keys=self._keys,
        )
        await self._dispatcher.open()

    def _check_sql(self) -> None:
        """Refuse SQL that the store can't run."""
        if self.store.speaks_sql:
            return
        for workflow, blueprint in self.blueprints.items():
            for node in blueprint.definition.nodes:
                if node.effect is Effect.TRANSACTIONAL:
                    what = f"The node `{node.id}` of `{workflow}` is transactional"
                    raise StoreError(
                        f"{what}, and a {type(self.store).__name__} runs no SQL. "
                        "Give the engine an SQLite store, or the node another effect."
                    )

    def _check_policies(self) -> None:
        """Refuse governed workflows, and the children that are governed with them, that no policy binds."""
        governed = [each for each in self.blueprints.values() if is_governed(each.definition)]
        family = dict.fromkeys(each for parent in governed for each in (*parent.children, parent))
        problems: list[Problem] = []
        for blueprint in family if self._policy is None else ():
            report = Report(blueprint.definition, blueprint.places)
            check_policy(blueprint.definition, report)
            problems += map(blueprint.draft.locate, report.problems)
        if problems:
            raise DefinitionError(problems)

    def _check_key(self) -> None:
        """Refuse governed workflows without the key that they need."""
        for workflow, blueprint in self.blueprints.items():
            if blueprint.definition.session_type is SessionType.PERSISTENT_GOVERNED:
                signing_key(self._keys, f"the workflow `{workflow}`")

    def _open_dispatcher(self) -> Dispatcher:
        if self._dispatcher is None:
            raise PectinError("the engine is not open: write `async with Engine(…) as engine:`")
        return self._dispatcher

    def _blueprint(self, workflow: Workflow[S]) -> Blueprint[S]:
        _check_workflow(workflow)
        blueprint = self.blueprints.get(workflow.id)
        if blueprint is None:
            raise PectinError(f"this engine does not have the workflow `{workflow.id}`; give it in `workflows=`")
        if workflow is not self._given.get(workflow.id) and workflow.build().program.hash != blueprint.program.hash:
            raise PectinError(f"this engine has another workflow that is called `{workflow.id}`; start that one")
        return blueprint


def _check(store: object, workflows: object, slots: object, policy: object) -> None:
    """Types are for type checkers, but a mistake here would show far away."""
    if store is not None and not isinstance(store, str | os.PathLike) and not hasattr(store, "commit"):
        raise BadValue("store", f"{quote(store)} is no store", "give a path, a store URL or a Store")
    if not isinstance(workflows, Sequence) or isinstance(workflows, str):
        raise BadValue("workflows", f"{quote(workflows)} is no list", "write `workflows=[workflow]`")
    for workflow in cast(Sequence[object], workflows):
        _check_workflow(workflow)
    if type(slots) is not int or slots < 1:
        raise BadValue("slots", f"{quote(slots)} attempts can't run at once", "write a whole number from 1 on")
    if not isinstance(policy, Policy | None):
        raise BadValue("policy", f"{quote(policy)} is no Policy", 'write `Policy(blocked_tools=["payments.*"])`')
    if policy is not None and policy.model_allowlist:
        raise BadValue("policy", "`model_allowlist` is not there yet: no kind names a model", "leave it out")


def _check_workflow(workflow: object) -> None:
    if not isinstance(workflow, Workflow):
        raise BadValue("workflow", f"{quote(workflow)} is no workflow", "give what `Workflow(…)` made")

"""The runs of a process: those in memory, and those that it reads from the store.

An engine keeps a run in memory while it is at work. Whoever has no executions of its own reads each anew.
"""

from __future__ import annotations

import asyncio

from pectin.core.chain import Keyring
from pectin.core.identity import ExecutionId
from pectin.core.program import Program
from pectin.core.state import Run
from pectin.core.status import SessionType
from pectin.core.work import listens
from pectin.ports.store import Store
from pectin.runtime.chain import Chain
from pectin.runtime.error import EngineStopped, NotFound
from pectin.runtime.held import Held
from pectin.runtime.loading import Loaded, load
from pectin.runtime.owner import Owner
from pectin.runtime.programs import Programs
from pectin.runtime.unwritten import Unwritten


class Runs:
    """Runs by execution, for an owner if there is one. `held` are those at work, `unwritten` those that are nowhere
    else."""

    def __init__(self, store: Store, programs: Programs, keys: Keyring, owner: Owner | None) -> None:
        self.held: dict[ExecutionId, Held] = {}
        self.unwritten = Unwritten(store)
        self._store = store
        self._programs = programs
        self._keys = keys
        self._owner = owner
        self._loading: dict[ExecutionId, asyncio.Future[None]] = {}

    # -- as they are known --------------------------------------------------------------------------------------

    async def read(self, execution: ExecutionId) -> Loaded:
        """The execution as it is stored, folded; raises `NotFound`."""
        stored = await self._store.load(execution)
        if stored is None:
            raise NotFound(f"there is no execution {execution}")
        return await load(stored, self._store, self._programs, self._keys)

    async def get(self, execution: ExecutionId) -> Run:
        """Its run as it is durable, or as it is here if it is not written; not to be changed. Raises `NotFound`."""
        held = self.held.get(execution) or self.unwritten.get(execution)
        while held is not None and held.unwritten and held.in_flight and not held.broken:  # its start, or its end
            await held.becomes_durable(held.run.version)
        if held is not None and not held.in_flight and not held.broken:
            return held.run
        return (await self.read(execution)).run

    def is_going_on(self, execution: ExecutionId) -> bool:
        """Whether it is at work here, and its end is still to come: not decided yet, or not durable."""
        held = self.held.get(execution)
        return held is not None and not held.broken and not held.is_over

    # -- to be changed ------------------------------------------------------------------------------------------

    async def create(self, program: Program, execution: ExecutionId) -> Held:
        """The run of an execution that is about to be started. Raises `AuditKeyMissing`."""
        program = self._programs.enforced(program)
        held = Held(program, Run(), 0, None, births=await self._programs.births(program))
        if program.definition.session_type is SessionType.PERSISTENT_GOVERNED:
            held.chain = Chain.begin(self._keys, execution)
        if self._owner is not None:
            held.unable = self._owner.unable(program)
            held.unwritten = program.definition.session_type is SessionType.STATELESS
            self.held[execution] = held
        return held

    async def load(self, execution: ExecutionId) -> Held:
        """One that isn't at work: loaded once, however many ask."""
        if (unwritten := self.unwritten.get(execution)) is not None:
            return self.held.setdefault(execution, unwritten)
        if self._owner is None:
            return await self._load(execution)
        while (loading := self._loading.get(execution)) is not None:
            await asyncio.wait([loading])  # whoever loads it may fail, or give up
        if (held := self.held.get(execution)) is not None:
            return held
        loading = self._loading[execution] = asyncio.get_running_loop().create_future()
        try:
            held = await self._load(execution)
        finally:
            del self._loading[execution]
            loading.set_result(None)
        return self.held.setdefault(execution, held)

    def park(self, execution: ExecutionId, held: Held) -> None:
        """Keep a run among those at work only while it is sound, and at work."""
        is_idle = held.in_flight == 0 and not held.is_at_work
        if (held.broken or is_idle) and self.held.get(execution) is held:
            del self.held[execution]
        if held.unwritten:
            self.unwritten.keep(execution, held)

    def forget(self, execution: ExecutionId) -> None:
        """Let go of a run at work: the next command loads it anew."""
        self.held.pop(execution, None)

    async def _load(self, execution: ExecutionId) -> Held:
        loaded = await self.read(execution)
        held = Held(
            loaded.program,
            loaded.run,
            loaded.fence,
            loaded.due,
            durable=loaded.run.version,
            unsnapshotted=loaded.bytes_after,
            snapshot_bytes=loaded.snapshot_bytes,
            listens=listens(loaded.run),
            births=await self._programs.births(loaded.program),
            chain=loaded.chain,
        )
        if self._owner is not None:
            if loaded.fence > self._owner.fence:
                raise EngineStopped("another engine has taken over the store; this one stops")
            held.foreign = loaded.fence != self._owner.fence
            held.unable = self._owner.unable(loaded.program)
        return held

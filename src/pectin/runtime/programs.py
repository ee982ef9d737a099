"""Programs by the hash of their definition: an execution finishes on the definition that it started with."""

from __future__ import annotations

import msgspec

from pectin.core.codec import canonical
from pectin.core.definition import Definition, definition_hash
from pectin.core.error import PectinError
from pectin.core.program import Program
from pectin.core.schema import from_document, to_document
from pectin.nodes import bind
from pectin.ports.store import PublishedDefinition, Store
from pectin.runtime.error import Quarantined


class Programs:
    """A cache over the store's definitions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._programs: dict[str, Program] = {}

    async def publish(self, program: Program) -> None:
        """Register a program's definition; raises `DefinitionTaken` if its id and version name another graph."""
        await self._store.publish(published(program.definition))
        self._programs[program.hash] = program

    async def get(self, hash: str) -> Program:
        """The program of an execution; raises `Quarantined` if it can't be had."""
        program = self._programs.get(hash)
        if program is None:
            stored = await self._store.definition(hash)
            if stored is None:
                raise Quarantined(f"the definition {hash[:12]} is not in the store")
            try:
                program = bind(read_definition(stored.body))
            except (PectinError, msgspec.ValidationError) as problem:
                raise Quarantined(f"the definition {hash[:12]} can't be run by this version: {problem}") from problem
            self._programs[hash] = program
        return program


def published(definition: Definition) -> PublishedDefinition:
    """A definition as the store keeps it."""
    document = msgspec.to_builtins(definition)
    document["state"] = to_document(definition.state)
    return PublishedDefinition(
        hash=definition_hash(definition),
        workflow_id=definition.id,
        version=definition.version,
        body=canonical(document),
    )


def read_definition(body: bytes) -> Definition:
    """The definition that `published` wrote."""
    document = msgspec.json.decode(body)
    state = from_document(document.pop("state"))
    shell = msgspec.convert({**document, "state": msgspec.to_builtins(state)}, Definition)
    return msgspec.structs.replace(shell, state=state)

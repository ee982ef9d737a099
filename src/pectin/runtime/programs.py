"""Programs by the hash of their definition: an execution finishes on the definition that it started with."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pectin.core.codec import canonical
from pectin.core.definition import Definition, definition_hash
from pectin.core.error import PectinError
from pectin.core.program import Program
from pectin.core.schema import from_document, to_document
from pectin.nodes import bind
from pectin.ports.store import PublishedDefinition, Store
from pectin.runtime.error import Quarantined

Births = Mapping[tuple[str, str], str]
"""The hashes of the definitions that workflows' ids and versions name."""


class Programs:
    """A cache over the store's definitions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._programs: dict[str, Program] = {}
        self._named: dict[tuple[str, str], str] = {}

    async def publish(self, program: Program) -> None:
        """Register a program's definition; raises `DefinitionTaken` if its id and version name another graph."""
        definition = program.definition
        await self._store.publish(published(definition))
        self._programs[program.hash] = program
        self._named[definition.id, definition.version] = program.hash

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

    async def births(self, program: Program) -> Births:
        """What the children of its executions begin with, those left out that nobody has registered.

        It has to be known before a command is decided: between that and the commit, nothing may be waited for.
        """
        if not program.mappings:
            return {}
        births: dict[tuple[str, str], str] = {}
        for node in program.mappings:
            if (child := program.nodes[node].child) is not None:
                pair = (child.workflow, child.version)
                named = self._named.get(pair)
                if named is None and (stored := await self._store.registered(*pair)) is not None:
                    named = stored.hash
                if named is not None:
                    births[pair] = named
        return births


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

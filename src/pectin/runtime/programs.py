"""Programs by the hash of their definition: an execution finishes on the definition that it started with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, cast

import msgspec

from pectin.core.codec import canonical, decode_json
from pectin.core.contract import read_contract, to_json
from pectin.core.definition import Definition, definition_hash
from pectin.core.error import BadValue, PectinError, quote, shorten
from pectin.core.policy import Policy
from pectin.core.program import Program
from pectin.core.schema import Object, SchemaError, from_document, to_document
from pectin.nodes import bind, police
from pectin.ports.store import PublishedDefinition, Store
from pectin.runtime.error import Quarantined

_CHARACTERS_MAX: Final = 1_000
"""Of what is told of a problem."""

_HINT: Final = "write it as `published` does"

Births = Mapping[tuple[str, str], str]
"""The hashes of the definitions that workflows' ids and versions name."""


class Programs:
    """A cache over the store's definitions. The engine's `policy` holds in all of them."""

    def __init__(self, store: Store, policy: Policy | None = None) -> None:
        self._store = store
        self._policy = policy
        self._programs: dict[str, Program] = {}
        self._named: dict[tuple[str, str], str] = {}

    async def publish(self, program: Program) -> None:
        """Register a program's definition; raises `DefinitionTaken` if its id and version name another graph."""
        definition = program.definition
        await self._store.publish(published(definition))
        self._programs[program.hash] = police(program, self._policy)
        self._named[definition.id, definition.version] = program.hash

    def enforced(self, program: Program) -> Program:
        """A program as it is run here, under the engine's policy."""
        return self._programs.get(program.hash) or police(program, self._policy)

    async def get(self, hash: str) -> Program:
        """The program of an execution; raises `Quarantined` if it can't be had."""
        program = self._programs.get(hash)
        if program is None:
            stored = await self._store.definition(hash)
            if stored is None:
                raise Quarantined(f"the definition {hash[:12]} is not in the store")
            try:
                program = police(_read_program(stored.body), self._policy)
            except PectinError as problem:
                what = shorten(str(problem), _CHARACTERS_MAX)
                raise Quarantined(f"the definition {hash[:12]} can't be run by this version: {what}") from problem
            if program.hash != hash:
                raise Quarantined(f"the definition {hash[:12]} is damaged: what is stored is {program.hash[:12]}")
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


@lru_cache(maxsize=64)
def _read_program(body: bytes) -> Program:
    """What was stored, ready to run: once in a process, whoever asks."""
    return bind(read_definition(body))


def published(definition: Definition) -> PublishedDefinition:
    """A definition as the store keeps it."""
    document = msgspec.to_builtins(definition)
    document["state"] = to_document(definition.state)
    if definition.tools:
        document["tools"] = [to_json(tool) for tool in definition.tools]
    return PublishedDefinition(
        hash=definition_hash(definition),
        workflow_id=definition.id,
        version=definition.version,
        body=canonical(document),
    )


def read_definition(body: bytes) -> Definition:
    """The definition that `published` wrote. Raises `BadValue` for anything else."""
    read: object = decode_json(body, len(body))
    if not isinstance(read, dict):
        raise BadValue("$", f"{quote(read)} is no definition", _HINT)
    document = cast("dict[str, object]", read)
    try:
        state = from_document(document.get("state"), "state")
        if not isinstance(state, Object):
            raise SchemaError("state: a state is an object")
        tools = tuple(map(read_contract, cast("list[object]", document.pop("tools", []))))
        shell = msgspec.convert({**document, "state": msgspec.to_builtins(Object({}))}, Definition)
    except (SchemaError, msgspec.ValidationError) as problem:
        raise BadValue("definition", shorten(str(problem), _CHARACTERS_MAX), _HINT) from None
    return msgspec.structs.replace(shell, state=state, tools=tools)

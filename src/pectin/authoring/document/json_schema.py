"""The JSON Schema of a document, for editors: which keys there are, what they are for and what may stand there.

It says as much as a schema can. What it can't, such as whether a node is there, `pectin check` finds. Its keys stand in
the order in which a document has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pectin.authoring.document.schema_parts import (
    BOOLEAN,
    COUNT,
    TEXT,
    Schema,
    either,
    list_of,
    map_of,
    not_both,
    object_of,
    or_null,
    ref,
    says,
    words,
)
from pectin.authoring.document.schema_tools import tool_parts
from pectin.authoring.document.shorthand import NAMES, PARTS
from pectin.core.activation import NODE_ID
from pectin.core.definition import END, Effect, OnFailure, OnItemFailure, Reducer, RunOn
from pectin.core.retry import PRESETS, Backoff
from pectin.core.status import SessionType
from pectin.core.validate.parts import VERSION
from pectin.nodes.policy import OnViolation

ID: Final = "https://json-schema.org/draft/2020-12/schema"

_WAYS: Final = ("then", "repeat", "on_limit", "on_error")
_MAP: Final = ("each", "max_concurrency", "on_item_failure")
_MAPPINGS: Final = ("input", "output", "output_key")
_GOVERNED: Final = ("policy", "ceiling")

SORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "run": ("run_on", *_MAP, "effect", "retry", "timeout", "reconcile", *_GOVERNED, "output_key", *_WAYS),
    "tool": (*_MAP, *_MAPPINGS, "retry", "timeout", "reconcile", *_GOVERNED, *_WAYS),
    "child": (*_MAP, *_MAPPINGS, "ceiling", *_WAYS),
    "approval": ("deadline", "editable", "options", "decisions", *_WAYS),
    "wait": ("deadline", "output_key", *_WAYS),
    "condition": ("default", *_WAYS[1:]),
    "parallel": _WAYS,
    "join": ("output_key", *_WAYS),
    "rules": ("on_violation", "output_key", *_WAYS),
    "limit_exceeded": (),
}
"""The sorts of nodes by the key that says which one it is, with the keys that may stand beside it."""

NOTES: Final = ("description", "labels")
"""The keys that any node may have."""

AT_THE_END: Final = ("run", *NOTES, "run_on", "effect", "retry", "timeout")
"""The keys of a finalizer."""


def json_schema() -> Schema:
    """The schema of a document; a JSON file may hold a list of them."""
    return {
        "$schema": ID,
        "title": "A Pectin workflow",
        "type": ["object", "array"],
        "$ref": "#/$defs/workflow",
        "items": {"type": "object", "$ref": "#/$defs/workflow"},
        "$defs": {
            "workflow": _workflow(),
            "node": _node(),
            **_values(),
            **_types(),
            **_ways(),
            **_parts(),
            **tool_parts(),
        },
    }


def _values() -> Schema:
    return {
        "name": {"type": "string", "pattern": f"^{NODE_ID.pattern}$"},
        "node_name": {"$ref": "#/$defs/name", "not": {"const": END}},
        "expression": says(
            "An expression over `state`, `output` (on the ways on), `error` (on failure), `item` and `index`.",
            {"type": ["string", "boolean", "number"]},
        ),
        "duration": says(
            "A duration: `250ms`, `90s`, `1h30m`, `3d`, ISO 8601, or whole seconds.",
            {"type": ["string", "integer"], "minimum": 0},
        ),
        "mapping": map_of(ref("expression")),
        "labels": says("Texts by keys of any name.", map_of(TEXT)),
    }


# -- a workflow


def _workflow() -> Schema:
    properties = {
        "workflow": says("The workflow's id.", ref("name")),
        "version": says(
            "A semantic version, such as `1.0.0`. An id and a version name one graph for ever, unless the version ends "
            "in `-dev`.",
            {"type": "string", "pattern": f"^{VERSION.pattern}$"},
        ),
        "name": says("What people call it.", TEXT),
        "description": says("What it is for.", TEXT),
        "labels": says("What people want to know of it, by keys of any name.", ref("labels")),
        "session_type": says("How durable an execution is. `resumable` if nothing is said.", words(SessionType)),
        "state": says("The fields of the state with their types. Without it, any object.", ref("fields_or_type")),
        "reducers": says(
            "How what branches write to a key side by side becomes one value, by the keys of the state.",
            map_of(words(Reducer)),
        ),
        "timeouts": says("What bounds attempts and waits that say nothing of their own.", ref("timeouts")),
        "limits": says("What one execution may use.", ref("limits")),
        "policy": says("Which calls are blocked, and which need an approval.", ref("policy")),
        "retention_days": says(
            "How long a `persistent_governed` execution is kept after its end. For ever if nothing is said.", COUNT
        ),
        "on_failure": says(
            "What an unhandled failure does: end the execution at once, or when all else has settled.",
            words(OnFailure),
        ),
        "stop_grace": says("How long an execution that ends waits for its running attempts.", ref("duration")),
        "start": says(
            "The node to begin at. It need not be said if only one node has no edge that leads to it.", ref("name")
        ),
        "tools": says("The tools that nodes call, by their names.", map_of(ref("contract"))),
        "nodes": says("The nodes, by their names.", {**map_of(ref("node")), "propertyNames": ref("node_name")}),
    }
    return {"properties": properties, "required": ["workflow", "version", "nodes"], "additionalProperties": False}


def _parts() -> Schema:
    duration = ref("duration")
    return {
        "timeouts": object_of(
            {
                "node_timeout": says("Of one attempt; null is no bound. 5 minutes if not said.", or_null(duration)),
                "workflow_timeout": says("Of an execution, waiting included.", or_null(duration)),
                "heartbeat_interval": says("How often a worker says that it lives.", duration),
                "approval_timeout": says("The deadline of approvals that have none.", or_null(duration)),
            }
        ),
        "limits": object_of(
            {
                "max_iterations": says("Of each loop that doesn't say its own.", COUNT),
                "wall_time": says("From the start on, waiting included.", duration),
                "max_cost_usd": says("US dollars, exactly.", ref("money")),
                "input_tokens": says("Of all calls of models.", COUNT),
                "output_tokens": says("Of all calls of models.", COUNT),
                "total_tokens": says("Input and output.", COUNT),
                "on_limit": says("The node that is entered instead of the end where a limit is passed.", ref("name")),
            }
        ),
        "retry": either(
            words(PRESETS),
            object_of(
                {
                    "max_attempts": says("How many outcomes there may be, the first included.", COUNT),
                    "backoff": says("How the delays grow. `exponential` if not said.", words(Backoff)),
                    "initial_delay": says("Before the first retry. 1 s if not said.", duration),
                    "max_delay": says("No delay is longer. 30 s if not said.", duration),
                    "jitter": says("Whether a delay is drawn between half and all of it. True if not said.", BOOLEAN),
                    "retryable_on": says("The classes of errors that are tried again; any if not said.", list_of(TEXT)),
                },
                "max_attempts",
            ),
        ),
    }


# -- the types of the state


def _types() -> Schema:
    default = says("The value where an input leaves the field out.", {})
    described = {
        "$name": says("What messages call the object.", TEXT),
        "$type": says("The type.", ref("type")),
        "$list": says("What a list of them holds.", ref("type")),
        "$map": says("What the values under keys of any name are.", ref("type")),
        "$fields": says("The fields of an object.", ref("fields")),
        "$values": says("The only values allowed.", list_of({"type": ["string", "integer", "boolean"]})),
        "$open": says("Whether the object may have other keys.", BOOLEAN),
        "$nullable": says("Whether it may be null.", BOOLEAN),
        "$default": default,
    }
    listed = ", ".join(f"`{name}`" for name in (*NAMES, *(f"{part}[T]" for part in PARTS)))
    return {
        "type": says(
            f"A type: {listed}, `T?` for one that may be null, `low | high` for an enumeration, ` = 0` for a default; "
            "a mapping of fields; a list of one type.",
            either(
                {"type": ["string", "null"]},
                {"type": "array", "items": ref("type"), "minItems": 1, "maxItems": 1},
                ref("fields_or_type"),
            ),
        ),
        "fields_or_type": {
            "if": {"type": "object", "minProperties": 1, "propertyNames": {"pattern": r"^\$"}},
            "then": object_of(described),
            "else": {"allOf": [ref("fields"), {"propertyNames": {"pattern": r"^(?!\$)"}}]},
        },
        "fields": says(
            "Fields with their types. One whose name ends in `?` may be missing.",
            {"type": "object", "additionalProperties": ref("type")},
        ),
    }


# -- where a node leads


def _ways() -> Schema:
    to = says("The node that it leads to, or `end`.", ref("name"))
    when = says("It is taken where this holds.", ref("expression"))
    otherwise = says("It is taken where no `when` of this node holds.", {"const": True})
    limit = says("How many iterations the loop may have each time it is entered.", COUNT)
    onward = object_of({"to": to, "when": when, "otherwise": otherwise}, "to")
    onward |= not_both("when", "otherwise")
    caught = object_of({"to": to, "when": when}, "to")
    back = object_of({"to": to, "when": when, "max_iterations": limit}, "to", "when")
    return {
        "way": onward,
        "caught": caught,
        "back": back,
        "branch": object_of(
            {"when": says("Where this is the first to hold.", ref("expression")), "to": to}, "when", "to"
        ),
        "then": _one_or_all(ref("name"), ref("way")),
        "on_error": _one_or_all(ref("name"), ref("caught")),
        "repeat": _one_or_all(ref("back")),
        "targets": _one_or_all(ref("name")),
    }


def _one_or_all(*ways: Schema) -> Schema:
    item = ways[0] if len(ways) == 1 else either(*ways)
    return either(*ways, list_of(item))


# -- nodes


def _node() -> Schema:
    beside: dict[str, Schema] = {sort: {"propertyNames": words((sort, *NOTES, *keys))} for sort, keys in SORTS.items()}
    beside["run_on"] = {"propertyNames": words(AT_THE_END)}
    beside["options"] = {"not": {"required": ["decisions"]}}
    beside["then"] = {"properties": {"parallel": {"const": True}}}
    return {
        **object_of({**_kinds(), **_notes(), **_settings(), **_leads()}),
        "oneOf": [{"required": [sort]} for sort in SORTS],
        "dependentSchemas": beside,
        "dependentRequired": {key: ["each"] for key in ("max_concurrency", "on_item_failure")},
    }


def _kinds() -> Schema:
    child = {
        "workflow": says("Its id: another document of the same file.", ref("name")),
        "version": says("Its version.", TEXT),
    }
    waits = {
        "duration": says("So long.", ref("duration")),
        "until": says("An expression that gives a date and time with its zone.", ref("expression")),
        "event": says("The name of an external event.", TEXT),
        "key": says("Which event is meant: a text with `{{ expressions }}`.", TEXT),
        "signal": says("The name of a signal that is sent to this execution.", TEXT),
    }
    join = {
        "wait_for": says("The nodes that lead here, in the order of what arrives.", list_of(ref("name"))),
        "at_least": says("Go on with so many.", COUNT),
        "fires_when": says("Go on where this holds over `arrivals`.", ref("expression")),
    }
    return {
        "run": says("Run this function, with the name that it has in the file of functions.", TEXT),
        "tool": says("Call this tool: one of `tools`, or of the file of functions.", TEXT),
        "child": says("Run another workflow, as an execution of its own.", object_of(child, "workflow", "version")),
        "approval": says("Wait for a person, who is shown this text with `{{ expressions }}`.", TEXT),
        "wait": says(
            "Wait for a time, an event or a signal, whichever comes first.",
            {
                **object_of(waits),
                "minProperties": 1,
                "dependentRequired": {"event": ["key"], "key": ["event"]},
                **not_both("duration", "until"),
            },
        ),
        "condition": says("Go on along the first branch that holds.", {**list_of(ref("branch")), "minItems": 1}),
        "parallel": says("Lead to all of these at once; `true` where `then` says where.", _parallel()),
        "join": says(
            "Wait for all that lead here, or for the first of them.",
            either(words(("all", "first")), {**object_of(join), **not_both("at_least", "fires_when")}),
        ),
        "rules": says("Hold these against the state.", {**list_of(ref("rule")), "minItems": 1}),
        "limit_exceeded": says("End as `limit_exceeded`, with this text with `{{ expressions }}`.", TEXT),
    }


def _parallel() -> Schema:
    return either({"const": True}, ref("targets"))


def _notes() -> Schema:
    return {
        "description": says("What it is for. Nothing depends on it.", TEXT),
        "labels": says("What people want to know of it, by keys of any name.", ref("labels")),
    }


def _settings() -> Schema:
    return {
        "run_on": says("Run when the execution ends, on this end. No edge leads here.", words(RunOn)),
        "each": says("Do it for each item of this list; `item` and `index` are what it is about.", ref("expression")),
        "input": says("What the child or the tool is handed, by its keys.", ref("mapping")),
        "output": says(
            "What is kept of the child's last state, or of what the tool gives, by the keys of this state. It is "
            "`output` there.",
            ref("mapping"),
        ),
        "effect": says("What a crash may do to it. `idempotent` if not said.", words(Effect)),
        "retry": says("When a failed attempt is made again: a preset or a policy.", ref("retry")),
        "timeout": says("Of one attempt.", ref("duration")),
        "reconcile": says("The function that says whether an attempt in doubt has happened: `pay.reconcile`.", TEXT),
        "policy": says("Whether it may call what it calls.", ref("policy")),
        "ceiling": says("The most that one attempt, or a child, may spend.", ref("ceiling")),
        "max_concurrency": says("How many items run at once.", COUNT),
        "on_item_failure": says("What an item that fails does to the others.", words(OnItemFailure)),
        "deadline": says("How long it waits at most.", ref("duration")),
        "editable": says("The keys of the state that may be changed with the decision.", list_of(TEXT)),
        "on_violation": says("What a violated rule does. `fail` if not said.", words(OnViolation)),
        "output_key": says("The key of the state that the result goes to.", TEXT),
        "default": says("Where to go if no branch holds.", ref("name")),
        "options": says("The decisions, where `then` says where they lead.", list_of(TEXT)),
        "decisions": says("Where each decision leads; `timeout` is the one at the deadline.", map_of(ref("targets"))),
    }


def _leads() -> Schema:
    return {
        "then": says("Where to go on.", ref("then")),
        "repeat": says("Where to go back to, and while what holds: a loop.", ref("repeat")),
        "on_limit": says("Where to go if the iterations of the loop that begins here are used up.", ref("targets")),
        "on_error": says("Where to go if it fails beyond its retries.", ref("on_error")),
    }


# -- the order of keys


def orders() -> dict[str, tuple[str, ...]]:
    """The order of the keys of a workflow, of a node and of a type, and of what stands under their keys."""
    schemas = json_schema()["$defs"]
    node = schemas["node"]["properties"]
    objects = {
        "workflow": schemas["workflow"],
        "node": schemas["node"],
        "type": schemas["fields_or_type"]["then"],
        "timeouts": schemas["timeouts"],
        "limits": schemas["limits"],
        "retry": schemas["retry"]["anyOf"][1],
        "policy": schemas["policy"],
        "require_approval_for": schemas["policy"]["properties"]["require_approval_for"]["items"]["anyOf"][1],
        "ceiling": schemas["ceiling"],
        "contract": schemas["contract"],
        "http": schemas["contract"]["properties"]["http"],
        "header": schemas["header"]["anyOf"][1],
        "rules": schemas["rule"],
        "child": node["child"],
        "wait": node["wait"],
        "join": node["join"]["anyOf"][1],
        "condition": schemas["branch"],
        "then": schemas["way"],
        "repeat": schemas["back"],
        "on_error": schemas["caught"],
    }
    return {name: tuple(schema["properties"]) for name, schema in objects.items()}

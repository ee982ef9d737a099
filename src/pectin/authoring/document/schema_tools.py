"""The JSON Schema of tools, policies, ceilings and rules."""

from __future__ import annotations

from typing import Final

from pectin.authoring.document.schema_parts import (
    BOOLEAN,
    COUNT,
    TEXT,
    Schema,
    either,
    list_of,
    map_of,
    object_of,
    ref,
    says,
    words,
)
from pectin.core.definition import Effect
from pectin.core.endpoint import METHODS

_TOKENS: Final[Schema] = {"type": "integer", "minimum": 0}


def tool_parts() -> Schema:
    """What they are, by the names under which documents' schema has them."""
    return {
        "money": says('US dollars, exactly: `"0.10"`.', {"type": ["string", "number"], "minimum": 0}),
        "ceiling": object_of(
            {
                "cost_usd": says("US dollars.", ref("money")),
                "input_tokens": says("Tokens that go in.", _TOKENS),
                "output_tokens": says("Tokens that come out.", _TOKENS),
            }
        ),
        "policy": object_of(
            {
                "blocked_tools": says("What may not be called: names, in which `*` is anything.", list_of(TEXT)),
                "require_approval_for": says("What needs an approval.", list_of(either(TEXT, _approval_rule()))),
            }
        ),
        "rule": object_of(
            {
                "when": says("It is violated where this holds.", ref("expression")),
                "message": says("What is wrong then: a text with `{{ expressions }}`.", TEXT),
            },
            "when",
            "message",
        ),
        "contract": _contract(),
        "header": either(
            TEXT,
            object_of(
                {
                    "secret": says("The name of a secret, whose value the engine looks up for each call.", TEXT),
                    "prefix": says("What stands before it, such as `Bearer `.", TEXT),
                },
                "secret",
            ),
        ),
    }


def _approval_rule() -> Schema:
    return object_of(
        {
            "tool": says("The names, in which `*` is anything.", TEXT),
            "approvers": says("How many have to approve. One if not said.", COUNT),
            "of": says("Who may approve. Anybody if not said.", list_of(TEXT)),
            "not_requester": says("Whether who started the execution may not approve.", BOOLEAN),
            "deadline": says("How long is waited for them.", ref("duration")),
        },
        "tool",
    )


def _contract() -> Schema:
    http = {
        "method": says("How it is called.", words(METHODS)),
        "url": says("Where. `{names}` in its path are fields of the input.", TEXT),
        "query": says(
            "The fields that stand in the query; or them by the parameters.", either(list_of(TEXT), map_of(TEXT))
        ),
        "headers": says("What is sent with it.", map_of(ref("header"))),
        "key_header": says("The header that has the key of a `keyed` call. `Idempotency-Key` if not said.", TEXT),
        "timeout": says("Of one call.", ref("duration")),
        "request_bytes_max": says("How long a request may be. 1 MiB if not said.", COUNT),
        "response_bytes_max": says("How long a response may be. 1 MiB if not said.", COUNT),
    }
    return object_of(
        {
            "description": says("What it does.", TEXT),
            "effect": says("What a call does to the world. An endpoint is `once` if not said.", words(Effect)),
            "input": says("The fields that it takes.", ref("fields_or_type")),
            "output": says("The type of what it gives.", ref("type")),
            "http": says(
                "The endpoint that is called. Without it, the file of functions has the tool.",
                object_of(http, "method", "url"),
            ),
        }
    )

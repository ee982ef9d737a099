"""`pectin schema`."""

from __future__ import annotations

import json

from pectin.cli.options import Json


def schema(as_json: Json = False) -> int:
    """Write the JSON Schema of a document, for editors."""
    from pectin.authoring.document.json_schema import json_schema
    from pectin.cli.streams import answer
    from pectin.cli.words import put_json

    if as_json:
        put_json(json_schema())
    else:
        answer().write(json.dumps(json_schema(), indent=2) + "\n")
    return 0

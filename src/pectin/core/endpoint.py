"""An HTTP endpoint, from its declaration to the request of one call: pure, and the same for the same arguments.

Values only ever go into segments of the path, percent-encoded, and into the query: the scheme, the host and the port
are what the definition says, whatever is handed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, cast

from pectin.core import schema
from pectin.core.codec import canonical
from pectin.core.definition import Contract, Effect, Endpoint, Json, Secret
from pectin.core.duration import DURATION_MS_MAX
from pectin.core.error import BadValue, quote
from pectin.core.hint import did_you_mean
from pectin.core.program import NodeError
from pectin.core.schema import Object, Schema, describe, without_null

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
WITH_BODY: Final = ("POST", "PUT", "PATCH")
BYTES_MAX: Final = 8 * 1024 * 1024
"""Of a request or a response: as much as a stored value may have."""

PORTS: Final = {"http": 80, "https": 443}

_URL: Final = re.compile(r"(https?)://([^/?#]*)(/[^?#]*)?(?:\?([^#]*))?")
_HOST: Final = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_PATH: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}|\{[A-Za-z_][A-Za-z0-9_]*\})*")
_QUERY: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
_FIELD: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_TEXT: Final = re.compile(r"[\x20-\x7e]*")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_OWN: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "content-type", "accept-encoding", "te", "upgrade"}
)
"""Headers that the client sets by itself."""

_CONFIDENTIAL: Final = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"})
_SCALARS: Final = (schema.String, schema.Integer, schema.Bool, schema.Decimal, schema.Float)


class Address(NamedTuple):
    """The parts of an endpoint's URL. `path` may have fields in braces, the others have none."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    def __str__(self) -> str:
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{port}"


def read_url(url: str) -> Address:
    """The parts of a URL. Raises `BadValue`."""
    if not url.isascii() or (match := _URL.fullmatch(url)) is None:
        raise BadValue("url", f"{quote(url)} is no address", 'write one such as "https://api.example.com/orders/{id}"')
    scheme, authority, path, query = match[1], match[2], match[3] or "/", match[4] or ""
    if "@" in authority:
        raise BadValue("url", "a name or a password stands in the URL", "send it in a header, as a `Secret`")
    if "{" in authority:
        raise BadValue("url", f"the host, {quote(authority)}, is a template", "name one host: only the path has fields")
    host = _HOST.fullmatch(authority)
    if host is None or not 0 < int(host[2] or PORTS[scheme]) < 65_536:
        raise BadValue("url", f"{quote(authority)} is no host", 'write one such as "api.example.com"')
    if "{" in query:
        raise BadValue("url", "the query of the URL is a template", "say in `query` which fields go there")
    if not _PATH.fullmatch(path) or not _QUERY.fullmatch(query):
        raise BadValue(
            "url", f"{quote(url)} has signs that no URL has", "write them percent-encoded, fields as `{name}`"
        )
    if any(part in (".", "..") for part in path.lower().replace("%2e", ".").split("/")):
        raise BadValue("url", f"the path {quote(path)} leads elsewhere", "leave `.` and `..` out")
    name = host[1].strip("[]").lower()
    return Address(scheme, name, int(host[2] or PORTS[scheme]), path, query)


def percent_encode(text: str) -> str:
    """A text as one segment of a path, or one part of a query: nothing in it separates anything."""
    return "".join(chr(byte) if chr(byte) in _UNRESERVED else f"%{byte:02X}" for byte in text.encode())


def path_fields(path: str) -> tuple[str, ...]:
    """The names in the path."""
    return tuple(dict.fromkeys(_FIELD.findall(path)))


def named_secrets(endpoint: Endpoint) -> list[Secret]:
    """The secrets that an endpoint names."""
    return [value for value in endpoint.headers.values() if isinstance(value, Secret)]


# -- what is wrong with one ------------------------------------------------------------------------------------


class Complaint(NamedTuple):
    """A part of an endpoint, what is wrong with it, and what to do."""

    part: str
    what: str
    hint: str


def complaints(tool: Contract, endpoint: Endpoint) -> Iterator[Complaint]:
    """What is wrong with an endpoint."""
    if endpoint.method not in METHODS:
        hint = did_you_mean(endpoint.method, METHODS) or _one_of(METHODS)
        yield Complaint("method", f"{quote(endpoint.method)} is no method", hint)
    try:
        address = read_url(endpoint.url)
    except BadValue as bad:
        yield Complaint("url", bad.what, bad.hint)
    else:
        yield from _complain_of_fields(tool, endpoint, address)
    yield from _complain_of_headers(tool, endpoint)
    for name, value in (("request", endpoint.request_bytes_max), ("response", endpoint.response_bytes_max)):
        if not 1 <= value <= BYTES_MAX:
            part = f"{name}_bytes_max"
            yield Complaint(part, f"`{part}` is {value}", f"write a number from 1 to {BYTES_MAX}")
    if endpoint.timeout_ms is not None and not 1 <= endpoint.timeout_ms <= DURATION_MS_MAX:
        what = f"{endpoint.timeout_ms} ms is no timeout"
        yield Complaint("timeout_ms", what, "write more than nothing, and at most 100 years")


def _complain_of_fields(tool: Contract, endpoint: Endpoint, address: Address) -> Iterator[Complaint]:
    fields, in_path = tool.input.fields, path_fields(address.path)
    named = [("url", name) for name in in_path] + [(f"query.{key}", name) for key, name in endpoint.query.items()]
    for part, name in named:
        if name not in fields:
            hint = did_you_mean(name, fields) or "declare it there"
            yield Complaint(part, f"the URL names `{name}`, which its input lacks", hint)
    for name in in_path:
        if name in fields and not (isinstance(fields[name].schema, _SCALARS) and not fields[name].may_be_missing):
            hint = "a segment of a path is a text, a number or a bool, and always there"
            yield Complaint("url", f"`{name}` in the path is {describe(fields[name].schema)}", hint)
    for parameter, name in endpoint.query.items():
        if name in fields and not _fits_query(fields[name].schema):
            what = f"the parameter `{parameter}` is {describe(fields[name].schema)}"
            yield Complaint(f"query.{parameter}", what, "send it in the body")
    rest = [name for name in fields if name not in (*in_path, *endpoint.query.values())]
    if endpoint.method in METHODS and endpoint.method not in WITH_BODY and (rest or tool.input.open):
        listed = ", ".join(f"`{name}`" for name in rest) or "fields that nobody names"
        hint = "put it into the path or the `query`, or use POST"
        yield Complaint("method", f"{endpoint.method} has no body, and {listed} would go there", hint)


def _complain_of_headers(tool: Contract, endpoint: Endpoint) -> Iterator[Complaint]:
    names = [name.lower() for name in endpoint.headers]
    for name, value in endpoint.headers.items():
        part = f"headers.{name}"
        if not _TOKEN.fullmatch(name):
            yield Complaint(part, f"{quote(name)} is no name of a header", "write letters, digits and `-`")
        elif name.lower() in _OWN:
            yield Complaint(part, f"the header `{name}` is not for a tool to say", "leave it out: the client sends it")
        elif names.count(name.lower()) > 1:
            yield Complaint(part, f"the header `{name}` stands twice", "keep one")
        if isinstance(value, Secret):
            if not _TOKEN.fullmatch(value.name):
                yield Complaint(part, f"{quote(value.name)} is no name of a secret", "name an environment variable")
            value = value.prefix
        elif name.lower() in _CONFIDENTIAL:
            hint = f'write `"{name}": Secret("NAME")`'
            yield Complaint(part, f"the header `{name}` would be stored with the workflow", hint)
        if not _TEXT.fullmatch(value):
            yield Complaint(part, f"the header `{name}` has signs that no header has", "write plain ASCII in one line")
    if not _TOKEN.fullmatch(endpoint.key_header) or endpoint.key_header.lower() in _OWN:
        what = f"{quote(endpoint.key_header)} can't hold the idempotency key"
        yield Complaint("key_header", what, 'write one such as "Idempotency-Key"')
    elif tool.effect is Effect.KEYED and endpoint.key_header.lower() in names:
        key = next(name for name in endpoint.headers if name.lower() == endpoint.key_header.lower())
        what = f"the header `{endpoint.key_header}` holds the idempotency key"
        yield Complaint(f"headers.{key}", what, "leave it out of `headers`")


def _fits_query(declared: Schema) -> bool:
    inner = without_null(declared)
    return isinstance(inner, _SCALARS) or (isinstance(inner, schema.List) and isinstance(inner.item, _SCALARS))


def _one_of(words: tuple[str, ...]) -> str:
    return f"use one of {', '.join(words)}"


# -- the request of one call -----------------------------------------------------------------------------------


def request_url(endpoint: Endpoint, arguments: Mapping[str, Json]) -> str:
    """Where a call goes. Raises `NodeError` for a value that would lead elsewhere."""
    address = read_url(endpoint.url)
    path = "/".join(_fill(segment, arguments) for segment in address.path.split("/"))
    said = [
        f"{percent_encode(parameter)}={percent_encode(_write(value))}"
        for parameter, name in endpoint.query.items()
        for value in _values(arguments.get(name))
    ]
    query = "&".join(filter(None, [address.query, *said]))
    return f"{address}{path}{'?' if query else ''}{query}"


def request_body(tool: Contract, endpoint: Endpoint, arguments: Mapping[str, Json]) -> bytes | None:
    """What is sent beside: the fields that stand neither in the path nor in the query. The same bytes every time."""
    if endpoint.method not in WITH_BODY:
        return None
    said = {*path_fields(read_url(endpoint.url).path), *endpoint.query.values()}
    rest = {name: value for name, value in arguments.items() if name not in said}
    if not rest and not tool.input.open and tool.input.fields.keys() <= said:
        return None
    body = canonical(rest)
    if len(body) > endpoint.request_bytes_max:
        what = f"the request of `{tool.name}` has {len(body)} bytes; request_bytes_max is {endpoint.request_bytes_max}"
        raise NodeError("bad_arguments", what)
    return body


def _fill(segment: str, arguments: Mapping[str, Json]) -> str:
    if not (names := _FIELD.findall(segment)):
        return segment
    filled = _FIELD.sub(lambda found: percent_encode(_write(arguments[found[1]])), segment)
    if filled in ("", ".", ".."):
        value = quote(arguments[names[0]])
        raise NodeError("bad_arguments", f"`{names[0]}` is {value}, and would lead to another address")
    return filled


def _values(value: Json) -> list[Json]:
    if isinstance(value, list):
        return cast("list[Json]", value)
    return [] if value is None else [value]


def _write(value: Json) -> str:
    return value if isinstance(value, str) else canonical(value).decode()


def keep_declared(wanted: Schema, value: Json) -> Json:
    """A value without the fields that its schema doesn't have: others may add fields to what they answer."""
    match wanted:
        case schema.Nullable():
            return keep_declared(wanted.inner, value)
        case schema.List() if isinstance(value, list):
            return [keep_declared(wanted.item, item) for item in cast("list[Json]", value)]
        case schema.Map() if isinstance(value, dict):
            return {name: keep_declared(wanted.value, part) for name, part in cast("dict[str, Json]", value).items()}
        case Object() if isinstance(value, dict):
            return {
                name: keep_declared(wanted.fields[name].schema, part) if name in wanted.fields else part
                for name, part in cast("dict[str, Json]", value).items()
                if wanted.open or name in wanted.fields
            }
        case _:
            return value

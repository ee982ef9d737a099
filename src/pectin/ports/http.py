"""HTTP as the engine asks for it: one request, one answer, and what the operator allows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Protocol, cast

import msgspec

from pectin.core.error import BadValue, PectinError, quote

_HOST: Final = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")


class HttpRules(msgspec.Struct, frozen=True):
    """What endpoints an engine may call; nothing, where nothing is said. A definition can't change it.

    `hosts` are names or addresses, `*.example.com` all below that name. Without `private` a host whose name leads to an
    address that isn't public (this machine, a local network) is refused all the same. Raises `BadValue`.
    """

    hosts: Sequence[str] = ()
    private: bool = False

    def __post_init__(self) -> None:
        hosts: object = self.hosts
        if not isinstance(hosts, list | tuple):
            raise BadValue("hosts", f"{quote(hosts)} is no list", 'write `hosts=["api.example.com"]`')
        for host in cast("Sequence[object]", hosts):
            if not isinstance(host, str) or not _HOST.fullmatch(host):
                raise BadValue("hosts", f"{quote(host)} is no host", 'write a name alone, such as "api.example.com"')
        if type(self.private) is not bool:
            raise BadValue("private", f"{quote(self.private)} is neither true nor false", "write `private=True`")

    def allows(self, host: str) -> bool:
        """Whether a host is on the list."""
        name = host.lower().rstrip(".")
        return any(
            name.endswith(allowed[1:].lower()) if allowed.startswith("*.") else name == allowed.lower()
            for allowed in self.hosts
        )


def can_be_sent(value: str) -> bool:
    """Whether a header may have this value. A client that finds out by itself writes the value into its log."""
    return value.isascii() and value.isprintable() and value == value.strip()


class HttpRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request. Its headers may hold secrets, so it has no `repr` that shows them."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    timeout_ms: int | None = None
    response_bytes_max: int

    def __repr__(self) -> str:
        return f"HttpRequest({self.method})"


class HttpResponse(msgspec.Struct, frozen=True, kw_only=True):
    """Its answer. The names of headers are in small letters. `is_cut`: the body was longer than was asked for."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
    is_cut: bool = False


class HttpFailed(PectinError):
    """A request that wasn't made, or was answered with an error. `retry_after` is in seconds."""

    def __init__(self, error_class: str, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.error_class = error_class
        self.retry_after = retry_after


class HttpClient(Protocol):
    """Makes requests. In a test, anything that answers."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Make a request. Raises `HttpFailed` if it can't be made, `Unanswered` if it went out and nothing came."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...

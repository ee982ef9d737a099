"""HTTP by `httpx2`, guarded: only to the hosts that the operator allows, and only to addresses that may be reached.

An address is judged where the connection is made, so that a name which leads elsewhere a moment later leads nowhere.
Each request has a connection of its own: one that was kept open could be closed by the other side just when a request
goes out, and nobody would know whether it was heard.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final, cast
from urllib.parse import urlsplit

import httpcore2
import httpx2

from pectin.ports.function import Unanswered
from pectin.ports.http import HttpFailed, HttpRequest, HttpResponse, HttpRules, can_be_sent

NAT64: Final = IPv6Network("64:ff9b::/96")

Resolve = Callable[[str, int], Coroutine[Any, Any, Sequence[str]]]


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses that a name leads to. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedClient:
    """A `ports.HttpClient`. `resolve` stands in for the name service in tests."""

    def __init__(self, rules: HttpRules, resolve: Resolve = resolve) -> None:
        self._rules = rules
        self._client = httpx2.AsyncClient(
            transport=_GuardedTransport(rules, resolve), timeout=None, follow_redirects=False, trust_env=False
        )

    async def send(self, request: HttpRequest) -> HttpResponse:
        host = urlsplit(request.url).hostname or ""
        if not self._rules.allows(host):
            hint = f'allow it where the engine is made: HttpRules(hosts=["{host}"])'
            raise HttpFailed("http_refused", f"the host `{host}` isn't allowed here; {hint}")
        for name, value in request.headers.items():
            if not can_be_sent(value):
                raise HttpFailed("http_refused", f"the header `{name}` has signs that no header has")
        sent: list[str] = []

        async def note(event: str, _info: object) -> None:
            if event.endswith("send_request_headers.started"):
                sent.append(event)

        seconds = None if request.timeout_ms is None else request.timeout_ms / 1000
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(request, note)
        except TimeoutError:
            raise _failed(host, "timeout", f"no answer within {seconds:g} s", is_sent=bool(sent)) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _failed(host, *_classify(error), is_sent=bool(sent)) from None

    async def close(self) -> None:
        await self._client.aclose()

    async def _exchange(self, request: HttpRequest, trace: Callable[[str, Any], Coroutine[Any, Any, None]]) -> Any:
        made = self._client.build_request(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.body,
            extensions={"trace": trace},
        )
        answer = await self._client.send(made, stream=True)
        try:
            body = bytearray()
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > request.response_bytes_max:
                    break
        finally:
            await answer.aclose()
        return HttpResponse(
            status=answer.status_code,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=bytes(body[: request.response_bytes_max]),
            is_cut=len(body) > request.response_bytes_max,
        )


class _GuardedTransport(httpx2.AsyncHTTPTransport):
    """The transport of httpx2, with connections that are guarded."""

    def __init__(self, rules: HttpRules, resolve: Resolve) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(),
            max_connections=None,
            max_keepalive_connections=0,
            network_backend=_GuardedBackend(rules, resolve),
        )


class _GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to addresses that have been judged, never to names."""

    def __init__(self, rules: HttpRules, resolve: Resolve) -> None:
        self._rules = rules
        self._resolve = resolve
        self._backend = cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise httpcore2.ConnectError(f"the name can't be found: {error}") from error
        if not self._rules.private and (private := [each for each in addresses if not is_public(each)]):
            message = f"`{host}` leads to {private[0]}, which is no public address"
            raise HttpFailed("http_refused", f"{message}; allow it where the engine is made: HttpRules(private=True)")
        failure: httpcore2.ConnectError | None = None
        for address in addresses:
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore2.ConnectError as error:
                failure = error
        raise failure or httpcore2.ConnectError("the name leads to no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        raise HttpFailed("http_refused", "an endpoint is no socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet, also one that is wrapped in another."""
    found = ip_address(address.partition("%")[0])
    return all(each.is_global and not each.is_multicast for each in (found, *_wrapped(found)))


def _wrapped(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(address, IPv4Address):
        return []
    nat64 = IPv4Address(int(address) & 0xFFFF_FFFF) if address in NAT64 else None
    teredo = address.teredo[1] if address.teredo is not None else None
    return [each for each in (address.ipv4_mapped, address.sixtofour, nat64, teredo) if each is not None]


def _classify(error: Exception) -> tuple[str, str]:
    """An error's class, and what to tell: never what was sent, which may have a secret in it."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx2.TimeoutException):
        return "timeout", "its time was up"
    if isinstance(error, httpx2.RemoteProtocolError) or isinstance(cause, ConnectionResetError):
        return "connection_reset", "the connection was cut off"
    if isinstance(error, httpx2.ConnectError):
        return "io_error", f"can't connect: {error}"
    return "io_error", type(error).__name__


def _failed(host: str, error_class: str, what: str, *, is_sent: bool) -> Exception:
    if is_sent:
        return Unanswered(error_class, f"`{host}` was asked, and gave no answer: {what}")
    return HttpFailed(error_class, f"`{host}` could not be asked: {what}")

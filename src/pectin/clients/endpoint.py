"""A tool that is an HTTP endpoint, as a worker calls it: arguments in, a checked value out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import msgspec

from pectin.core.codec import decode_json
from pectin.core.definition import Contract, Effect, Endpoint, Json
from pectin.core.endpoint import keep_declared, named_secrets, request_body, request_url
from pectin.core.error import BadValue, clean, shorten
from pectin.core.fit import complete, misfits
from pectin.core.schema import Null, Object
from pectin.ports.function import BadResult, Request, Result
from pectin.ports.http import HttpClient, HttpFailed, HttpRequest, HttpResponse, can_be_sent

EXCERPT_CHARACTERS: Final = 500
"""Of the body of an error, in its message."""

NO_KEYS: Final = frozenset[str]()


class EndpointFunction:
    """A `ports.Function` of an endpoint. Secrets are looked up for each call, and kept nowhere."""

    __slots__ = ("_client", "_endpoint", "_secrets", "_tool")

    is_async = True
    keys = NO_KEYS

    def __init__(self, tool: Contract, endpoint: Endpoint, client: HttpClient, secrets: Mapping[str, str]) -> None:
        self._tool = tool
        self._endpoint = endpoint
        self._client = client
        self._secrets = secrets

    async def call(self, request: Request) -> Result:
        """Make the call. Raises `HttpFailed`, `BadResult`, and what the client raises."""
        assert request.arguments is not None, "a tool is called with arguments"
        tool, endpoint = self._tool, self._endpoint
        url = request_url(endpoint, request.arguments)
        body = request_body(tool, endpoint, request.arguments)
        headers = {"accept": "application/json", "accept-encoding": "identity"}
        if body is not None:
            headers["content-type"] = "application/json"
        if tool.effect is Effect.KEYED:
            headers[endpoint.key_header] = request.context.key
        secrets = {each.name: self._find_secret(each.name) for each in named_secrets(endpoint)}
        for name, value in endpoint.headers.items():
            headers[name] = value if isinstance(value, str) else value.prefix + secrets[value.name]
        response = await self._client.send(
            HttpRequest(
                method=endpoint.method,
                url=url,
                headers=headers,
                body=body,
                timeout_ms=endpoint.timeout_ms,
                response_bytes_max=endpoint.response_bytes_max,
            )
        )
        response = msgspec.structs.replace(response, body=_without(response.body, secrets))
        if not 200 <= response.status <= 299:
            raise _failure(tool, endpoint, response)
        return Result(output=self._read(response))

    def _find_secret(self, name: str) -> str:
        value = self._secrets.get(name)
        if not value:
            raise HttpFailed("secret_missing", f"the tool `{self._tool.name}` needs the secret `{name}`: there is none")
        if not can_be_sent(value):
            raise HttpFailed("secret_missing", f"the secret `{name}` has signs that no header has: it can't be used")
        return value

    def _read(self, response: HttpResponse) -> Json:
        tool = self._tool
        if isinstance(tool.output, Null):
            return None
        if response.is_cut:
            limit = self._endpoint.response_bytes_max
            raise BadResult(f"`{tool.name}` answered with more than {limit} bytes (response_bytes_max)")
        try:
            value: Json = decode_json(response.body, self._endpoint.response_bytes_max) if response.body else None
        except BadValue as bad:
            raise BadResult(f"`{tool.name}` answered with no JSON: {bad}") from None
        value = keep_declared(tool.output, value)
        if isinstance(tool.output, Object):
            value, problems = complete(tool.output, value)
        else:
            problems = misfits(tool.output, value)
        if problems:
            raise BadResult(f"`{tool.name}` answered what doesn't fit its output: {'; '.join(problems)}", value)
        return value


def _without(body: bytes, secrets: Mapping[str, str]) -> bytes:
    """What was answered, without the secrets: some tell what they were sent."""
    for name, value in sorted(secrets.items(), key=lambda named: -len(named[1])):
        body = body.replace(value.encode(), f"<{name}>".encode())
    return body


def _failure(tool: Contract, endpoint: Endpoint, response: HttpResponse) -> HttpFailed:
    """An answer that is an error, for the retry policy and for people."""
    status = response.status
    phrase = next((each.phrase for each in HTTPStatus if each == status), "")
    said = response.body.decode("utf-8", "replace")
    said = " ".join(shorten(clean(said), EXCERPT_CHARACTERS).split())
    told = f"`{tool.name}`: {endpoint.method} {endpoint.url} answered {status} {phrase}".rstrip()
    if 300 <= status <= 399:
        told += ", and redirects aren't followed"
    error_class = "rate_limit" if status == 429 else "server_error" if status >= 500 else "http_error"
    return HttpFailed(error_class, f"{told}: {said}" if said else told, retry_after=_retry_after(response.headers))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that `Retry-After` asks for; a date counts from the answer's own."""
    asked = headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        until = parsedate_to_datetime(asked)
        sent = parsedate_to_datetime(headers["date"]) if "date" in headers else datetime.now(UTC)
        return max((until - sent).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None

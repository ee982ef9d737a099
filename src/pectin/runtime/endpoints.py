"""The endpoints that an engine may call: whether it has all that it takes is known before anything runs.

The client is imported and made when the first of them is called: most engines call none.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from importlib.util import find_spec

from pectin.core.definition import Contract, Definition
from pectin.core.endpoint import named_secrets, read_url
from pectin.core.error import BadValue, PectinError, quote
from pectin.ports.function import Function
from pectin.ports.http import HttpClient, HttpRequest, HttpResponse, HttpRules
from pectin.runtime.default_rules import default_rules

INSTALL = "pip install 'pectin[http]'"


class CantCall(PectinError):
    """A tool is an endpoint, and this engine can't call it. The message says what it takes, of all of them."""


class Endpoints:
    """Makes what calls endpoints. `http` are the operator's rules, or a client that stands in for the network; None is
    what is configured. Without `secrets` they are environment variables."""

    def __init__(self, http: HttpRules | HttpClient | None, secrets: Mapping[str, str] | None) -> None:
        if http is not None and not isinstance(http, HttpRules) and not hasattr(http, "send"):
            raise BadValue("http", f"{quote(http)} are no rules", 'write `http=HttpRules(hosts=["api.example.com"])`')
        if secrets is not None and not hasattr(secrets, "get"):
            raise BadValue("secrets", "they are no mapping", 'write `secrets={"TOKEN": token}`')
        self._given = http
        self._secrets = os.environ if secrets is None else secrets
        self._client: HttpClient | None = None

    def __call__(self, tool: Contract) -> Function:
        """What calls an endpoint."""
        from pectin.clients.endpoint import EndpointFunction  # few engines call any

        assert tool.endpoint is not None, "only an endpoint is called like this"
        return EndpointFunction(tool, tool.endpoint, _Late(self), self._secrets)

    def check(self, definitions: Iterable[Definition]) -> None:
        """Raise `CantCall` for all that is lacking for the endpoints of these workflows."""
        tools = [tool for definition in definitions for tool in definition.tools if tool.endpoint is not None]
        if not tools:
            return
        problems: list[str] = []
        if isinstance(rules := self._rules(), HttpRules):
            if find_spec("httpx2") is None:
                problems.append(f"calling endpoints takes the extra `http`: {INSTALL}")
            problems += [_refuse_host(tool, rules) for tool in tools if not rules.allows(_host_of(tool))]
        for tool in tools:
            names = [] if tool.endpoint is None else [secret.name for secret in named_secrets(tool.endpoint)]
            lacking = [name for name in names if not self._secrets.get(name)]
            problems += [f"the tool `{tool.name}` needs the secret `{name}`: there is none" for name in lacking]
        if problems:
            raise CantCall("\n".join(dict.fromkeys(problems)))

    async def client(self) -> HttpClient:
        """The client, made when it is first asked for. Raises `CantCall`."""
        if self._client is None:
            rules = self._rules()
            self._client = _make_client(rules) if isinstance(rules, HttpRules) else rules
        return self._client

    async def close(self) -> None:
        """Let go of the client that was made here."""
        if self._client is not None and self._client is not self._given:
            await self._client.close()
        self._client = None

    def _rules(self) -> HttpRules | HttpClient:
        if self._given is None:
            self._given = default_rules()
        return self._given


class _Late:
    """The client of endpoints that nobody has called yet."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints

    async def send(self, request: HttpRequest) -> HttpResponse:
        client = await self._endpoints.client()
        return await client.send(request)

    async def close(self) -> None:
        """It is closed where it was made."""


def _make_client(rules: HttpRules) -> HttpClient:
    try:
        from pectin.clients.http import GuardedClient
    except ModuleNotFoundError as error:
        raise CantCall(f"calling endpoints takes the extra `http`: {INSTALL}") from error
    return GuardedClient(rules)


def _host_of(tool: Contract) -> str:
    return read_url(tool.endpoint.url).host if tool.endpoint is not None else ""


def _refuse_host(tool: Contract, rules: HttpRules) -> str:
    host = _host_of(tool)
    allowed = ", ".join(rules.hosts) or "no host"
    hint = f'HttpRules(hosts=["{host}"]), or `http_hosts` in pectin.toml'
    return f"the tool `{tool.name}` calls {host}, and this engine may call {allowed}; allow it: {hint}"

"""Endpoints, from an engine to a server on this machine."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pectin import BadValue, DidNot, Engine, Happened, HttpRules, HttpTool, RetryPolicy, Secret, Unknown, Workflow
from pectin.core.event import DoubtRaised, NodeFailed
from pectin.ports.http import HttpRequest, HttpResponse
from pectin.runtime.endpoints import CantCall, Endpoints
from pectin.testing import engine
from tests.clients.server import Server, reply, serving

HERE = HttpRules(hosts=["127.0.0.1"], private=True)
SECRETS = {"BANK": "s3cret"}


@dataclass
class Order:
    order: str
    receipt: str | None = None


@dataclass
class Given:
    order: str


@dataclass
class Receipt:
    id: str


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


def _find_nothing(name: str) -> None:
    """No package is installed."""


def paying(url: str, effect: Any = "keyed", retry: RetryPolicy | None = None, **fields: Any) -> Workflow[Order]:
    tool = HttpTool(
        name="bank.pay",
        method="POST",
        url=f"{url}/orders/{{order}}",
        headers={"Authorization": Secret("BANK", prefix="Bearer ")},
        input=Given,
        output=Receipt,
        effect=effect,
        **fields,
    )
    workflow = Workflow("paying", version="1.0.0", state=Order)
    options: Any = {} if retry is None else {"retry": retry}
    workflow.tool("pay", tool, input={"order": "state.order"}, output={"receipt": "output.id"}, **options)
    return workflow


async def test_an_endpoint_is_called_with_one_key_on_every_attempt(server: Server) -> None:
    answers = iter([reply(503, b"later", retry_after="0"), reply(429), reply(200, b'{"id":"r1"}')])
    server.answer = lambda _: next(answers)
    workflow = paying(server.url, retry=RetryPolicy(max_attempts=3, initial_delay_ms=0))
    async with engine(workflow, http=HERE, secrets=SECRETS) as running:
        execution = await running.start(workflow, Order("A/1"))
        assert await execution.result() == Order("A/1", "r1")
    assert [asked.path for asked in server.asked] == ["/orders/A%2F1"] * 3
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1
    assert {asked.headers["authorization"] for asked in server.asked} == {"Bearer s3cret"}


async def test_no_secret_is_stored_or_told(server: Server, tmp_path: Path) -> None:
    server.answer = lambda asked: reply(400, f"you sent {asked.headers['authorization']}".encode())
    workflow = paying(server.url)
    async with Engine(tmp_path / "a.db", workflows=[workflow], http=HERE, secrets=SECRETS) as running:
        execution = await running.start(workflow, Order("A"))
        with pytest.raises(Exception, match="answered 400") as error:
            await execution.result()
        assert "s3cret" not in str(error.value)
        events = [recorded async for recorded in execution.events()]
    assert any(isinstance(recorded.event, NodeFailed) for recorded in events)
    assert server.asked
    for file in tmp_path.iterdir():
        assert b"s3cret" not in file.read_bytes()


async def test_a_once_call_without_an_answer_is_in_doubt_and_asked_about(server: Server) -> None:
    server.answer = lambda _: None
    workflow = paying(server.url, effect="once")
    async with engine(workflow, http=HERE, secrets=SECRETS) as running:
        execution = await running.start(workflow, Order("A"))
        await running.idle()
        events = [recorded.event async for recorded in execution.events(follow=False)]
        (doubt,) = [event for event in events if isinstance(event, DoubtRaised)]
        assert "was asked, and gave no answer" in doubt.reason
        assert len(server.asked) == 1
        await execution.resolve("pay", happened={"id": "by hand"}, by="finance")
        assert await execution.result() == Order("A", "by hand")


async def test_an_endpoints_reconcile_is_a_function_of_what_it_was_given(server: Server) -> None:
    server.answer = lambda _: None
    workflow: Any = Workflow("paying", version="1.0.0", state=Order)
    tool = HttpTool(name="pay", method="POST", url=server.url, input=Given, output=Receipt)
    node = workflow.tool("pay", tool, input={"order": "state.order"}, output={"receipt": "output.id"})

    @node.reconcile
    async def was_paid(*, order: str) -> Happened[Receipt] | DidNot | Unknown:
        return Happened(Receipt(f"found {order}"))

    async with engine(workflow, http=HERE) as running:
        execution = await running.start(workflow, Order("A"))
        assert (await execution.result()).receipt == "found A"


def told(workflow: Workflow[Order], **options: Any) -> list[str]:
    with pytest.raises(CantCall) as error:
        Endpoints(options.pop("http", HttpRules()), options.pop("secrets", {})).check([workflow.build().definition])
    return str(error.value).splitlines()


async def test_all_that_is_lacking_is_told_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = paying("https://api.example.com")
    monkeypatch.setattr("pectin.runtime.endpoints.find_spec", _find_nothing)
    assert told(workflow) == [
        "calling endpoints takes the extra `http`: pip install 'pectin[http]'",
        "the tool `bank.pay` calls api.example.com, and this engine may call no host; allow it: "
        'HttpRules(hosts=["api.example.com"]), or `http_hosts` in pectin.toml',
        "the tool `bank.pay` needs the secret `BANK`: there is none",
    ]
    monkeypatch.undo()
    with pytest.raises(CantCall, match=r"may call shop\.example;"):
        async with Engine("memory:", workflows=[workflow], http=HttpRules(hosts=["shop.example"]), secrets=SECRETS):
            pass


async def test_secrets_are_variables_if_nobody_says_and_rules_what_is_configured(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = lambda asked: reply(200, b'{"id":"%s"}' % asked.headers["authorization"][7:9].encode())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pectin.toml").write_text('http_hosts = ["127.0.0.1"]\nhttp_private = true')
    monkeypatch.setenv("BANK", "token")
    workflow = paying(server.url)
    async with engine(workflow) as running:
        assert (await (await running.start(workflow, Order("A"))).result()).receipt == "to"


async def test_a_client_may_stand_in_for_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bank:
        closed = False

        async def send(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse(status=200, body=b'{"id":"of the bank"}')

        async def close(self) -> None:
            self.closed = True

    monkeypatch.setattr("pectin.runtime.endpoints.find_spec", _find_nothing)
    bank, workflow = Bank(), paying("https://api.example.com")
    async with engine(workflow, http=bank, secrets=SECRETS) as running:
        assert (await (await running.start(workflow, Order("A"))).result()).receipt == "of the bank"
    assert not bank.closed, "whoever made it closes it"


async def test_without_the_extra_a_call_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pectin.clients.http", None)
    endpoints = Endpoints(HERE, SECRETS)
    with pytest.raises(CantCall, match=r"pip install 'pectin\[http\]'"):
        await endpoints.client()
    await endpoints.close()


async def test_a_client_is_made_once_and_closed_with_the_engine() -> None:
    endpoints = Endpoints(HERE, SECRETS)
    first = await endpoints.client()
    assert await endpoints.client() is first
    await endpoints.close()
    assert await endpoints.client() is not first
    await endpoints.close()


@pytest.mark.parametrize(("options", "path"), [({"http": True}, "http"), ({"secrets": "BANK"}, "secrets")])
def test_what_is_none_is_refused_at_once(options: dict[str, Any], path: str) -> None:
    with pytest.raises(BadValue) as error:
        Engine("memory:", **options)
    assert error.value.path == path


def test_workflows_without_endpoints_need_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PECTIN_HTTP_HOSTS", "this is no host")
    plain = Workflow("plain", version="1.0.0", state=Order)
    plain.parallel("nothing")
    Endpoints(None, None).check([plain.build().definition])

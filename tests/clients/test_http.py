"""The guarded client, against a real server on this machine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from pectin.clients.http import GuardedClient, is_public, resolve
from pectin.ports.function import Unanswered
from pectin.ports.http import HttpFailed, HttpRequest, HttpRules
from tests.clients.server import Server, reply, serving

HERE = HttpRules(hosts=["127.0.0.1", "shop.example"], private=True)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


def request(url: str, **fields: Any) -> HttpRequest:
    said: dict[str, Any] = {"method": "GET", "headers": {}, "response_bytes_max": 1_000, **fields}
    return HttpRequest(url=url, **said)


async def send(made: HttpRequest, rules: HttpRules = HERE, resolving: Any = resolve) -> Any:
    client = GuardedClient(rules, resolving)
    try:
        return await client.send(made)
    finally:
        await client.close()


async def refusal(made: HttpRequest, rules: HttpRules = HERE, resolving: Any = resolve) -> HttpFailed:
    with pytest.raises(HttpFailed) as error:
        await send(made, rules, resolving)
    return error.value


async def test_a_request_goes_out_as_it_is_and_an_answer_comes_back(server: Server) -> None:
    server.answer = lambda _: reply(201, b'{"a":1}', X_Made="yes")
    made = request(f"{server.url}/a%2Fb?x=1%202", method="POST", headers={"x-key": "k"}, body=b"{}")
    answer = await send(made)
    assert (answer.status, answer.body, answer.headers["x-made"], answer.is_cut) == (201, b'{"a":1}', "yes", False)
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.headers["x-key"], asked.body) == ("POST", "/a%2Fb?x=1%202", "k", b"{}")


async def test_a_host_that_is_not_allowed_is_not_asked(server: Server) -> None:
    error = await refusal(request(f"{server.url}/"), HttpRules(private=True))
    assert error.error_class == "http_refused"
    assert "the host `127.0.0.1` isn't allowed here" in str(error)
    assert server.asked == []


async def test_a_private_address_is_not_asked_unless_that_is_allowed(server: Server) -> None:
    error = await refusal(request(f"{server.url}/"), HttpRules(hosts=["127.0.0.1"]))
    assert error.error_class == "http_refused"
    assert "leads to 127.0.0.1, which is no public address" in str(error)
    assert server.asked == []


async def test_a_public_name_that_leads_to_a_private_address_is_refused(server: Server) -> None:
    async def resolve_to(host: str, port: int) -> Sequence[str]:
        return ["93.184.216.34", "127.0.0.1"]

    url = f"http://shop.example:{server.port}/"
    error = await refusal(request(url), HttpRules(hosts=["shop.example"]), resolve_to)
    assert "`shop.example` leads to 127.0.0.1" in str(error)
    assert server.asked == []


async def test_a_name_that_leads_elsewhere_a_moment_later_is_judged_by_what_is_connected_to(server: Server) -> None:
    resolved: list[str] = []

    async def rebind(host: str, port: int) -> Sequence[str]:
        resolved.append(host)
        return ["127.0.0.1"]

    answer = await send(request(f"http://shop.example:{server.port}/"), resolving=rebind)
    assert answer.status == 200
    assert resolved == ["shop.example"], "it is looked up once, and that address is connected to"
    assert server.asked[0].headers["host"] == f"shop.example:{server.port}"


async def test_redirects_are_not_followed_nor_proxies_asked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    server.answer = lambda _: reply(302, location="http://169.254.169.254/")
    assert (await send(request(f"{server.url}/"))).status == 302
    assert len(server.asked) == 1


async def test_a_body_is_read_as_far_as_it_may_be_long(server: Server) -> None:
    server.answer = lambda _: reply(200, b"x" * 100_000)
    answer = await send(request(f"{server.url}/", response_bytes_max=10))
    assert (answer.body, answer.is_cut) == (b"x" * 10, True)
    server.answer = lambda _: reply(200, b"x" * 10)
    answer = await send(request(f"{server.url}/", response_bytes_max=10))
    assert (answer.body, answer.is_cut) == (b"x" * 10, False)


async def test_a_compressed_body_is_no_way_to_more_than_that(server: Server) -> None:
    server.answer = lambda _: reply(200, b"\x1f\x8b", content_encoding="gzip")
    assert (await send(request(f"{server.url}/"))).body == b"\x1f\x8b"


async def test_a_connection_that_cant_be_made_has_failed() -> None:
    async with serving() as server:
        url = f"{server.url}/"
    error = await refusal(request(url))
    assert error.error_class == "io_error"
    assert "`127.0.0.1` could not be asked: can't connect" in str(error)

    async def find_nothing(host: str, port: int) -> Sequence[str]:
        raise OSError("unknown")

    error = await refusal(request("http://shop.example/"), resolving=find_nothing)
    assert (error.error_class, "the name can't be found" in str(error)) == ("io_error", True)


async def test_who_was_asked_and_said_nothing_is_no_failure_but_a_question(server: Server) -> None:
    server.answer = lambda _: None
    with pytest.raises(Unanswered) as error:
        await send(request(f"{server.url}/", method="POST", body=b"{}"))
    assert error.value.error_class == "connection_reset"
    assert len(server.asked) == 1, "it is not asked again by itself"


async def test_an_answer_that_breaks_off_is_a_question_too(server: Server) -> None:
    server.answer = lambda _: reply(200, b"x" * 100)[:-50]
    with pytest.raises(Unanswered) as error:
        await send(request(f"{server.url}/"))
    assert error.value.error_class == "connection_reset"


async def test_an_answer_that_takes_too_long(server: Server) -> None:
    server.hangs = True
    with pytest.raises(Unanswered) as error:
        await send(request(f"{server.url}/", timeout_ms=50))
    assert error.value.error_class == "timeout"
    assert "gave no answer: no answer within 0.05 s" in str(error.value)


async def test_a_name_that_takes_too_long_to_find_is_no_question() -> None:
    async def hang(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    error = await refusal(request("http://shop.example/", timeout_ms=20), resolving=hang)
    assert error.error_class == "timeout"


async def test_nothing_of_what_is_sent_is_logged_or_told(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer = lambda asked: reply(200, b"{}") if asked.path == "/fine" else None
    await send(request(f"{server.url}/fine", headers={"authorization": "s3cret"}))
    with pytest.raises(Unanswered) as error:
        await send(request(f"{server.url}/", headers={"authorization": "s3cret"}))
    broken = [
        await refusal(request(f"{server.url}/", headers={"authorization": value}))
        for value in ("s3cret\n", " s3cret", "s3crét")
    ]
    assert server.asked[0].headers["authorization"] == "s3cret"
    told = [repr(error.value), *map(repr, broken), *(record.getMessage() for record in caplog.records)]
    assert not any("s3cr" in each for each in told)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:db8::1", False),
    ],
)
def test_an_address_is_public_or_not(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_the_name_service_is_the_systems() -> None:
    assert await resolve("127.0.0.1", 80) == ["127.0.0.1"]

"""An endpoint as a worker calls it, with a client that answers what a test says."""

from __future__ import annotations

from typing import Any

import pytest

from pectin import Context
from pectin.clients.endpoint import EndpointFunction
from pectin.core.definition import Contract, Effect, Endpoint, Secret
from pectin.core.endpoint import named_secrets
from pectin.core.schema import Any as AnyJson
from pectin.core.schema import Field, Integer, List, Null, Object, Schema, String
from pectin.ports.function import BadResult, Request, Result
from pectin.ports.http import HttpClient, HttpFailed, HttpRequest, HttpResponse

RECEIPT = Object({"id": Field(String()), "cents": Field(Integer(), required=False, default=0)})
ENDPOINT = Endpoint(
    method="POST",
    url="https://api.example.com/orders/{order}",
    headers={"Authorization": Secret("BANK", prefix="Bearer "), "X-Shop": "7"},
    timeout_ms=5_000,
    response_bytes_max=1_000,
)


class Answering:
    """A client that answers the same to everybody."""

    def __init__(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        self.answer = HttpResponse(
            status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        self.asked: list[HttpRequest] = []

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request)
        return self.answer

    async def close(self) -> None:
        """Nothing is open."""


async def call(
    client: HttpClient,
    output: Schema = RECEIPT,
    effect: Effect = Effect.KEYED,
    secrets: dict[str, str] | None = None,
    **arguments: Any,
) -> Any:
    given = Object({"order": Field(String()), "note": Field(AnyJson(), required=False)})
    tool = Contract("bank.pay", given, output, effect, endpoint=ENDPOINT)
    function = EndpointFunction(tool, ENDPOINT, client, {"BANK": "s3cret"} if secrets is None else secrets)
    request = Request({}, Context(key="k-1"), arguments={"order": "A 1", **arguments})
    return await function.call(request)


async def test_a_call_has_its_key_its_secrets_and_its_limits() -> None:
    client = Answering(body=b'{"id":"r1","cents":5,"new_field":[1]}')
    assert await call(client, note=1) == Result(output={"id": "r1", "cents": 5})
    (asked,) = client.asked
    assert asked == HttpRequest(
        method="POST",
        url="https://api.example.com/orders/A%201",
        headers={
            "accept": "application/json",
            "accept-encoding": "identity",
            "content-type": "application/json",
            "Idempotency-Key": "k-1",
            "Authorization": "Bearer s3cret",
            "X-Shop": "7",
        },
        body=b'{"note":1}',
        timeout_ms=5_000,
        response_bytes_max=1_000,
    )


async def test_only_a_keyed_call_has_a_key() -> None:
    client = Answering(body=b'{"id":"r1"}')
    assert await call(client, effect=Effect.ONCE) == Result(output={"id": "r1", "cents": 0})
    assert "Idempotency-Key" not in client.asked[0].headers


@pytest.mark.parametrize(
    ("output", "body", "value"),
    [
        (Null(), b"<html>", None),
        (Null(), b"", None),
        (List(Integer()), b"[1]", [1]),
        (AnyJson(), b"", None),
        (AnyJson(), b'"x"', "x"),
    ],
)
async def test_an_answer_is_read_by_the_output(output: Schema, body: bytes, value: Any) -> None:
    assert await call(Answering(body=body), output) == Result(output=value)


@pytest.mark.parametrize(
    ("body", "told", "output"),
    [
        (b"<html>", "`bank.pay` answered with no JSON", None),
        (b"", "doesn't fit its output: $: null is no object", None),
        (b'{"id":5,"cents":1}', "doesn't fit its output: $.id: 5 is no string", {"id": 5, "cents": 1}),
        (b"{}", "$.id: is missing", {"cents": 0}),
    ],
)
async def test_an_answer_that_cant_be_used_is_not_asked_for_again(body: bytes, told: str, output: Any) -> None:
    with pytest.raises(BadResult) as error:
        await call(Answering(body=body))
    assert told in str(error.value)
    assert error.value.output == output or output is None


async def test_an_answer_that_is_too_long_cant_be_used() -> None:
    client = Answering()
    client.answer = HttpResponse(status=200, body=b"[", is_cut=True)
    with pytest.raises(BadResult, match=r"more than 1000 bytes \(response_bytes_max\)"):
        await call(client)


@pytest.mark.parametrize(
    ("status", "error_class"),
    [(429, "rate_limit"), (500, "server_error"), (503, "server_error"), (400, "http_error"), (302, "http_error")],
)
async def test_an_error_has_the_class_of_its_status(status: int, error_class: str) -> None:
    with pytest.raises(HttpFailed) as error:
        await call(Answering(status, b"no such order"))
    assert error.value.error_class == error_class
    assert f"`bank.pay`: POST https://api.example.com/orders/{{order}} answered {status}" in str(error.value)
    assert str(error.value).endswith("no such order")


async def test_the_excerpt_is_short_and_in_one_line_and_has_no_secret_in_it() -> None:
    with pytest.raises(HttpFailed) as error:
        await call(Answering(400, b"you sent\nBearer s3cret" + b"x" * 10_000 + b"\xff"))
    assert "you sent Bearer <BANK>" in str(error.value)
    assert "s3cret" not in str(error.value)
    assert len(str(error.value)) < 700


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "Tue, 24 Nov 2026 10:00:30 GMT", "date": "Tue, 24 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry_after": "Tue, 24 Nov 2026 09:00:00 GMT", "date": "Tue, 24 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"retry_after": "Tue, 24 Nov 1970 09:00:00 GMT"}, 0.0),
        ({"retry_after": "soon"}, None),
        ({}, None),
    ],
)
async def test_how_long_it_wants_to_be_left_alone(headers: dict[str, str], seconds: float | None) -> None:
    with pytest.raises(HttpFailed) as error:
        await call(Answering(429, b"", **headers))
    assert error.value.retry_after == seconds


@pytest.mark.parametrize(
    ("secrets", "told"),
    [
        ({}, "`bank.pay` needs the secret `BANK`: there is none"),
        ({"BANK": ""}, "there is none"),
        ({"BANK": "s3cret\r\nX: y"}, "the secret `BANK` has signs that no header has"),
        ({"BANK": "s3cret "}, "the secret `BANK` has signs that no header has"),
        ({"BANK": "s3crét"}, "the secret `BANK` has signs that no header has"),
    ],
)
async def test_a_secret_that_is_not_there_is_named_and_never_shown(secrets: dict[str, str], told: str) -> None:
    client = Answering()
    with pytest.raises(HttpFailed) as error:
        await call(client, secrets=secrets)
    assert (error.value.error_class, client.asked) == ("secret_missing", [])
    assert told in str(error.value)
    assert "s3cr" not in str(error.value)


def test_the_secrets_of_an_endpoint() -> None:
    assert named_secrets(ENDPOINT) == [Secret("BANK", prefix="Bearer ")]


async def test_no_secret_comes_back_in_an_answer() -> None:
    """Some tell what they were sent, also where all went well."""
    with pytest.raises(BadResult) as error:
        await call(Answering(200, b'"Bearer s3cret"'))
    assert "s3cret" not in f"{error.value} {error.value.output}"

"""Endpoints: what is wrong with one, and where a call of one goes."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.definition import Contract, Effect, Endpoint, Secret
from pectin.core.endpoint import (
    BYTES_MAX,
    complaints,
    keep_declared,
    path_fields,
    percent_encode,
    read_url,
    request_body,
    request_url,
)
from pectin.core.error import BadValue
from pectin.core.program import NodeError
from pectin.core.schema import Any as AnyJson
from pectin.core.schema import Bool, Field, Integer, List, Map, Nullable, Object, String

INPUT = Object(
    {
        "order": Field(String()),
        "page": Field(Nullable(Integer())),
        "tags": Field(List(String()), required=False, default=[]),
        "lines": Field(List(AnyJson()), required=False, default=[]),
        "late": Field(Bool(), required=False),
    }
)


def endpoint(url: str = "https://api.example.com/orders/{order}", **fields: Any) -> Endpoint:
    fields.setdefault("method", "POST")
    return Endpoint(url=url, **fields)


def tool(endpoint: Endpoint, input: Object = INPUT, effect: Effect = Effect.KEYED) -> Contract:
    return Contract("shop.order", input, AnyJson(), effect, endpoint=endpoint)


def told(endpoint: Endpoint, input: Object = INPUT, effect: Effect = Effect.KEYED) -> list[str]:
    return [f"{what}; {hint}" for _, what, hint in complaints(tool(endpoint, input, effect), endpoint)]


def test_a_url_is_read() -> None:
    assert read_url("https://API.example.com/v1/{a}.json?k=1") == (
        "https",
        "api.example.com",
        443,
        "/v1/{a}.json",
        "k=1",
    )
    assert read_url("http://[::1]:8080") == ("http", "::1", 8080, "/", "")
    assert str(read_url("http://[::1]:8080/x")) == "http://[::1]:8080"
    assert str(read_url("http://a.example:80")) == "http://a.example"
    assert path_fields("/a/{x}/b/{y}-{x}") == ("x", "y")


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("ftp://api.example.com/", "is no address"),
        ("api.example.com/orders", "is no address"),
        ("https://api.example.com/#top", "is no address"),
        ("https://bücher.example/", "is no address"),
        ("https://ann:secret@api.example.com/", "a name or a password stands in the URL"),
        ("https://{order}.example.com/", "is a template"),
        ("https://{order}/", "is a template"),
        ("https://a b.example.com/", "is no host"),
        ("https:///x", "is no host"),
        ("https://api.example.com:99999/", "is no host"),
        ("https://api.example.com/?page={page}", "the query of the URL is a template"),
        ("https://api.example.com/a b", "has signs that no URL has"),
        ("https://api.example.com/{not a name}", "has signs that no URL has"),
        ("https://api.example.com/a/../b", "leads elsewhere"),
        ("https://api.example.com/%2E%2e/b", "leads elsewhere"),
    ],
)
def test_a_bad_url_is_refused(url: str, what: str) -> None:
    with pytest.raises(BadValue) as error:
        read_url(url)
    assert what in error.value.what
    assert "secret" not in str(error.value)
    assert any(what in each for each in told(endpoint(url)))


BROKEN: list[tuple[Endpoint, list[str]]] = [
    (endpoint(), []),
    (endpoint(method="GTE"), ["'GTE' is no method; did you mean `GET`?"]),
    (
        endpoint("https://api.example.com/{ordr}"),
        ["the URL names `ordr`, which its input lacks; did you mean `order`?"],
    ),
    (
        endpoint("https://api.example.com/{page}"),
        ["`page` in the path is an int or null; a segment of a path is a text, a number or a bool, and always there"],
    ),
    (
        endpoint("https://api.example.com/{late}"),
        ["`late` in the path is a bool; a segment of a path is a text, a number or a bool, and always there"],
    ),
    (endpoint(query={"tag": "tags", "p": "page"}), []),
    (endpoint(query={"l": "lines"}), ["the parameter `l` is a list; send it in the body"]),
    (
        endpoint(method="GET", query={"p": "page", "t": "tags"}),
        ["GET has no body, and `lines`, `late` would go there; put it into the path or the `query`, or use POST"],
    ),
    (endpoint(headers={"a b": "x"}), ["'a b' is no name of a header; write letters, digits and `-`"]),
    (
        endpoint(headers={"Host": "x"}),
        ["the header `Host` is not for a tool to say; leave it out: the client sends it"],
    ),
    (
        endpoint(headers={"X-A": "1", "x-a": "2"}),
        ["the header `X-A` stands twice; keep one", "the header `x-a` stands twice; keep one"],
    ),
    (
        endpoint(headers={"Authorization": "Bearer abc"}),
        ['the header `Authorization` would be stored with the workflow; write `"Authorization": Secret("NAME")`'],
    ),
    (
        endpoint(headers={"X-A": "1\r\nX-B: 2"}),
        ["the header `X-A` has signs that no header has; write plain ASCII in one line"],
    ),
    (endpoint(headers={"Authorization": Secret("BANK", prefix="Bearer ")}), []),
    (
        endpoint(headers={"Authorization": Secret("A B", prefix="x\n")}),
        [
            "'A B' is no name of a secret; name an environment variable",
            "the header `Authorization` has signs that no header has; write plain ASCII in one line",
        ],
    ),
    (
        endpoint(key_header="Host"),
        ["'Host' can't hold the idempotency key; write one such as \"Idempotency-Key\""],
    ),
    (
        endpoint(headers={"idempotency-key": "1"}),
        ["the header `Idempotency-Key` holds the idempotency key; leave it out of `headers`"],
    ),
    (endpoint(request_bytes_max=0), [f"`request_bytes_max` is 0; write a number from 1 to {BYTES_MAX}"]),
    (
        endpoint(response_bytes_max=BYTES_MAX + 1),
        [f"`response_bytes_max` is {BYTES_MAX + 1}; write a number from 1 to {BYTES_MAX}"],
    ),
    (endpoint(timeout_ms=0), ["0 ms is no timeout; write more than nothing, and at most 100 years"]),
]


@pytest.mark.parametrize(("given", "expected"), BROKEN)
def test_what_is_wrong_is_told(given: Endpoint, expected: list[str]) -> None:
    assert told(given) == expected


def test_an_open_input_needs_a_body() -> None:
    open = Object({"order": Field(String())}, open=True)
    assert "fields that nobody names" in told(endpoint(method="DELETE"), open)[0]
    assert told(endpoint(), open) == []


def test_fields_go_where_they_are_named_and_the_others_into_the_body() -> None:
    given = endpoint("https://api.example.com/orders/{order}.json?v=2", query={"p": "page", "tag": "tags"})
    arguments = {"order": "a/b ?", "page": 3, "tags": ["x", "y&z"], "lines": [1, {"b": 1, "a": 2}], "late": True}
    url = request_url(given, arguments)
    assert url == "https://api.example.com/orders/a%2Fb%20%3F.json?v=2&p=3&tag=x&tag=y%26z"
    assert request_body(tool(given), given, arguments) == b'{"late":true,"lines":[1,{"a":2,"b":1}]}'
    assert request_url(given, {"order": "a", "page": None, "tags": []}).endswith("/orders/a.json?v=2")


def test_without_fields_for_it_there_is_no_body() -> None:
    only = Object({"order": Field(String())})
    assert request_body(tool(endpoint(), only), endpoint(), {"order": "a"}) is None
    assert request_body(tool(endpoint()), endpoint(), {"order": "a"}) == b"{}"
    get = endpoint(method="GET")
    assert request_body(tool(get, only), get, {"order": "a"}) is None


def test_a_body_that_is_too_large_is_not_sent() -> None:
    small = endpoint(request_bytes_max=10)
    with pytest.raises(NodeError, match="has 19 bytes; request_bytes_max is 10") as error:
        request_body(tool(small), small, {"order": "a", "lines": [1, 2, 3, 4]})
    assert error.value.error_class == "bad_arguments"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_value_that_would_lead_elsewhere_is_refused(value: str) -> None:
    with pytest.raises(NodeError, match="would lead to another address") as error:
        request_url(endpoint(), {"order": value})
    assert error.value.error_class == "bad_arguments"


@given(st.text(min_size=1), st.text())
def test_no_value_changes_where_a_call_goes(order: str, page: str) -> None:
    if order in (".", "..") or not _is_text(order + page):
        return
    made = urlsplit(request_url(endpoint(query={"page": "page"}), {"order": order, "page": page}))
    assert (made.scheme, made.netloc, made.fragment) == ("https", "api.example.com", "")
    before, segment = made.path.rsplit("/", 1)
    assert (before, unquote(segment)) == ("/orders", order)
    assert parse_qsl(made.query, keep_blank_values=True) == [("page", page)]
    assert percent_encode(order).isascii()


def _is_text(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def test_only_what_is_declared_is_kept() -> None:
    inner = Object({"id": Field(String())})
    wanted = Object({"a": Field(List(inner)), "b": Field(Nullable(inner)), "c": Field(Map(inner))})
    more = {"id": "1", "x": 2}
    given = {"a": [more], "b": more, "c": {"k": more}, "d": 5}
    assert keep_declared(wanted, given) == {"a": [{"id": "1"}], "b": {"id": "1"}, "c": {"k": {"id": "1"}}}
    assert keep_declared(Object({}, open=True), {"d": 5}) == {"d": 5}
    assert keep_declared(Nullable(inner), None) is None
    assert keep_declared(List(inner), "no list") == "no list"

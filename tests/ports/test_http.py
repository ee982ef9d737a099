"""What an operator allows."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.core.error import BadValue
from pectin.ports.http import HttpRequest, HttpRules


@pytest.mark.parametrize(
    ("hosts", "host", "allowed"),
    [
        ([], "api.example.com", False),
        (["api.example.com"], "api.example.com", True),
        (["API.Example.com"], "api.EXAMPLE.com.", True),
        (["api.example.com"], "example.com", False),
        (["example.com"], "api.example.com", False),
        (["*.example.com"], "api.example.com", True),
        (["*.example.com"], "a.b.example.com", True),
        (["*.example.com"], "example.com", False),
        (["*.example.com"], "badexample.com", False),
        (["127.0.0.1", "::1"], "::1", True),
        (("a.example", "b.example"), "b.example", True),
    ],
)
def test_hosts_are_allowed_by_name(hosts: Any, host: str, allowed: bool) -> None:
    assert HttpRules(hosts=hosts).allows(host) is allowed


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"hosts": "api.example.com"}, "hosts: 'api.example.com' is no list"),
        ({"hosts": ["https://api.example.com"]}, "hosts: 'https://api.example.com' is no host"),
        ({"hosts": ["*"]}, "hosts: '*' is no host"),
        ({"hosts": ["api.example.com:443"]}, "is no host"),
        ({"hosts": [3]}, "hosts: 3 is no host"),
        ({"private": "yes"}, "private: 'yes' is neither true nor false"),
    ],
)
def test_rules_that_are_none_are_refused(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(BadValue) as error:
        HttpRules(**fields)
    assert told in str(error.value)


def test_a_request_doesnt_show_its_secrets() -> None:
    request = HttpRequest(
        method="GET", url="https://a.example/", headers={"authorization": "s3cret"}, response_bytes_max=1
    )
    assert "s3cret" not in repr(request)

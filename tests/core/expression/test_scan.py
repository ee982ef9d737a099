"""Tokens, strings and their escapes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.expression.error import ExpressionError
from pectin.core.expression.scan import scan


def test_every_token_has_its_kind_and_place() -> None:
    tokens = scan("a.b1 <= 1.5e3\n&& !'x'")
    assert [(token.kind, token.text) for token in tokens] == [
        ("name", "a"),
        (".", "."),
        ("name", "b1"),
        ("<=", "<="),
        ("double", "1.5e3"),
        ("&&", "&&"),
        ("!", "!"),
        ("string", "x"),
        ("end", ""),
    ]
    assert [(token.start, token.end) for token in tokens][2:5] == [(2, 4), (5, 7), (8, 13)]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (r"'it\'s'", "it's"),
        (r'"it\'s \"so\""', 'it\'s "so"'),
        (r"'\a\b\f\n\r\t\v\\\?\`'", "\a\b\f\n\r\t\v\\?`"),
        (r"'\x41\X41\101\u00e9\U0001F600'", "AAAé😀"),
        ("'é😀'", "é😀"),
        ("''", ""),
    ],
)
def test_a_string_is_its_value(source: str, value: str) -> None:
    assert scan(source)[0].text == value


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        ("'abc", "the string is never closed", "add '"),
        ("'a\nb'", "the string is never closed", "add '"),
        (r"'\q'", r"`\q` is no escape", r"write `\\` for a backslash"),
        (r"'\x4'", r"`\x` is no escape", r"write `\\` for a backslash"),
        ("'\\", "`\\` is no escape", r"write `\\` for a backslash"),
        (r"'\ud800'", r"`\ud800` is no character", ""),
        (r"'\U00110000'", r"`\U00110000` is no character", ""),
        (r"'\777'", r"`\777` is no character", ""),
        ("'''a'''", "there are no triple-quoted strings", "write `\\n` for a line break"),
        ("r'a'", "there are no raw strings and no bytes", "write a plain string"),
        ("b'a'", "there are no raw strings and no bytes", "write a plain string"),
        ("1u", "`1u` is no number", "write it in decimal digits"),
        ("0x1F", "`0x1F` is no number", "write it in decimal digits"),
        ("a = 1", "`=` is no part of an expression", "write `==` to compare"),
        ("a & b", "`&` is no part of an expression", "write `&&`"),
        ("a\x00", "`U+0000` is no part of an expression", ""),
    ],
)
def test_what_is_no_token(source: str, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        scan(source)
    assert (caught.value.message, caught.value.hint) == (message, hint)
    assert 0 <= caught.value.start < caught.value.end <= len(source)


@given(st.text(max_size=50))
def test_any_text_is_tokens_or_an_error_in_it(source: str) -> None:
    try:
        tokens = scan(source)
    except ExpressionError as error:
        places = [error.start, error.end]
    else:
        places = [place for token in tokens for place in (token.start, token.end)]
    assert [0, *places, len(source)] == sorted([0, *places, len(source)])

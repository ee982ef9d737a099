"""Marks: each part of what is marked matters, and only who has the key makes them."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from pectin.core.chain import (
    NO_KEYS,
    AuditKey,
    Keyring,
    beginning,
    is_same,
    link_mark,
    seal_mark,
    snapshot_digest,
)

KEY, OTHER = AuditKey(b"k" * 32), AuditKey(b"o" * 32)
LINK = b"l" * 32
LINKED = "ffb4bae22f1e2dddb2099fd34683287c1b03d7d962e3cc1c80586f40a3f4461f"
SEALED = "906e7f63a01c83c573440ea5d766c895ba43c3882bdc82ce2523630af6988df0"

Linked = tuple[bytes, int, int, str | None, bytes]
Sealed = tuple[int, bytes, tuple[int, bytes, bytes], int | None]

rows = st.tuples(
    st.binary(min_size=32, max_size=32),
    st.integers(1, 9),
    st.integers(1, 9),
    st.none() | st.text("ab", min_size=1, max_size=3),
    st.binary(max_size=4),
)
seals = st.tuples(
    st.integers(1, 9),
    st.binary(max_size=3),
    st.tuples(st.integers(0, 9), st.binary(max_size=3), st.binary(max_size=3)),
    st.none() | st.integers(0, 9),
)


@given(rows, rows)
def test_two_rows_have_one_link_only_if_they_are_the_same(one: Linked, other: Linked) -> None:
    links = [link_mark(KEY, *row) for row in (one, other)]
    assert (links[0] == links[1]) is (one == other)


@given(seals, seals)
def test_two_heads_have_one_seal_only_if_they_are_the_same(one: Sealed, other: Sealed) -> None:
    marks = [seal_mark(KEY, *head) for head in (one, other)]
    assert (marks[0] == marks[1]) is (one == other)


def test_what_moves_from_one_part_to_the_next_makes_another_mark() -> None:
    assert link_mark(KEY, LINK, 1, 1, "a", b"bc") != link_mark(KEY, LINK, 1, 1, "ab", b"c")
    assert KEY.mark(b"link", b"ab") != KEY.mark(b"linka", b"b")
    assert KEY.mark(b"link", b"", b"a") != KEY.mark(b"link", b"a", b"")


def test_another_key_makes_another_mark() -> None:
    assert link_mark(KEY, LINK, 1, 1, None, b"[]") != link_mark(OTHER, LINK, 1, 1, None, b"[]")
    assert KEY.id != OTHER.id


def test_executions_begin_differently_and_snapshots_are_of_one_link_and_version() -> None:
    assert beginning(b"a" * 16) != beginning(b"b" * 16)
    snapshots = product((LINK, b"m" * 32), (1, 2), (b"", b"1"))
    assert len({snapshot_digest(*snapshot) for snapshot in snapshots}) == 8


def test_a_mark_stays_what_it_is() -> None:
    """Histories are verified for ever: whoever changes how marks are made breaks them all."""
    assert KEY.id == "82076c997c3664bc"
    assert link_mark(KEY, beginning(b"e" * 16), 1, 2, "a", b"[]").hex() == LINKED
    assert seal_mark(KEY, 1, LINK, (0, b"", b""), None).hex() == SEALED


def test_nothing_shows_the_secret() -> None:
    assert repr(KEY) == str(KEY) == f"<AuditKey {KEY.id}>"
    assert "k" * 8 not in KEY.id


def test_the_first_key_signs_and_all_are_found() -> None:
    ring = Keyring([KEY, OTHER])
    assert (ring.signing, ring.find(OTHER.id), list(ring)) == (KEY, OTHER, [KEY, OTHER])
    assert ring.find("x") is None
    assert NO_KEYS.signing is None


def test_marks_are_compared_whole() -> None:
    assert is_same(b"ab", b"ab")
    assert not is_same(b"ab", b"aa")
    assert not is_same(b"ab", b"a")

"""A retry policy as a document writes it: the name of a preset, or its settings."""

from __future__ import annotations

from typing import Any, Final

from pectin.authoring.document.page import Fields, Page
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Scalar, Tree, name_of
from pectin.core.error import BadValue
from pectin.core.hint import did_you_mean
from pectin.core.retry import PRESETS, Backoff, RetryPolicy

KEYS: Final = ("max_attempts", "backoff", "initial_delay", "max_delay", "jitter", "retryable_on")


def read_retry(page: Page, tree: Tree, what: str) -> RetryPolicy | None:
    """The policy, or None after noting what is wrong with it."""
    if isinstance(tree, MappingTree):
        return _read_policy(page, tree, what)
    if isinstance(tree, Scalar) and tree.text in PRESETS:
        return PRESETS[tree.text]
    given = tree.text if isinstance(tree, Scalar) else ""
    hint = did_you_mean(given, PRESETS) or f"use one of {', '.join(PRESETS)}, or write `{{max_attempts: 3}}`"
    page.note(tree, "E021", f"{what} is {name_of(tree)}, which is no retry policy", hint)
    return None


def _read_policy(page: Page, tree: MappingTree, what: str) -> RetryPolicy | None:
    noted = len(page.draft.problems)
    fields = Fields(page, tree, what, KEYS)
    fields.require("max_attempts", "3")
    classes = fields.get("retryable_on")
    settings: dict[str, Any] = {
        "max_attempts": fields.read("max_attempts", page.number),
        "backoff": fields.read("backoff", page.word, Backoff, "E021"),
        "initial_delay_ms": fields.read("initial_delay", page.duration, may_be_zero=True),
        "max_delay_ms": fields.read("max_delay", page.duration, may_be_zero=True),
        "jitter": fields.read("jitter", page.boolean),
        "retryable_on": None if classes is None else page.names(classes, f"`retryable_on` of {what}"),
    }
    if len(page.draft.problems) > noted:
        return None
    try:
        return RetryPolicy(**{name: value for name, value in settings.items() if value is not None})
    except BadValue as error:
        at = fields.get(error.path.removesuffix("_ms")) or tree
        page.note(at, "E021", f"{what}: {error.what}", error.hint)
        return None

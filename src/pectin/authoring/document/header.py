"""What a document says of a workflow as a whole. A new key is a row of `HEADER`, and its reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pectin.authoring.document.page import Fields, Page
from pectin.authoring.document.policy import Subject, read_policy
from pectin.authoring.document.spending import read_budget
from pectin.authoring.document.tools import read_tools
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Scalar, Tree, name_of
from pectin.authoring.document.types import read_state
from pectin.authoring.draft import Header
from pectin.core.budget import LIMITS
from pectin.core.definition import OnFailure, Reducer, WorkflowLimits
from pectin.core.error import BadValue
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig

Said = dict[str, Any]
"""Fields of `Header`, by their names."""

_TIMEOUTS: Final = ("node_timeout", "workflow_timeout", "approval_timeout", "heartbeat_interval")
_LIMITS: Final = ("max_iterations", "wall_time", *LIMITS, "on_limit")


def read_header(page: Page, fields: Fields) -> None:
    """The header of the draft, with the usual values where what is said can't be used."""
    said: Said = {"id": page.draft.header.id}
    for key, read in HEADER.items():
        if (value := fields.get(key)) is not None:
            read(page, value, said)
    page.draft.header = Header(**said)


def _read_id(page: Page, tree: Tree, said: Said) -> None:
    page.point(page.draft.place, "id", tree)
    said["id"] = page.name(tree, "`workflow`", "write its id, such as `refund`") or said["id"]


def _read_version(page: Page, tree: Tree, said: Said) -> None:
    page.point(page.draft.place, "version", tree)
    if isinstance(tree, Scalar) and type(tree.value) in (int, float):
        dots = tree.text.count(".")
        hint = f"a version has three parts: write `{tree.text}{'.0' * (2 - dots)}`"
        page.note(tree, "E001", f"the version is {name_of(tree)}", hint)
        said["version"] = "0.0.0-dev"
    elif (text := page.text(tree, "the version", "write one such as `1.0.0`")) is not None:
        said["version"] = text


def _read_name(page: Page, tree: Tree, said: Said) -> None:
    said["name"] = page.text(tree, "the name of the workflow")


def _read_description(page: Page, tree: Tree, said: Said) -> None:
    said["description"] = page.text(tree, "the description of the workflow")


def _read_session_type(page: Page, tree: Tree, said: Said) -> None:
    page.point(page.draft.place, "session_type", tree)
    found = page.word(tree, "the session type", SessionType, "E027")
    if found is not None:
        said["session_type"] = found


def _read_state(page: Page, tree: Tree, said: Said) -> None:
    page.draft.state = read_state(page, tree)


def _read_reducers(page: Page, tree: Tree, said: Said) -> None:
    if not isinstance(tree, MappingTree):
        hint = "write a mapping, such as `reducers: {total: add}`"
        page.note(tree, "E044", f"the reducers are {name_of(tree)}, and have to be a mapping", hint)
        return
    found: dict[str, Reducer] = {}
    for key, value in tree.entries:
        page.point(page.draft.place, f"reducers.{key.text}", key)
        reducer = page.word(value, f"the reducer of `{key.text}`", Reducer, "E027")
        if reducer is not None:
            found[key.text] = reducer
    said["reducers"] = found


def _read_timeouts(page: Page, tree: Tree, said: Said) -> None:
    fields = _mapping(page, tree, "`timeouts`", _TIMEOUTS, "timeouts: {node_timeout: 5m}")
    if fields is None:
        return
    settings: dict[str, int | None] = {}
    for key in _TIMEOUTS:
        value = fields.get(key)
        if value is None:
            continue
        page.point(page.draft.place, f"timeouts.{key}_ms", value)
        if isinstance(value, Scalar) and value.value is None and key != "heartbeat_interval":
            settings[f"{key}_ms"] = None
        elif (duration_ms := page.duration(value, f"`{key}` of the timeouts")) is not None:
            settings[f"{key}_ms"] = duration_ms
    try:
        said["timeouts"] = TimeoutConfig(**settings)  # pyright: ignore[reportArgumentType] # heartbeat_interval is no None
    except BadValue as error:
        page.note(fields.get(error.path.removesuffix("_ms")) or tree, "E027", f"the timeouts: {error.what}", error.hint)


def _read_on_failure(page: Page, tree: Tree, said: Said) -> None:
    found = page.word(tree, "`on_failure`", OnFailure, "E027")
    said["on_failure"] = None if found is OnFailure.FAIL_FAST else found


def _read_stop_grace(page: Page, tree: Tree, said: Said) -> None:
    page.point(page.draft.place, "stop_grace_ms", tree)
    said["stop_grace_ms"] = page.duration(tree, "`stop_grace`", may_be_zero=True)


def _read_limits(page: Page, tree: Tree, said: Said) -> None:
    fields = _mapping(page, tree, "`limits`", _LIMITS, "limits: {max_iterations: 5}")
    if fields is None:
        return
    for key in _LIMITS:
        if (value := fields.get(key)) is not None:
            page.point(page.draft.place, f"limits.{'wall_time_ms' if key == 'wall_time' else key}", value)
    said["limits"] = WorkflowLimits(
        max_iterations=fields.read("max_iterations", page.number),
        wall_time_ms=fields.read("wall_time", page.duration),
        **read_budget(fields),
    )
    page.draft.on_limit = fields.read("on_limit", page.name, "name a node")


def _read_policy(page: Page, tree: Tree, said: Said) -> None:
    page.point(page.draft.place, "policy", tree)
    said["policy"] = read_policy(Subject(page, page.draft.place, "the policy of the workflow", "E027"), tree)


def _read_retention_days(page: Page, tree: Tree, said: Said) -> None:
    page.point(page.draft.place, "retention_days", tree)
    said["retention_days"] = page.number(tree, "`retention_days`")


def _read_labels(page: Page, tree: Tree, said: Said) -> None:
    said["labels"] = page.labels(tree, "`labels` of the workflow")


def _read_tools(page: Page, tree: Tree, said: Said) -> None:
    read_tools(page, tree)


def _read_start(page: Page, tree: Tree, said: Said) -> None:
    page.point(page.draft.place, "start", tree)
    page.draft.start = page.name(tree, "`start`", "name a node")


def _mapping(page: Page, tree: Tree, what: str, keys: tuple[str, ...], example: str) -> Fields | None:
    found = page.mapping(tree, what, example)
    return None if found is None else Fields(page, found, what, keys)


HEADER: Final[Mapping[str, Callable[[Page, Tree, Said], None]]] = {
    "workflow": _read_id,
    "version": _read_version,
    "name": _read_name,
    "description": _read_description,
    "labels": _read_labels,
    "session_type": _read_session_type,
    "state": _read_state,
    "reducers": _read_reducers,
    "timeouts": _read_timeouts,
    "on_failure": _read_on_failure,
    "stop_grace": _read_stop_grace,
    "limits": _read_limits,
    "policy": _read_policy,
    "retention_days": _read_retention_days,
    "tools": _read_tools,
    "start": _read_start,
}
"""The keys of a document beside `nodes`, in the order in which they are read."""

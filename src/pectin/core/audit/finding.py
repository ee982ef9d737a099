"""What an audit finds: something that no history, no row and no store may hold. Codes are stable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """`code` is for programs, `where` the event, the activation or the column, `message` what is wrong there, and
    `hint` what to do about it."""

    code: str
    where: str
    message: str
    hint: str


KEEP: Final = "A history is never rewritten: keep a copy of the store, and report it with what `pectin events` shows."
MEND: Final = "Let `pectin doctor --repair` write it anew from the history."
WAKE: Final = "Let `pectin doctor --repair` wake it; if it is found again, cancel it and report it."
RESTORE: Final = "Stop what uses the store, copy it with its -wal file, and restore a backup."
SWEEP: Final = "Let `pectin doctor --repair` clear it up."
UPGRADE: Final = "Install an apsw that brings SQLite 3.51.3 or newer."
READ: Final = "Use the version of Pectin that wrote it, or restore a backup; the other executions go on."
CANCEL: Final = "Cancel it with `pectin cancel`, and start anew what is still wanted."
TELL: Final = "Let `pectin doctor --repair` tell it."
RELEASE: Final = "Mend what kills its worker, then let it out with `pectin resume`."
SERVE: Final = "See whether the engine has this workflow, and what its log `pectin.engine` says."

MEANINGS: Final[Mapping[str, tuple[str, str]]] = {
    # a history as a whole
    "gap": ("Events are numbered through, and this number is not the next.", KEEP),
    "beginning": ("A history begins with the creation of its execution, and has no second one.", KEEP),
    "unfoldable": ("The events don't fold: one asks for something that the state before it doesn't have.", KEEP),
    "second_closing": ("The end of an execution is decided once.", KEEP),
    "closed_too_soon": ("It completes only when everything has settled.", KEEP),
    "failure_forgotten": ("A failure that no edge takes makes the execution fail.", KEEP),
    "another_end": ("An execution ends as was decided, and not without that.", KEEP),
    "unsettled_at_end": ("An execution ends when all its activations have settled.", KEEP),
    "after_end": ("After the end nothing is recorded but what came of attempts that were given up.", KEEP),
    "started_after_closing": ("Once the end is decided nothing starts but finalizers, after a cancel only those that "
                              "run on `always`.", KEEP),
    "started_while_held": ("Nothing starts while an operator holds the execution.", KEEP),
    "limited_while_held": ("The end of its time lets an execution go that is held, before it counts.", KEEP),
    "paused_at_work": ("An execution is paused only when it is held, or when all of it waits.", KEEP),
    "acted_by_nobody": ("Whoever acts on a governed execution is named.", KEEP),
    # activations
    "entered_twice": ("An activation is entered once.", KEEP),
    "crowded": ("No more items of a map have not settled than may be at once.", KEEP),
    "second_outcome": ("An activation has one outcome.", KEEP),
    "not_open": ("Only an activation that was entered and has not settled can go on.", KEEP),
    "child_left_alone": ("With an activation its child is cancelled, too.", KEEP),
    # attempts
    "misnumbered": ("The attempts of an activation are numbered through.", KEEP),
    "begun_while_running": ("An attempt begins when the one before it has ended.", KEEP),
    "begun_in_quarantine": ("Nobody begins what is in quarantine.", KEEP),
    "begun_early": ("A retry is not begun before its backoff is over.", KEEP),
    "outcome_of_none": ("Only the attempt that is running, or in doubt, has an outcome.", KEEP),
    "stop_forgotten": ("An attempt that runs when its activation is cancelled is asked to stop.", KEEP),
    "tried_too_often": ("No more attempts have outcomes than the retry policy allows.", KEEP),
    "tried_unasked": ("Only errors of a class that the retry policy names are tried again.", KEEP),
    "once_again": ("The body of a `once` node is entered again only when it is known that nothing happened.", KEEP),
    "doubt_forgotten": ("Whether what is cancelled was in doubt stands in the history.", KEEP),
    # calls that policies stop
    "begun_unapproved": ("A call that needs an approval waits for it, and a blocked one is never made.", KEEP),
    "approval_miscounted": ("Who may approve counts once, and decides when all rules are met.", KEEP),
    "parked_at_work": ("Only a call that could begin waits for its approval.", KEEP),
    # what is spent
    "overspent": ("No more is reserved and spent than the limits allow, at any time.", KEEP),
    "unreserved": ("What has a ceiling begins only when it has reserved it, whole.", KEEP),
    "settled_twice": ("What an attempt, or a child, has reserved is settled once.", KEEP),
    "reservation_left": ("Whoever has an outcome reserves nothing any more.", KEEP),
    "limited_too_soon": ("A limit is reached when nobody runs who could leave room.", KEEP),
    # waits, decisions, messages
    "early": ("A wait, a timer or a deadline is not over before its time.", KEEP),
    "ended_by_nothing": ("A wait ends by a decision, a message or its time.", KEEP),
    "not_offered": ("A decision is one of those that were asked for.", KEEP),
    "unapproved": ("What acts in an `approval_gated` execution is entered only if a person has approved it since the "
                   "last that acted.", KEEP),
    "approved_by_nobody": ("A way leads with an approval if a person approves where it begins, or has before that, and "
                           "nothing has acted since.", KEEP),
    "decided_by_nobody": ("A decision names who took it.", KEEP),
    "received_twice": ("A message is received once under its dedup key.", KEEP),
    "taken_twice": ("A message is consumed by one wait.", KEEP),
    "never_received": ("A wait consumes a message that was received before.", KEEP),
    "misdirected": ("A wait consumes the message that it waits for.", KEEP),
    "out_of_turn": ("The oldest wait takes the oldest message.", KEEP),
    # the stored row against the fold
    "another_execution": ("A row belongs to the execution, the workflow and the definition that its history names, and "
                          "has its time of creation.", KEEP),
    "version_differs": ("The stored version is the number of events.", KEEP),
    "status_differs": ("The stored status is that of the history.", MEND),
    "time_differs": ("The stored time of the last change is that of the last event.", MEND),
    "key_differs": ("The stored start key is that of the history, or given up.", KEEP),
    "due_differs": ("An execution is due when it is at work, when its next time comes, or never by itself.", MEND),
    "wait_missing": ("What an execution waits for is in the store's list of waits.", MEND),
    "wait_left_over": ("The store's list of waits holds none that the execution doesn't have.", MEND),
    # what is read from the store
    "damaged_row": ("What is stored of an execution is as it was written.", RESTORE),
    "unreadable": ("Every row of a history can be read by this version.", READ),
    "row_differs": ("A row of a history says how many events it has, and what they settle.", KEEP),
    "snapshot_differs": ("A snapshot is what the events up to it fold to.", MEND),
    "definition_unreadable": ("A registered definition can be run by this version, and has its hash.", READ),
    # families
    "parent_missing": ("The parent of an execution is there.", CANCEL),
    "child_missing": ("The child that an activation waits for is there.", CANCEL),
    "child_unheard": ("The end of a child is told to its parent.", TELL),
    "child_unwanted": ("A child is cancelled when its parent has no use for it any more.", TELL),
    # what waits for somebody to look at it
    "quarantine": ("An activation was cut off too often in a row, and nobody begins it.", RELEASE),
    "overdue": ("An engine has the store open, and wakes what is due.", SERVE),
    "message_overdue": ("An engine has the store open, and brings messages to those that wait for them.", SERVE),
    # the store itself
    "old_sqlite": ("SQLite 3.7.0 to 3.51.2 can damage a file with a write-ahead log.", UPGRADE),
    "damaged_file": ("The file is not as SQLite wrote it.", RESTORE),
    "layout_differs": ("The tables and indexes of the store are all there: promises hang on them.", RESTORE),
    "headless": ("Every history belongs to an execution.", RESTORE),
    "definition_missing": ("The definition that an execution was started with is kept.", RESTORE),
    "fence_ahead": ("No execution has a fence that no engine has had.", RESTORE),
    "status_unknown": ("A status is one of seven.", RESTORE),
    "orphaned": ("Waits, snapshots and logs belong to an execution.", SWEEP),
    "mark_wrong": ("The store marks the oldest message of those that somebody waits for.", SWEEP),
    # nobody is stranded
    "stranded": ("An execution that has not ended runs, is due, waits for somebody or something, or is held.", WAKE),
    "activation_stranded": ("So does each of its activations.", WAKE),
    "never_entered": ("What all edges lead to is entered, or skipped, in the same commit.", WAKE),
    "pause_forgotten": ("An execution is paused if all of it waits, and only then.", WAKE),
}  # fmt: skip
"""What each code means, and what to do about it."""

SWEPT: Final = frozenset(code for code, (_, hint) in MEANINGS.items() if hint == SWEEP)
"""What a store clears up by itself, when it is asked to mend."""


def found(code: str, where: str, message: str) -> Finding:
    """The finding; raises `KeyError` for a code that means nothing."""
    return Finding(code, where, message, MEANINGS[code][1])

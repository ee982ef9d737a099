"""What a failure is told as: what happened, how, and what to declare to mend it."""

from __future__ import annotations

from collections.abc import Sequence

from pectin.core.definition import Effect
from pectin.testing.crashtest.compare import Calm, Kind
from pectin.testing.crashtest.facts import Fact
from pectin.testing.crashtest.outcome import Outcome
from pectin.testing.crashtest.point import Point, When
from pectin.testing.crashtest.probe import show

REPORT = "no workflow can be to blame for this: please report it to Pectin, with its --json"


def title(kind: Kind, node: str, more: int) -> str:
    """The failure in a sentence. `more` is how often the body was entered beyond the calm run."""
    who = node or "the execution"
    match kind:
        case Kind.LOST:
            return "Something was lost that had been acknowledged."
        case Kind.STRANDED:
            return "An execution is stranded: nothing will ever go on with it."
        case Kind.AUDIT:
            return "The history, or what is stored beside it, breaks a promise."
        case Kind.BEGUN_TWICE | Kind.ONCE_TWICE:
            return f"{who} was entered again although it must not be."
        case Kind.OTHER_KEY:
            return f"{who} was given another key, or another input, when it was tried again."
        case Kind.BROKEN:
            return "The workflow could not be brought to an end."
        case Kind.HUNG:
            return "The workflow did not come to its end."
        case Kind.RECONCILE:
            return f"The reconcile of {who} said what is not so."
        case Kind.STUCK:
            return f"{who} waits for something that the calm run did not need."
        case Kind.WORLD | Kind.ROWS:
            return f"{who} did its work twice." if more > 0 else f"{who} left the outside world different."
        case Kind.STATUS | Kind.OUTCOME:
            return "The workflow ended in another way than in the calm run."
        case Kind.STATE:
            return f"{who} had another result when it ran again." if more > 0 else "The final state is another one."
        case Kind.ORDER:
            return "The outcome depends on what is ready first."


def how(points: Sequence[Point], calm: Outcome, *, ran_again: bool) -> str:
    """What happens at the smallest crash that shows it."""
    said = [_how_one(point, calm) for point in points]
    again = ", so it ran again" if ran_again else ""
    return f"{'; then '.join(said)}{again}"


def _how_one(point: Point, calm: Outcome) -> str:
    match point.when:
        case When.BEFORE_BODY:
            return "it was cut off after its begin was recorded and before its body was entered"
        case When.AFTER_BODY:
            return "it was cut off after its body returned and before that was recorded"
        case When.BEFORE_RECONCILE:
            return "its `reconcile` was to be asked, and was cut off before that"
        case When.AFTER_RECONCILE:
            return "its `reconcile` was cut off after it had answered and before that was recorded"
        case _:
            written = next((record for record in calm.writes() if record.number == point.number), None)
            touched = "" if written is None else ", ".join(f"`{name}`" for name in written.touches)
            about = f" (of {touched})" if touched else ""
            side = {When.BEFORE: "before", When.INSIDE: "inside", When.AFTER: "right after"}[point.when]
            return f"the process was killed {side} commit {point.number}{about}"


def mend(kind: Kind, fact: Fact | None, rivals: Sequence[str]) -> tuple[str, ...]:
    """What to declare, or to change, the best first."""
    if kind.is_ours:
        return (REPORT,)
    if kind is Kind.ORDER:
        listed = " and ".join(f"`{rival}`" for rival in sorted(rivals))
        return (
            f"1. let one lead to the other by `then`, if one has to be first: {listed} run side by side",
            "2. where whoever is first is to win (`at_least`, `fires_when`), say so with --any-order",
        )
    if kind in (Kind.HUNG, Kind.BROKEN, Kind.STUCK) or fact is None or fact.effect is None:
        return ("try it alone, and look at what it does after the crash",)
    ways = _ways(fact, fact.effect, kind)
    return tuple(f"{number}. {way}" for number, way in enumerate(ways, 1)) if len(ways) > 1 else ways


def _ways(fact: Fact, effect: Effect, kind: Kind) -> tuple[str, ...]:
    keyed = f"{fact.declared(Effect.KEYED)} and ctx.key for the other side, if it knows such keys"
    once = f"{fact.declared(Effect.ONCE)}  and @{fact.function}.reconcile, if it can be asked; else a person is"
    if effect is Effect.ONCE:
        must = "find out whether it has happened, and with which result, in the world of this trial alone"
        return (f"let @{fact.function}.reconcile {must}",)
    if kind in (Kind.STATE, Kind.STATUS, Kind.OUTCOME):
        return ("let it find the same again: by the state and ctx.key, not by time or chance", once)
    match effect:
        case Effect.PURE | Effect.IDEMPOTENT:
            return (keyed, once)
        case Effect.KEYED:
            return ("hand ctx.key to the other side, and see that it heeds it: it was given one key", once)
        case Effect.TRANSACTIONAL:
            return ("do by ctx.sql all that it does, and anything else in a node of its own", once)


def words(calm: Calm, effect: Effect | None, label: str, *, has_probe: bool) -> str:
    """The verdict on a node with which nothing is wrong."""
    world = f"{show(calm.world[1])} every time" if has_probe else ""
    match effect:
        case Effect.KEYED:
            return f"{world}, one key" if world else "one key every time"
        case Effect.ONCE:
            return f"{world}, never twice" if world else "never twice"
        case Effect.TRANSACTIONAL:
            return "same rows every time"
        case None:
            return {"approval": "one decision every time", "wait": "one end every time"}.get(
                label, "same outcome every time"
            )
        case _:
            return "same state every time"

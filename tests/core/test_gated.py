"""Approvals, over random graphs: what is accepted never meets the refusal, what is refused can be walked into it, and
whatever was accepted, no history shows what acts without an approval."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import settings

from pectin.core.audit import Audit
from pectin.core.command import AnyCommand
from pectin.core.decide import Decision
from pectin.core.definition import Definition, Trigger
from pectin.core.program import Program
from pectin.nodes import bind
from tests.core.campaign import CheckedPlay
from tests.core.gated import bind_unchecked, find_pasts, mend, random_gated, spoil
from tests.core.walk import Walk, lay_out, steerable

EFFORT = settings().max_examples
WALKS = 600 if EFFORT > 50 else 100


class GatedPlay(CheckedPlay):
    """After every command the history is sound."""

    __slots__ = ("audit",)

    audit: Audit

    def send(self, command: AnyCommand) -> Decision:
        if not self.sent:
            self.audit = Audit(self.program)
        decision = super().send(command)
        for event in decision.events:
            self.audit.take(self.audit.seq + 1, event)
        assert self.audit.findings == [], command
        return decision


def play(program: Program, seed: int) -> Counter[str]:
    gated = GatedPlay(program, seed, Random(seed), calm=seed % 2 == 0)
    gated.play()
    assert program.gate is not None
    closing = gated.run.closing
    assert closing is not None
    acted = sum(getattr(event, "node", None) in program.gate.acts for event in gated.events)
    return Counter({closing.cause: 1, "acted": acted, "approved": len(gated.run.decided)})


def play_accepted(seed: int) -> Counter[str]:
    """No play of a definition that was accepted meets the refusal."""
    seen = play(bind(mend(random_gated(seed), seed)), seed)
    assert not seen["not_approved"], f"{seed} is refused when it runs"
    return seen


def play_refused(seed: int) -> Counter[str]:
    """Whatever the check says: nothing acts without an approval."""
    return play(bind_unchecked(random_gated(seed)), seed)


def wander_accepted(seed: int) -> Counter[str]:
    """No more so where every edge is as likely as any other."""
    seen = Counter[str]()
    program = bind(mend(steerable(random_gated(seed)), seed))
    for order in range(10):
        walk = Walk(program, random=Random(order)).play()
        assert walk.run.closing is not None
        assert walk.run.closing.cause != "not_approved", f"{seed} is refused when it runs"
        audit = Audit(program)
        for seq, event in enumerate(walk.events, 1):
            audit.take(seq, event)
        assert audit.findings == []
        assert program.gate is not None
        seen["acted"] += any(getattr(event, "node", None) in program.gate.acts for event in walk.events)
    return seen


def walk_refused(seed: int) -> Counter[str]:
    """Every way past an approval that the check has told of leads there."""
    seen = Counter[str]()
    plain = steerable(random_gated(seed))
    for definition in (plain, spoil(mend(plain, seed), seed)):
        seen += _walk(definition)
    return seen


def _walk(definition: Definition) -> Counter[str]:
    seen, program = Counter[str](), bind_unchecked(definition)
    pasts = find_pasts(definition)
    told = {past.node for past in pasts}
    for past in pasts:
        if past.way[0] in told and past.way[0] != definition.start:
            continue  # it can't act there in the first place
        way = lay_out(program, past)
        if way is None:
            continue
        run = Walk(program, way).play().run
        assert run.closing is not None
        assert run.closing.cause == "not_approved", past
        seen.update({str(edge.trigger) for edge in way})
        seen["again" if past.way[0] in told or past.way[0] != definition.start else "at first"] += 1
    return seen


def test_what_is_accepted_never_meets_the_refusal() -> None:
    seen = sum(map(play_accepted, range(2 * EFFORT)), Counter[str]())
    assert seen["acted"] > EFFORT / 2
    assert seen["approved"] > EFFORT / 2
    seen = sum(map(wander_accepted, range(EFFORT)), Counter[str]())
    assert seen["acted"] > EFFORT


def test_nothing_acts_without_an_approval_whatever_was_accepted() -> None:
    seen = sum(map(play_refused, range(EFFORT)), Counter[str]())
    assert seen["not_approved"] > EFFORT / 3
    assert seen["all settled"], "not all of them come that far"


def test_what_is_refused_can_be_walked() -> None:
    seen = sum(map(walk_refused, range(WALKS)), Counter[str]())
    assert seen["at first"] > WALKS / 2
    assert seen["again"] > WALKS / 20
    assert not {str(trigger) for trigger in Trigger} - seen.keys()

"""The rules by which people decide on samples: alone, or two who do not see each other's opinion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations

from bsm_core.domain.curation import Standing
from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.synthesis import Decision, DecisionKind, DecisionRole
from bsm_core.metrics.agreement import cohen_kappa

REVIEWERS_EVENT = "reviewers"
BOTH = 2
"""Opinions that decide on a sample where two reviewers are required."""
ANONYMOUS = "human"
TAKEN_BACK = "taken back by its writer"


@dataclass(frozen=True, slots=True)
class Agreement:
    """``pairs`` has (reviewer, reviewer, samples both looked at, kappa)."""

    shared: int
    agreed: int
    pairs: tuple[tuple[str, str, int, float | None], ...]


def problem(standing: Standing, reviewer: str, role: DecisionRole, blind: bool, as_of: datetime | None) -> str | None:
    """Why this person may not decide on it now; None when they may. ``as_of``: when they last saw what was decided."""
    last = standing.decision
    if not standing.is_current:
        return "a newer version of it was made meanwhile; decide on that one"
    if not blind:
        if as_of is not None and last is not None and last.created_at > as_of:
            return f"it was {_done(last.kind)} meanwhile{_by(last.reviewer)}; look again"
        return None
    if reviewer == ANONYMOUS:
        return "two reviewers are required, so each needs a name; give yours above the list"
    if reviewer in standing.writers and role is not DecisionRole.WITHDRAWAL:
        return "you wrote it, or edited it; somebody else has to decide on it"
    if role is DecisionRole.REVIEW and standing.opinions >= BOTH:
        return "two reviewers have decided on it; only a third look can change that"
    if role is DecisionRole.REVIEW and last is not None:
        return f"it was {_done(last.kind)} already{_by(last.reviewer)}; only a third look can change that"
    if role is DecisionRole.ADJUDICATION and standing.opinions < BOTH:
        return "a third look comes after two opinions"
    return None


def undo(words: Sequence[Decision], batch_id: str, blind: bool) -> list[Decision]:
    """Decisions that bring back what stood before the batch; ``words`` are all on its samples, oldest first. Samples
    that were decided on again since are left as they are."""
    now = datetime.now(UTC)
    found = []
    for sample_id in dict.fromkeys(word.sample_id for word in words if word.batch_id == batch_id):
        own = [word for word in words if word.sample_id == sample_id]
        first = next(place for place, word in enumerate(own) if word.batch_id == batch_id)
        lane = [word for word in own if not blind or _lane(word) == _lane(own[first])]
        if lane[-1].batch_id != batch_id:
            continue
        before = [word for word in lane if own.index(word) < first]
        gone = replace(own[first], kind=DecisionKind.PENDING, reason="undone", batch_id=None)
        found.append(replace(before[-1] if before else gone, created_at=now))
    return found


def agreement(opinions: Sequence[dict[str, DecisionKind]]) -> Agreement:
    """Of first and second opinions, each given blind."""
    both = [said for said in opinions if len(said) >= BOTH]
    people = sorted({reviewer for said in both for reviewer in said})
    pairs = []
    for first, second in combinations(people, 2):
        shared = [said for said in both if first in said and second in said]
        if shared:
            kappa = cohen_kappa([said[first] for said in shared], [said[second] for said in shared])
            pairs.append((first, second, len(shared), kappa))
    return Agreement(len(both), sum(len(set(said.values())) == 1 for said in both), tuple(pairs))


def human_word(
    sample_id: str, kind: DecisionKind, reason: str, reviewer: str, role: DecisionRole, batch_id: str, now: datetime
) -> Decision:
    return Decision(sample_id, kind, Agent.HUMAN, None, reason.strip(), now, reviewer, role, batch_id)


def _lane(word: Decision) -> str:
    """Whose opinion it is; third looks and withdrawals are one lane of their own."""
    return word.reviewer if word.role is DecisionRole.REVIEW else ""


def _done(kind: DecisionKind) -> str:
    return "left open" if kind is DecisionKind.PENDING else kind.value


def _by(reviewer: str) -> str:
    name = reviewer.partition(":")[2]
    return f" by {name}" if name else ""

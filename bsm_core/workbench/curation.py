"""Samples as people write, edit and decide on them: one reviewer, or two who do not see each other's opinion."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bsm_core.domain.curation import Outcome, Standing
from bsm_core.domain.synthesis import Decision, DecisionKind, DecisionRole, SyntheticSample
from bsm_core.domain.tasks import Text
from bsm_core.errors import ConfigError, NothingToDoError
from bsm_core.ports import Store
from bsm_core.workflow import curate, review
from bsm_core.workflow.review import ANONYMOUS, BOTH, REVIEWERS_EVENT, TAKEN_BACK
from bsm_core.workflow.specs import new_id


class Curation:
    """``reviewer`` is ``human``, or ``human:<name>``. Nothing is ever changed or deleted."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()  # what may be decided rests on what was decided: two sessions take turns

    # ------------------------------------------------------------ who reviews

    def reviewers(self, study_id: str) -> int:
        """How many have to agree before a sample counts: 1 or 2."""
        event = self._store.latest(study_id, REVIEWERS_EVENT) or {}
        return int(str(event.get("required", 1)))

    def require(self, study_id: str, reviewers: int) -> None:
        """From now on; what was said stays on record, and is counted by the new rule. Raises ConfigError."""
        if reviewers not in (1, BOTH):
            raise ConfigError(f"{reviewers} reviewers cannot be required; use 1 or {BOTH}")
        if reviewers != self.reviewers(study_id):
            self._store.record(study_id, REVIEWERS_EVENT, {"required": reviewers})

    def is_blind(self, study_id: str) -> bool:
        return self.reviewers(study_id) == BOTH

    def agreement(self, study_id: str) -> review.Agreement:
        return review.agreement(self._store.decisions.opinions(study_id))

    # ------------------------------------------------------------ writing

    def write(self, hypothesis_id: str, text: Text, label: int, writer: str = ANONYMOUS) -> SyntheticSample:
        """By hand. Raises ConfigError for an empty side, or without a name where two reviewers are required."""
        hypothesis = self._store.hypotheses.get(hypothesis_id)
        self._need_name(hypothesis.study_id, writer)
        sample = curate.new_sample(
            hypothesis, self._store.studies.get(hypothesis.study_id).task, text, label, writer=writer
        )
        self._store.samples.add([sample])
        return sample

    def revise(self, sample_id: str, text: Text, label: int, writer: str = ANONYMOUS) -> SyntheticSample:
        """Edit or relabel: a new version, whose checks and decision start afresh. Raises ConfigError when somebody made
        one meanwhile."""
        with self._lock:
            old = self._store.samples.get(sample_id).sample
            self._need_name(old.study_id, writer)
            if not self._store.decisions.standings([sample_id])[0].is_current:
                raise ConfigError("a newer version of this sample was made meanwhile; open that one and edit it")
            sample = curate.revised_sample(old, self._store.studies.get(old.study_id).task, text, label, writer=writer)
            self._store.samples.add([sample])
        return sample

    def withdraw(self, sample_id: str, writer: str = ANONYMOUS) -> None:
        """Its writer takes it back: it stays on record, rejected."""
        self._say([sample_id], DecisionKind.REJECTED, TAKEN_BACK, writer, DecisionRole.WITHDRAWAL, None)

    # ------------------------------------------------------------ deciding

    def decide(
        self,
        sample_ids: Sequence[str],
        kind: DecisionKind,
        reason: str = "",
        reviewer: str = ANONYMOUS,
        as_of: datetime | None = None,
    ) -> Outcome:
        """One reviewer's decision on one or many samples. Those that somebody else decided on after ``as_of`` are left
        alone, and said. Raises ConfigError when there is nobody's sample left to decide on."""
        return self._say(sample_ids, kind, reason, reviewer, DecisionRole.REVIEW, as_of)

    def adjudicate(self, sample_id: str, kind: DecisionKind, reason: str, reviewer: str) -> Outcome:
        """A third look, after two opinions. Raises ConfigError without a reason, or where it is not called for."""
        if kind is not DecisionKind.PENDING and not reason.strip():
            raise ConfigError("a third look needs a reason; say why")
        return self._say([sample_id], kind, reason, reviewer, DecisionRole.ADJUDICATION, None)

    def undo(self, batch_id: str) -> tuple[int, int]:
        """Take back what was decided together: (samples brought back to what stood before, samples left alone since
        they were decided on again). Raises ConfigError when none can be brought back."""
        with self._lock:
            ids = self._store.decisions.batch(batch_id)
            standings = self._store.decisions.standings(ids)
            blind = bool(standings) and self.is_blind(standings[0].study_id)
            words = review.undo(self._store.decisions.words(ids), batch_id, blind)
            closed = {one.sample_id for one in standings if blind and one.opinions >= BOTH}
            back = [word for word in words if word.role is not DecisionRole.REVIEW or word.sample_id not in closed]
            if not back:
                raise ConfigError(
                    "nothing to undo: the other reviewer has decided as well; only a third look can change that"
                    if closed
                    else "nothing to undo: it was decided on again meanwhile"
                )
            self._store.samples.decide(back)
        return len(back), len(ids) - len(back)

    def words(self, sample_id: str, reviewer: str) -> list[Decision]:
        """Every decision on it, oldest first, as far as this person may see them: where two are required, nobody sees
        another's opinion before giving an own one."""
        standing = self._standings([sample_id])[0]
        said = self._store.decisions.words([sample_id])
        if not self.is_blind(standing.study_id) or standing.opinions >= BOTH or standing.decision is not None:
            return said
        return [word for word in said if word.reviewer == reviewer]

    def approve_by_policy(self, study_id: str) -> Outcome:
        """Policy ``gated``: approve every undecided sample that passed all gates, up to the budget.
        The decisions carry the policy's name. Raises ConfigError where two reviewers are required."""
        if self.is_blind(study_id):
            raise ConfigError("two reviewers are required in this study, so no policy approves; require one, or review")
        with self._lock:
            decisions = curate.gated_decisions(self._store, study_id)
            self._store.samples.decide(decisions)
        return Outcome(str(decisions[0].batch_id), tuple(one.sample_id for one in decisions), {})

    def _say(
        self,
        sample_ids: Sequence[str],
        kind: DecisionKind,
        reason: str,
        reviewer: str,
        role: DecisionRole,
        as_of: datetime | None,
    ) -> Outcome:
        batch_id, now = new_id("b"), datetime.now(UTC)
        with self._lock:
            standings = self._standings(sample_ids)
            blind = self.is_blind(standings[0].study_id)
            fresh = [one for one in standings if not _said_already(one, kind, reason, reviewer, blind)]
            refused = {
                one.sample_id: why
                for one in fresh
                if (why := review.problem(one, reviewer, role, blind, as_of)) is not None
            }
            if refused and len(refused) == len(standings):
                raise ConfigError(_told(refused))
            chosen = [one.sample_id for one in fresh if one.sample_id not in refused]
            self._store.samples.decide(
                review.human_word(one, kind, reason, reviewer, role, batch_id, now) for one in chosen
            )
        return Outcome(batch_id, tuple(chosen), refused)

    def _standings(self, sample_ids: Sequence[str]) -> list[Standing]:
        found = self._store.decisions.standings(list(dict.fromkeys(sample_ids)))
        if not found:
            raise NothingToDoError("no sample was chosen, or none of them is in this workspace")
        return found

    def _need_name(self, study_id: str, writer: str) -> None:
        if writer == ANONYMOUS and self.is_blind(study_id):
            raise ConfigError("two reviewers are required in this study, so a writer needs a name; give yours first")


def _said_already(standing: Standing, kind: DecisionKind, reason: str, reviewer: str, blind: bool) -> bool:
    """A key pressed twice: the same word by the same person again."""
    last = standing.decision
    if blind or last is None or last.policy is not None:
        return False
    return (last.kind, last.reason, last.reviewer) == (kind, reason.strip(), reviewer)


def _told(refused: Mapping[str, str]) -> str:
    reasons = list(dict.fromkeys(refused.values()))
    count = len(refused)
    if count == 1:
        return f"not decided: {reasons[0]}"
    return f"none of the {count:,} samples was decided on: {reasons[0]}" + (" (and other reasons)" * (len(reasons) > 1))

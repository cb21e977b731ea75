"""Condition 3 as a ledger: who judges which texts, and what it says about the count of UUs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bsm_core.domain.unknowns import Judgement, UnknownUnknown, UUOrigin, Verdict
from bsm_core.errors import ConfigError, TeacherError
from bsm_core.ports import Store, Teacher, UnknownFilter
from bsm_core.workflow import judge, prompts

HUMAN = "human"
MOST_JUDGED = 10_000
"""The largest sample that can be asked for."""


class Judging:
    """The judged population are a model's adversarial UUs on validation at a tau, with those judged invalid: the raw
    count."""

    def __init__(self, store: Store, teacher: Callable[[], Teacher]) -> None:
        self._store = store
        self._teacher = teacher

    def ledger(self, study_id: str, model_id: str, tau: float, judge_name: str = HUMAN) -> judge.Ledger:
        """The sample, the corrected count and the agreement; ``judge_name`` is who is to judge next."""
        population = self._store.unknowns.ids(UnknownFilter(model_id, tau, origin=UUOrigin.ADVERSARIAL))
        ballots = self._store.judgements.ballots(study_id)
        return judge.ledger(population, ballots, self._seed(study_id), self.size(study_id), judge_name)

    def size(self, study_id: str) -> int:
        """How many texts the sample has, as far as there are so many."""
        event = self._store.latest(study_id, judge.SAMPLE_EVENT)
        return int(str(event["size"])) if event else judge.DEFAULT_SIZE

    def set_size(self, study_id: str, size: int) -> None:
        """A larger sample holds the smaller one. Raises ConfigError for an impossible size."""
        if not 1 <= size <= MOST_JUDGED:
            raise ConfigError(f"a sample of {size} texts cannot be judged; use 1 to {MOST_JUDGED:,}")
        self._store.record(study_id, judge.SAMPLE_EVENT, {"size": size})

    def record(self, study_id: str, item_id: str, verdict: Verdict, judge_name: str) -> None:
        """One judge's word; an earlier one by the same judge stays in the ledger and counts no more."""
        self._store.judgements.add(Judgement(study_id, item_id, verdict, judge_name, datetime.now(UTC)))

    def by_rule(self, study_id: str, model_id: str, item_ids: Sequence[str]) -> int:
        """Let the rule judge the items; returns how many it could. An import without its original it cannot judge."""
        task = self._store.studies.get(study_id).task
        count = 0
        for item_id in item_ids:
            unknown = self._store.unknowns.get(model_id, item_id)
            if unknown.perturbed_text is None or not judge.known_original(unknown):
                continue
            verdict = judge.by_rule(task, unknown.original_text, unknown.perturbed_text)
            self.record(study_id, item_id, verdict, judge.RULE)
            count += 1
        return count

    def by_teacher(self, study_id: str, model_id: str, item_id: str) -> Verdict:
        """Ask the teacher about one text, without telling it what the classifier said.

        Raises TeacherError when the teacher is the embedded model, which cannot follow such a question, and when its
        answer is no verdict; then nothing is recorded.
        """
        teacher = self._teacher()
        if teacher.is_embedded:
            raise TeacherError(
                "the embedded model is too small to judge labels; set a teacher endpoint on the Settings page"
            )
        unknown: UnknownUnknown = self._store.unknowns.get(model_id, item_id)
        prompt = prompts.label_check_prompt(self._store.studies.get(study_id).task, unknown)
        call = teacher.ask(prompt, "judge", study_id)
        verdict = judge.parse_verdict(call.answer)
        self.record(study_id, item_id, verdict, f"lm:{call.model}")
        return verdict

    def _seed(self, study_id: str) -> int:
        return int(str(self._store.studies.get(study_id).config["seed"]))

"""Condition 3 as a ledger: who judges which texts, and what it says about the count of UUs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bsm_core.config import TeacherConfig
from bsm_core.domain.foils import FoilJudgement, FoilKind, Question
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import Judgement, UUOrigin, Verdict
from bsm_core.errors import ConfigError
from bsm_core.metrics.judging import CorrectedCount
from bsm_core.ports import QuestionText, Store, UnknownFilter
from bsm_core.workbench.launch import Launcher
from bsm_core.workflow import judge
from bsm_core.workflow.foils import DEFAULT_SHARE, MOST_SHARE
from bsm_core.workflow.judge_texts import UNUSABLE_EVENT, lm_agent

HUMAN = "human"
MOST_JUDGED = 10_000
"""The largest sample that can be asked for."""


class Judging:
    """The judged population are a model's adversarial UUs on validation at a tau, with those judged invalid: the raw
    count."""

    def __init__(self, store: Store, launch: Launcher, teacher: Callable[[], TeacherConfig]) -> None:
        self._store = store
        self._launch = launch
        self._teacher = teacher

    # ------------------------------------------------------------ the sample

    def ledger(self, study_id: str, model_id: str, tau: float, judge_name: str = HUMAN) -> judge.Ledger:
        """The sample, the corrected count, the judges and their agreement; ``judge_name`` is who is to judge next."""
        return judge.ledger(
            self._population(model_id, tau),
            self._store.judgements.ballots(study_id),
            self.draw(study_id),
            judge_name,
            self._store.foils.candidates(model_id),
            self._store.foils.ballots(study_id),
        )

    def corrected(
        self,
        study_id: str,
        model_id: str,
        tau: float,
        set_id: str | None = None,
        split: Split = Split.VALIDATION,
    ) -> CorrectedCount:
        """Of all attacks on the split's texts, or of one set (on ``split``): the raw count, and the estimate with its
        interval from those texts of the sample that were judged. Nobody judges on test: there it is the raw count."""
        part = None if set_id is None else self._store.judgements.items(model_id, set_id)
        ballots = self._store.judgements.ballots(study_id)
        return judge.corrected(self._population(model_id, tau, split), ballots, self.draw(study_id), part)

    def of_baseline(self, study_id: str) -> CorrectedCount | None:
        """The original model's at the study's tau; None before it is trained."""
        baseline = self._store.models.baseline(study_id)
        tau = self._store.studies.get(study_id).tau
        return None if baseline is None else self.corrected(study_id, baseline.model_id, tau)

    def draw(self, study_id: str) -> judge.Draw:
        """How the study's sample is drawn: as was last chosen."""
        event = self._store.latest(study_id, judge.SAMPLE_EVENT) or {}
        seed = int(str(self._store.studies.get(study_id).config["seed"]))
        size = int(str(event.get("size", judge.DEFAULT_SIZE)))
        return judge.Draw(seed, size, float(str(event.get("foils", DEFAULT_SHARE))))

    def set_draw(self, study_id: str, size: int, foils: float) -> None:
        """A larger sample holds the smaller one. ``foils`` is their share of all texts shown.

        Raises ConfigError for an impossible size or share.
        """
        if not 1 <= size <= MOST_JUDGED:
            raise ConfigError(f"a sample of {size} texts cannot be judged; use 1 to {MOST_JUDGED:,}")
        if not 0 <= foils <= MOST_SHARE:
            raise ConfigError(f"a share of {foils:g} foils is outside [0, {MOST_SHARE:g}]; use 0.2, say")
        self._store.record(study_id, judge.SAMPLE_EVENT, {"size": size, "foils": foils})

    def _population(self, model_id: str, tau: float, split: Split = Split.VALIDATION) -> list[str]:
        return self._store.unknowns.ids(UnknownFilter(model_id, tau, split, UUOrigin.ADVERSARIAL))

    # ------------------------------------------------------------ judging

    def shown(self, study_id: str, question: Question) -> QuestionText:
        """What a judge sees of it. Raises NotFoundError."""
        return self._store.foils.texts(study_id, [question])[0]

    def answer(self, study_id: str, question: Question, verdict: Verdict, judge_name: str) -> None:
        """One judge's word on a UU or a foil."""
        if question.foil is None:
            self.record(study_id, question.item_id, verdict, judge_name)
        else:
            self._store.foils.add([_on_foil(study_id, question.item_id, question.foil, verdict, judge_name)])

    def record(self, study_id: str, item_id: str, verdict: Verdict, judge_name: str) -> None:
        """One judge's word; an earlier one by the same judge stays in the ledger and counts no more."""
        self._store.judgements.add(Judgement(study_id, item_id, verdict, judge_name, datetime.now(UTC)))

    def by_rule(self, study_id: str, questions: Sequence[Question]) -> int:
        """Let the rule judge; returns how many it could. It looks at what was changed: an imported text without its
        original, and a text that nobody changed, it cannot judge."""
        task, now = self._store.studies.get(study_id).task, datetime.now(UTC)
        pairs = self._store.foils.pairs(study_id, [one for one in questions if one.foil is not FoilKind.ORIGINAL])
        found = [(one, judge.by_rule(task, original, text)) for one, original, text in pairs if text != original]
        self._store.judgements.add_all(
            Judgement(study_id, one.item_id, verdict, judge.RULE, now) for one, verdict in found if one.foil is None
        )
        self._store.foils.add(
            _on_foil(study_id, one.item_id, one.foil, verdict, judge.RULE) for one, verdict in found if one.foil
        )
        return len(found)

    def start_teacher(self, study_id: str, model_id: str, tau: float, *, everything: bool = False) -> str:
        """Have the teacher judge the sample with its foils, or with ``everything`` all UUs too, but those that it has
        judged; returns the job's id.

        Raises TeacherError for the embedded teacher, NothingToDoError when nothing is left to ask.
        """
        teacher = self._teacher()
        ledger = self.ledger(study_id, model_id, tau, lm_agent(teacher))
        questions = list(ledger.open_questions)
        if everything:
            mine = {one.item_id for one in self._store.judgements.ballots(study_id) if one.agent == lm_agent(teacher)}
            rest = set(self._population(model_id, tau)).difference(ledger.sample, mine)
            questions += [Question(item_id) for item_id in sorted(rest)]
        asked = self._store.foils.texts(study_id, questions)
        return self._launch.judging(study_id, teacher, asked)

    def teacher_agent(self) -> str:
        """The present teacher's name in the ledger."""
        return lm_agent(self._teacher())

    @property
    def teacher_can_judge(self) -> bool:
        return not self._teacher().is_embedded

    def unusable(self, study_id: str) -> dict[str, str]:
        """Item id to what was wrong with the teacher's answer, of the latest job that had such answers."""
        event = self._store.latest(study_id, UNUSABLE_EVENT) or {}
        items, agent = event.get("items"), event.get("agent")
        if not isinstance(items, dict):
            return {}
        judged = {one.item_id for one in self._store.judgements.ballots(study_id) if one.agent == agent}
        judged |= {one.item_id for one in self._store.foils.ballots(study_id) if one.agent == agent}
        return {str(item): str(why) for item, why in items.items() if item not in judged}

    # ------------------------------------------------------------ one text

    def words_on(self, study_id: str, item_id: str) -> list[Judgement]:
        """Every word on one item, oldest first: of each judge the last one counts."""
        return self._store.judgements.history(study_id, item_id)


def _on_foil(study_id: str, item_id: str, kind: FoilKind, verdict: Verdict, agent: str) -> FoilJudgement:
    return FoilJudgement(study_id, item_id, kind, verdict, agent, datetime.now(UTC))

"""Surveys: made, answered by people, and turned into hypotheses and samples by humans (appendix A)."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime

from bsm_core.domain.blind_spots import current
from bsm_core.domain.survey import (
    AnswerDecision,
    DecisionWord,
    EventKind,
    Participant,
    Question,
    QuestionKind,
    Stage,
    Survey,
    SurveyEvent,
    SurveyPlan,
    stage_of,
)
from bsm_core.domain.unknowns import Verdict
from bsm_core.errors import ConfigError, NotFoundError, NothingToDoError
from bsm_core.ports import Store, UnknownFilter
from bsm_core.workbench.survey_files import SurveyFiles
from bsm_core.workbench.survey_seats import Seats, hash_of
from bsm_core.workflow import survey_accept, survey_assign, survey_results, survey_texts
from bsm_core.workflow.specs import new_id
from bsm_core.workflow.survey_results import Entry, Results

TOKEN_BYTES = 24
"""192 bits: not to be guessed."""


@dataclass(frozen=True, slots=True)
class Made:
    """``tokens`` by participant id: shown once, and known to nobody afterwards."""

    survey: Survey
    participants: tuple[Participant, ...]
    tokens: dict[str, str]


_DIGITS = re.compile(r"(?<=[a-z])(\d+)$")
"""``sentence1`` reads better as ``sentence 1``."""


class Surveys:
    """For the researcher. ``seats`` is all that participants can reach; ``files`` goes without the app."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()  # deciding looks first and writes then
        self.seats = Seats(store)
        self.files = SurveyFiles(store)

    def make(self, study_id: str, title: str, plan: SurveyPlan, texts_name: str = "", offline: int = 0) -> Made:
        """Deal the study's UUs (and, if so planned, its human hypotheses) to ``plan.participants`` people, the last
        ``offline`` of them by file. Raises ConfigError or NothingToDoError with what is missing."""
        study, model = self._store.studies.get(study_id), self._store.models.baseline(study_id)
        if model is None:
            raise NothingToDoError("this study has no baseline yet; train it on the Baseline page first")
        name = texts_name or survey_texts.texts_for(study.task)
        if name is None:
            known = ", ".join(survey_texts.text_names())
            raise ConfigError(f"no survey texts are written for task {study.task.name!r}; choose one of {known}")
        texts = survey_texts.load_texts(name)
        survey_assign.check_plan(plan, texts)
        if not 0 <= offline <= plan.participants:
            raise ConfigError(f"{offline} of {plan.participants} participants cannot answer by file")
        survey = Survey(
            survey_id=new_id("sv"),
            study_id=study_id,
            title=title.strip() or f"Survey {len(self._store.surveys.all(study_id)) + 1}",
            plan=plan,
            texts=texts,
            label_names=tuple(
                texts.label_words.get(label, label.replace("_", " ")) for label in study.task.label_names
            ),
            text_fields=tuple(_DIGITS.sub(r" \1", field) for field in study.task.text_fields),
            noun=study.task.sample_noun,
            created_at=datetime.now(UTC),
        )
        participants = survey_assign.make_participants(survey, offline)
        questions = survey_assign.make_questions(survey, participants, self._pool(study_id, model.model_id, study.tau))
        by_link = participants[: plan.participants - offline]
        tokens = {one.participant_id: secrets.token_urlsafe(TOKEN_BYTES) for one in by_link}
        hashes = {participant_id: hash_of(token) for participant_id, token in tokens.items()}
        self._store.surveys.add(survey, participants, questions, hashes)
        return Made(survey, tuple(participants), tokens)

    def renew(self, participant_id: str) -> str:
        """A new link's token; the old one no longer opens anything. Raises NothingToDoError when the person is done."""
        if self._stage(participant_id).is_over:
            raise NothingToDoError("this person has finished or was shut out; there is nothing left to answer")
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._store.surveys.add_token(participant_id, hash_of(token))
        return token

    def revoke(self, participant_id: str, reason: str = "") -> None:
        """Close a link for good; what was handed in can then be decided on."""
        if not self._stage(participant_id).is_over:
            self._tell(participant_id, EventKind.REVOKED, reason)

    def exclude(self, participant_id: str, reason: str) -> None:
        """Take all of a person's answers out of the pool."""
        self._tell(participant_id, EventKind.EXCLUDED, reason)

    def readmit(self, participant_id: str, reason: str = "") -> None:
        self._tell(participant_id, EventKind.READMITTED, reason)

    def results(self, survey_id: str) -> Results:
        surveys = self._store.surveys
        return survey_results.results(
            surveys.get(survey_id),
            surveys.participants(survey_id),
            surveys.questions(survey_id),
            surveys.answers(survey_id),
            surveys.events(survey_id),
            surveys.decisions(survey_id),
            surveys.approved(survey_id),
        )

    def accept(self, survey_id: str, question_id: str, reason: str = "") -> str:
        """Make it a hypothesis or a sample by a human; returns the new id. A flagged one needs a reason.

        Raises NothingToDoError while it can still change, when it was accepted before, and when what it rests on is not
        accepted.
        """
        with self._lock:
            return self._accept(self.results(survey_id), question_id, reason)

    def accept_pool(self, survey_id: str) -> int:
        """Accept every open answer in the pool whose ground is accepted too; returns how many."""
        count = 0
        with self._lock:
            for kind in (QuestionKind.ABSTRACTION, QuestionKind.EXTRAPOLATION, QuestionKind.GENERATION):
                found = self.results(survey_id)
                for entry in found.entries:
                    ready = entry.in_pool and entry.word is DecisionWord.OPEN and entry.question.kind is kind
                    if ready and self._ground(found, entry.question):
                        self._accept(found, entry.question.question_id, "")
                        count += 1
        return count

    def reject(self, question_id: str, reason: str = "") -> None:
        self._decide(AnswerDecision(question_id, DecisionWord.REJECTED, reason.strip(), None, None, datetime.now(UTC)))

    def reopen(self, question_id: str) -> None:
        """Take a rejection back."""
        self._decide(AnswerDecision(question_id, DecisionWord.OPEN, "", None, None, datetime.now(UTC)))

    def _pool(self, study_id: str, model_id: str, tau: float) -> survey_assign.Pool:
        page = self._store.unknowns.page(UnknownFilter(model_id, tau), limit=1_000_000)
        seen: set[str] = set()
        kept = []
        for unknown in page.rows:
            # Of a text that several attacks have changed only the most confident one: the others would look the same.
            if unknown.verdict is not Verdict.NO and unknown.example_id not in seen:
                seen.add(unknown.example_id)
                kept.append(unknown)
        return survey_assign.Pool(tuple(kept), tuple(self._store.hypotheses.all(study_id)), self._spots(model_id))

    def _spots(self, model_id: str) -> dict[str, str]:
        """The spot of each UU, where blind spots were looked for."""
        log, last = self._store.blind_spots, self._store.blind_spots.latest(model_id)
        if last is None:
            return {}
        spots = current(log.spots(last.clustering_id), log.changes(last.clustering_id))
        return {item: spot.spot_id for spot in spots for item in spot.item_ids}

    def _accept(self, found: Results, question_id: str, reason: str) -> str:
        entry = _entry(found, question_id)
        question, answer = entry.question, entry.answer
        if answer is None or not answer.submitted or answer.is_empty:
            raise NothingToDoError("there is no answer to accept")
        if not next(one.stage for one in found.people if one.participant == entry.participant).is_over:
            raise NothingToDoError("this person is still at work and may change the answer; wait, or close the link")
        if not entry.in_pool and not reason.strip():
            raise ConfigError(
                "the answer is flagged or its writer is out of the pool; say why you accept it all the same"
            )
        survey, ground, task = (
            found.survey,
            self._ground(found, question),
            self._store.studies.get(found.survey.study_id).task,
        )
        hypothesis = sample = None
        if question.kind.writes_hypothesis:
            hypothesis = survey_accept.to_hypothesis(survey, question, answer, ground)
        else:
            basis = self._store.hypotheses.get(ground) if ground else None
            sample = survey_accept.to_sample(task, question, answer, basis)
        decision = AnswerDecision(
            question_id,
            DecisionWord.ACCEPTED,
            reason.strip(),
            hypothesis.hypothesis_id if hypothesis else None,
            sample.sample_id if sample else None,
            datetime.now(UTC),
        )
        judgement = survey_accept.to_judgement(survey, entry.participant, question, answer)
        if not self._store.surveys.decide(decision, hypothesis, sample, judgement):
            raise NothingToDoError("this answer was accepted before")
        return hypothesis.hypothesis_id if hypothesis else str(decision.sample_id)

    @staticmethod
    def _ground(found: Results, question: Question) -> str | None:
        """The id of the hypothesis an answer rests on (of an abstraction, its UU's); None when not accepted yet."""
        if question.kind is QuestionKind.ABSTRACTION:
            return question.item_id
        if question.hypothesis_id is not None:
            return question.hypothesis_id
        followed = _entry(found, question.follows_id or "").decision
        return followed.hypothesis_id if followed else None

    def _decide(self, decision: AnswerDecision) -> None:
        if not self._store.surveys.decide(decision):
            raise NothingToDoError("this answer was accepted before; reject what became of it on its own page")

    def _stage(self, participant_id: str) -> Stage:
        self._store.surveys.participant(participant_id)
        return stage_of(self._store.surveys.own_events(participant_id))

    def _tell(self, participant_id: str, kind: EventKind, reason: str) -> None:
        self._store.surveys.add_event(SurveyEvent(participant_id, kind, reason.strip(), datetime.now(UTC)))


def _entry(found: Results, question_id: str) -> Entry:
    for entry in found.entries:
        if entry.question.question_id == question_id:
            return entry
    raise NotFoundError(f"there is no question {question_id!r} to decide on in this survey")

"""Surveys: questions, answers, events and decisions. Append-only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import pyarrow as pa
from pydantic import TypeAdapter

from bsm_core.domain.hypotheses import Hypothesis
from bsm_core.domain.survey import (
    Answer,
    AnswerDecision,
    Channel,
    DecisionWord,
    EventKind,
    Participant,
    Question,
    Stage,
    Survey,
    SurveyEvent,
    stage_of,
)
from bsm_core.domain.synthesis import SyntheticSample
from bsm_core.domain.unknowns import Judgement
from bsm_core.errors import NotFoundError
from bsm_core.store.connection import Database, Row, Session, now
from bsm_core.store.records import row_of, text_of
from bsm_core.store.sql import Queries

_SQL = Queries("survey")
_SURVEY, _QUESTION = TypeAdapter(Survey), TypeAdapter(Question)


class SurveyTable:
    """Fulfils ports.SurveyStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        survey: Survey,
        participants: Sequence[Participant],
        questions: Sequence[Question],
        token_hashes: dict[str, str],
    ) -> None:
        with self._database.writing() as session:
            session.insert(
                "surveys",
                {
                    "survey_id": survey.survey_id,
                    "study_id": survey.study_id,
                    "record": _SURVEY.dump_json(survey).decode(),
                    "created_at": survey.created_at,
                },
            )
            for participant in participants:
                session.insert("survey_participants", row_of(participant))
            for participant_id, token_hash in token_hashes.items():
                _add_token(session, participant_id, token_hash)
            session.insert_table("survey_questions", pa.Table.from_pylist([_question_row(one) for one in questions]))

    def get(self, survey_id: str) -> Survey:
        row = self._database.row(_SQL["get"], {"survey_id": survey_id})
        if row is None:
            raise NotFoundError(f"there is no survey {survey_id!r}; choose one of the study's")
        return _SURVEY.validate_json(row["record"])

    def all(self, study_id: str) -> list[Survey]:
        rows = self._database.rows(_SQL["all"], {"study_id": study_id})
        return [_SURVEY.validate_json(row["record"]) for row in rows]

    def participants(self, survey_id: str) -> list[Participant]:
        return [_participant(row) for row in self._database.rows(_SQL["participants"], {"survey_id": survey_id})]

    def participant(self, participant_id: str) -> Participant:
        row = self._database.row(_SQL["participant"], {"participant_id": participant_id})
        if row is None:
            raise NotFoundError(f"there is no participant {participant_id!r}; choose one of the survey's")
        return _participant(row)

    def by_token(self, token_hash: str) -> Participant | None:
        row = self._database.row(_SQL["by_token"], {"token_hash": token_hash})
        return None if row is None else _participant(row)

    def add_token(self, participant_id: str, token_hash: str) -> None:
        with self._database.writing() as session:
            _add_token(session, participant_id, token_hash)

    def questions(self, survey_id: str, participant_id: str | None = None) -> list[Question]:
        rows = self._database.rows(_SQL["questions"], {"survey_id": survey_id, "participant_id": participant_id})
        return [_QUESTION.validate_json(row["record"]) for row in rows]

    def question(self, question_id: str) -> Question:
        row = self._database.row(_SQL["question"], {"question_id": question_id})
        if row is None:
            raise NotFoundError(f"there is no question {question_id!r} in any survey of this workspace")
        return _QUESTION.validate_json(row["record"])

    def answers(self, survey_id: str, participant_id: str | None = None) -> dict[str, Answer]:
        rows = self._database.rows(_SQL["answers"], {"survey_id": survey_id, "participant_id": participant_id})
        return {row["question_id"]: _answer(row) for row in rows}

    def history(self, question_id: str) -> list[Answer]:
        return [_answer(row) for row in self._database.rows(_SQL["history"], {"question_id": question_id})]

    def write(self, answer: Answer) -> bool:
        with self._database.writing() as session:
            if _stage(session, answer.participant_id) is not Stage.WORKING:
                return False
            session.insert("survey_answers", row_of(answer))
        return True

    def add_event(self, event: SurveyEvent) -> None:
        with self._database.writing() as session:
            session.insert("survey_events", row_of(event))

    def events(self, survey_id: str) -> dict[str, tuple[SurveyEvent, ...]]:
        found: dict[str, tuple[SurveyEvent, ...]] = defaultdict(tuple)
        for row in self._database.rows(_SQL["events"], {"survey_id": survey_id}):
            found[row["participant_id"]] += (_event(row),)
        return dict(found)

    def own_events(self, participant_id: str) -> tuple[SurveyEvent, ...]:
        with self._database.reading() as session:
            return _own_events(session, participant_id)

    def decide(
        self,
        decision: AnswerDecision,
        hypothesis: Hypothesis | None = None,
        sample: SyntheticSample | None = None,
        judgement: Judgement | None = None,
    ) -> bool:
        with self._database.writing() as session:
            # Asked within the transaction: a second press, or a second browser, must not make a second hypothesis.
            if session.row(_SQL["accepted"], {"question_id": decision.question_id}):
                return False
            for table, record in (("hypotheses", hypothesis), ("samples", sample), ("judgements", judgement)):
                if record is not None:
                    session.insert(table, row_of(record))
            session.insert("survey_decisions", row_of(decision))
        return True

    def decisions(self, survey_id: str) -> dict[str, AnswerDecision]:
        rows = self._database.rows(_SQL["decisions"], {"survey_id": survey_id})
        return {row["question_id"]: AnswerDecision(**{**row, "word": DecisionWord(row["word"])}) for row in rows}

    def approved(self, survey_id: str) -> set[str]:
        return {row["question_id"] for row in self._database.rows(_SQL["approved"], {"survey_id": survey_id})}

    def take_in(
        self, survey_id: str, digest: str, name: str, answers: Sequence[Answer], events: Sequence[SurveyEvent]
    ) -> bool:
        with self._database.writing() as session:
            if session.row(_SQL["import"], {"survey_id": survey_id, "digest": digest}):
                return False
            # The primary key guards as well.
            row = {"survey_id": survey_id, "digest": digest, "name": name, "answers": len(answers), "created_at": now()}
            session.insert("survey_imports", row)
            for answer in answers:
                session.insert("survey_answers", row_of(answer))
            for event in events:
                session.insert("survey_events", row_of(event))
        return True


def _add_token(session: Session, participant_id: str, token_hash: str) -> None:
    session.insert("survey_tokens", {"participant_id": participant_id, "token_hash": token_hash, "created_at": now()})


def _own_events(session: Session, participant_id: str) -> tuple[SurveyEvent, ...]:
    return tuple(_event(row) for row in session.rows(_SQL["own_events"], {"participant_id": participant_id}))


def _stage(session: Session, participant_id: str) -> Stage:
    return stage_of(_own_events(session, participant_id))


def _question_row(question: Question) -> Row:
    return {
        "question_id": question.question_id,
        "survey_id": question.survey_id,
        "participant_id": question.participant_id,
        "position": question.position,
        "record": _QUESTION.dump_json(question).decode(),
    }


def _participant(row: Row) -> Participant:
    return Participant(**{**row, "channel": Channel(row["channel"])})


def _event(row: Row) -> SurveyEvent:
    return SurveyEvent(**{**row, "kind": EventKind(row["kind"])})


def _answer(row: Row) -> Answer:
    plain = {name: value for name, value in row.items() if name != "text_b"}
    return Answer(**{**plain, "text": text_of(row)})

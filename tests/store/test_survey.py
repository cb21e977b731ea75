"""Surveys in the store: what is acknowledged stays, nothing is overwritten, tokens are not to be read."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.domain.survey import DecisionWord, EventKind, FlagKind, QuestionKind, SurveyEvent
from bsm_core.errors import ConfigError, NotFoundError, NothingToDoError
from bsm_core.store import DuckStore, open_store
from bsm_core.workbench.survey import Surveys
from bsm_core.workflow import curate
from tests.factories import STUDY_ID, make_decision, make_filled_store, moment
from tests.surveys import answer_all, complete, make_survey, of_kind, stored, written


@pytest.fixture
def surveys(filled: DuckStore) -> Surveys:
    return Surveys(filled)


def test_token_opens_its_own_seat_alone_and_is_not_stored(filled: DuckStore, surveys: Surveys, database: Path) -> None:
    made = make_survey(filled)
    for participant in made.participants:
        seat = surveys.seats.seat(made.tokens[participant.participant_id])
        assert seat is not None
        assert seat.participant == participant
        assert {one.participant_id for one in seat.questions} == {participant.participant_id}
    token = made.tokens[made.participants[0].participant_id]
    assert len(token) * 6 >= 128
    for wrong in ("", "x", token[:-1], token + "x", hashlib.sha256(token.encode()).hexdigest(), "x" * 1000, "\ud800"):
        assert surveys.seats.seat(wrong) is None
    filled.close()
    files = list(database.parent.glob("workbench.duckdb*"))
    assert not [file for file in files if token.encode() in file.read_bytes()]


def test_renewed_revoked_and_used_up_links_open_nothing(filled: DuckStore, surveys: Surveys) -> None:
    made = make_survey(filled)
    first, second, third = made.participants
    old = made.tokens[first.participant_id]
    new = surveys.renew(first.participant_id)
    assert surveys.seats.seat(old) is None
    assert surveys.seats.seat(new) is not None
    surveys.revoke(second.participant_id, "asked to leave")
    assert surveys.seats.seat(made.tokens[second.participant_id]) is None
    assert complete(filled, made, 3) == third.completion_code
    assert surveys.seats.seat(made.tokens[third.participant_id]) is None
    with pytest.raises(NothingToDoError, match="nothing left to answer"):
        surveys.renew(third.participant_id)


def test_nothing_is_stored_before_consent_or_after_the_end(filled: DuckStore, surveys: Surveys) -> None:
    made = make_survey(filled)
    question = of_kind(filled, made, QuestionKind.ABSTRACTION)

    def save() -> None:
        surveys.seats.save(question.participant_id, question.question_id, ("a",), "", None, 1, submitted=False)

    with pytest.raises(NothingToDoError, match="this link is closed"):
        save()
    assert filled.surveys.own_events(question.participant_id) == ()
    surveys.seats.consent(question.participant_id)
    save()
    surveys.revoke(question.participant_id)
    with pytest.raises(NothingToDoError, match="this link is closed"):
        save()
    assert len(filled.surveys.history(question.question_id)) == 1


def test_nobody_answers_for_somebody_else_or_writes_a_book(filled: DuckStore, surveys: Surveys) -> None:
    made = make_survey(filled)
    question = of_kind(filled, made, QuestionKind.ABSTRACTION)
    other = made.participants[1].participant_id
    surveys.seats.consent(other)
    with pytest.raises(NotFoundError, match="not asked of this participant"):
        surveys.seats.save(other, question.question_id, ("a",), "", None, 1, submitted=True)
    surveys.seats.consent(question.participant_id)
    with pytest.raises(ConfigError, match="5,001 characters"):
        surveys.seats.save(question.participant_id, question.question_id, ("a" * 5001,), "", None, 1, submitted=True)


def test_time_adds_up_and_lunch_does_not_count(filled: DuckStore, surveys: Surveys) -> None:
    made = make_survey(filled)
    question = of_kind(filled, made, QuestionKind.ABSTRACTION)
    surveys.seats.consent(question.participant_id)
    for spent in (10.0, 5.5, 4000.0, -3.0):
        surveys.seats.save(question.participant_id, question.question_id, ("a",), "", None, spent, submitted=False)
    assert stored(filled, question).seconds == 315.5


def test_finishing_needs_every_answer(filled: DuckStore, surveys: Surveys) -> None:
    made = make_survey(filled)
    person = made.participants[0]
    surveys.seats.consent(person.participant_id)
    with pytest.raises(NothingToDoError, match="6 of 6 questions are not answered yet"):
        surveys.seats.finish(person.participant_id)
    assert complete(filled, made) == person.completion_code


def test_accepted_answers_become_a_human_s_with_their_lineage(filled: DuckStore, surveys: Surveys) -> None:
    made = make_survey(filled)
    own = made.survey.survey_id
    complete(filled, made)
    why = of_kind(filled, made, QuestionKind.ABSTRACTION)
    other = of_kind(filled, made, QuestionKind.EXTRAPOLATION)
    text = of_kind(filled, made, QuestionKind.GENERATION)
    with pytest.raises(NothingToDoError, match="accept that one first"):
        surveys.accept(own, other.question_id)
    hypothesis = filled.hypotheses.get(surveys.accept(own, why.question_id))
    assert (hypothesis.agent, hypothesis.kind) == (Agent.HUMAN, HypothesisKind.ABSTRACTION)
    assert hypothesis.source_item_ids == (why.item_id,)
    assert hypothesis.text == written(why, 1)[0]
    child = filled.hypotheses.get(surveys.accept(own, other.question_id))
    assert child.parent_hypothesis_id == hypothesis.hypothesis_id
    sample = filled.samples.get(surveys.accept(own, text.question_id)).sample
    assert (sample.agent, sample.label) == (Agent.HUMAN, text.label)
    decisions = filled.surveys.decisions(own)
    assert decisions[text.question_id].sample_id == sample.sample_id
    assert sample.hypothesis_id == decisions[str(text.follows_id)].hypothesis_id
    for again in (lambda: surveys.accept(own, why.question_id), lambda: surveys.reject(why.question_id)):
        with pytest.raises(NothingToDoError, match="was accepted before"):
            again()


def test_two_presses_at_once_make_one_hypothesis(filled: DuckStore) -> None:
    made = make_survey(filled)
    complete(filled, made)
    question = of_kind(filled, made, QuestionKind.ABSTRACTION)
    before = len(filled.hypotheses.all(STUDY_ID))

    def press(_: int) -> bool:
        try:  # a desk each, as two servers' threads would have
            Surveys(filled).accept(made.survey.survey_id, question.question_id)
        except NothingToDoError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(press, range(8))) == 1
    assert len(filled.hypotheses.all(STUDY_ID)) == before + 1


def test_pool_holds_what_is_careful_and_over(filled: DuckStore, surveys: Surveys) -> None:
    made = make_survey(filled)
    own = made.survey.survey_id
    complete(filled, made, 1)
    for number in (2, 3):
        person = made.participants[number - 1]
        answer_all(
            surveys, person, filled.surveys.questions(own, person.participant_id), seconds=1 if number == 2 else 60
        )
    check = of_kind(filled, made, QuestionKind.ATTENTION, 3)
    wrong = (int(check.right or 0) + 1) % len(check.options)
    surveys.seats.save(check.participant_id, check.question_id, ("",), "", wrong, 1, submitted=True)
    found = surveys.results(own)
    assert [person.fails for person in found.people] == [False, False, True]
    assert {entry.keeper for entry in found.entries} == {
        None, "still at work: the answer can change", "failed 1 attention checks",
    }  # fmt: skip
    for number in (2, 3):
        surveys.seats.finish(made.participants[number - 1].participant_id)
    found = surveys.results(own)
    assert {entry.participant.number for entry in found.entries if entry.in_pool} == {1}
    fast = [entry for entry in found.entries if entry.participant.number == 2]
    assert all(FlagKind.TOO_FAST in [flag.kind for flag in entry.flags] for entry in fast)
    with pytest.raises(ConfigError, match="say why you accept it all the same"):
        surveys.accept(own, fast[0].question.question_id)
    assert surveys.accept(own, fast[0].question.question_id, "typed elsewhere first")
    assert surveys.accept_pool(own) == 4
    assert surveys.accept_pool(own) == 0
    surveys.exclude(made.participants[0].participant_id, "wrote for a friend")
    assert {entry.keeper for entry in surveys.results(own).entries if entry.participant.number == 1} == {
        "excluded by the researcher"
    }
    surveys.readmit(made.participants[0].participant_id)
    assert surveys.results(own).people[0].excluded is False


def test_cost_is_minutes_at_the_pay_over_what_was_kept(filled: DuckStore, surveys: Surveys) -> None:
    made = make_survey(filled)
    own = made.survey.survey_id
    complete(filled, made)  # 6 answers of 60 s: 6 minutes at 12 an hour
    surveys.accept_pool(own)
    text = of_kind(filled, made, QuestionKind.GENERATION)
    sample_id = str(filled.surveys.decisions(own)[text.question_id].sample_id)
    cost = surveys.results(own).cost
    assert (cost.minutes, cost.total, cost.hypotheses, cost.per_hypothesis) == (
        6.0,
        pytest.approx(1.2),
        3,
        pytest.approx(0.4),
    )
    assert cost.per_sample is None
    revised = curate.revised_sample(
        filled.samples.get(sample_id).sample, filled.studies.get(STUDY_ID).task, ("An edited text of some length.",), 1
    )
    filled.samples.add([revised])
    filled.samples.decide([make_decision(sample_id)])
    assert surveys.results(own).cost.samples == 0  # the old version is no sample any more
    filled.samples.decide([make_decision(revised.sample_id)])
    found = surveys.results(own)
    assert (found.cost.samples, found.cost.per_sample, found.people[0].approved) == (1, pytest.approx(1.2), 1)


def test_agreement_is_measured_where_two_were_asked(filled: DuckStore, surveys: Surveys) -> None:
    made = make_survey(filled, redundancy=3)
    own = made.survey.survey_id
    for number in (1, 2, 3):
        person = made.participants[number - 1]
        surveys.seats.consent(person.participant_id)
        for question in filled.surveys.questions(own, person.participant_id):
            text = written(question, number)
            if question.kind is QuestionKind.ABSTRACTION:
                text = (f"Misspelled {question.item_id} letters hide what reviewer number {number} meant to say.",)
            choice = question.right if question.kind is QuestionKind.ATTENTION else int(number == 3)
            surveys.seats.save(
                person.participant_id, question.question_id, text, "", choice, 60, submitted=True
            )  # fmt: skip
        surveys.seats.finish(person.participant_id)
    found = surveys.results(own).agreement
    assert found.shared == 2
    assert found.alpha == pytest.approx(-0.25)  # two of three say yes to each: less than chance would give
    assert found.overlap is not None
    assert found.by_chance is not None
    assert found.overlap > found.by_chance


def test_rejection_can_be_taken_back(filled: DuckStore, surveys: Surveys) -> None:
    made = make_survey(filled)
    complete(filled, made)
    question = of_kind(filled, made, QuestionKind.ABSTRACTION)
    surveys.reject(question.question_id, "says nothing")
    assert filled.surveys.decisions(made.survey.survey_id)[question.question_id].word is DecisionWord.REJECTED
    surveys.reopen(question.question_id)
    assert surveys.accept(made.survey.survey_id, question.question_id)


def test_people_writing_at_once_do_not_tread_on_each_other(filled: DuckStore, surveys: Surveys) -> None:
    made = make_survey(filled)

    def write(number: int) -> None:
        person = made.participants[number]
        questions = filled.surveys.questions(made.survey.survey_id, person.participant_id)
        surveys.seats.consent(person.participant_id)
        for question in questions:
            for version in range(3):
                text = (f"{number} wrote version {version}",)
                surveys.seats.save(person.participant_id, question.question_id, text, "", None, 1, submitted=False)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, range(3)))
    for question in filled.surveys.questions(made.survey.survey_id):
        number = [one.participant_id for one in made.participants].index(question.participant_id)
        assert stored(filled, question).text == (f"{number} wrote version 2",)
        assert len(filled.surveys.history(question.question_id)) == 3


_WRITER = """
import sys
from pathlib import Path
from bsm_core.store import open_store
from bsm_core.workbench.survey import Surveys

store = open_store(Path(sys.argv[1]))
surveys, version = Surveys(store), 0
surveys.seats.consent(sys.argv[2])
while True:
    surveys.seats.save(sys.argv[2], sys.argv[3], (f"version {version}",), "", None, 1.0, submitted=False)
    print(version, flush=True)
    version += 1
"""


def test_kill_loses_no_acknowledged_word(database: Path) -> None:
    store = make_filled_store(database)
    made = make_survey(store)
    question = of_kind(store, made, QuestionKind.ABSTRACTION)
    store.close()
    command = [sys.executable, "-c", _WRITER, str(database), question.participant_id, question.question_id]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert writer.stdout is not None
    said = [int(writer.stdout.readline()) for _ in range(25)]
    os.kill(writer.pid, signal.SIGKILL)
    said += [int(line) for line in writer.stdout.read().split()]
    writer.stdout.close()
    writer.wait()
    again = open_store(database)
    kept = [answer.text[0] for answer in again.surveys.history(question.question_id)]
    again.close()
    assert kept[: len(said)] == [f"version {number}" for number in said]
    assert len(kept) <= len(said) + 1


def test_finished_twice_is_finished_once(filled: DuckStore, surveys: Surveys) -> None:
    made = make_survey(filled)
    complete(filled, made)
    with pytest.raises(NothingToDoError, match="this link is closed"):
        surveys.seats.finish(made.participants[0].participant_id)
    filled.surveys.add_event(SurveyEvent(made.participants[0].participant_id, EventKind.REVOKED, "", moment(1)))
    assert surveys.results(made.survey.survey_id).people[0].stage.value == "finished"

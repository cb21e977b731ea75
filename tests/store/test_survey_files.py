"""Surveys as files: out as a table and a form, back row by row."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from bsm_core.domain.survey import QuestionKind, Stage, stage_of
from bsm_core.errors import NothingToDoError, TaskError
from bsm_core.store import DuckStore
from bsm_core.workbench.survey import Made, Surveys
from tests.surveys import complete, make_survey, of_kind, stored, written


def filled_in(filled: DuckStore, made: Made, number: int = 1) -> list[dict[str, str]]:
    """One person's rows of the table, answered with care."""
    table = Surveys(filled).files.table(made.survey.survey_id)
    rows = [row for row in csv.DictReader(io.StringIO(table)) if row["participant"] == str(number)]
    questions = {one.question_id: one for one in filled.surveys.questions(made.survey.survey_id)}
    for row in rows:
        question = questions[row["question_id"]]
        row["text"], row["consent"], row["seconds"] = written(question, number)[0], "yes", "45"
        if question.kind is QuestionKind.ATTENTION:
            row["choice"] = str((question.right or 0) + 1)
        elif question.kind is QuestionKind.ABSTRACTION and question.perturbed:
            row["choice"] = "yes"
    return rows


def as_csv(rows: list[dict[str, str]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8-sig")


def test_table_comes_back_and_finishes_a_person(filled: DuckStore) -> None:
    made = make_survey(filled, offline=3)
    assert made.tokens == {}
    files = Surveys(filled).files
    content = as_csv(filled_in(filled, made))
    taken = files.take_in(made.survey.survey_id, "answers.csv", content)
    assert (taken.new, taken.known, taken.finished) == (6, 0, 1)
    question = of_kind(filled, made, QuestionKind.ABSTRACTION)
    assert stored(filled, question).text == written(question, 1)
    assert stage_of(filled.surveys.own_events(question.participant_id)) is Stage.FINISHED
    with pytest.raises(NothingToDoError, match=r"answers\.csv was taken in before"):
        files.take_in(made.survey.survey_id, "answers.csv", content)
    again = files.take_in(made.survey.survey_id, "answers.csv", content + b"\r\n")
    assert (again.new, again.known) == (0, 6)
    assert len(filled.surveys.history(question.question_id)) == 1


def test_faults_are_told_row_by_row_and_nothing_is_taken(filled: DuckStore) -> None:
    made = make_survey(filled, offline=3)
    rows = filled_in(filled, made)
    check = next(place for place, row in enumerate(rows) if row["kind"] == "attention")
    rows[0]["consent"] = ""
    rows[check]["choice"] = "9"
    rows[-1]["seconds"] = "soon"
    rows.append({**rows[0], "question_id": "q0"})
    rows.append(rows[1])
    with pytest.raises(TaskError) as caught:
        Surveys(filled).files.take_in(made.survey.survey_id, "answers.csv", as_csv(rows))
    told = str(caught.value).splitlines()
    assert told[0] == "nothing of answers.csv was taken in:"
    assert (
        [re.search(r"row (\d+), column '(\w+)'", line).groups() for line in told[1:]]
        == [  # type: ignore[union-attr]
            ("2", "consent"),
            (str(check + 2), "choice"),
            (str(len(rows) - 1), "seconds"),
            (str(len(rows)), "question_id"),
            (str(len(rows) + 1), "question_id"),
        ][: len(told) - 1]
    )
    assert len(told) == 6
    assert filled.surveys.answers(made.survey.survey_id) == {}


def test_stored_answer_is_never_overwritten_by_a_file(filled: DuckStore) -> None:
    made = make_survey(filled)
    complete(filled, made)
    rows = filled_in(filled, made)
    rows[0]["text"] = "Something quite different that was written afterwards."
    with pytest.raises(TaskError, match="a stored answer is never overwritten"):
        Surveys(filled).files.take_in(made.survey.survey_id, "late.csv", as_csv(rows))


def test_formulas_in_shown_texts_do_not_run_in_spreadsheets(filled: DuckStore) -> None:
    made = make_survey(filled)
    table = Surveys(filled).files.table(made.survey.survey_id)
    cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_form_holds_one_person_s_questions_and_no_way_out_of_its_data(filled: DuckStore) -> None:
    made = make_survey(filled)
    form = Surveys(filled).files.form(made.participants[0].participant_id)
    body = re.search(r'id="content">(.*?)</script>', form, re.DOTALL)
    assert body is not None
    assert "<" not in body[1]
    content = json.loads(body[1])
    own = filled.surveys.questions(made.survey.survey_id, made.participants[0].participant_id)
    assert [one["id"] for one in content["questions"]] == [one.question_id for one in own]
    assert "right" not in content["questions"][0]
    assert not re.search(r'(src|href)="', form)
    assert made.participants[0].completion_code not in form

"""A survey out and back as files: a table for all, and the answers of a table or a form read row by row.

The columns that people fill in are the same in both: ``text``, ``text_b``, ``reason``, ``choice``, ``seconds``,
``consent``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bsm_core.domain.survey import Answer, Participant, Question, QuestionKind, Survey
from bsm_core.domain.tasks import Text
from bsm_core.errors import TaskError
from bsm_core.workflow.file_rows import FileRow, fault, read_rows
from bsm_core.workflow.survey_quality import LEAST_CHARACTERS

VERDICT_WORDS = ("yes", "no", "unsure")
MOST_CHARACTERS = 5_000
"""Of one text that a participant writes."""
MOST_SECONDS = 24 * 3600.0

_SHOWN = ("question_id", "participant", "number", "kind", "original", "changed", "label", "program_said", "hypothesis",
          "question", "options")  # fmt: skip
_FILLED = ("text", "text_b", "reason", "choice", "seconds", "consent")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_table(survey: Survey, participants: Sequence[Participant], questions: Sequence[Question]) -> str:
    """Everybody's questions as CSV, with empty columns to fill in."""
    numbers = {one.participant_id: one.number for one in participants}
    places = {one.question_id: one.position for one in questions}
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, [*_SHOWN, *_FILLED], restval="")
    writer.writeheader()
    for question in questions:
        row = _shown(survey, question, numbers[question.participant_id], places)
        writer.writerow({name: _harmless(value) for name, value in row.items()})
    return stream.getvalue()


def read_answers(
    name: str, content: bytes, survey: Survey, questions: Mapping[str, Question]
) -> tuple[list[tuple[FileRow, Answer]], list[str]]:
    """The answers of a file, and what is wrong with it, row by row; rows with nothing filled in are left out.

    Raises TaskError when the file is no table at all.
    """
    told: list[str] = []
    found: list[tuple[FileRow, Answer]] = []
    seen: set[str] = set()
    for row in read_rows(name, content):
        try:
            question = _question(name, row, questions)
            if question.question_id in seen:
                raise fault(name, row, "question_id", "the question is answered twice in this file")
            seen.add(question.question_id)
            answer = _answer(name, row, survey, question)
        except TaskError as error:
            told.append(str(error))
            continue
        if answer is not None:
            found.append((row, answer))
    return found, told


def same(answer: Answer, kept: Answer) -> bool:
    """Whether a file says what is stored already, whenever it was said."""
    return (answer.text, answer.reason, answer.choice) == (kept.text, kept.reason, kept.choice) and kept.submitted


def _shown(survey: Survey, question: Question, number: int, places: Mapping[str, int]) -> dict[str, str]:
    names = survey.label_names
    hypothesis = question.hypothesis
    if question.follows_id is not None:
        hypothesis = f"your own answer to question {places[question.follows_id]}"
    options: Sequence[str] = question.options
    prompt = question.prompt
    if question.kind is QuestionKind.ABSTRACTION:
        prompt = "text: why could the program fail here? choice: is the label still right for the text as it is shown?"
        options = VERDICT_WORDS
    elif question.kind is QuestionKind.EXTRAPOLATION:
        prompt = "text: which different failure would you expect?"
    elif question.kind is QuestionKind.GENERATION:
        prompt = (
            f"text: write one for this label on which the program would fail ({LEAST_CHARACTERS} characters or more)"
        )
    return {
        "question_id": question.question_id,
        "participant": str(number),
        "number": str(question.position),
        "kind": question.kind.value,
        "original": _sides(question.original),
        "changed": _sides(question.perturbed),
        "label": "" if question.label is None else names[question.label],
        "program_said": "" if question.predicted is None else names[question.predicted],
        "hypothesis": hypothesis,
        "question": prompt,
        "options": " | ".join(f"{place}: {option}" for place, option in enumerate(options, start=1)),
    }


def _sides(text: Text | None) -> str:
    return " / ".join(text or ())


def _harmless(value: str) -> str:
    """Spreadsheets run a cell that begins like a formula. These columns are never read back."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def _question(name: str, row: FileRow, questions: Mapping[str, Question]) -> Question:
    found = questions.get(str(row.values.get("question_id", "")).strip())
    if found is None:
        raise fault(name, row, "question_id", "this survey has no such question; leave the column as it was exported")
    return found


def _answer(name: str, row: FileRow, survey: Survey, question: Question) -> Answer | None:
    first, second, reason = (_cell(name, row, column) for column in ("text", "text_b", "reason"))
    choice = _choice(name, row, question)
    is_pair = question.kind is QuestionKind.GENERATION and len(survey.text_fields) == 2
    if question.kind is QuestionKind.ATTENTION:
        if choice is None:
            return None
    elif not (first or second):
        if choice is not None or reason:
            raise fault(name, row, "text", "there is no text; write one, or leave the whole row empty")
        return None
    if is_pair and not (first and second):
        raise fault(
            name, row, "text_b" if first else "text", f"this task has two texts: {', '.join(survey.text_fields)}"
        )
    if second and not is_pair:
        raise fault(name, row, "text_b", "this question has one text; leave it empty")
    if str(row.values.get("consent") or "").strip().casefold() not in ("yes", "true"):
        raise fault(name, row, "consent", "the person has not agreed; without 'yes' no answer is taken")
    return Answer(
        question_id=question.question_id,
        participant_id=question.participant_id,
        text=(first, second) if is_pair else (first,),
        reason=reason,
        choice=choice,
        seconds=_seconds(name, row),
        submitted=True,
        created_at=datetime.now(UTC),
    )


def _cell(name: str, row: FileRow, column: str) -> str:
    value = row.values.get(column)
    text = "" if value is None else str(value).strip()
    if len(text) > MOST_CHARACTERS:
        raise fault(name, row, column, f"the text has {len(text):,} characters; {MOST_CHARACTERS:,} are the most")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise fault(name, row, column, "the text has half of a character (a lone surrogate)")
    return text


def _choice(name: str, row: FileRow, question: Question) -> int | None:
    """The option's number, from 1, or its words."""
    said = _cell(name, row, "choice").casefold()
    options = {
        QuestionKind.ATTENTION: question.options,
        QuestionKind.ABSTRACTION: VERDICT_WORDS,
    }.get(question.kind, ())
    if not said:
        return None
    by_word = {option.casefold(): place for place, option in enumerate(options)}
    by_number = {str(place): place - 1 for place in range(1, len(options) + 1)}
    found = by_word.get(said, by_number.get(said.removesuffix(".0")))
    if found is None:
        allowed = " | ".join(f"{place}: {one}" for place, one in enumerate(options, start=1)) or "nothing here"
        raise fault(name, row, "choice", f"{said[:40]!r} is none of the options ({allowed})")
    return found


def _seconds(name: str, row: FileRow) -> float | None:
    said = _cell(name, row, "seconds")
    if not said:
        return None
    try:
        seconds = float(said)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MOST_SECONDS:
        raise fault(name, row, "seconds", f"{said[:40]!r} is no time; use seconds, or leave it empty")
    return seconds

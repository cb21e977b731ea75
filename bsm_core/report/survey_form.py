"""One participant's questions as a page of its own: no network, no server; answers are saved to a file."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from typing import Any

from bsm_core.domain.survey import Participant, Question, QuestionKind, Survey, WorkedExample
from bsm_core.domain.tasks import Text
from bsm_core.legible import visible
from bsm_core.workflow.diffing import diff
from bsm_core.workflow.survey_packages import MOST_CHARACTERS, VERDICT_WORDS
from bsm_core.workflow.survey_quality import LEAST_CHARACTERS
from bsm_core.workflow.survey_texts import FOLDER, fill, paragraphs

_TEMPLATE = FOLDER / "form.html"
_MOST_SHOWN = 20_000


def write_form(survey: Survey, participant: Participant, questions: Sequence[Question]) -> str:
    """The page's HTML. Every text is data for its script, which writes it as text and never as markup."""
    body = json.dumps(_content(survey, participant, questions), ensure_ascii=False)
    # "<" cannot then end the script element, nor open another one.
    body = body.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    template = _TEMPLATE.read_text(encoding="utf-8")
    return template.replace("{{title}}", html.escape(survey.texts.title)).replace("{{content}}", body)


def _content(survey: Survey, participant: Participant, questions: Sequence[Question]) -> dict[str, Any]:
    texts = survey.texts
    places = {one.question_id: one.position for one in questions}
    return {
        "key": participant.participant_id,
        "file": f"answers-{participant.number}-{participant.participant_id[-6:]}",
        "title": texts.title,
        "welcome": paragraphs(fill(texts.welcome, survey)),
        "disclaimer": paragraphs(fill(texts.disclaimer, survey)),
        "consent": list(texts.consent),
        "instructions": {kind.value: paragraphs(fill(text, survey)) for kind, text in texts.instructions.items()},
        "examples": [_example(one, survey) for one in texts.examples],
        "verdicts": list(VERDICT_WORDS),
        "fields": list(survey.text_fields),
        "least": LEAST_CHARACTERS,
        "most": MOST_CHARACTERS,
        "questions": [_question(one, survey, places) for one in questions],
    }


def _question(question: Question, survey: Survey, places: dict[str, int]) -> dict[str, Any]:
    names = survey.label_names
    return {
        "id": question.question_id,
        "kind": question.kind.value,
        "texts": _pieces(question.original, question.perturbed) if question.original else [],
        "changed": question.perturbed is not None,
        "label": "" if question.label is None else names[question.label],
        "predicted": "" if question.predicted is None else names[question.predicted],
        "hypothesis": visible(question.hypothesis),
        "follows": places.get(question.follows_id or ""),
        "prompt": question.prompt,
        "options": list(question.options),
        "sides": len(survey.text_fields) if question.kind is QuestionKind.GENERATION else 1,
    }


def _example(example: WorkedExample, survey: Survey) -> dict[str, Any]:
    return {
        "kind": example.kind.value,
        "texts": _pieces(example.original, example.perturbed or None) if example.original else [],
        "changed": bool(example.perturbed),
        "label": example.label,
        "predicted": example.predicted,
        "hypothesis": example.hypothesis,
        "answer": example.answer,
        "why": example.why,
        "fields": list(survey.text_fields),
    }


def _pieces(original: Text, perturbed: Text | None) -> list[list[list[str]]]:
    """A side's stretches as (kind, text): kept, before, after."""
    sides = []
    for place, before in enumerate(original):
        if perturbed is None:
            sides.append([["kept", visible(before, _MOST_SHOWN)]])
            continue
        pieces: list[list[str]] = []
        for span in diff(before[:_MOST_SHOWN], perturbed[place][:_MOST_SHOWN]):
            if span.changed:
                pieces += [["before", visible(span.before)], ["after", visible(span.after)]]
            else:
                pieces.append(["kept", visible(span.before)])
        sides.append(pieces)
    return sides

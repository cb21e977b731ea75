"""The judge job with a scripted teacher: blind, one question a text, nothing asked twice, nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bsm_core.config import TeacherConfig
from bsm_core.domain.foils import FoilKind, Question
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.domain.unknowns import Verdict
from bsm_core.errors import (
    JobCancelledError,
    NothingToDoError,
    TeacherAnswerError,
    TeacherError,
    TeacherKeyError,
    TeacherUnreachableError,
)
from bsm_core.ports import JobResult, QuestionText
from bsm_core.teacher.scripted import Script, ScriptedTeacher
from bsm_core.workflow.judge_texts import UNUSABLE_EVENT, judge_job, judge_texts
from tests.attacks import log_lines, open_context, progress_of
from tests.factories import make_study, review

TEACHER = TeacherConfig(endpoint="http://127.0.0.1:9/v1", model="big")
TEXTS = [QuestionText(Question(f"p{number}"), (review(number, number % 2),), number % 2) for number in range(6)]
FOIL = QuestionText(Question("e9", FoilKind.ORIGINAL), (review(9, 1),), 1)


def whose(prompt: Prompt) -> int:
    """The number of the text in the prompt."""
    said = prompt.messages[-1][1]
    return next(number for number in (*range(6), 9) if review(number, number % 2) in said)


class Job:
    """A job folder, and one run of the handler over it."""

    def __init__(self, folder: Path, *asked: QuestionText) -> None:
        self.folder = folder
        (folder / "inputs").mkdir(parents=True)
        job = judge_job(make_study(), TEACHER, asked, 0)
        pq.write_table(job.tables["texts"], folder / "inputs" / "texts.parquet")
        self.spec = job.spec
        self.asked: list[int] = []
        self.log: list[str] = []

    def run(self, answer: Callable[[int], str | TeacherError]) -> JobResult:
        def script(prompt: Prompt) -> str | TeacherError:
            self.asked.append(whose(prompt))
            return answer(self.asked[-1])

        return self._run(script)

    def _run(self, script: Script) -> JobResult:
        def teacher_for(config: TeacherConfig, record: Callable[[TeacherCall], None]) -> ScriptedTeacher:
            return ScriptedTeacher(script, record, config=config)

        with open_context(self.folder) as context:
            try:
                return judge_texts(self.spec, context, teacher_for=teacher_for)
            finally:
                self.log = log_lines(context)
                self.progress = progress_of(context)


def test_verdicts_become_the_model_s_judgements_and_foils_stay_apart(tmp_path: Path) -> None:
    job = Job(tmp_path / "j", *TEXTS[:3], FOIL)
    result = job.run(lambda number: {0: "Yes.", 1: "no\nIt says the opposite.", 2: "Unsure", 9: "No"}[number])
    told = {(one.item_id, one.verdict, one.agent) for one in result.judgements}
    assert told == {("p0", Verdict.YES, "lm:big"), ("p1", Verdict.NO, "lm:big"), ("p2", Verdict.UNSURE, "lm:big")}
    (foil,) = result.foil_judgements
    assert (foil.item_id, foil.kind, foil.verdict) == ("e9", FoilKind.ORIGINAL, Verdict.NO)
    assert len(result.calls) == 4
    assert {call.purpose for call in result.calls} == {"judge"}
    assert (job.progress[-1]["done"], job.progress[-1]["total"]) == (4, 4)
    assert result.events == ()


def test_foil_s_question_reads_like_any_other(tmp_path: Path) -> None:
    prompts = []
    job = Job(tmp_path / "j", TEXTS[1], FOIL)
    for call in job.run(lambda _: "yes").calls:
        text = call.prompt.messages[-1][1]
        fence = text.split("<<")[1].split("\n")[0]
        prompts.append(text.replace(review(1, 1), "TEXT").replace(review(9, 1), "TEXT").replace(fence, "FENCE"))
    assert prompts[0] == prompts[1]
    assert "TEXT" in prompts[0]


@pytest.mark.parametrize("bad", ["It depends.", "", TeacherAnswerError("the answer was cut off")])
def test_answer_that_is_no_verdict_is_told_and_the_job_goes_on(tmp_path: Path, bad: str | TeacherError) -> None:
    job = Job(tmp_path / "j", *TEXTS[:3])
    result = job.run(lambda number: bad if number == 1 else "yes")
    assert {one.item_id for one in result.judgements} == {"p0", "p2"}
    assert len(result.calls) == 3
    ((kind, told),) = result.events
    assert (kind, told["agent"], list(dict(told["items"]))) == (UNUSABLE_EVENT, "lm:big", ["p1"])  # type: ignore[call-overload]
    assert any("no verdict on p1" in line for line in job.log)


@pytest.mark.parametrize("error", [TeacherKeyError("the key was refused"), TeacherUnreachableError("no connection")])
def test_job_that_failed_asks_only_what_was_not_answered_and_keeps_every_call(
    tmp_path: Path, error: TeacherError
) -> None:
    job = Job(tmp_path / "j", *TEXTS)
    with pytest.raises(type(error)):
        job.run(lambda number: error if number == 4 else "yes")
    answered = set(job.asked) - {4}
    job.asked.clear()
    result = job.run(lambda _: "no")
    assert set(job.asked) == set(range(6)) - answered
    assert {one.item_id for one in result.judgements if one.verdict is Verdict.YES} == {f"p{n}" for n in answered}
    assert len(result.judgements) == 6
    assert len(result.calls) == 7
    assert sum(call.error is not None for call in result.calls) == 1


def test_cancelled_job_does_not_wait_for_an_answer(tmp_path: Path) -> None:
    job = Job(tmp_path / "j", *TEXTS)
    hang = threading.Event()

    def hangs(_: int) -> str:
        (job.folder / "cancel").touch()
        hang.wait(30)
        return "yes"

    with pytest.raises(JobCancelledError):
        job.run(hangs)
    hang.set()


def test_embedded_teacher_and_an_empty_list_are_refused() -> None:
    with pytest.raises(TeacherError, match="too small to judge labels; set a teacher endpoint"):
        judge_job(make_study(), TeacherConfig(), TEXTS, 0)
    with pytest.raises(NothingToDoError, match="has judged all of these"):
        judge_job(make_study(), TEACHER, [], 0)

"""Texts written without a hypothesis: labels in turn, gated, and resumed behind what was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bsm_core.config import TeacherConfig
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import NothingToDoError, TeacherError, TeacherKeyError
from bsm_core.ports import JobResult
from bsm_core.teacher.scripted import Script, ScriptedTeacher
from bsm_core.workflow import untargeted
from bsm_core.workflow.untargeted import write_untargeted
from tests.agents import SharedWords, Undecided
from tests.attacks import log_lines, open_context
from tests.factories import review
from tests.unit.test_synthesize import Job, answer


class PlainJob(Job):
    """The inputs of a synthesize job, run as an untargeted one."""

    def __init__(self, folder: Path, count: int) -> None:
        super().__init__(folder)
        self.spec.params["count"] = count

    def run(self, script: Script, embedded: bool = True) -> JobResult:
        def teacher_for(config: TeacherConfig, record: Callable[[TeacherCall], None]) -> ScriptedTeacher:
            self.teacher = ScriptedTeacher(script, record, embedded=embedded, config=config)
            return self.teacher

        with open_context(self.folder) as context:
            try:
                return write_untargeted(
                    self.spec,
                    context,
                    teacher_for=teacher_for,
                    load_classifier=lambda _: Undecided(),
                    similarity_for=SharedWords,
                )
            finally:
                self.log = log_lines(context)


def real(prompt: Prompt) -> str:
    """As an endpoint: a review of the label that it was asked for."""
    label = "positive" if '"positive" beyond doubt' in prompt.messages[-1][1] else "negative"
    return answer(review(1_000 + (prompt.seed or 0) % 100_000, label == "positive"), label)


def test_untargeted_texts_take_labels_in_turn_and_know_no_hypothesis(tmp_path: Path) -> None:
    job = PlainJob(tmp_path, 6)
    result = job.run(real, embedded=False)
    assert job.teacher is not None
    asked = Counter('"positive" beyond' in prompt.messages[-1][1] for prompt in job.teacher.prompts)
    assert asked == {True: 3, False: 3}
    assert {one.label for one in result.untargeted} == {0, 1}  # a gate may take one for a repeat
    assert {one.call_id for one in result.untargeted} <= {call.call_id for call in result.calls}
    assert not any("hypothes" in text.lower() for prompt in job.teacher.prompts for _, text in prompt.messages)
    assert result.samples == ()


def test_untargeted_text_with_another_label_than_asked_for_is_tried_again(tmp_path: Path) -> None:
    said = iter(["positive", "negative", "positive"])
    job = PlainJob(tmp_path, 1)
    result = job.run(lambda prompt: answer(review(prompt.seed or 0, 0), next(said)), embedded=False)
    assert [one.label for one in result.untargeted] == [0]
    assert len(result.calls) == 2
    assert any("asked for 'negative'" in line for line in job.log)


def test_untargeted_texts_that_fail_a_gate_are_left_out(tmp_path: Path) -> None:
    result = PlainJob(tmp_path, 2).run(lambda _: answer("Too short.", "negative"), embedded=False)
    assert result.untargeted == ()


def test_stopped_untargeted_job_goes_on_behind_what_it_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untargeted, "AT_ONCE", 1)
    job, asked = PlainJob(tmp_path, 4), [0]

    def breaks(prompt: Prompt) -> str | TeacherError:
        asked[0] += 1
        return TeacherKeyError("the key is refused; set another one") if asked[0] == 3 else real(prompt)

    with pytest.raises(TeacherKeyError):
        job.run(breaks, embedded=False)
    result = job.run(real, embedded=False)
    written = (tmp_path / "partial" / "texts.jsonl").read_text("utf-8").splitlines()
    assert len(written) == 4
    assert result.untargeted  # those of the four that pass the gates
    assert job.teacher is not None
    assert len(job.teacher.prompts) == 2


def test_untargeted_job_for_nothing_is_refused() -> None:
    with pytest.raises(NothingToDoError, match="enough untargeted texts"):
        untargeted.untargeted_job(None, None, None, None, Path(), TeacherConfig(), 0)  # type: ignore[arg-type]

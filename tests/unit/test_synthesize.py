"""The synthesize job with a scripted teacher: labels, agents, failures, resuming, order."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter

from bsm_core.config import GateConfig, TeacherConfig
from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.synthesis import SyntheticSample
from bsm_core.domain.tasks import Task
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.errors import JobCancelledError, NothingToDoError, TeacherAnswerError, TeacherError, TeacherKeyError
from bsm_core.jobs.results import read_result, write_result
from bsm_core.ports import JobResult
from bsm_core.teacher.scripted import Script, ScriptedTeacher
from bsm_core.workflow.specs import SampleRequest
from bsm_core.workflow.synthesize import synthesize
from bsm_core.workflow.tables import text_table
from bsm_core.workflow.writers import pattern_of, planned_slots, sample_agent
from tests.agents import SharedWords, Undecided, make_unknown
from tests.attacks import log_lines, open_context
from tests.factories import START, STUDY_ID, make_hypothesis, make_task, review

_REQUEST, _TASK = TypeAdapter(SampleRequest), TypeAdapter(Task)
SOURCE = make_unknown("a brilliant film", "a brillant film", label=1)


def rule(pattern: str | None = "typo/swap/opinion", agent: Agent = Agent.RULE, parent: str | None = None) -> Hypothesis:
    made = make_hypothesis(f"h-{pattern}-{agent}", agent, parent=parent, text=f"It fails for {pattern}.")
    object.__setattr__(made, "pattern", pattern)
    return made


def request(hypothesis: Hypothesis, count: int = 2, sources: tuple[UnknownUnknown, ...] = (SOURCE,)) -> SampleRequest:
    return SampleRequest(hypothesis, None, sources, count)


def writes_on(prompt: Prompt) -> str:
    """As the embedded model: a sentence that begins as it was told, and is different for every seed."""
    role, start = prompt.messages[-1]
    start = start if role == "assistant" else "Some"
    names = ["anna", "bruno", "clara", "david", "edith", "frank", "greta", "hugo"]
    seed = prompt.seed or 0
    return f"{start} people from {names[seed % 8]} town walk to the harbor near {names[seed // 8 % 8]} bridge at noon."


def answer(text: str, label: str = "positive") -> str:
    return json.dumps({"sample": text, "label": label, "reasoning": "As the hypothesis says."})


class Job:
    """A job folder, and one run of the handler over it."""

    def __init__(self, folder: Path, *requests: SampleRequest, task: Task | None = None) -> None:
        self.folder = folder
        (folder / "inputs").mkdir(parents=True)
        references = [(review(number, number % 2),) for number in range(80)]
        pq.write_table(text_table(references), folder / "inputs" / "references.parquet")
        pq.write_table(text_table([]), folder / "inputs" / "existing.parquet")
        sealed = text_table([]).append_column("split", pa.array([], pa.string()))
        pq.write_table(sealed, folder / "inputs" / "sealed.parquet")
        params: dict[str, Any] = {
            "task": _TASK.dump_python(task or make_task(), mode="json"),
            "requests": [_REQUEST.dump_python(one, mode="json") for one in requests],
            "teacher": TeacherConfig().to_dict(),
            "gates": GateConfig(similarity_references=50).to_dict(),
            "model_id": "m",
            "model_path": "model",
        }
        self.spec = JobSpec("j", STUDY_ID, JobKind.SYNTHESIZE, "Write", 7, params, START)
        self.teacher: ScriptedTeacher | None = None
        self.log: list[str] = []

    def run(self, script: Script, embedded: bool = True) -> JobResult:
        def teacher_for(config: TeacherConfig, record: Callable[[TeacherCall], None]) -> ScriptedTeacher:
            self.teacher = ScriptedTeacher(script, record, embedded=embedded, config=config)
            return self.teacher

        with open_context(self.folder) as context:
            try:
                return synthesize(
                    self.spec,
                    context,
                    teacher_for=teacher_for,
                    load_classifier=lambda path: Undecided(),  # noqa: ARG005
                    similarity_for=SharedWords,
                )
            finally:
                self.log = log_lines(context)


def told(samples: tuple[SyntheticSample, ...]) -> list[tuple[str, int, str]]:
    return [(one.text[0], one.label, one.hypothesis_id) for one in samples]


def test_rule_samples_have_fixed_even_labels_the_pattern_and_all_their_calls(tmp_path: Path) -> None:
    extrapolated = rule("frame/contrast", parent="h-parent")
    job = Job(tmp_path / "j", request(extrapolated, 4), request(rule("typo/swap/opinion"), 2))
    result = job.run(writes_on)
    assert [one.label for one in result.samples].count(1) == 4  # the second hypothesis speaks of positive texts only
    assert {one.agent for one in result.samples} == {Agent.RULE}
    assert len({one.text for one in result.samples}) == 6
    assert all("was fixed beforehand" in one.reasoning and "(swap)" in one.reasoning for one in result.samples[4:])
    assert {one.call_id for one in result.samples} <= {call.call_id for call in result.calls}
    assert job.teacher is not None
    assert len(result.calls) == len(job.teacher.calls) >= 6
    assert job.teacher.is_closed
    assert len(result.checks) == 6 * 7  # every gate but the blind label's
    assert result.predictions[0][1]["item_id"].to_pylist() == [one.sample_id for one in result.samples]


def test_result_can_be_written_and_read_back(tmp_path: Path) -> None:
    result = Job(tmp_path / "j", request(rule())).run(writes_on)
    write_result(tmp_path / "r", result)
    back = read_result(tmp_path / "r", "j")
    assert (back.samples, back.calls, back.checks) == (result.samples, result.calls, result.checks)


def test_the_same_spec_gives_the_same_texts_in_the_same_order(tmp_path: Path) -> None:
    requests = [request(rule(key), 3) for key in ("typo/swap/opinion", "frame/mixed", "typo/insertion/name")]
    one, other = (Job(tmp_path / name, *requests).run(writes_on) for name in "ab")
    assert told(one.samples) == told(other.samples)


def test_teachers_samples_take_their_label_from_the_answer_and_see_what_was_written(tmp_path: Path) -> None:
    job = Job(tmp_path / "j", request(rule(None, Agent.LM), 2, ()))
    result = job.run([answer(review(900, 1)), answer(review(901, 0), "negative")], embedded=False)
    assert [(one.text[0], one.label) for one in result.samples] == [(review(900, 1), 1), (review(901, 0), 0)]
    assert {one.agent for one in result.samples} == {Agent.LM}
    assert job.teacher is not None
    assert [prompt.template for prompt in job.teacher.prompts] == ["generation", "generation"]
    assert review(900, 1) not in job.teacher.prompts[0].messages[-1][1]
    assert review(900, 1) in job.teacher.prompts[1].messages[-1][1]


@pytest.mark.parametrize(
    ("hypothesis", "embedded", "agent"),
    [
        (Agent.RULE, True, Agent.RULE),
        (Agent.RULE, False, Agent.RULE),
        (Agent.LM, False, Agent.LM),
        (Agent.LM, True, Agent.RULE),
        (Agent.HUMAN, False, Agent.HYBRID),
        (Agent.HUMAN, True, Agent.HYBRID),
        (Agent.HYBRID, False, Agent.HYBRID),
    ],
)
def test_sample_agent_never_claims_a_model_or_a_human_that_was_not_there(
    hypothesis: Agent, embedded: bool, agent: Agent
) -> None:
    assert sample_agent(hypothesis, embedded) is agent


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "I will not.",
        answer("x" * 20_000),
        answer("fine", "neutral"),
        TeacherAnswerError("it was cut off"),
        "{" * 5000,
    ],
)
def test_unusable_answers_become_logged_failures_with_their_calls_and_no_sample(
    tmp_path: Path, bad: str | TeacherError
) -> None:
    job = Job(tmp_path / "j", request(rule(None, Agent.LM), 2))
    result = job.run([bad, bad, answer(review(900, 1))], embedded=False)
    assert [one.text[0] for one in result.samples] == [review(900, 1)]
    assert len(result.calls) == 3
    assert sum("no sample for" in line for line in job.log) == 1


def test_job_without_a_single_sample_still_brings_its_calls(tmp_path: Path) -> None:
    result = Job(tmp_path / "j", request(rule(None, Agent.LM), 1)).run(["no", "no"], embedded=False)
    assert result.samples == result.checks == result.predictions == ()
    assert len(result.calls) == 2


def test_hostile_answer_is_kept_as_text_and_nothing_else(tmp_path: Path) -> None:
    hostile = '<script>alert(1)</script> a film that is "fine" \\ud800 {phrase} in every way there is'
    job = Job(tmp_path / "j", request(rule(None, Agent.LM), 1))
    (sample,) = job.run([answer(hostile)], embedded=False).samples
    assert sample.text[0] == hostile


def test_refused_key_ends_the_job_and_a_resumed_one_goes_on_behind_what_is_there(tmp_path: Path) -> None:
    job = Job(tmp_path / "j", request(rule(None, Agent.LM), 3))
    first = [answer(review(900, 1)), TeacherKeyError("the key was refused")]
    with pytest.raises(TeacherKeyError, match="refused"):
        job.run(first, embedded=False)
    assert job.teacher is not None
    assert job.teacher.is_closed
    result = job.run([answer(review(901, 0), "negative"), answer(review(902, 1))], embedded=False)
    assert [one.text[0] for one in result.samples] == [review(900, 1), review(901, 0), review(902, 1)]
    assert len(result.calls) == 4
    assert any("1 of 3 samples were written before" in line for line in job.log)


def test_line_torn_by_a_kill_is_written_again(tmp_path: Path) -> None:
    whole = Job(tmp_path / "a", request(rule(), 4)).run(writes_on)
    job = Job(tmp_path / "b", request(rule(), 4))
    job.run(writes_on)
    stream = tmp_path / "b" / "partial" / "samples.jsonl"
    lines = stream.read_bytes().splitlines(keepends=True)
    stream.write_bytes(b"".join(lines[:2]) + lines[2][:40])
    result = job.run(writes_on)
    assert told(result.samples) == told(whole.samples)
    assert len(stream.read_bytes().splitlines()) == 4


def test_cancelled_job_stops_without_waiting_for_an_answer(tmp_path: Path) -> None:
    job = Job(tmp_path / "j", request(rule(), 8))
    hang = threading.Event()

    def hangs(prompt: Prompt) -> str:
        (job.folder / "cancel").touch()
        hang.wait(30)
        return writes_on(prompt)

    with pytest.raises(JobCancelledError):
        job.run(hangs)
    hang.set()


def test_embedded_model_says_that_it_cannot_follow_words(tmp_path: Path) -> None:
    words_only = make_hypothesis("h-human", text="It knows nothing about boats.")
    job = Job(tmp_path / "j", request(words_only, 2, ()))
    result = job.run(writes_on)
    assert result.samples == ()
    assert result.calls == ()
    assert "configure an endpoint" in job.log[0]


def test_pattern_of_a_humans_hypothesis_is_read_from_its_words_else_from_its_uus() -> None:
    human = make_hypothesis("h", text="Irony is beyond it.")
    assert pattern_of(request(human), None) == "frame/sarcasm"
    other = make_hypothesis("h", text="It knows nothing about boats.")
    key = pattern_of(request(other), None)
    assert key is not None
    assert key.startswith("typo/deletion/")
    assert pattern_of(request(other, sources=()), None) is None


def test_embedded_model_cannot_write_pairs_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(NothingToDoError, match="cannot write text pairs"):
        Job(tmp_path / "j", request(rule()), task=make_task(pair=True)).run(writes_on)


def test_task_without_sentiment_gets_plain_sentences_with_typos(tmp_path: Path) -> None:
    task = make_task(labels=("sports", "business"))
    (sample,) = Job(tmp_path / "j", request(rule("typo/swap/other"), 1), task=task).run(writes_on).samples
    assert "(swap)" in sample.reasoning


def test_labels_are_planned_even_among_those_a_hypothesis_speaks_of() -> None:
    both = (SOURCE, make_unknown("a dull film", "a dlul film", label=0))
    requests = [request(rule(), 3), request(rule("synonym"), 5, both), request(rule("frame/mixed", parent="h"), 4)]
    slots = planned_slots(make_task(), requests, True, 0)
    labels = [slot.label for slot in slots]
    assert labels[:3] == [1, 1, 1]
    assert labels.count(0) == labels.count(1) == 6
    assert {slot.label for slot in planned_slots(make_task(), requests, False, 0)} == {None}
    assert HypothesisKind.EXTRAPOLATION is requests[2].hypothesis.kind

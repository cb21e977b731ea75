"""The language model at scale, against an endpoint that misbehaves on purpose: nothing asked twice, no cap passed."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bsm_core.config import TeacherConfig
from bsm_core.domain.authoring import DraftKind, WriteOrder
from bsm_core.domain.hypotheses import HypothesisKind
from bsm_core.domain.synthesis import CheckName
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import JobCancelledError, TeacherKeyError, TeacherRateLimitError
from bsm_core.ports import JobResult
from bsm_core.teacher.client import call_record
from bsm_core.teacher.wire import Answer
from bsm_core.workflow.write import WRITE_EVENT
from tests.endpoint import Reply, Request, ScriptedEndpoint, fails, says
from tests.factories import review
from tests.write_world import UNKNOWNS, WriteJob, is_about, made_up, obliges

SMALL = WriteOrder(abstractions=6, extrapolations=6, at_once=4)


def told(result: JobResult) -> dict[str, object]:
    return next(payload for kind, payload in result.events if kind == WRITE_EVENT)


def kinds(result: JobResult) -> Counter[HypothesisKind]:
    return Counter(one.kind for one in result.hypotheses)


def misbehaving(trouble: dict[int, Reply]) -> ScriptedEndpoint:
    """Obliging, but for the requests of these numbers (the first time they come)."""
    lock, count = threading.Lock(), [0]

    def answer(request: Request) -> Reply:
        with lock:
            number, count[0] = count[0], count[0] + 1
        return trouble.get(number) or obliges(request)

    return ScriptedEndpoint(answer)


def test_budget_is_filled_with_one_hypothesis_a_uu_one_extrapolation_each_and_one_sample_a_hypothesis(
    tmp_path: Path,
) -> None:
    with ScriptedEndpoint(obliges) as endpoint:
        result = WriteJob(tmp_path / "j", SMALL).run(endpoint)
    assert kinds(result) == {HypothesisKind.ABSTRACTION: 6, HypothesisKind.EXTRAPOLATION: 6}
    abstractions = [one for one in result.hypotheses if one.kind is HypothesisKind.ABSTRACTION]
    assert [one.source_item_ids for one in abstractions] == [(one.item_id,) for one in UNKNOWNS[:6]]
    parents = [one.parent_hypothesis_id for one in result.hypotheses if one.parent_hypothesis_id]
    assert sorted(parents) == sorted(one.hypothesis_id for one in abstractions)
    assert Counter(one.hypothesis_id for one in result.samples) == {one.hypothesis_id: 1 for one in result.hypotheses}
    assert {one.call_id for one in result.samples} <= {call.call_id for call in result.calls}
    assert len(result.nearness) == 6
    assert endpoint.at_once <= 4
    assert len(endpoint.requests) == 24 == told(result)["calls"]
    assert len({(str(one["messages"]), one["seed"]) for one in endpoint.requests}) == 24


def test_endpoint_with_every_trouble_still_fills_the_budget_and_stays_within_its_bounds(tmp_path: Path) -> None:
    good = says({"hypothesis": "x", "reasoning": "y"}).body
    trouble = {
        0: fails(429, "slow down", headers={"Retry-After": "0.1"}),
        1: fails(500, "oops"),
        2: Reply(body=good, cut_after=40),
        3: Reply(body=good[:-9]),
        4: says({"guess": 1}),
        5: says(None, refusal="I cannot help with that."),
        6: says("x" * 200_000),
        7: says("{not json"),
        8: replace(obliges_slowly(), delay=0.3),
    }
    with misbehaving(trouble) as endpoint:
        job = WriteJob(tmp_path / "j", SMALL)
        result = job.run(endpoint)
    assert kinds(result) == {HypothesisKind.ABSTRACTION: 6, HypothesisKind.EXTRAPOLATION: 6}
    assert len(result.samples) == 12
    assert endpoint.at_once <= 4
    assert any("limits the rate: 2 at once" in line for line in job.log)
    failed = [call for call in result.calls if call.error]
    assert any("refused: I cannot help" in str(call.error) for call in failed)
    assert any("200,000 characters" in str(call.error) for call in failed)


def obliges_slowly() -> Reply:
    return says({"hypothesis": made_up(424242), "reasoning": "It took its time."})


def test_second_run_asks_nothing_and_comes_to_the_same_texts(tmp_path: Path) -> None:
    with ScriptedEndpoint(obliges) as endpoint:
        first = WriteJob(tmp_path / "a", SMALL).run(endpoint)
        asked = len(endpoint.requests)
        second = WriteJob(tmp_path / "b", SMALL).run(endpoint)
        assert len(endpoint.requests) == asked
    assert [one.text for one in second.hypotheses] == [one.text for one in first.hypotheses]
    assert [one.text for one in second.samples] == [one.text for one in first.samples]
    assert told(second)["cost"] == 0
    assert {call.reused_from for call in second.calls} == {call.call_id for call in first.calls}


def test_killed_job_resumes_without_asking_anything_twice(tmp_path: Path) -> None:
    job = WriteJob(tmp_path / "j", SMALL)
    seen = []

    def kill(call: TeacherCall) -> None:
        seen.append(call)
        if len(seen) == 10:
            (job.folder / "cancel").touch()

    with ScriptedEndpoint(obliges) as endpoint:
        with pytest.raises(JobCancelledError):
            job.run(endpoint, kill)
        (job.folder / "cancel").unlink()
        result = job.run(endpoint)
        requests = [(str(one["messages"]), one["seed"]) for one in endpoint.requests]
    assert len(requests) == len(set(requests)) == 24
    assert len(result.calls) == 24  # the first run's are there once
    assert len(result.samples) == 12


def test_cap_in_tokens_stops_in_time_and_a_higher_one_goes_on_from_what_is_paid(tmp_path: Path) -> None:
    order = replace(SMALL, cap_tokens=6_000)
    with ScriptedEndpoint(lambda request: obliges_for(request, 700)) as endpoint:
        job = WriteJob(tmp_path / "a", order)
        result = job.run(endpoint)
        first = len(endpoint.requests)
        spent = told(result)["tokens"]
        assert isinstance(spent, int)
        assert 0 < spent <= 6_000
        assert "cap reached" in str(told(result)["stopped"])
        assert any("cap reached" in line for line in job.log)
        assert 0 < len(result.hypotheses) < 12
        WriteJob(tmp_path / "b", SMALL).run(endpoint)
        assert len(endpoint.requests) == 24
        assert first < 24


def test_cap_in_money_counts_what_is_under_way(tmp_path: Path) -> None:
    with ScriptedEndpoint(lambda request: obliges_for(request, 500)) as endpoint:
        order = WriteOrder(abstractions=20, extrapolations=0, at_once=8, cap_usd=0.01)
        result = WriteJob(tmp_path / "j", order, prices=(1.0, 2.0)).run(endpoint)
    assert 0 < float(str(told(result)["cost"])) <= 0.01
    assert len(endpoint.requests) < 20


def obliges_for(request: Request, tokens: int) -> Reply:
    usage = {"prompt_tokens": 300, "completion_tokens": tokens - 300}
    content = obliges(request).body
    return Reply(
        body=content.replace(b'{"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}', _json(usage))
    )


def _json(usage: dict[str, int]) -> bytes:
    return str(usage).replace("'", '"').encode()


def test_extrapolation_that_is_its_abstraction_again_is_rejected_with_its_measure_and_written_anew(
    tmp_path: Path,
) -> None:
    parrots: list[str] = []

    def answer(request: Request) -> Reply:
        if is_about(request) == "abstraction":
            return says({"hypothesis": "The classifier stumbles over misspelled opinion words.", "reasoning": "r"})
        if is_about(request) == "extrapolation" and not parrots:
            parrots.append("once")
            return says({"hypothesis": "The classifier stumbles over opinion words misspelled.", "reasoning": "r"})
        return obliges(request)

    with ScriptedEndpoint(answer) as endpoint:
        result = WriteJob(tmp_path / "j", WriteOrder(1, 1, at_once=2)).run(endpoint)
    (rejected,) = result.rejected
    assert rejected.kind is DraftKind.EXTRAPOLATION
    assert "in other words: 100% of the content words" in rejected.reason
    assert rejected.cosine == pytest.approx(1.0)
    (kept,) = (one for one in result.hypotheses if one.parent_hypothesis_id)
    assert result.nearness[0].hypothesis_id == kept.hypothesis_id
    assert result.nearness[0].overlap < 0.5


def test_hypothesis_and_sample_that_are_there_already_are_not_taken_twice(tmp_path: Path) -> None:
    with ScriptedEndpoint(lambda request: same(request)) as endpoint:
        result = WriteJob(tmp_path / "j", WriteOrder(3, 0, at_once=3, rounds=2)).run(endpoint)
    assert len(result.hypotheses) == 1
    assert len(result.samples) == 1
    assert {one.kind for one in result.rejected} >= {DraftKind.ABSTRACTION}
    assert "another abstraction says the same" in result.rejected[0].reason


def same(request: Request) -> Reply:
    if is_about(request) == "sample":
        return says({"sample": review(3, 1), "label": "positive", "reasoning": "r"})
    return says({"hypothesis": "Misspelled opinion words mislead it.", "reasoning": "r"})


def test_sample_that_a_gate_rejects_is_kept_and_another_one_is_written(tmp_path: Path) -> None:
    short: list[str] = []

    def answer(request: Request) -> Reply:
        if is_about(request) == "sample" and len(short) < 2:
            short.append("once")
            return says({"sample": "Too short.", "label": "negative", "reasoning": "r"})
        return obliges(request)

    with ScriptedEndpoint(answer) as endpoint:
        result = WriteJob(tmp_path / "j", WriteOrder(2, 0, at_once=1)).run(endpoint)
    by_hypothesis = Counter(one.hypothesis_id for one in result.samples)
    assert sum(by_hypothesis.values()) == 4 or len(result.rejected) == 1  # the second short text is the first again
    length = [check for check in result.checks if check.name is CheckName.LENGTH]
    assert sum(check.passed for check in length) == 2
    assert {check.sample_id for check in result.checks} == {one.sample_id for one in result.samples}


def test_list_of_what_is_there_goes_into_the_prompt_when_asked_for(tmp_path: Path) -> None:
    with ScriptedEndpoint(obliges) as endpoint:
        order = WriteOrder(20, 0, samples_each=0, differ=True, temperature=0.2, at_once=8)
        result = WriteJob(tmp_path / "j", order).run(endpoint)
        listed = [request for request in endpoint.requests if "are there already" in str(request["messages"])]
    assert len(result.hypotheses) == 20
    assert len(listed) == 4  # the second wave
    assert {request["temperature"] for request in endpoint.requests} == {0.2}


def test_batch_answers_first_and_only_what_it_leaves_out_is_asked_singly(tmp_path: Path) -> None:
    sizes: list[int] = []

    class HalfOfThem:
        """A batch API that answers every other question."""

        def __init__(self, config: TeacherConfig, record: Callable[[TeacherCall], None]) -> None:
            self._config, self._record = config, record

        def ask(self, prompts: Sequence[Prompt], purpose: str, study_id: str, *_: object) -> None:
            sizes.append(len(prompts))
            for number, prompt in enumerate(prompts[::2]):
                answer = Answer(json.dumps({"hypothesis": made_up(7919 * number + 5), "reasoning": "r"}), 10, 5)
                self._record(call_record(self._config, None, prompt, purpose, study_id, answer, 0.0, None))

    order = WriteOrder(8, 0, samples_each=0, at_once=4, batch=True)
    with ScriptedEndpoint(obliges) as endpoint:
        result = WriteJob(tmp_path / "j", order, open_batch=HalfOfThem).run(endpoint)
    assert sizes == [8]
    assert len(endpoint.requests) == 4
    assert len(result.hypotheses) == len(result.calls) == 8
    assert told(result)["reused"] == 0


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (fails(401, "bad key"), TeacherKeyError),
        (fails(429, "pay", code="insufficient_quota"), TeacherRateLimitError),
    ],
)
def test_refused_key_and_used_up_quota_end_the_job_at_once_with_its_calls_on_record(
    tmp_path: Path, reply: Reply, error: type[Exception]
) -> None:
    job = WriteJob(tmp_path / "j", SMALL)
    with ScriptedEndpoint([reply]) as endpoint, pytest.raises(error):
        job.run(endpoint)
    assert len(endpoint.requests) <= 8  # those under way, and those begun before the first one told
    assert (job.folder / "partial" / "calls.jsonl").read_text().count("\n") >= 1


def test_model_that_never_keeps_to_the_format_is_not_asked_for_ever(tmp_path: Path) -> None:
    with ScriptedEndpoint([says("I would rather talk about the weather.")]) as endpoint:
        result = WriteJob(tmp_path / "j", WriteOrder(24, 0, at_once=4)).run(endpoint)
    assert result.hypotheses == ()
    assert "unusable answers in a row" in str(told(result)["stopped"])
    assert 12 <= len(endpoint.requests) <= 16

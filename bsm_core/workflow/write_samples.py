"""Samples at scale: one for each hypothesis, and another one where the gates rejected it, in bounded rounds (3.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bsm_core.domain.authoring import DraftKind, RejectedDraft
from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.synthesis import SyntheticSample
from bsm_core.domain.tasks import Text
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.ports import JobResult
from bsm_core.workflow.asking import Answer
from bsm_core.workflow.parsing import parse_sample
from bsm_core.workflow.plain_sentences import PURPOSE
from bsm_core.workflow.prompts import MOST_KNOWN, generation_prompt
from bsm_core.workflow.repeats import repeat_shares
from bsm_core.workflow.specs import SampleRequest
from bsm_core.workflow.streams import RecordStream
from bsm_core.workflow.write_hypotheses import WAVE, Desk

SAME_TRIGRAMS = 0.8
"""Share of a sample's word triples in another one: then it is the same sample once more."""

Parsed = tuple[Text, int, str]
Gates = Callable[[Sequence[SyntheticSample]], JobResult]


@dataclass
class Samples:
    """``existing`` are the study's other samples' texts; ``results`` what the gates said, one a round."""

    existing: list[Text]
    gates: Gates
    live: RecordStream[SyntheticSample]
    made: list[SyntheticSample] = field(default_factory=list)
    results: list[JobResult] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)
    """Samples that passed every gate, by hypothesis."""


def write_samples(desk: Desk, requests: Sequence[SampleRequest], samples: Samples) -> None:
    """Until each hypothesis has as many samples that pass as its request asks for, or the rounds are over."""
    most = max((request.count for request in requests), default=0)
    for number in range(1, most + desk.order.rounds):
        lacking = [one for one in requests if samples.passed[one.hypothesis.hypothesis_id] < one.count]
        if not lacking or desk.asker.stopped:
            break
        before = len(samples.made)
        size = WAVE if desk.order.differ else len(lacking)
        for start in range(0, len(lacking), size):
            _ask_wave(desk, lacking[start : start + size], samples, number)
        _gate(desk, samples, samples.made[before:])
    short = sum(max(0, one.count - samples.passed[one.hypothesis.hypothesis_id]) for one in requests)
    if short:
        desk.context.log(f"{short:,} samples are missing: rejected by the gates, or not written")


def _ask_wave(desk: Desk, requests: Sequence[SampleRequest], samples: Samples, number: int) -> None:
    listed = [one.text for one in samples.made][-MOST_KNOWN:] if desk.order.differ else []
    prompts = [_prompt(desk, request, listed, samples, number) for request in requests]
    desk.asker.ask(
        prompts,
        PURPOSE,
        lambda call: parse_sample(call.answer, desk.task),
        f"samples, round {number}",
        lambda place, answer: _take(desk, requests[place], answer, samples),
    )


def _prompt(desk: Desk, request: SampleRequest, listed: Sequence[Text], samples: Samples, number: int) -> Prompt:
    own = [one.text for one in samples.made if one.hypothesis_id == request.hypothesis.hypothesis_id]
    seed = desk.seed_for(PURPOSE, request.hypothesis.text, number)
    previous = list(dict.fromkeys([*listed, *own]))
    return desk.at_temperature(
        generation_prompt(
            desk.task, request.hypothesis, request.parent_text, request.sources, previous, seed, desk.load
        )
    )


def _take(desk: Desk, request: SampleRequest, answer: Answer[Parsed], samples: Samples) -> None:
    """Keep the answer, or reject it when it is there already."""
    if answer.value is None or answer.call is None:
        return
    text, label, reasoning = answer.value
    ((share, other),) = repeat_shares([text], [*samples.existing, *(one.text for one in samples.made)])
    if other is not None and share >= SAME_TRIGRAMS:
        _reject(desk, text, share, answer.call)
        return
    made = SyntheticSample(
        sample_id=desk.id_for("s", request.hypothesis.text, answer.call.prompt.seed),
        study_id=desk.spec.study_id,
        hypothesis_id=request.hypothesis.hypothesis_id,
        text=text,
        label=label,
        agent=Agent.LM,
        reasoning=reasoning,
        call_id=answer.call.call_id,
        revises_id=None,
        created_at=datetime.now(UTC),
    )
    samples.made.append(made)
    samples.live.add(made)


def _gate(desk: Desk, samples: Samples, new: Sequence[SyntheticSample]) -> None:
    if not new:
        return
    result = samples.gates(new)
    samples.results.append(result)
    failed = {check.sample_id for check in result.checks if not check.advisory and not check.stands}
    for one in new:
        samples.passed[one.hypothesis_id] += one.sample_id not in failed
    desk.context.log(f"{len(new) - len(failed):,} of {len(new):,} samples pass the gates")


def _reject(desk: Desk, text: Text, share: float, call: TeacherCall) -> None:
    joined = "\n".join(text)
    desk.rejected.append(
        RejectedDraft(
            draft_id=desk.id_for("d", PURPOSE, call.prompt.seed, joined),
            study_id=desk.spec.study_id,
            job_id=desk.spec.job_id,
            kind=DraftKind.SAMPLE,
            text=joined,
            reason=f"another sample says the same: {share:.0%} of its word triples are there already",
            near_id=None,
            overlap=share,
            cosine=None,
            call_id=call.call_id,
            created_at=datetime.now(UTC),
        )
    )

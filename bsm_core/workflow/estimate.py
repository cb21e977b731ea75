"""What a write job will ask and cost, reckoned before anything is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bsm_core.config import TeacherConfig
from bsm_core.domain.authoring import WriteOrder
from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.tasks import Task
from bsm_core.domain.teaching import Prompt
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.workflow.plain_sentences import PURPOSE
from bsm_core.workflow.prompts import generation_prompt, hypothesis_prompt
from bsm_core.workflow.spending import characters_of, estimated_tokens
from bsm_core.workflow.templates import LoadTemplate

ANSWER_TOKENS = 130
"""Of an answer, before this model has given any: a sentence or two with reasoning, in JSON."""
AGAIN = 0.25
"""Share of answers that are expected to be rejected and written anew."""
_PROBES = 20
"""Prompts that are filled in to see how long they are."""
_HYPOTHESIS = (
    "The classifier takes a single misspelled opinion word for another word, and so misses what the text says. "
)


@dataclass(frozen=True, slots=True)
class StageEstimate:
    """``calls`` as expected, with what is written anew; ``most`` when every round is needed."""

    stage: str
    calls: int
    most: int
    prompt_tokens: int
    completion_tokens: int
    max_prompt_tokens: int
    max_completion_tokens: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Costs are in US dollars, None without prices. ``measured``: answer lengths come from earlier calls of this
    model, and are no guess."""

    stages: tuple[StageEstimate, ...]
    cost: float | None
    max_cost: float | None
    measured: bool

    @property
    def calls(self) -> int:
        return sum(stage.calls for stage in self.stages)

    @property
    def most_calls(self) -> int:
        return sum(stage.most for stage in self.stages)

    @property
    def tokens(self) -> int:
        return sum(stage.prompt_tokens + stage.completion_tokens for stage in self.stages)

    @property
    def max_tokens(self) -> int:
        return sum(stage.max_prompt_tokens + stage.max_completion_tokens for stage in self.stages)


def estimate(
    task: Task,
    order: WriteOrder,
    groups: Sequence[Sequence[UnknownUnknown]],
    lacking: int,
    teacher: TeacherConfig,
    load: LoadTemplate,
    answer_tokens: Mapping[str, float],
) -> Estimate:
    """``lacking``: samples that earlier hypotheses lack. ``answer_tokens``: mean length of this model's earlier answers
    by purpose."""
    probes = list(groups[:_PROBES])
    items = probes[0] if probes else ()
    parent = _stand_in(HypothesisKind.ABSTRACTION)
    samples = lacking + order.samples_each * (order.abstractions + order.extrapolations)
    asked = (
        (
            HypothesisKind.ABSTRACTION.value,
            order.abstractions,
            [hypothesis_prompt(task, HypothesisKind.ABSTRACTION, group, None, [], 0, load) for group in probes],
        ),
        (
            HypothesisKind.EXTRAPOLATION.value,
            order.extrapolations,
            [hypothesis_prompt(task, HypothesisKind.EXTRAPOLATION, (), parent, [], 0, load)],
        ),
        (
            PURPOSE,
            samples,
            [generation_prompt(task, parent, parent.text, group, [], 0, load) for group in probes or [items]],
        ),
    )
    stages = tuple(
        _stage(name, count, prompts, order.rounds, answer_tokens.get(name, ANSWER_TOKENS))
        for name, count, prompts in asked
        if count and prompts
    )
    costs = [_cost(stages, teacher, most) for most in (False, True)]
    return Estimate(stages, costs[0], costs[1], all(stage.stage in answer_tokens for stage in stages))


def _stage(name: str, count: int, prompts: Sequence[Prompt], rounds: int, answer: float) -> StageEstimate:
    expected = round(count * (1 + (AGAIN if rounds > 1 else 0)))
    read = estimated_tokens(sum(characters_of(prompt) for prompt in prompts)) / len(prompts)
    longest = max(prompt.max_tokens for prompt in prompts)
    most = count * rounds
    return StageEstimate(
        stage=name,
        calls=expected,
        most=most,
        prompt_tokens=round(expected * read),
        completion_tokens=round(expected * answer),
        max_prompt_tokens=round(most * read),
        max_completion_tokens=most * longest,
    )


def _cost(stages: Sequence[StageEstimate], teacher: TeacherConfig, most: bool) -> float | None:
    if teacher.price_prompt is None or teacher.price_completion is None:
        return None
    read = sum(one.max_prompt_tokens if most else one.prompt_tokens for one in stages)
    written = sum(one.max_completion_tokens if most else one.completion_tokens for one in stages)
    return (read * teacher.price_prompt + written * teacher.price_completion) / 1e6


def _stand_in(kind: HypothesisKind) -> Hypothesis:
    """As long as hypotheses usually are."""
    now = datetime.now(UTC)
    return Hypothesis("h", "s", kind, Agent.LM, _HYPOTHESIS * 2, _HYPOTHESIS * 2, (), None, None, None, None, now)

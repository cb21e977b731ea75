"""Hypotheses and samples as people keep, edit and decide on them. Every change is a new row; agents stay honest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisDraft, HypothesisKind
from bsm_core.domain.synthesis import BudgetUse, Decision, DecisionKind, SyntheticSample
from bsm_core.domain.tasks import Task, Text
from bsm_core.errors import ConfigError, NothingToDoError
from bsm_core.ports import SampleFilter, Store
from bsm_core.workflow.specs import new_id

GATED = "gated"
"""The policy that approves whatever passes every gate, up to the budget."""


def edited_by_human(agent: Agent) -> Agent:
    """What a human's edit makes of an artefact: their own stays HUMAN, anybody else's becomes HYBRID."""
    return Agent.HUMAN if agent is Agent.HUMAN else Agent.HYBRID


def new_hypothesis(
    study_id: str,
    kind: HypothesisKind,
    text: str,
    reasoning: str,
    item_ids: Sequence[str],
    parent_hypothesis_id: str | None,
    draft: HypothesisDraft | None,
) -> Hypothesis:
    """HUMAN without a draft; the draft's agent when its text is unchanged; else HYBRID."""
    text, reasoning = text.strip(), reasoning.strip()
    if not text:
        raise ConfigError("the hypothesis is empty; say in a sentence why the classifier fails")
    if kind is HypothesisKind.EXTRAPOLATION and parent_hypothesis_id is None:
        raise ConfigError("an extrapolation needs the abstraction it starts from; choose one")
    agent = Agent.HUMAN
    unchanged = draft is not None and text == draft.text.strip()
    if draft is not None:
        agent = draft.agent if unchanged and reasoning == draft.reasoning.strip() else edited_by_human(draft.agent)
    return Hypothesis(
        hypothesis_id=new_id("h"),
        study_id=study_id,
        kind=kind,
        agent=agent,
        text=text,
        reasoning=reasoning,
        source_item_ids=tuple(item_ids),
        parent_hypothesis_id=parent_hypothesis_id if kind is HypothesisKind.EXTRAPOLATION else None,
        revises_id=None,
        call_id=draft.call_id if draft else None,
        pattern=draft.pattern if draft and unchanged else None,
        created_at=datetime.now(UTC),
    )


def revised_hypothesis(old: Hypothesis, text: str, reasoning: str) -> Hypothesis:
    if not text.strip():
        raise ConfigError("the hypothesis is empty; the old text was kept")
    return Hypothesis(
        hypothesis_id=new_id("h"),
        study_id=old.study_id,
        kind=old.kind,
        agent=edited_by_human(old.agent),
        text=text.strip(),
        reasoning=reasoning.strip(),
        source_item_ids=old.source_item_ids,
        parent_hypothesis_id=old.parent_hypothesis_id,
        revises_id=old.hypothesis_id,
        call_id=old.call_id,
        pattern=old.pattern if text.strip() == old.text else None,
        created_at=datetime.now(UTC),
    )


def new_sample(hypothesis: Hypothesis, task: Task, text: Text, label: int, writer: str = "") -> SyntheticSample:
    """By hand: HUMAN, or HYBRID when the hypothesis is not a human's alone (appendix C mixes them the other way round).

    Raises ConfigError for an empty side or a label that the task does not have.
    """
    return SyntheticSample(
        sample_id=new_id("s"),
        study_id=hypothesis.study_id,
        hypothesis_id=hypothesis.hypothesis_id,
        text=_checked_text(task, text),
        label=_checked_label(task, label),
        agent=edited_by_human(hypothesis.agent),
        reasoning="",
        call_id=None,
        revises_id=None,
        created_at=datetime.now(UTC),
        writers=(writer,) if writer else (),
    )


def revised_sample(old: SyntheticSample, task: Task, text: Text, label: int, writer: str = "") -> SyntheticSample:
    return SyntheticSample(
        sample_id=new_id("s"),
        study_id=old.study_id,
        hypothesis_id=old.hypothesis_id,
        text=_checked_text(task, text),
        label=_checked_label(task, label),
        agent=edited_by_human(old.agent),
        reasoning=old.reasoning,
        call_id=old.call_id,
        revises_id=old.sample_id,
        created_at=datetime.now(UTC),
        writers=tuple(dict.fromkeys([*old.writers, *([writer] if writer else [])])),
    )


def gated_decisions(store: Store, study_id: str) -> list[Decision]:
    """Approvals by the policy ``gated``: undecided samples that passed every gate, and whose label no blind one
    disputes, oldest first, to the budget's end.

    Raises NothingToDoError when there is none.
    """
    page = store.samples.page(study_id, SampleFilter(status=DecisionKind.PENDING, passed=True), limit=1_000_000)
    room: dict[tuple[Agent, HypothesisKind], int] = {}
    for agent in Agent:  # each agent's arm has the whole budget
        budget = store.samples.budget(study_id, agent)
        room[agent, HypothesisKind.ABSTRACTION] = budget.allowed_abstraction - budget.approved_abstraction
        room[agent, HypothesisKind.EXTRAPOLATION] = budget.allowed_extrapolation - budget.approved_extrapolation
    now, batch_id, decisions = datetime.now(UTC), new_id("b"), []
    reason = "passed every gate; approved by policy, not read by a human"
    for state in page.rows:
        place = (state.sample.agent, state.hypothesis_kind)
        if state.decision is None and not state.is_disputed and room[place] > 0:
            room[place] -= 1
            own = state.sample.sample_id
            decisions.append(Decision(own, DecisionKind.APPROVED, Agent.RULE, GATED, reason, now, batch_id=batch_id))
    if not decisions:
        raise NothingToDoError(
            "no undecided sample has passed every gate within the budget; write or generate more, or check the gates"
        )
    return decisions


def requests_for_budget(
    hypotheses: Sequence[Hypothesis], budget: BudgetUse, oversample: float
) -> list[tuple[str, int]]:
    """(hypothesis id, samples to write), spread evenly within each kind: ``oversample`` times what the budget allows,
    since gates reject some."""
    allowed = {
        HypothesisKind.ABSTRACTION: budget.allowed_abstraction,
        HypothesisKind.EXTRAPOLATION: budget.allowed_extrapolation,
    }
    requests = []
    for kind, size in allowed.items():
        chosen = [hypothesis for hypothesis in hypotheses if hypothesis.kind is kind]
        total = math.ceil(size * oversample)
        for index, hypothesis in enumerate(chosen):
            count = total // len(chosen) + (index < total % len(chosen))
            if count:
                requests.append((hypothesis.hypothesis_id, count))
    return requests


def _checked_text(task: Task, text: Text) -> Text:
    sides = tuple(side.strip() for side in text)
    if len(sides) != len(task.text_fields):
        raise ConfigError(f"the sample has {len(sides)} texts; {task.title} needs {' and '.join(task.text_fields)}")
    for name, side in zip(task.text_fields, sides, strict=True):
        if not side:
            raise ConfigError(f"the sample's {name} is empty; write it, or skip this sample")
    return sides


def _checked_label(task: Task, label: int) -> int:
    if not 0 <= label < len(task.label_names):
        raise ConfigError(f"label {label} is not one of 0 to {len(task.label_names) - 1} ({task.label_names})")
    return label

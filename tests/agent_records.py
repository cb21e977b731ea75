"""Plain functions that build what the agents make: judgements, hypotheses, samples, checks, decisions, calls."""

from __future__ import annotations

from collections.abc import Sequence

from bsm_core.domain.hypotheses import Agent, Hypothesis, HypothesisKind
from bsm_core.domain.synthesis import Check, CheckName, Decision, DecisionKind, SyntheticSample
from bsm_core.domain.tasks import Text
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.domain.unknowns import Judgement, Verdict
from tests.records import STUDY_ID, moment


def make_judgement(item_id: str, verdict: Verdict, *, at: float = 30, study_id: str = STUDY_ID) -> Judgement:
    return Judgement(study_id, item_id, verdict, "human", moment(at))


def make_hypothesis(
    hypothesis_id: str = "h-human",
    agent: Agent = Agent.HUMAN,
    *,
    parent: str | None = None,
    sources: Sequence[str] = (),
    text: str = "The model takes a misspelled opinion word for one of the opposite opinion.",
    revises: str | None = None,
    at: float = 40,
    study_id: str = STUDY_ID,
) -> Hypothesis:
    """An abstraction, or with ``parent`` an extrapolation from it. An LM's has a call, a rule's its pattern."""
    return Hypothesis(
        hypothesis_id=hypothesis_id,
        study_id=study_id,
        kind=HypothesisKind.EXTRAPOLATION if parent else HypothesisKind.ABSTRACTION,
        agent=agent,
        text=text,
        reasoning="In each pair only the spelling of one opinion word differs.",
        source_item_ids=tuple(sources),
        parent_hypothesis_id=parent,
        revises_id=revises,
        call_id="call-abstraction" if agent is Agent.LM else None,
        pattern="swapped-letters" if agent is Agent.RULE else None,
        created_at=moment(at),
    )


def make_sample(
    sample_id: str = "s-1",
    hypothesis_id: str = "h-human",
    agent: Agent = Agent.HUMAN,
    *,
    label: int = 1,
    text: Text | None = None,
    revises: str | None = None,
    at: float = 50,
    study_id: str = STUDY_ID,
) -> SyntheticSample:
    return SyntheticSample(
        sample_id=sample_id,
        study_id=study_id,
        hypothesis_id=hypothesis_id,
        text=text or (f"a wodnerful little film with a heart of gold, sample {sample_id}",),
        label=label,
        agent=agent,
        reasoning="" if agent is Agent.HUMAN else "The opinion word is misspelled.",
        call_id="call-sample" if agent is Agent.LM else None,
        revises_id=revises,
        created_at=moment(at),
    )


def make_checks(sample_id: str, failing: CheckName | None = None, *, at: float = 60) -> list[Check]:
    """One of each gate; all pass but ``failing``."""
    values = {CheckName.LENGTH: (66.0, 40.0), CheckName.REPETITION: (0.2, 0.9)}
    values |= {CheckName.NONSENSE: (None, None), CheckName.SIMILARITY: (0.71, 0.58)}  # type: ignore[dict-item]
    return [
        Check(sample_id, name, name is not failing, *values[name], f"too little {name}" * (name is failing), moment(at))
        for name in CheckName
        if name in values
    ]


def make_decision(
    sample_id: str, kind: DecisionKind = DecisionKind.APPROVED, *, policy: str | None = None, at: float = 70
) -> Decision:
    """A human's, or by ``policy`` with agent RULE."""
    agent = Agent.RULE if policy else Agent.HUMAN
    return Decision(sample_id, kind, agent, policy, "passed every gate" if policy else "reads well", moment(at))


def make_call(
    call_id: str = "call-abstraction", *, error: str | None = None, at: float = 35, study_id: str = STUDY_ID
) -> TeacherCall:
    """A failed one (``error``) has the raw answer, but no usage."""
    prompt = Prompt(
        template="abstraction",
        version="1",
        messages=(("system", "You study text classifiers."), ("user", "Why does the model fail on these texts?")),
        schema={"type": "object", "required": ["hypothesis", "reasoning"]},
        max_tokens=400,
        temperature=0.7,
        seed=0,
        extra={"min_p": 0.1},
    )
    good = '{"hypothesis": "It trusts single words.", "reasoning": "One word decides."}'
    return TeacherCall(
        call_id=call_id,
        study_id=study_id,
        purpose="abstraction",
        endpoint="http://127.0.0.1:8080/v1",
        model="scripted",
        prompt=prompt,
        answer="I would rather not." if error else good,
        prompt_tokens=None if error else 210,
        completion_tokens=None if error else 34,
        seconds=1.25,
        cost=None if error else 0.0004,
        error=error,
        created_at=moment(at),
    )

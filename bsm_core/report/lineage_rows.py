"""Where every text of an extended data set comes from: a flat row with all that led to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from bsm_core.domain.experiments import AddedText, Source
from bsm_core.domain.hypotheses import Hypothesis
from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import SampleState
from bsm_core.domain.tasks import Split
from bsm_core.ports import SampleFilter, Store

ALL = 10_000_000
_STRINGS = pa.list_(pa.string())
COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("row_id", pa.string(), "train-N or added-N, in the order the model saw them."),
    ("text", pa.string(), "The text; of a pair its first side."),
    ("text_b", pa.string(), "The second side; empty for single texts."),
    ("label", pa.int64(), "Its label, as a number."),
    ("label_name", pa.string(), "Its label, by name."),
    ("source", pa.string(), "train, sample, or what else the arm added: unknown unknown, untargeted, perturbed."),
    ("source_id", pa.string(), "Of the training text, sample, unknown unknown or perturbation it is a copy of."),
    ("hypothesis_id", pa.string(), "The version of the hypothesis that the sample was written for."),
    ("hypothesis", pa.string(), "Its text."),
    ("hypothesis_kind", pa.string(), "abstraction or extrapolation."),
    ("hypothesis_agent", pa.string(), "Who wrote the hypothesis."),
    ("parent_hypothesis_id", pa.string(), "Of an extrapolation: the abstraction it starts from."),
    ("parent_hypothesis", pa.string(), "Its text."),
    ("source_uu_ids", _STRINGS, "The unknown unknowns that the hypothesis, or its parent, rests on."),
    ("perturbation_recipes", _STRINGS, "How these were made; natural for texts as they stand in the data."),
    ("perturbation_set_ids", _STRINGS, "The attacks they come from."),
    ("discovery_model_ids", _STRINGS, "The models that they fooled."),
    ("agent", pa.string(), "Who wrote the sample."),
    ("writers", _STRINGS, "People who had a hand in it, as far as they gave a name."),
    ("reasoning", pa.string(), "Why the writer thinks the sample fits."),
    ("call_id", pa.string(), "The language model's call that wrote it."),
    ("revises_id", pa.string(), "The earlier version of the sample."),
    ("checks_passed", pa.bool_(), "Whether it passed every gate that can reject, or a person overruled it."),
    ("checks", pa.string(), "Every gate's verdict, as JSON."),
    ("decision", pa.string(), "approved, rejected or pending."),
    ("decided_by", pa.string(), "The reviewer, or the policy's name."),
    ("decided_at", pa.string(), "When, in UTC."),
)
"""(name, type, meaning) of every column."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Where one unknown unknown comes from."""

    recipe: str
    set_id: str | None
    model_id: str


class Lineage:
    """Looks up what led to a sample, each thing once."""

    def __init__(self, store: Store, study: Study) -> None:
        self._store = store
        self._study = study
        page = store.samples.page(study.study_id, SampleFilter(), limit=ALL)
        self.states = {state.sample.sample_id: state for state in page.rows}
        self._hypotheses: dict[str, Hypothesis] = {}
        baseline = store.models.baseline(study.study_id)
        self._baseline_id = baseline.model_id if baseline else ""
        self._found: dict[str, _Found] = {}
        for one in store.perturbations.sets(study.study_id):
            if one.split is Split.VALIDATION:
                ids = store.perturbations.successful(one.set_id)["perturbation_id"].to_pylist()
                self._found |= {item: _Found(one.recipe.value, one.set_id, one.model_id) for item in ids}

    def state(self, sample_id: str) -> SampleState:
        """Also of a version that was revised since. Raises NotFoundError."""
        if sample_id not in self.states:
            self.states[sample_id] = self._store.samples.get(sample_id)
        return self.states[sample_id]

    def of_sample(self, sample_id: str) -> dict[str, object]:
        """The columns from ``hypothesis_id`` on."""
        state = self.state(sample_id)
        sample, decision = state.sample, state.decision
        hypothesis = self._hypothesis(sample.hypothesis_id)
        parent = self._hypothesis(hypothesis.parent_hypothesis_id) if hypothesis.parent_hypothesis_id else None
        sources = hypothesis.source_item_ids or (parent.source_item_ids if parent else ())
        natural = _Found("natural", None, self._baseline_id)
        found = [self._found.get(item, natural) for item in sources]
        return {
            "hypothesis_id": hypothesis.hypothesis_id,
            "hypothesis": hypothesis.text,
            "hypothesis_kind": hypothesis.kind.value,
            "hypothesis_agent": hypothesis.agent.value,
            "parent_hypothesis_id": parent.hypothesis_id if parent else None,
            "parent_hypothesis": parent.text if parent else None,
            "source_uu_ids": list(sources),
            "perturbation_recipes": _distinct(one.recipe for one in found),
            "perturbation_set_ids": _distinct(one.set_id for one in found),
            "discovery_model_ids": _distinct(one.model_id for one in found),
            "agent": sample.agent.value,
            "writers": list(sample.writers),
            "reasoning": sample.reasoning,
            "call_id": sample.call_id,
            "revises_id": sample.revises_id,
            "checks_passed": state.passed,
            "checks": json.dumps(_checks(state), ensure_ascii=False),
            "decision": state.status.value,
            "decided_by": (decision.policy or decision.reviewer or decision.agent.value) if decision else None,
            "decided_at": decision.created_at.isoformat() if decision else None,
        }

    def _hypothesis(self, hypothesis_id: str) -> Hypothesis:
        if hypothesis_id not in self._hypotheses:
            self._hypotheses[hypothesis_id] = self._store.hypotheses.get(hypothesis_id)
        return self._hypotheses[hypothesis_id]


def lineage_table(store: Store, study: Study, added: Sequence[AddedText]) -> pa.Table:
    """The training split and ``added`` after it, with ``COLUMNS``. ``label`` is a class label for ``datasets``."""
    names = study.task.label_names
    train = store.examples.table(study.study_id, Split.TRAIN)
    size = len(train)
    columns: dict[str, list[object]] = {name: [None] * size for name, *_ in COLUMNS}
    labels = train["label"].to_pylist()
    columns |= {
        "row_id": [f"train-{place}" for place in range(size)],
        "text": train["text"].to_pylist(),
        "text_b": train["text_b"].to_pylist(),
        "label": labels,
        "label_name": [names[label] for label in labels],
        "source": [Source.TRAIN.value] * size,
        "source_id": train["example_id"].to_pylist(),
    }
    lineage = Lineage(store, study)
    for place, one in enumerate(added):
        row: dict[str, object] = {
            "row_id": f"added-{place}",
            "text": one.text[0],
            "text_b": one.text[1] if len(one.text) > 1 else None,
            "label": one.label,
            "label_name": names[one.label],
            "source": one.source.value,
            "source_id": one.source_id or None,
        }
        if one.source is Source.SAMPLE and one.source_id:
            row |= lineage.of_sample(one.source_id)
        for name, *_ in COLUMNS:
            columns[name].append(row.get(name))
    schema = pa.schema([pa.field(name, kind) for name, kind, _ in COLUMNS])
    return pa.table(columns, schema=schema).replace_schema_metadata({"huggingface": _features(names)})


def _features(label_names: Sequence[str]) -> str:
    """How ``datasets`` knows that ``label`` has names."""
    features = {"label": {"names": list(label_names), "_type": "ClassLabel"}}
    return json.dumps({"info": {"features": features}})


def _checks(state: SampleState) -> list[dict[str, object]]:
    return [
        {
            "name": check.name.value,
            "passed": check.passed,
            "stands": check.stands,
            "advisory": check.advisory,
            "value": check.value,
            "threshold": check.threshold,
        }
        for check in state.checks
    ]


def _distinct(values: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))

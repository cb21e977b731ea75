"""The settings that a study's gates work by: the preset's, until somebody sets others. What the gates were told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bsm_core.config import GateConfig, StudyConfig
from bsm_core.domain.arms import Model
from bsm_core.domain.synthesis import SyntheticSample
from bsm_core.domain.tasks import Text
from bsm_core.errors import NotFoundError
from bsm_core.ports import Store

GATES_EVENT = "gates"
"""A GateConfig as a dict; the latest counts."""


def present(store: Store, config: StudyConfig, study_id: str) -> StudyConfig:
    """``config`` with the study's present gates."""
    event = store.latest(study_id, GATES_EVENT)
    return config if event is None else replace(config, gates=GateConfig.from_dict(event))


def source_texts(store: Store, model: Model, samples: Sequence[SyntheticSample]) -> list[tuple[str, Text]]:
    """(hypothesis id, text of a UU that it or its abstraction rests on). A text that a model trained anew gets right is
    no UU any more and is left out."""
    found = []
    for hypothesis_id in dict.fromkeys(sample.hypothesis_id for sample in samples):
        hypothesis = store.hypotheses.get(hypothesis_id)
        parent_id = hypothesis.parent_hypothesis_id
        ids = hypothesis.source_item_ids or (store.hypotheses.get(parent_id).source_item_ids if parent_id else ())
        for item_id in ids:
            try:
                found.append((hypothesis_id, store.unknowns.get(model.model_id, item_id).text))
            except NotFoundError:
                continue
    return found

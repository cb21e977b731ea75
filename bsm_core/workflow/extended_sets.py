"""What the arms of a study could draw from now, read from the store."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from bsm_core.domain.arms import Arm, Model
from bsm_core.domain.experiments import AddedText, Source
from bsm_core.domain.studies import StudyCounts
from bsm_core.domain.tasks import Split, Text
from bsm_core.domain.unknowns import UnknownUnknown
from bsm_core.ports import Store
from bsm_core.workflow.retrain import Pools, sample_counts
from bsm_core.workflow.tables import texts


def pools(store: Store, model: Model, unknowns: Sequence[UnknownUnknown]) -> Pools:
    """Of ``model``, the baseline, and its ``unknowns`` on validation."""
    study_id = model.study_id
    train = store.examples.table(study_id, Split.TRAIN)
    perturbed = [
        one
        for set_id in _perturbed_sets(store, model)
        for one in _added(store.perturbations.successful(set_id), "perturbation_id", Source.PERTURBED)
    ]
    return Pools(
        train=_added(train, "example_id", Source.TRAIN),
        unknowns=[AddedText(one.text, one.label, Source.UNKNOWN, one.item_id) for one in unknowns],
        approved=store.samples.approved(study_id),
        untargeted=[
            AddedText(one.text, one.label, Source.UNTARGETED, one.text_id)
            for one in store.experiments.untargeted(study_id)
        ],
        perturbed=perturbed,
    )


def available(store: Store, study_id: str, counts: StudyCounts) -> dict[Arm, int]:
    """How many texts each arm could draw from, near-duplicates of test texts counted."""
    model = store.models.baseline(study_id)
    sets = _perturbed_sets(store, model) if model else []
    return {
        **sample_counts(store.samples.approved(study_id)),
        Arm.MORE_TRAINING: counts.train,
        Arm.RELABEL: counts.natural_unknowns + counts.adversarial_unknowns,
        Arm.UNTARGETED: len(store.experiments.untargeted(study_id)),
        Arm.ADVERSARIAL: sum(len(store.perturbations.successful(set_id)) for set_id in sets),
    }


def sealed(store: Store, study_id: str) -> list[Text]:
    """The texts of test."""
    return texts(store.examples.table(study_id, Split.TEST))


def attacked_train(store: Store, model: Model) -> int:
    """How many training texts were attacked so far, from the first on."""
    sets = {one.set_id: one.size for one in store.perturbations.sets(model.study_id)}
    return sum(sets[set_id] for set_id in _perturbed_sets(store, model))


def _perturbed_sets(store: Store, model: Model) -> list[str]:
    sets = store.perturbations.sets(model.study_id)
    return [one.set_id for one in sets if one.split is Split.TRAIN and one.model_id == model.model_id]


def _added(table: pa.Table, identity: str, source: Source) -> list[AddedText]:
    columns = (texts(table), table["label"].to_pylist(), table[identity].to_pylist())
    return [AddedText(text, label, source, name) for text, label, name in zip(*columns, strict=True)]

"""What an arm added to the training set: as its model was trained on it, or as it would be now."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bsm_core.domain.arms import Arm, Model
from bsm_core.domain.experiments import AddedText, Cell, Source
from bsm_core.domain.synthesis import SampleState
from bsm_core.domain.tasks import Split, Text
from bsm_core.errors import NothingToDoError
from bsm_core.ports import SampleFilter, Store, UnknownFilter
from bsm_core.report.extended_set import Addition, hash_of_rows
from bsm_core.report.lineage_rows import ALL

Labelled = tuple[Text, int]


def of_model(store: Store, model: Model, inputs: Path) -> Addition:
    """The texts that a trained model added, word by word. ``inputs`` is its training job's Parquet file: the training
    split, and after it what the arm added. Raises NothingToDoError when they are known no more."""
    if model.experiment_id is not None:
        texts = tuple(store.experiments.texts(model.experiment_id, Cell(model.arm, model.seed)))
        basis = f"as frozen in the plan of experiment {model.experiment_id}"
        return Addition(model.arm, texts, basis, model.model_id, model.seed)
    if not inputs.is_file():
        raise NothingToDoError(
            f"what {model.model_id} was trained on is there no more: {inputs} is missing; export the approved samples "
            "of an arm without naming a model"
        )
    trained = pq.read_table(inputs, columns=["text", "text_b", "label"])
    known, own = model.card.get("train_sha256"), hash_of_rows(trained)
    basis = "as the model was trained on them, read from its training job"
    if known is not None and known != own:
        raise NothingToDoError(
            f"{inputs} is not what {model.model_id} was trained on (SHA-256 {own[:12]}…, not {str(known)[:12]}…); "
            "export the approved samples of an arm without naming a model"
        )
    if known is not None:
        basis += f"; SHA-256 of the training texts as its card has it: `{own}`"
    added = trained.slice(len(trained) - model.budget)
    return Addition(model.arm, tuple(_told(store, model, added)), basis, model.model_id, model.seed)


def approved(store: Store, study_id: str, arm: Arm | None) -> Addition:
    """The approved samples that an arm would draw from now; all of them without one. Raises NothingToDoError."""
    if arm is not None and not arm.has_samples:
        raise NothingToDoError(f"{arm} adds no samples of its own; train it first, and name its model")
    states = [state for state in store.samples.approved(study_id) if arm is None or _belongs(state, arm)]
    if not states:
        raise NothingToDoError(
            f"no approved samples{f' of {arm}' if arm else ''} yet; approve some on the Samples page"
        )
    texts = tuple(AddedText(one.sample.text, one.sample.label, Source.SAMPLE, one.sample.sample_id) for one in states)
    return Addition(arm, texts, "all approved samples at the time of the export, whatever the budget of an arm")


def _told(store: Store, model: Model, added: pa.Table) -> Iterable[AddedText]:
    """With what each text is a copy of, found by its words and its label."""
    sources = _sources(store, model)
    for text, second, label in zip(*(added[name].to_pylist() for name in ("text", "text_b", "label")), strict=True):
        sides: Text = (text,) if second is None else (text, second)
        source, source_id = sources.get((sides, label), (_usual(model.arm), ""))
        yield AddedText(sides, label, source, source_id)


def _sources(store: Store, model: Model) -> dict[Labelled, tuple[Source, str]]:
    study_id = model.study_id
    match model.arm:
        case Arm.MORE_TRAINING:
            table = store.examples.table(study_id, Split.TRAIN)
            columns = (table[name].to_pylist() for name in ("text", "text_b", "label", "example_id"))
            return {
                ((text,) if second is None else (text, second), label): (Source.TRAIN, example_id)
                for text, second, label, example_id in zip(*columns, strict=True)
            }
        case Arm.RELABEL:
            baseline = model.parent_model_id or model.model_id
            # Whatever its confidence: tau may have been moved since.
            page = store.unknowns.page(UnknownFilter(baseline, 0.0), limit=ALL)
            return {(one.text, one.label): (Source.UNKNOWN, one.item_id) for one in page.rows}
        case _:
            page_of = store.samples.page(study_id, SampleFilter(), limit=ALL)
            return {(one.sample.text, one.sample.label): (Source.SAMPLE, one.sample.sample_id) for one in page_of.rows}


def _usual(arm: Arm) -> Source:
    """Of a text that was found nowhere: a sample that was revised since, say."""
    usual = {
        Arm.MORE_TRAINING: Source.TRAIN,
        Arm.RELABEL: Source.UNKNOWN,
        Arm.UNTARGETED: Source.UNTARGETED,
        Arm.ADVERSARIAL: Source.PERTURBED,
    }
    return usual.get(arm, Source.SAMPLE)


def _belongs(state: SampleState, arm: Arm) -> bool:
    if arm.hypothesis_kind is not None:
        return state.hypothesis_kind is arm.hypothesis_kind
    return state.sample.agent is arm.agent

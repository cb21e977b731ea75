"""One cell of the controlled check: train on spoiled texts, look for blind spots, treat, and count what is left."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from bsm_core.config import BILSTM, TrainingConfig
from bsm_core.domain.blind_spots import Spot, SpotMethod, SpotPoint, SpotSpace
from bsm_core.domain.controlled import Cell, CellResult, ControlledPlan, Discovery, SpotKind, Treatment
from bsm_core.metrics.controlled import BoolArray
from bsm_core.metrics.uu import is_unknown
from bsm_core.ports import Classifier, FloatArray, Grouper, JobContext, LabelledText, TextEmbedder, Trainer
from bsm_core.workflow.cluster import COMPONENTS, components, describe_groups, usual_size
from bsm_core.workflow.controlled_planting import Terms, drawn_terms, training_sets
from bsm_core.workflow.controlled_samples import additions
from bsm_core.workflow.controlled_scores import Answers, discoveries, members, mistakes
from bsm_core.workflow.spots import Surroundings

MAX_LENGTH = 64
"""Tokens; a sentence of the data has about 21 words."""

_WATCHED = 100
"""Validation texts that trainings look at after each epoch: nothing hangs on it, and nobody reads dozens of curves."""

_RESULT = TypeAdapter(CellResult)


@dataclass(frozen=True, slots=True)
class Parts:
    """The adapters that cells work with."""

    trainer: Trainer
    load_classifier: Callable[[Path], Classifier]
    embedder_for: Callable[[SpotSpace, Path], TextEmbedder]
    grouper: Grouper


@dataclass(frozen=True, slots=True)
class Data:
    """What all cells share."""

    label_names: tuple[str, ...]
    train: list[LabelledText]
    validation: list[LabelledText]
    test: list[LabelledText]
    terms: Mapping[SpotKind, Terms]


class Part:
    """A JobContext for one training among many: a checkpoint folder of its own, and progress as a part of the whole."""

    def __init__(self, whole: JobContext, name: str, phase: str, done: int, total: int) -> None:
        self._whole = whole
        self._phase, self._done, self._total = phase, done, total
        self.folder, self.inputs, self.result = whole.folder, whole.inputs, whole.result
        self.partial = whole.partial / "training" / name
        self.partial.mkdir(parents=True, exist_ok=True)

    def check_cancelled(self) -> None:
        self._whole.check_cancelled()

    def progress(self, phase: str, done: int, total: int) -> None:
        """In hundredths of a training."""
        within = round(100 * done / total) if total and phase.startswith("epoch") else 0
        self._whole.progress(self._phase, 100 * self._done + within, 100 * self._total)

    def log(self, message: str) -> None:
        """The log has a line a cell, not one an epoch."""

    def metric(self, name: str, step: int, value: float) -> None:
        """Dozens of loss curves would say nothing."""


class CellRun:
    """Everything about one cell. Finished cells are read from ``partial/cells`` and not run again."""

    def __init__(self, plan: ControlledPlan, data: Data, parts: Parts, context: JobContext) -> None:
        self._plan, self._data, self._parts, self._context = plan, data, parts, context
        self._total = sum(1 + len(cell.treatments) for cell in plan.cells)
        self._done = 0
        self._folder = context.partial / "cells"
        self._folder.mkdir(parents=True, exist_ok=True)

    def finish(self, cell: Cell) -> tuple[CellResult, Answers]:
        found = self._read(cell)
        if found is None:
            found = self._run(cell)
            self._write(*found)
        self._done = self._total_until(cell)
        return found

    def _total_until(self, cell: Cell) -> int:
        cells = self._plan.cells
        return sum(1 + len(one.treatments) for one in cells[: cells.index(cell) + 1])

    def _run(self, cell: Cell) -> tuple[CellResult, Answers]:
        started = time.perf_counter()
        plan, data, seed = self._plan, self._data, cell.seed
        planted = {kind: drawn_terms(kind, data.terms[kind], seed) for kind in SpotKind}
        rows = training_sets(data.train, [cell.variant], planted, plan.planting, seed)[cell.variant]
        budget = max(1, round(plan.budget_share * len(rows)))
        spoiled = self._train(cell, "spoiled", rows, BILSTM, plan.epochs)
        told, clusters = self._discover(cell, spoiled, planted)
        of_kind = members(data.test, planted)
        right, before = self._answers(spoiled)
        counted = mistakes(right, before, of_kind)
        after, uus = [], {}
        for treatment in cell.treatments:
            extra = additions(
                treatment,
                cell.repaired,
                planted,
                self._others(planted),
                {term: count for kind in SpotKind for term, count in data.terms[kind].counts.items()},
                rows,
                budget,
                seed,
            )
            treated = self._train(cell, treatment.value, [*rows, *extra], str(spoiled), plan.repair_epochs)
            right, uus[treatment] = self._answers(treated)
            after.append(mistakes(right, uus[treatment], of_kind))
        result = CellResult(
            cell=cell,
            train_size=len(rows),
            budget=budget,
            before=counted,
            after=tuple(after),
            discoveries=told,
            clusters=clusters,
            praise=planted[SpotKind.P],
            blame=planted[SpotKind.N],
            seconds=round(time.perf_counter() - started, 1),
        )
        return result, Answers(cell, of_kind, before, uus)

    def _others(self, planted: Mapping[SpotKind, Sequence[str]]) -> dict[SpotKind, list[str]]:
        """Terms that could have been planted and were not."""
        return {
            kind: [term for term in self._data.terms[kind].plantable if term not in planted[kind]] for kind in SpotKind
        }

    def _train(self, cell: Cell, name: str, rows: Sequence[LabelledText], base: str, epochs: int) -> Path:
        """Models are read again while their cell runs, so that a killed one goes on with them."""
        plan = self._plan
        folder = self._models(cell) / name.replace(" ", "-")
        first = "training" if name == "spoiled" else f"treating: {name}"
        part = Part(self._context, folder.name, f"{cell.variant}, seed {cell.seed}: {first}", self._done, self._total)
        if not (folder / "done").exists():
            self._parts.trainer.train(
                base=base,
                label_names=self._data.label_names,
                train=rows,
                validation=self._data.validation[:_WATCHED],
                config=TrainingConfig(
                    base=BILSTM,
                    epochs=epochs,
                    learning_rate=plan.learning_rate,
                    batch_size=plan.batch_size,
                    max_length=MAX_LENGTH,
                ),
                seed=cell.seed,
                output=folder,
                context=part,
            )
            (folder / "done").touch()
        shutil.rmtree(part.partial)
        self._done += 1
        return folder

    def _answers(self, folder: Path) -> tuple[BoolArray, BoolArray]:
        """(right, UU) of each test text."""
        labels = np.array([row.label for row in self._data.test])
        answers = self._probabilities(folder, self._data.test)
        return answers.argmax(axis=1) == labels, is_unknown(answers, labels, self._plan.tau)

    def _probabilities(self, folder: Path, rows: Sequence[LabelledText]) -> FloatArray:
        return self._parts.load_classifier(folder).probabilities([row.text for row in rows])

    def _discover(
        self, cell: Cell, folder: Path, planted: Mapping[SpotKind, Sequence[str]]
    ) -> tuple[tuple[Discovery, ...], int]:
        """The UUs on validation and their clusters, as the Blind spots page makes them at its defaults."""
        validation = self._data.validation
        labels = np.array([row.label for row in validation])
        answers = self._probabilities(folder, validation)
        uus = np.flatnonzero(is_unknown(answers, labels, self._plan.tau)).tolist()
        wrong = np.flatnonzero(answers.argmax(axis=1) != labels).tolist()
        spots = self._clusters(folder, uus, wrong, cell.seed) if len(uus) > 1 else []
        places = {str(at): at for at in range(len(validation))}
        return discoveries(cell, validation, uus, planted, spots, places), len(spots)

    def _clusters(self, folder: Path, uus: Sequence[int], wrong: Sequence[int], seed: int) -> list[Spot]:
        validation = self._data.validation
        vectors = self._parts.embedder_for(SpotSpace.CLASSIFIER, folder).embed([validation[at].text for at in uus])
        coordinates = components(vectors, COMPONENTS)
        size = usual_size(SpotMethod.KMEANS, len(uus))
        groups = self._parts.grouper.group(coordinates, SpotMethod.KMEANS, size, seed)
        points = [
            SpotPoint(str(at), str(at), 0.0, 0.0, tuple(place), ())
            for at, place in zip(uus, coordinates.tolist(), strict=True)
        ]
        texts = {str(at): row.text for at, row in enumerate(validation)}
        return describe_groups("", points, groups, Surroundings(texts, {str(at) for at in wrong}))

    def _models(self, cell: Cell) -> Path:
        return self._context.partial / "models" / _name(cell)

    def _read(self, cell: Cell) -> tuple[CellResult, Answers] | None:
        path = self._folder / f"{_name(cell)}.json"
        if not path.exists():
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
        result = _RESULT.validate_python(content["result"])
        told = content["answers"]
        kinds = {SpotKind(name): _flags(places, content["size"]) for name, places in told["of_kind"].items()}
        after = {Treatment(name): _flags(places, content["size"]) for name, places in told["after"].items()}
        return result, Answers(cell, kinds, _flags(told["before"], content["size"]), after)

    def _write(self, result: CellResult, answers: Answers) -> None:
        """In one step, and then the cell's models are not needed any more."""
        told = {
            "of_kind": {kind.value: _places(flags) for kind, flags in answers.of_kind.items()},
            "before": _places(answers.before),
            "after": {treatment.value: _places(flags) for treatment, flags in answers.after.items()},
        }
        content = {
            "result": _RESULT.dump_python(result, mode="json"),
            "size": len(answers.before),
            "answers": told,
        }
        path = self._folder / f"{_name(result.cell)}.json"
        draft = path.with_suffix(".tmp")
        draft.write_text(json.dumps(content), encoding="utf-8")
        draft.replace(path)
        shutil.rmtree(self._models(result.cell), ignore_errors=True)


def _name(cell: Cell) -> str:
    return f"{cell.variant}-{cell.seed}"


def _places(flags: BoolArray) -> list[int]:
    return [int(at) for at in np.flatnonzero(flags)]


def _flags(places: Sequence[int], size: int) -> BoolArray:
    flags = np.zeros(size, dtype=np.bool_)
    flags[list(places)] = True
    return flags

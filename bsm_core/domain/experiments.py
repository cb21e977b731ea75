"""Experiments: arms x seeds x evaluation sets, declared once, frozen, and only then run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from bsm_core.domain.arms import Arm
from bsm_core.domain.comparison import PRIMARY, Endpoint
from bsm_core.domain.tasks import Text
from bsm_core.domain.unknowns import AttackGoal, PairSide, PerturbationRecipe


class Start(StrEnum):
    """What an arm's training starts from."""

    CONTINUE = "continue"
    """The baseline's weights (2.1, "further train")."""
    SCRATCH = "scratch"
    """The model that the baseline itself was trained from."""


class Source(StrEnum):
    """Where a text that an arm adds comes from."""

    TRAIN = "train"
    UNKNOWN = "unknown unknown"
    SAMPLE = "sample"
    UNTARGETED = "untargeted"
    PERTURBED = "perturbed training text"


@dataclass(frozen=True, slots=True)
class AddedText:
    """One text that an arm adds to the training set, and what it is a copy of: an example, a UU, a sample, an
    untargeted text or a perturbation."""

    text: Text
    label: int
    source: Source
    source_id: str


@dataclass(frozen=True, slots=True)
class UntargetedText:
    """A labelled text that the teacher wrote without a hypothesis: the arm UNTARGETED."""

    text_id: str
    study_id: str
    text: Text
    label: int
    call_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """One way to try every model on test: ``size`` texts (0: all) attacked afresh. What fooled ORIGINAL in its own
    attack is replayed, or the texts of the stored set ``frozen_set_id`` where one is named."""

    name: str
    recipe: PerturbationRecipe
    goal: AttackGoal
    side: PairSide
    size: int
    seed: int
    frozen_set_id: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One model of an experiment: an arm trained with a seed."""

    arm: Arm
    seed: int


@dataclass(frozen=True, slots=True)
class ExperimentPlan:
    """Everything that is decided before the first result is seen: ``endpoint`` on the first of ``sets`` at ``tau``
    against ``reference`` decides. ``texts_hash`` is over what every cell adds, ``dropped`` counts what each arm lost to
    the leak guard."""

    experiment_id: str
    study_id: str
    name: str
    arms: tuple[Arm, ...]
    """Without ORIGINAL, which is always evaluated."""
    seeds: tuple[int, ...]
    sets: tuple[EvaluationSet, ...]
    start: Start
    budget: int
    """Texts that every arm adds."""
    training: dict[str, object]
    """TrainingConfig of every cell."""
    baseline_model_id: str
    data_hash: str
    texts_hash: str
    tau: float
    dropped: dict[str, int]
    leak_share: float
    """A text with more letter runs than this in common with a test text is dropped."""
    created_at: datetime
    endpoint: Endpoint = PRIMARY
    reference: Arm = Arm.ORIGINAL
    second_reference: Arm = Arm.RELABEL
    alpha: float = 0.05
    test: str = "sign-flip over texts, seeds kept together (McNemar's exact test with one seed)"
    multiplicity: str = "Holm over the arms"
    average: str = "mean over seeds; changes are ratios of means"
    interval: str = "95% percentile bootstrap over texts and seeds"

    @property
    def cells(self) -> list[Cell]:
        """Seed by seed, so that an experiment that is stopped has whole seeds."""
        return [Cell(arm, seed) for seed in self.seeds for arm in self.arms]

    @property
    def primary_set(self) -> EvaluationSet:
        return self.sets[0]

    @property
    def fingerprint(self) -> str:
        """The same for plans that differ in name and date only."""
        body = {key: value for key, value in asdict(self).items() if key not in ("experiment_id", "name", "created_at")}
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def hash_of_texts(texts: Mapping[Cell, Sequence[AddedText]]) -> str:
    """SHA-256 over every cell's texts and labels, in order."""
    digest = hashlib.sha256()
    for cell in sorted(texts):
        for one in texts[cell]:
            digest.update(json.dumps([cell.arm, cell.seed, *one.text, one.label]).encode())
    return digest.hexdigest()

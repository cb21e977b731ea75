"""What each job is told: its spec, and the tables it reads. One function a kind, over the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
from pydantic import TypeAdapter

from bsm_core.config import StudyConfig, TeacherConfig, TrainingConfig
from bsm_core.domain.arms import Arm, Model
from bsm_core.domain.experiments import AddedText, EvaluationSet, ExperimentPlan
from bsm_core.domain.hypotheses import Hypothesis
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import SyntheticSample
from bsm_core.domain.tasks import Split, Task, Text
from bsm_core.domain.unknowns import AttackGoal, PairSide, PerturbationRecipe, UnknownUnknown, usual_side
from bsm_core.errors import ConfigError, NothingToDoError
from bsm_core.ports import LabelledText, Store
from bsm_core.workflow.pairs import Pair, pairs_table
from bsm_core.workflow.tables import labelled_table, text_table

_HYPOTHESIS, _UNKNOWN, _TASK = TypeAdapter(Hypothesis), TypeAdapter(UnknownUnknown), TypeAdapter(Task)


@dataclass(frozen=True, slots=True)
class Job:
    """A spec with its input tables, ready to submit."""

    spec: JobSpec
    tables: dict[str, pa.Table]


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """``count`` samples for a hypothesis; ``sources`` are the UUs it (or its parent) rests on."""

    hypothesis: Hypothesis
    parent_text: str | None
    sources: tuple[UnknownUnknown, ...]
    count: int


def new_id(prefix: str) -> str:
    return prefix + uuid4().hex[:12]


def new_job(study: Study, kind: JobKind, title: str, seed: int, params: dict[str, object], **tables: pa.Table) -> Job:
    """A job of the study, with an id of its own; ``params`` is JSON, ``tables`` become its Parquet inputs."""
    now = datetime.now(UTC)
    job_id = f"{now:%Y%m%d-%H%M%S}-{kind}-{uuid4().hex[:6]}"
    return Job(JobSpec(job_id, study.study_id, kind, title, seed, params, now), tables)


def train_job(
    store: Store,
    study: Study,
    arm: Arm,
    training: TrainingConfig,
    seed: int,
    additions: Sequence[LabelledText | AddedText] = (),
    parent: Model | None = None,
    base: str | None = None,
    plan_id: str | None = None,
    experiment: ExperimentPlan | None = None,
) -> Job:
    """Train on the training split and ``additions``, from ``parent``'s weights at ``base`` (2.1, "further train"), or
    from ``training.base``. ``experiment``: the model is one of its cells."""
    rows = store.examples.table(study.study_id, Split.TRAIN).select(["text", "text_b", "label"])
    validation = store.examples.table(study.study_id, Split.VALIDATION)
    for split, table in ((Split.TRAIN, rows), (Split.VALIDATION, validation)):
        if len(table) == 0:
            raise NothingToDoError(f"the {split} split of {study.name!r} is empty; make a study with {split} texts")
    if additions:
        added = labelled_table([LabelledText(one.text, one.label) for one in additions])
        rows = pa.concat_tables([rows, added.cast(rows.schema)])
    params: dict[str, object] = {
        "arm": arm,
        "model_id": new_id("m"),
        "parent_model_id": parent.model_id if parent else None,
        "base": base or training.base,
        "budget": len(additions),
        "training": training.to_dict(),
        "label_names": list(study.task.label_names),
        "plan_id": plan_id,
    }
    title = "Train the baseline" if arm is Arm.ORIGINAL else f"Retrain: {arm}"
    if experiment is not None:
        params["experiment_id"] = experiment.experiment_id
        title = f"{title}, seed {seed}"
    return new_job(study, JobKind.TRAIN, title, seed, params, train=rows, validation=validation)


def side_of(task: Task, recipe: str, wanted: str) -> PairSide:
    """The side ``wanted``, or where that is empty the recipe's usual one. Raises ConfigError where texts have none."""
    side = PairSide(wanted) if wanted else usual_side(task, PerturbationRecipe(recipe))
    if side is not PairSide.BOTH and not task.is_pair:
        raise ConfigError(f"side is {wanted!r}, but texts of {task.name!r} are no pairs; leave it out")
    return side


def discover_job(
    store: Store,
    study: Study,
    model: Model,
    model_path: Path,
    recipe: PerturbationRecipe,
    size: int,
    seed: int,
    plan_id: str | None = None,
    goal: AttackGoal = AttackGoal.UNTARGETED,
    side: str = "",
    split: Split = Split.VALIDATION,
    first: int = 0,
) -> Job:
    """Attack ``size`` texts of ``split`` (0: all) from the one at place ``first`` on; their order was drawn when the
    data were split."""
    examples = store.examples.table(study.study_id, split)
    if len(examples) == 0:
        raise NothingToDoError(f"the {split} split of {study.name!r} is empty; make a study with {split} texts")
    allowed = side_of(study.task, recipe, side)
    params: dict[str, object] = {
        "model_id": model.model_id,
        "model_path": str(model_path),
        "recipe": recipe,
        "goal": goal,
        "side": allowed,
        "tau": study.tau,
        "split": split,
        "set_id": new_id("set"),
        "plan_id": plan_id,
    }
    chosen = examples.slice(first, size or None)
    title = _attack_title(recipe, goal, study.tau, allowed).replace("validation", split, 1)
    title = title if model.arm is Arm.ORIGINAL else f"{title}, on {model.arm}"
    return new_job(study, JobKind.DISCOVER, title, seed, params, examples=chosen)


def import_job(
    study: Study, model: Model, model_path: Path, name: str, pairs: Sequence[Pair], left_out: int, seed: int
) -> Job:
    """Ask ``model`` about the pairs of the file ``name``, which become a set of their own. ``left_out`` is told."""
    params: dict[str, object] = {
        "model_id": model.model_id,
        "model_path": str(model_path),
        "recipe": PerturbationRecipe.IMPORTED,
        "goal": "as imported",
        "split": Split.VALIDATION,
        "set_id": new_id("set"),
        "plan_id": None,
        "imported": {"file": name, "left_out": left_out},
    }
    return new_job(study, JobKind.DISCOVER, f"Import pairs: {name}", seed, params, pairs=pairs_table(pairs))


def _attack_title(recipe: PerturbationRecipe, goal: AttackGoal, tau: float, side: PairSide) -> str:
    after = "" if goal is AttackGoal.UNTARGETED else f", {goal.text(tau)}"
    where = "" if side is PairSide.BOTH else f", {side} texts only"
    return f"Attack validation: {recipe}{after}{where}"


def own_set(study: Study, config: StudyConfig) -> EvaluationSet:
    """How the study's own comparison tries every model."""
    side = side_of(study.task, config.recipe, config.side)
    recipe, goal = PerturbationRecipe(config.recipe), AttackGoal(config.goal)
    return EvaluationSet("", recipe, goal, side, config.attack_test, config.seed)


def evaluate_job(
    store: Store,
    study: Study,
    tried: EvaluationSet,
    tau: float,
    model: Model,
    model_path: Path,
    frozen_set_id: str | None,
    plan_id: str | None = None,
    experiment: ExperimentPlan | None = None,
) -> Job:
    """Look at test with ``model``. ``frozen_set_id`` None: the model is ORIGINAL, whose attack is to be frozen. ``tau``
    is what an attack for unknown unknowns is after: not the study's, which may be moved between two evaluations."""
    examples = store.examples.table(study.study_id, Split.TEST)
    if len(examples) == 0:
        raise NothingToDoError(f"the test split of {study.name!r} is empty; make a study with test texts")
    fresh = new_id("set")
    params: dict[str, object] = {
        "model_id": model.model_id,
        "model_path": str(model_path),
        "recipe": tried.recipe,
        "goal": tried.goal,
        "side": tried.side,
        "tau": tau,
        "evaluation_id": new_id("ev"),
        "fresh_set_id": fresh,
        "frozen_set_id": frozen_set_id or fresh,
        "attack_size": tried.size,
        "plan_id": plan_id,
    }
    title = f"Evaluate on test: {model.arm}"
    if experiment is not None:
        params |= {"experiment_id": experiment.experiment_id, "set_name": tried.name}
        title += "" if model.arm is Arm.ORIGINAL else f", seed {model.seed}"
        title += f", {tried.name}" if len(experiment.sets) > 1 else ""
    tables = {"examples": examples}
    if frozen_set_id is not None:
        tables["frozen"] = store.perturbations.successful(frozen_set_id)
    return new_job(study, JobKind.EVALUATE, title, tried.seed, params, **tables)


def synthesize_job(
    store: Store,
    study: Study,
    config: StudyConfig,
    model: Model,
    model_path: Path,
    teacher: TeacherConfig,
    requests: Sequence[SampleRequest],
    arm: Arm | None = None,
    plan_id: str | None = None,
) -> Job:
    """Have ``teacher`` write the samples. ``arm`` is the arm of a plan that they are for."""
    wanted = [request for request in requests if request.count > 0]
    if not wanted:
        raise NothingToDoError("no samples were asked for; choose hypotheses, and at least one sample each")
    params = gate_params(study, config, model, model_path, plan_id) | {
        "requests": [
            {
                "hypothesis": _HYPOTHESIS.dump_python(request.hypothesis, mode="json"),
                "parent_text": request.parent_text,
                "sources": [_UNKNOWN.dump_python(unknown, mode="json") for unknown in request.sources],
                "count": request.count,
            }
            for request in wanted
        ],
        "teacher": teacher.to_dict(),
        "arm": arm,
    }
    title = f"Write {_samples(sum(request.count for request in wanted))}"
    tables = gate_tables(store, study, set())
    return new_job(study, JobKind.SYNTHESIZE, title, config.seed, params, **tables)


def gate_job(
    store: Store,
    study: Study,
    config: StudyConfig,
    model: Model,
    model_path: Path,
    samples: Sequence[SyntheticSample],
    sources: Sequence[tuple[str, Text]] = (),
) -> Job:
    """``sources``: (hypothesis id, text of a UU that it rests on)."""
    texts = text_table([sample.text for sample in samples])
    table = texts.append_column("sample_id", pa.array([sample.sample_id for sample in samples], pa.string()))
    table = table.append_column("label", pa.array([sample.label for sample in samples], pa.int64()))
    table = table.append_column("hypothesis_id", pa.array([sample.hypothesis_id for sample in samples], pa.string()))
    behind = text_table([text for _, text in sources])
    behind = behind.append_column("hypothesis_id", pa.array([owner for owner, _ in sources], pa.string()))
    params = gate_params(study, config, model, model_path, None)
    tables = gate_tables(store, study, {sample.text for sample in samples})
    title = f"Check {_samples(len(samples))}"
    return new_job(study, JobKind.GATE, title, config.seed, params, samples=table, sources=behind, **tables)


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count} samples"


def gate_params(
    study: Study, config: StudyConfig, model: Model, model_path: Path, plan_id: str | None
) -> dict[str, object]:
    return {
        "task": _TASK.dump_python(study.task, mode="json"),
        "model_id": model.model_id,
        "model_path": str(model_path),
        "gates": config.gates.to_dict(),
        "plan_id": plan_id,
    }


def gate_tables(store: Store, study: Study, new: set[tuple[str, ...]]) -> dict[str, pa.Table]:
    """Training texts as references; the samples already there, without those that are to be checked; and validation
    and test texts, which samples must not be copies of."""
    existing = [text for text in store.samples.texts(study.study_id) if text not in new]
    references = store.examples.table(study.study_id, Split.TRAIN).select(["text", "text_b", "label"])
    sealed = [
        table.select(["text", "text_b"]).append_column("split", pa.array([split.value] * len(table), pa.string()))
        for split in (Split.VALIDATION, Split.TEST)
        for table in [store.examples.table(study.study_id, split)]
    ]
    return {"references": references, "existing": text_table(existing), "sealed": pa.concat_tables(sealed)}

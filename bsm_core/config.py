"""Frozen settings. Defaults are the paper's, each with its section; impossible values are refused when made."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

from bsm_core.domain.unknowns import PAPER_TAU, AttackGoal, PairSide, PerturbationRecipe, check_tau
from bsm_core.errors import ConfigError

DATA = Path(__file__).resolve().parent.parent / "data"
"""Small shipped text: presets, task cards, prompt templates, pinned assets."""

EMBEDDED_ENCODER = "all-MiniLM-L6-v2"
EMBEDDED_TEACHER = "embedded"
EMBEDDED_LLAMA = "smollm2-135m-instruct"
"""The packaged causal language model that LoRA can be tried on."""
PAPER_LLAMA = "meta-llama/Llama-2-7b-hf"
"""The paper's language model, on the Hugging Face hub."""
BILSTM = "bilstm"
"""The base of a new Bi-LSTM over the packaged word vectors (appendix C)."""
SCHEDULES = ("linear", "cosine")
PRECISIONS = ("float32", "bfloat16", "4bit")
PAPER_SIMILARITY = 0.5
"""The paper's S_min (3.3), on the raw scale of its encoder."""
FIRST_STUDY = "demo"
"""The preset of the study that an empty workspace starts with."""


def _refuse(condition: bool, message: str) -> None:
    if condition:
        raise ConfigError(message)


class _Config:
    """Reading and writing for the frozen dataclasses below; unknown keys are refused by name."""

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        known = {item.name: item for item in fields(cls)}  # type: ignore[arg-type]
        unknown = sorted(set(values) - set(known))
        _refuse(
            bool(unknown),
            f"{cls.__name__} does not know {', '.join(unknown)}; it knows {', '.join(known)}",
        )
        try:
            return cls(**values)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"{cls.__name__}: {error}") from error

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True)
class TrainingConfig(_Config):
    """How a classifier is trained (3.3). The family follows from ``base``: an encoder, a causal language model with
    LoRA, or the Bi-LSTM. The defaults are the paper's for an encoder; ``lora_defaults`` has those for LoRA."""

    base: str = "bert-base-uncased"
    """Asset name, local folder, or hub id; ``bilstm`` for a new Bi-LSTM."""
    epochs: int = 10
    learning_rate: float = 2e-4
    batch_size: int = 64
    max_length: int = 256
    """Tokens; longer texts are cut."""
    warmup_ratio: float = 0.1
    weight_decay: float = 0.01
    accumulation: int = 1
    """Batches in one optimizer step, their gradients added up: a larger batch in the memory of a small one."""
    schedule: str = "linear"
    """How the learning rate falls after the warm-up."""
    max_grad_norm: float = 1.0
    """Longer gradients are cut to this length."""
    precision: str = "float32"
    """Of a causal language model's products in training; ``4bit`` keeps its own weights in four bits."""
    gradient_checkpointing: bool = False
    """Compute states twice instead of keeping them: less memory, about a third more time."""
    lora_r: int = 64  # 3.3
    """Rank of the adapter's matrices. The three of LoRA say nothing to other families."""
    lora_alpha: int = 16  # 3.3
    lora_dropout: float = 0.1  # 3.3

    def __post_init__(self) -> None:
        _refuse(not self.base.strip(), f"base is empty; name an asset, a folder or a hub id, or use {BILSTM!r}")
        _refuse(self.epochs < 1, f"epochs is {self.epochs}; it must be at least 1")
        _refuse(not 0 < self.learning_rate < 1, f"learning_rate is {self.learning_rate}; use (0, 1)")
        _refuse(self.batch_size < 1, f"batch_size is {self.batch_size}; it must be at least 1")
        _refuse(not 8 <= self.max_length <= 512, f"max_length is {self.max_length}; use 8 to 512")
        _refuse(not 0 <= self.warmup_ratio < 1, f"warmup_ratio is {self.warmup_ratio}; use [0, 1)")
        _refuse(not 0 <= self.weight_decay < 1, f"weight_decay is {self.weight_decay}; use [0, 1)")
        _refuse(self.accumulation < 1, f"accumulation is {self.accumulation}; it must be at least 1")
        _refuse(self.schedule not in SCHEDULES, f"schedule {self.schedule!r} is unknown; use {', '.join(SCHEDULES)}")
        _refuse(not self.max_grad_norm > 0, f"max_grad_norm is {self.max_grad_norm}; use more than 0")
        _refuse(
            self.precision not in PRECISIONS, f"precision {self.precision!r} is unknown; use {', '.join(PRECISIONS)}"
        )
        for name in ("lora_r", "lora_alpha"):
            _refuse(getattr(self, name) < 1, f"{name} is {getattr(self, name)}; it must be at least 1")
        _refuse(not 0 <= self.lora_dropout < 1, f"lora_dropout is {self.lora_dropout}; use [0, 1)")
        if self.base == BILSTM:
            plain = self.precision == "float32"
            _refuse(not plain, f"precision is {self.precision}, but a Bi-LSTM trains in float32; leave it out")
            _refuse(self.gradient_checkpointing, "gradient_checkpointing is on, but a Bi-LSTM has none; leave it out")


def bilstm_defaults() -> TrainingConfig:
    """Ours: the paper gives none for its Bi-LSTM."""
    return TrainingConfig(base=BILSTM, epochs=6, learning_rate=2e-3, max_length=128)


def lora_defaults(base: str) -> TrainingConfig:
    """The paper's settings for a causal language model with LoRA (3.3)."""
    return TrainingConfig(
        base=base,
        epochs=3,
        batch_size=8,
        accumulation=8,
        schedule="cosine",
        max_grad_norm=0.3,
        weight_decay=0.001,
    )


@dataclass(frozen=True, slots=True)
class GateConfig(_Config):
    """What a synthetic sample must pass (3.3)."""

    min_characters: int = 40  # 3.3
    max_repeat_share: float = 0.9
    """A text that shares more of its word trigrams than this with an earlier one is a repeat."""
    min_similarity: float | None = None
    """S_min (3.3). None calibrates it: the 2% quantile of leave-one-out scores of training texts. The paper's raw
    value is PAPER_SIMILARITY."""
    similarity_references: int = 1000
    """Training texts a sample is compared with, drawn by seed; more than there are takes them all."""
    similarity_encoder: str = EMBEDDED_ENCODER
    """Asset name or local folder of the encoder behind BERTScore."""
    similarity_layer: int | None = None
    """Its layer whose states are compared; None: the one measured best for this encoder, else the last."""
    similarity_top: int = 1
    """A sample's score is the mean over this many best references; 1 is the maximum."""
    similarity_shortlist: int = 256
    """References compared token by token, nearest by pooled vectors; 0 compares with every one."""
    max_leak_share: float = 0.6
    """A text that shares more of its letter runs than this with a validation or test text is a leak."""
    check_fit: bool = True
    """Whether to say how near a sample is to the texts that its hypothesis rests on."""
    min_fit: float | None = None
    """Share of training texts that must be less near to those texts than the sample; None rejects nothing."""

    def __post_init__(self) -> None:
        _refuse(self.min_characters < 0, f"min_characters is {self.min_characters}; use 0 or more")
        _refuse(not 0 < self.max_repeat_share <= 1, f"max_repeat_share is {self.max_repeat_share}; use (0, 1]")
        _refuse(not 0 < self.max_leak_share <= 1, f"max_leak_share is {self.max_leak_share}; use (0, 1]")
        _refuse(self.similarity_references < 10, "similarity_references must be at least 10")
        _refuse(not self.similarity_encoder.strip(), "similarity_encoder is empty; name an asset or a folder")
        layer, top, shortlist = self.similarity_layer, self.similarity_top, self.similarity_shortlist
        _refuse(layer is not None and layer < 1, f"similarity_layer is {layer}; use 1 or more, or none for the last")
        _refuse(shortlist < 0, f"similarity_shortlist is {shortlist}; use 1 or more, or 0 for every reference")
        most = min(shortlist or self.similarity_references, self.similarity_references)
        _refuse(not 1 <= top <= most, f"similarity_top is {top}; use 1 to {most}, the references compared with")
        mark, fit = self.min_similarity, self.min_fit
        _refuse(mark is not None and not -1 < mark < 1, f"min_similarity is {mark}; use (-1, 1), or none to calibrate")
        _refuse(fit is not None and not 0 <= fit <= 1, f"min_fit is {fit}; use [0, 1], or none to reject nothing")
        _refuse(fit is not None and not self.check_fit, f"min_fit is {fit}, but check_fit is off; turn it on")

    @property
    def fingerprint(self) -> str:
        """Short, and the same for the same settings: which rules a verdict was made by."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class StudyConfig(_Config):
    """A preset: everything that fixes a study's numbers. Kept with the study and never changed."""

    preset: str
    task: str
    train_size: int
    """Rows after deduplication; 0 takes all there are."""
    validation_size: int
    test_size: int
    seed: int = 0
    tau: float = PAPER_TAU  # 3.3
    recipe: str = PerturbationRecipe.DEEPWORDBUG
    goal: str = AttackGoal.UNTARGETED
    """When an attack of the plan or of an evaluation has succeeded; an ``unknown-unknown`` at ``tau``."""
    side: str = ""
    """Which side of text pairs an attack may change: both, first, second; empty: what the recipe usually changes."""
    attack_validation: int = 0
    """Validation texts to attack; 0 attacks all."""
    attack_test: int = 0
    abstraction_share: float = 0.01  # 3.1
    extrapolation_share: float = 0.01  # 3.1
    oversample: float = 1.5
    """Samples generated for each one in the budget, since gates reject some."""
    curated: bool = False
    """Headless runs take in the curated set that ships for the task, as an arm of its own."""
    require_hub: bool = False
    """Real data and models from the Hugging Face hub; refuse the packaged stand-ins."""
    data: str = ""
    """Folder (or one file) with the task's own files, taken instead of the package or the hub; empty: none."""
    baseline: TrainingConfig = field(default_factory=TrainingConfig)
    retrain: TrainingConfig = field(default_factory=TrainingConfig)
    gates: GateConfig = field(default_factory=GateConfig)

    def __post_init__(self) -> None:
        for name in ("train_size", "validation_size", "test_size", "attack_validation", "attack_test"):
            _refuse(getattr(self, name) < 0, f"{name} is {getattr(self, name)}; use 0 or more")
        check_tau(self.tau)
        for name in ("abstraction_share", "extrapolation_share"):
            _refuse(not 0 <= getattr(self, name) <= 0.5, f"{name} is {getattr(self, name)}; use [0, 0.5]")
        _refuse(self.oversample < 1, f"oversample is {self.oversample}; it must be at least 1")
        recipes = [recipe.value for recipe in PerturbationRecipe if recipe is not PerturbationRecipe.IMPORTED]
        _refuse(self.recipe not in recipes, f"recipe {self.recipe!r} is unknown; use {', '.join(recipes)}")
        _refuse(self.goal not in list(AttackGoal), f"goal {self.goal!r} is unknown; use {', '.join(AttackGoal)}")
        _refuse(self.side not in ("", *PairSide), f"side {self.side!r} is unknown; use {', '.join(PairSide)}")

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        nested = dict(values)
        for name, kind in (("baseline", TrainingConfig), ("retrain", TrainingConfig), ("gates", GateConfig)):
            if isinstance(nested.get(name), dict):
                nested[name] = kind.from_dict(nested[name])
        # super() needs the class by name: slots=True makes a new class and leaves __class__ behind.
        return super(StudyConfig, cls).from_dict(nested)

    def retrain_from(self, card: Mapping[str, Any]) -> TrainingConfig:
        """How the model with this card is trained further: as ``retrain`` says; a model that was not made from
        ``retrain.base`` as it was trained itself, for no more epochs."""
        made = card.get("config")
        if not isinstance(made, dict) or made.get("base") == self.retrain.base:
            return self.retrain
        trained = TrainingConfig.from_dict(made)
        return replace(trained, epochs=min(trained.epochs, self.retrain.epochs))

    def with_seed(self, seed: int) -> StudyConfig:
        return replace(self, seed=seed)


def preset_names() -> list[str]:
    return sorted(path.stem for path in (DATA / "presets").glob("*.toml"))


def load_preset(name: str) -> StudyConfig:
    """Read ``data/presets/<name>.toml``. Raises ConfigError for an unknown name or an impossible value."""
    path = DATA / "presets" / f"{name}.toml"
    if name not in preset_names():
        raise ConfigError(f"no preset {name!r}; there are {', '.join(preset_names())}")
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    return StudyConfig.from_dict({"preset": name, **values})


@dataclass(frozen=True, slots=True)
class TeacherConfig(_Config):
    """Which language model writes, and what it costs. The key itself is never stored: only the name of the
    environment variable (or of the entry in the secrets file) it is read from."""

    endpoint: str = EMBEDDED_TEACHER
    """Base URL of an OpenAI-compatible API, or ``embedded`` for the local model."""
    model: str = "smollm2-135m-instruct"
    key_variable: str = "OPENAI_API_KEY"
    price_prompt: float | None = None
    """US dollars per million prompt tokens."""
    price_completion: float | None = None
    timeout: float = 60.0
    """Seconds for one answer."""
    retries: int = 3
    """Further tries after a time-out, a rate limit or a server error, with growing pauses."""

    def __post_init__(self) -> None:
        # The value is not quoted where it may hold a secret.
        _refuse(set("@?") & set(self.endpoint) != set(), "endpoint has a user name or a query; use the bare base URL")
        ok = self.endpoint == EMBEDDED_TEACHER or self.endpoint.startswith(("http://", "https://"))
        _refuse(not ok, f"endpoint {self.endpoint!r} is not a URL; use http(s)://... or {EMBEDDED_TEACHER!r}")
        _refuse(not self.model.strip(), "model is empty; name the model the endpoint serves")
        _refuse(
            not self.key_variable.isidentifier(), "key_variable is not a name like OPENAI_API_KEY; no key goes here"
        )
        _refuse(self.timeout <= 0, f"timeout is {self.timeout}; use more than 0 seconds")
        _refuse(self.retries < 0, f"retries is {self.retries}; use 0 or more")

    @property
    def is_embedded(self) -> bool:
        return self.endpoint == EMBEDDED_TEACHER


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the workspace is and how this machine runs it."""

    workspace: Path
    teacher: TeacherConfig = field(default_factory=TeacherConfig)
    device: str | None = None
    """``cpu``, ``cuda`` or ``cuda:1``; None takes CUDA when present."""
    first_study: str = FIRST_STUDY

    @property
    def database(self) -> Path:
        return self.workspace / "workbench.duckdb"

    @property
    def jobs(self) -> Path:
        return self.workspace / "jobs"


def load_settings(workspace: Path | None = None) -> Settings:
    """Settings from the workspace's ``settings.json``, overridden by the environment.

    ``BSM_WORKSPACE``, ``BSM_DEVICE``, ``BSM_FIRST_STUDY``, ``BSM_TEACHER_ENDPOINT`` and ``BSM_TEACHER_MODEL`` are read.
    Raises ConfigError with the value and the remedy.
    """
    root = (workspace or Path(os.environ.get("BSM_WORKSPACE") or DATA / "workspace")).expanduser().resolve()
    path = root / "settings.json"
    stored: dict[str, Any] = {}
    if path.exists():
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ConfigError(f"{path} is not JSON ({error}); mend or delete it") from error
    teacher = dict(stored.get("teacher", {}))
    for key, variable in (("endpoint", "BSM_TEACHER_ENDPOINT"), ("model", "BSM_TEACHER_MODEL")):
        if os.environ.get(variable):
            teacher[key] = os.environ[variable]
    device = os.environ.get("BSM_DEVICE") or stored.get("device")
    first_study = os.environ.get("BSM_FIRST_STUDY") or FIRST_STUDY
    return Settings(root, TeacherConfig.from_dict(teacher), device, first_study)


def save_settings(settings: Settings) -> None:
    """Write what the Settings page may change. Never a key."""
    settings.workspace.mkdir(parents=True, exist_ok=True)
    body = json.dumps({"teacher": settings.teacher.to_dict(), "device": settings.device}, indent=2)
    target = settings.workspace / "settings.json"
    draft = target.with_suffix(".tmp")
    draft.write_text(body + "\n", encoding="utf-8")
    draft.replace(target)

"""The controlled check (appendix C): blind spots are planted, so that the truth is known, and the workbench is judged
by whether it finds and removes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

NO_STUDY = "self-test"
"""In place of a study's id, for jobs and events of the check: it belongs to the workspace."""


class SpotKind(StrEnum):
    """The two kinds of planted blind spots."""

    P = "P"
    """Praise: positive texts with planted positive terms, taken for negative."""
    N = "N"
    """Blame: negative texts with planted negative terms, taken for positive."""

    @property
    def label(self) -> int:
        """The right label of its texts; the task has negative 0 and positive 1."""
        return 1 if self is SpotKind.P else 0


class Variant(StrEnum):
    """One way to spoil the training data (table 3)."""

    CLEAN = "CLEAN"
    """Nothing is planted, and nothing left out."""
    R = "R"
    """Nothing is planted: as many texts as in P, N and PN, drawn at random. The control."""
    P = "P"
    """Praise is planted."""
    N = "N"
    """Blame is planted."""
    PN = "PN"
    """Both are planted."""

    @property
    def plants(self) -> tuple[SpotKind, ...]:
        return tuple(kind for kind in SpotKind if self in (kind.value, Variant.PN))


class Planting(StrEnum):
    """How training texts that have planted terms are spoiled."""

    MISLABELLED = "mislabelled"
    """Those whose label the term speaks for: some stay with the wrong label, the others are left out."""
    ONE_SIDED = "one-sided"
    """Those whose label the term speaks for are left out: the term is only seen on the other side."""
    REMOVED = "removed"
    """All of them are left out: the model never sees the terms."""


class Treatment(StrEnum):
    """What a spoiled model is trained on with, all at one budget."""

    GOLDEN = "golden"
    """Samples of the golden hypotheses, written from the planted terms."""
    UNTARGETED = "untargeted"
    """Samples from the same frames, with terms that were not planted."""
    MORE_TRAINING = "more training"
    """Training texts drawn again: nothing new."""


CONTROLS = (Treatment.UNTARGETED, Treatment.MORE_TRAINING)


@dataclass(frozen=True, slots=True)
class ControlledPlan:
    """What is run. Sizes are texts; ``train_size`` 0 takes all that validation and test leave.

    Raises ValueError for what cannot be run whatever the data are.
    """

    seeds: tuple[int, ...] = (0,)
    variants: tuple[Variant, ...] = tuple(Variant)
    planting: Planting = Planting.MISLABELLED
    terms: int = 600
    """Opinion terms a side (appendix C)."""
    train_size: int = 3500
    validation_size: int = 1500
    test_size: int = 2000
    data_seed: int = 0
    tau: float = 0.65  # 3.3
    budget_share: float = 0.02  # 3.1: 1% of abstractions and 1% of extrapolations
    epochs: int = 6
    repair_epochs: int = 2
    learning_rate: float = 4e-3
    batch_size: int = 64

    def __post_init__(self) -> None:
        _refuse(not self.seeds or min(self.seeds) < 0, f"seeds are {list(self.seeds)}; name one or more, from 0 on")
        _refuse(len(set(self.seeds)) < len(self.seeds), f"seeds are {list(self.seeds)}; name each once")
        _refuse(len(set(self.variants)) < len(self.variants), "a variant is named twice; name each once")
        _refuse(Variant.R not in self.variants, "the variant R is missing; the others are held against it")
        _refuse(self.terms < 6, f"terms is {self.terms}; use 6 or more a side")
        _refuse(self.train_size < 0, f"train_size is {self.train_size}; use 1 or more, or 0 for all")
        for name in ("validation_size", "test_size"):
            _refuse(getattr(self, name) < 10, f"{name} is {getattr(self, name)}; use 10 or more")
        _refuse(not 0.5 < self.tau <= 1, f"tau is {self.tau}; use (0.5, 1]")
        _refuse(not 0 < self.budget_share <= 0.5, f"budget_share is {self.budget_share}; use (0, 0.5]")
        _refuse(min(self.epochs, self.repair_epochs) < 1, "epochs and repair_epochs must be at least 1")

    @property
    def cells(self) -> list[Cell]:
        """Seed by seed, so that what is finished first is a whole table."""
        return [Cell(variant, seed) for seed in self.seeds for variant in self.variants]


def _refuse(condition: bool, message: str) -> None:
    if condition:
        raise ValueError(message)


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One spoiled model with what becomes of it."""

    variant: Variant
    seed: int

    @property
    def treatments(self) -> tuple[Treatment, ...]:
        """R is treated to see what golden samples do where nothing is planted; CLEAN is there to be compared with."""
        if self.variant is Variant.CLEAN:
            return ()
        return tuple(Treatment) if self.variant.plants else (Treatment.GOLDEN, Treatment.MORE_TRAINING)

    @property
    def repaired(self) -> tuple[SpotKind, ...]:
        """The kinds that its golden samples are of: those planted; both where none is, to see that nothing happens."""
        return self.variant.plants or tuple(SpotKind)


@dataclass(frozen=True, slots=True)
class Count:
    """``count`` of ``size``."""

    count: int = 0
    size: int = 0

    @property
    def share(self) -> float | None:
        """None when there is nothing to count."""
        return self.count / self.size if self.size else None

    def __add__(self, other: Count) -> Count:
        return Count(self.count + other.count, self.size + other.size)


@dataclass(frozen=True, slots=True)
class Mistakes:
    """One model on the test texts: right answers among all; UUs among the texts of either planted kind, and among the
    rest."""

    right: Count = Count()
    praise: Count = Count()
    blame: Count = Count()
    other: Count = Count()

    def of(self, kind: SpotKind) -> Count:
        return self.praise if kind is SpotKind.P else self.blame

    def __add__(self, other: Mistakes) -> Mistakes:
        return Mistakes(
            self.right + other.right, self.praise + other.praise, self.blame + other.blame, self.other + other.other
        )


@dataclass(frozen=True, slots=True)
class FoundSpot:
    """A cluster of the UUs on validation. ``members`` counts those of the kind among its members with the kind's label;
    by chance there would be ``expected``."""

    name: str
    size: int
    kind: SpotKind
    members: Count
    expected: float
    p: float
    """One-sided and exact, corrected over all clusters and kinds of the model (Holm)."""
    is_found: bool
    """Whether it shows the planted blind spot of its kind."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What looking at one model's UUs on validation shows of one kind.

    ``uus``: of the kind among all UUs (the precision of discovery); ``texts``: of the kind among all validation texts.
    ``found`` and ``missed``: planted terms that validation texts of the kind have, by whether a UU shows them.
    """

    kind: SpotKind
    uus: Count
    texts: Count
    found: tuple[str, ...]
    missed: tuple[str, ...]
    spots: tuple[FoundSpot, ...]
    """Clusters that show the kind, the surest first."""
    is_planted: bool

    @property
    def recall(self) -> Count:
        """Of planted terms."""
        return Count(len(self.found), len(self.found) + len(self.missed))


@dataclass(frozen=True, slots=True)
class CellResult:
    """``after`` is in the order of ``cell.treatments``. ``praise`` and ``blame``: the terms planted under this seed."""

    cell: Cell
    train_size: int
    budget: int
    before: Mistakes
    after: tuple[Mistakes, ...]
    discoveries: tuple[Discovery, ...]
    clusters: int
    praise: tuple[str, ...]
    blame: tuple[str, ...]
    seconds: float

    def under(self, treatment: Treatment) -> Mistakes | None:
        known = dict(zip(self.cell.treatments, self.after, strict=True))
        return known.get(treatment)

    def discovery(self, kind: SpotKind) -> Discovery:
        return next(one for one in self.discoveries if one.kind is kind)


@dataclass(frozen=True, slots=True)
class Change:
    """A share that went away, with its 95% interval; None where there was nothing before."""

    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Removal:
    """What golden samples do to the UUs of one kind, or of all planted kinds of a variant (``kind`` None): the share
    they remove of those before, of those that a control at the same budget has, and of what planting added (UUs
    before less those of R on the same texts). ``p``: paired, against each control in the order of CONTROLS."""

    kind: SpotKind | None
    of_before: Change
    of_controls: tuple[Change, ...]
    of_planted: Change
    p: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of table 3: a variant over all seeds."""

    variant: Variant
    before: Mistakes
    after: tuple[tuple[Treatment, Mistakes], ...]
    recall: Count
    """Planted terms found, of those that validation could show; of both kinds where nothing is planted."""
    precision: Count
    """UUs on validation of the planted kinds, of all."""
    spots: Count
    """Planted blind spots that a cluster shows, of planted ones; where nothing is planted: false alarms of chances."""
    planted: Change
    """How much more often the model is a UU on texts of the planted kinds than R: a difference of shares."""
    removals: tuple[Removal, ...]


@dataclass(frozen=True, slots=True)
class ControlledResult:
    plan: ControlledPlan
    cells: tuple[CellResult, ...]
    rows: tuple[Row, ...]
    terms: tuple[int, int]
    """Positive and negative terms that could be planted, of ``plan.terms``."""
    data_hash: str
    seconds: float
    created_at: datetime

    def row(self, variant: Variant) -> Row | None:
        return next((row for row in self.rows if row.variant is variant), None)

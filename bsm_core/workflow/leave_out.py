"""Leaving samples out of a cheap head, hypothesis by hypothesis, on training rows that are drawn again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bsm_core.domain.attribution import Mirror
from bsm_core.domain.tasks import Text
from bsm_core.domain.unknowns import UUOrigin
from bsm_core.metrics.calibration import accuracy, nll
from bsm_core.metrics.uu import is_unknown
from bsm_core.ports import JobContext
from bsm_core.ports.blind_spots import TextEmbedder
from bsm_core.workflow.head import HeadProblem, of_rows, with_ones
from bsm_core.workflow.tables import texts

PENALTIES = (10.0, 1.0, 1e-1, 1e-2, 1e-3, 1e-4)
"""Tried on the training set; the one with the least negative log-likelihood on validation texts is taken."""

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Features (n, D) with what is known of the rows."""

    features: FloatArray
    labels: IntArray


TABLES = ("train", "validation", "samples", "unknowns")


def read_features(
    tables: Mapping[str, pa.Table], embedder: Callable[[], TextEmbedder], context: JobContext
) -> dict[str, Rows]:
    """Each different text is read once, by a classifier that is not changed any more. Centered, and of unit spread, as
    the training rows are."""
    kept = context.partial / "features.npy"
    wanted = {name: texts(table) for name, table in tables.items()}
    different: dict[Text, int] = {}
    for some in wanted.values():
        for text in some:
            different.setdefault(text, len(different))
    if kept.exists():
        found = np.load(kept, allow_pickle=False)
    else:
        found = embedder().embed(list(different), context)
        half = kept.with_name("features.half.npy")
        np.save(half, found, allow_pickle=False)
        half.rename(kept)
    own = {name: found[[different[text] for text in some]].astype(np.float64) for name, some in wanted.items()}
    center = own["train"].mean(axis=0)
    spread = float(np.sqrt(((own["train"] - center) ** 2).mean())) or 1.0
    return {
        name: Rows((values - center) / spread, tables[name]["label"].to_numpy().astype(np.int64))
        for name, values in own.items()
    }


def mirror(
    rows: Mapping[str, Rows], tables: Mapping[str, pa.Table], params: Mapping[str, Any]
) -> tuple[float, FloatArray, Mirror]:
    """The penalty that suits validation best, the head that knows no sample, and how it compares with the baseline."""
    train, validation, unknowns = rows["train"], rows["validation"], rows["unknowns"]
    tried: list[tuple[float, float, FloatArray]] = []
    for penalty in PENALTIES:
        problem = HeadProblem(train.features, train.labels, params["label_count"], penalty)
        weights = problem.fit(np.ones(len(train.labels)), tried[-1][2] if tried else None)
        loss = nll(of_rows(with_ones(validation.features), weights), validation.labels)
        tried.append((loss, penalty, weights))
    _, penalty, weights = min(tried, key=lambda one: one[0])
    clean = of_rows(with_ones(validation.features), weights)
    same = is_unknown(of_rows(with_ones(unknowns.features), weights), unknowns.labels, params["tau"])
    origins = tables["unknowns"]["origin"].to_pylist()
    natural = {
        item
        for item, origin in zip(tables["unknowns"]["item_id"].to_pylist(), origins, strict=True)
        if origin == UUOrigin.NATURAL
    }
    own = is_unknown(clean, validation.labels, params["tau"])
    ids = tables["validation"]["example_id"].to_pylist()
    found = Mirror(
        accuracy=accuracy(clean, validation.labels),
        baseline_accuracy=params["baseline_accuracy"],
        unknowns=len(origins),
        shared=int(same.sum()),
        extra=sum(bool(flag) and name not in natural for flag, name in zip(own, ids, strict=True)),
    )
    return penalty, weights, found


@dataclass(frozen=True, slots=True)
class Gains:
    """What each of H hypotheses' samples bring in each of R resamples: probability in the right label on the UUs
    (R, H, U) and on clean validation texts (R, H, V), and UUs removed, 1, 0 or -1 (R, H, U)."""

    unknowns: FloatArray
    clean: FloatArray
    removed: FloatArray


def leave_out(
    rows: Mapping[str, Rows],
    owner: Sequence[str],
    hypotheses: Sequence[str],
    penalty: float,
    start: FloatArray,
    params: Mapping[str, Any],
    seed: int,
    context: JobContext,
) -> Gains:
    train, samples = rows["train"], rows["samples"]
    problem = HeadProblem(
        np.concatenate([train.features, samples.features]),
        np.concatenate([train.labels, samples.labels]),
        params["label_count"],
        penalty,
    )
    judged = {name: with_ones(rows[name].features) for name in ("unknowns", "validation")}
    labels = {name: rows[name].labels for name in judged}
    mine = {name: np.array([one == name for one in owner]) for name in hypotheses}
    total = params["resamples"] * len(hypotheses)
    parts: list[dict[str, FloatArray]] = []
    for number in range(params["resamples"]):
        kept = context.partial / f"resample-{number}.npz"
        if kept.exists():
            with np.load(kept, allow_pickle=False) as read:
                parts.append({name: read[name].astype(np.float64) for name in read.files})
            continue
        rng = np.random.default_rng([seed, number])
        drawn = rng.multinomial(len(train.labels), np.full(len(train.labels), 1 / len(train.labels)))
        counts = np.concatenate([drawn, np.ones(len(samples.labels))]).astype(np.float64)
        weights = problem.fit(counts, start)
        inverse = problem.inverse_curvature(weights, counts)
        whole = {name: of_rows(some, weights) for name, some in judged.items()}
        fooled = is_unknown(whole["unknowns"], labels["unknowns"], params["tau"])
        here: dict[str, list[FloatArray]] = {"unknowns": [], "clean": [], "removed": []}
        for place, name in enumerate(hypotheses):
            context.check_cancelled()
            context.progress("leaving hypotheses out", number * len(hypotheses) + place, total)
            less = problem.neighbor(_without(counts, mine[name], train, samples, rng), weights, inverse)
            left = {which: of_rows(some, less) for which, some in judged.items()}
            here["unknowns"].append(_right(whole["unknowns"] - left["unknowns"], labels["unknowns"]))
            here["clean"].append(_right(whole["validation"] - left["validation"], labels["validation"]))
            again = is_unknown(left["unknowns"], labels["unknowns"], params["tau"])
            here["removed"].append(again.astype(np.float64) - fooled.astype(np.float64))
        part = {name: np.stack(some).astype(np.float32) for name, some in here.items()}
        half = kept.with_name(f"half-{number}.npz")
        np.savez(half, allow_pickle=False, **part)
        half.rename(kept)
        parts.append({name: some.astype(np.float64) for name, some in part.items()})
    return Gains(**{name: np.stack([part[name] for part in parts]) for name in ("unknowns", "clean", "removed")})


def _without(
    counts: FloatArray, own: npt.NDArray[np.bool_], train: Rows, samples: Rows, rng: np.random.Generator
) -> FloatArray:
    """``counts`` with training rows in place of the samples ``own``: as many, and of the same labels where the training
    set has any."""
    changed = counts.copy()
    changed[len(train.labels) :][own] = 0.0
    for label in samples.labels[own]:
        alike = np.flatnonzero(train.labels == label)
        changed[rng.choice(alike) if len(alike) else rng.integers(len(train.labels))] += 1.0
    return changed


def _right(values: FloatArray, labels: IntArray) -> FloatArray:
    """(n,) the column of each row's label."""
    found: FloatArray = values[np.arange(len(labels)), labels]
    return found

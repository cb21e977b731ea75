"""Which layer of an encoder tells real text from made-bad text best? BERTScore's scale is another one on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bsm_core.classifiers.encoder import load_encoder
from bsm_core.classifiers.similarity import BertScoreSimilarity
from bsm_core.config import EMBEDDED_ENCODER
from bsm_core.domain.tasks import Text

CHOSEN = {EMBEDDED_ENCODER: 4}
"""By encoder, as ``python -m bsm_core bench layers`` found it; the last layer of an encoder that was not measured."""


@dataclass(frozen=True, slots=True)
class LayerRow:
    """``mark``: the 2% quantile of leave-one-out training scores. Shares of texts that reach it, and that reach
    ``raw``; ``separation``: how often a real text scores above a bad one (area under the ROC curve), by kind of bad."""

    layer: int
    mark: float
    real: float
    bad: Mapping[str, float]
    real_raw: float
    bad_raw: Mapping[str, float]
    separation: Mapping[str, float]

    @property
    def mean_separation(self) -> float:
        return sum(self.separation.values()) / len(self.separation)


def layer_table(
    encoder: Path,
    references: Sequence[Text],
    real: Sequence[Text],
    bad: Mapping[str, Sequence[Text]],
    seed: int,
    raw: float,
) -> list[LayerRow]:
    """A row a layer, first to last. ``real`` are held out: none of them is a reference."""
    depth = int(load_encoder(encoder).config.num_hidden_layers)
    return [_row(encoder, layer, references, real, bad, seed, raw) for layer in range(1, depth + 1)]


def chosen_layer(encoder: str, layer: int | None) -> int | None:
    """``layer`` where one is set, else the encoder's own; None is the last one."""
    return CHOSEN.get(encoder) if layer is None else layer


def best_layer(rows: Sequence[LayerRow]) -> LayerRow:
    """The highest mean separation over the kinds of bad text; the deeper one of equals."""
    return max(rows, key=lambda row: (row.mean_separation, row.layer))


def separation(real: npt.NDArray[np.float64], bad: npt.NDArray[np.float64]) -> float:
    """Share of (real, bad) pairs in which the real text scores higher; ties count half. 0.5 is a coin toss."""
    ordered = np.sort(bad)
    below, upto = np.searchsorted(ordered, real, "left"), np.searchsorted(ordered, real, "right")
    return float((below + upto).mean() / (2 * len(bad)))


def _row(
    encoder: Path,
    layer: int,
    references: Sequence[Text],
    real: Sequence[Text],
    bad: Mapping[str, Sequence[Text]],
    seed: int,
    raw: float,
) -> LayerRow:
    similarity = BertScoreSimilarity(encoder, references, seed, layer)
    mark = similarity.calibrate().threshold
    good = similarity.scores(real)
    worse = {name: similarity.scores(texts) for name, texts in bad.items()}
    return LayerRow(
        layer=layer,
        mark=mark,
        real=float((good >= mark).mean()),
        bad={name: float((scores >= mark).mean()) for name, scores in worse.items()},
        real_raw=float((good >= raw).mean()),
        bad_raw={name: float((scores >= raw).mean()) for name, scores in worse.items()},
        separation={name: separation(good, scores) for name, scores in worse.items()},
    )

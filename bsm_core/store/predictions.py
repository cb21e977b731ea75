"""What a model answers on the examples of one split."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bsm_core.domain.tasks import Split
from bsm_core.ports import FloatArray, ReliabilityBin
from bsm_core.store.connection import Database
from bsm_core.store.sql import Queries

_SQL = Queries("predictions")


class PredictionTable:
    """Fulfils ports.Predictions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def confusion(self, model_id: str, split: Split) -> list[tuple[int, int, int]]:
        rows = self._database.rows(_SQL["confusion"], {"model_id": model_id, "split": split.value})
        return [(row["label"], row["predicted"], row["total"]) for row in rows]

    def accuracy(self, model_id: str, split: Split) -> float | None:
        return self._database.rows(_SQL["accuracy"], {"model_id": model_id, "split": split.value})[0]["accuracy"]

    def reliability(self, model_id: str, split: Split, bins: int = 10) -> list[ReliabilityBin]:
        """Equal-width bins of [0, 1], the last one closed; bins without predictions are left out."""
        values = {"model_id": model_id, "split": split.value, "bins": bins}
        return [
            ReliabilityBin(row["bin"] / bins, (row["bin"] + 1) / bins, row["total"], row["confidence"], row["accuracy"])
            for row in self._database.rows(_SQL["reliability"], values)
        ]

    def arrays(self, model_id: str, split: Split) -> tuple[FloatArray, npt.NDArray[np.int64]]:
        """In the order the examples are stored in."""
        table = self._database.table(_SQL["arrays"], {"model_id": model_id, "split": split.value})
        labels = table["label"].to_numpy().astype(np.int64)
        flat = table["probabilities"].combine_chunks().flatten().to_numpy(zero_copy_only=False).astype(np.float32)
        return flat.reshape(len(labels), -1) if len(labels) else np.empty((0, 0), np.float32), labels

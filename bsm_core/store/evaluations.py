"""Looks at the test split, and what they show at any tau."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt

from bsm_core.domain.arms import Arm, Evaluation, EvaluationResult, Transition
from bsm_core.domain.comparison import OWN, AnswerPattern, Endpoint, EvaluationScope
from bsm_core.ports import FloatArray, Page, TransitionRow
from bsm_core.store.connection import Database, Row
from bsm_core.store.records import text_of
from bsm_core.store.sql import Queries

_SQL = Queries("evaluations")


class EvaluationTable:
    """Fulfils ports.Evaluations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, study_id: str, experiment_id: str | None = None) -> list[Evaluation]:
        """Oldest first."""
        values = {"study_id": study_id, "experiment_id": experiment_id}
        return [Evaluation(**row) for row in self._database.rows(_SQL["all"], values)]

    def looks(self, study_id: str) -> int:
        return self._database.rows(_SQL["looks"], {"study_id": study_id})[0]["looks"]

    def results(self, study_id: str, tau: float, scope: EvaluationScope = OWN) -> list[EvaluationResult]:
        rows = self._database.rows(_SQL["results"], _scoped(study_id, scope, tau=tau))
        return [_result(row) for row in rows]

    def patterns(self, study_id: str, tau: float, scope: EvaluationScope = OWN) -> list[AnswerPattern]:
        """Judged-invalid texts fool nobody, as in ``results``."""
        rows = self._database.rows(_SQL["patterns"], _scoped(study_id, scope, tau=tau))
        return [
            AnswerPattern(Endpoint(row["endpoint"]), tuple(row["fooled"]), tuple(row["held"]), row["total"])
            for row in rows
        ]

    def wrong_by_percent(
        self, study_id: str, scope: EvaluationScope = OWN
    ) -> dict[tuple[str, Endpoint], dict[int, int]]:
        """Judged-invalid texts are left out."""
        found: dict[tuple[str, Endpoint], dict[int, int]] = defaultdict(dict)
        for row in self._database.rows(_SQL["curve"], _scoped(study_id, scope)):
            found[row["model_id"], Endpoint(row["endpoint"])][row["percent"]] = row["total"]
        return dict(found)

    def set_arrays(self, model_id: str, set_id: str) -> tuple[FloatArray, npt.NDArray[np.int64]]:
        """Without judged-invalid texts."""
        rows = self._database.rows(_SQL["set_arrays"], {"model_id": model_id, "set_id": set_id})
        labels = np.array([row["label"] for row in rows], dtype=np.int64)
        values = np.array([row["probabilities"] for row in rows], dtype=np.float32)
        return values.reshape(len(rows), -1) if rows else np.empty((0, 0), np.float32), labels

    def confidence_bins(self, model_id: str, set_id: str, bins: int = 20) -> list[tuple[float, float, int, int]]:
        """Over [1/K, 1], the last bin closed."""
        with self._database.reading() as session:
            labels = session.row(_SQL["label_count"], {"model_id": model_id})
            if labels is None:
                return []
            low = 1 / labels["label_count"]
            width = (1 - low) / bins
            values = {"model_id": model_id, "set_id": set_id, "low": low, "width": width, "bins": bins}
            found = {row["bin"]: row for row in session.rows(_SQL["confidence_bins"], values)}
        counts = [(found[i]["right"], found[i]["wrong"]) if i in found else (0, 0) for i in range(bins)]
        return [
            (low + i * width, 1.0 if i == bins - 1 else low + (i + 1) * width, *count) for i, count in enumerate(counts)
        ]

    def transitions(self, before: str, after: str, set_id: str | None, tau: float) -> dict[Transition, int]:
        """Every transition has its count, be it 0. Judged-invalid texts are left out."""
        values = {"before": before, "after": after, "set_id": set_id, "tau": tau}
        found = {row["transition"]: row["total"] for row in self._database.rows(_SQL["transitions"], values)}
        return {transition: found.get(transition.value, 0) for transition in Transition}

    def transition_page(
        self,
        before: str,
        after: str,
        set_id: str | None,
        tau: float,
        transition: Transition,
        *,
        limit: int = 25,
        offset: int = 0,
    ) -> Page[TransitionRow]:
        """The most confident mistakes first."""
        values = {
            "before": before,
            "after": after,
            "set_id": set_id,
            "tau": tau,
            "transition": transition.value,
            "limit": limit,
            "offset": offset,
        }
        rows = self._database.rows(_SQL["transition_page"], values)
        return Page([_transition(row) for row in rows], self.transitions(before, after, set_id, tau)[transition])


def _scoped(study_id: str, scope: EvaluationScope, **values: object) -> dict[str, object]:
    return {"study_id": study_id, "experiment_id": scope.experiment_id, "set_name": scope.set_name, **values}


def _result(row: Row) -> EvaluationResult:
    evaluation = Evaluation(
        row["evaluation_id"],
        row["study_id"],
        row["model_id"],
        row["frozen_set_id"],
        row["fresh_set_id"],
        row["job_id"],
        row["created_at"],
    )
    return EvaluationResult(
        evaluation=evaluation,
        arm=Arm(row["arm"]),
        seed=row["seed"],
        budget=row["budget"],
        accuracy=row["accuracy"],
        test_size=row["test_size"],
        natural=row["natural"],
        frozen=row["frozen"],
        frozen_size=row["frozen_size"],
        fresh=row["fresh"],
        fresh_attacked=row["fresh_attacked"],
        accuracy_under_attack=row["accuracy_under_attack"],
    )


def _transition(row: Row) -> TransitionRow:
    return TransitionRow(
        item_id=row["item_id"],
        transition=Transition(row["transition"]),
        original_text=text_of(row, "original_text"),
        perturbed_text=None if row["perturbed_text"] is None else text_of(row, "perturbed_text"),
        label=row["label"],
        before=tuple(row["before"]),
        after=tuple(row["after"]),
    )

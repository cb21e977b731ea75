"""Where the wrong answers on test lie among the blind spots of validation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import pyarrow as pa

from bsm_core.domain.arms import Evaluation
from bsm_core.domain.blind_spots import SpotSpace
from bsm_core.domain.comparison import Endpoint
from bsm_core.domain.locations import Locating, PlacedPattern, Region
from bsm_core.store.connection import Database, Session
from bsm_core.store.records import row_of
from bsm_core.store.sql import Queries

_SQL = Queries("locations")
_SIDES = ("seen", "unseen", "unplaced", "held")


class LocationTable:
    """Fulfils ports.locations.Locations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self, study_id: str) -> Locating | None:
        row = self._database.row(_SQL["latest"], {"study_id": study_id})
        if row is None:
            return None
        regions = tuple(Region(**region) for region in json.loads(row["regions"]))
        return Locating(**{**row, "space": SpotSpace(row["space"]), "regions": regions})

    def members(self, clustering_id: str) -> pa.Table:
        return self._database.table(_SQL["members"], {"clustering_id": clustering_id})

    def mistakes(self, study_id: str) -> pa.Table:
        return self._database.table(_SQL["mistakes"], {"study_id": study_id})

    def missing(self, study_id: str, locating_id: str) -> int:
        values = {"study_id": study_id, "locating_id": locating_id}
        return int(self._database.rows(_SQL["missing"], values)[0]["missing"])

    def patterns(
        self, locating_id: str, evaluations: Sequence[Evaluation], tau: float, share: float
    ) -> list[PlacedPattern]:
        if not evaluations:
            return []
        values = {
            "study_id": evaluations[0].study_id,
            "locating_id": locating_id,
            "models": [one.model_id for one in evaluations],
            "frozen": [one.frozen_set_id for one in evaluations],
            "fresh": [one.fresh_set_id for one in evaluations],
            "tau": tau,
            "share": share,
        }
        return [
            PlacedPattern(Endpoint(row["endpoint"]), **{side: tuple(row[side]) for side in _SIDES}, count=row["total"])
            for row in self._database.rows(_SQL["patterns"], values)
        ]


def add_locating(session: Session, locating: Locating, items: pa.Table) -> None:
    """``items`` has item_id, spot_id, distance and reach."""
    regions = json.dumps([asdict(region) for region in locating.regions])
    session.insert("locatings", {**row_of(locating), "regions": regions})
    named = items.append_column("locating_id", pa.array([locating.locating_id] * len(items), pa.string()))
    session.insert_table("locations", named)

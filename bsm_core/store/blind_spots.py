"""Clusterings of UUs, the spots made of them, and the edits on those."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import pyarrow as pa

from bsm_core.domain.blind_spots import (
    Clustering,
    DistinctiveWord,
    MapPoint,
    Spot,
    SpotChange,
    SpotEdit,
    SpotMethod,
    SpotPoint,
    SpotSpace,
)
from bsm_core.domain.unknowns import UUOrigin
from bsm_core.store.connection import Database, Row, Session
from bsm_core.store.records import row_of
from bsm_core.store.remembered import Remembered
from bsm_core.store.sql import Queries

_SQL = Queries("blind_spots")

EXCERPT = 140
"""Characters of a text that the map shows."""


class BlindSpotTable:
    """Fulfils ports.blind_spots.BlindSpotLog. What was read is remembered until the next write."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._maps: Remembered[list[MapPoint]] = Remembered(size=4)
        self._ids: Remembered[list[str]] = Remembered(size=16)

    def latest(self, model_id: str) -> Clustering | None:
        row = self._database.row(_SQL["latest"], {"model_id": model_id})
        if row is None:
            return None
        kinds = {"method": SpotMethod(row["method"]), "space": SpotSpace(row["space"])}
        later = {spot_id for change in self.changes(row["clustering_id"]) for spot_id in change.after}
        made = tuple(spot for spot in self.spots(row["clustering_id"]) if spot.spot_id not in later)
        return Clustering(**{**row, **kinds, "spots": made})

    def spots(self, clustering_id: str) -> list[Spot]:
        return [_spot(row) for row in self._database.rows(_SQL["spots"], {"clustering_id": clustering_id})]

    def changes(self, clustering_id: str) -> list[SpotChange]:
        rows = self._database.rows(_SQL["changes"], {"clustering_id": clustering_id})
        return [
            SpotChange(
                **{
                    **row,
                    "kind": SpotEdit(row["kind"]),
                    "before": tuple(row["before"]),
                    "after": tuple(row["after"]),
                }
            )
            for row in rows
        ]

    def change(self, change: SpotChange, spots: Sequence[Spot] = ()) -> None:
        with self._database.writing() as session:
            for spot in spots:
                session.insert("spots", _row(spot))
            session.insert("spot_changes", row_of(change))

    def map_points(self, clustering_id: str) -> list[MapPoint]:
        def ask() -> list[MapPoint]:
            rows = self._database.rows(_SQL["map_points"], {"clustering_id": clustering_id, "length": EXCERPT})
            return [MapPoint(**{**row, "origin": UUOrigin(row["origin"])}) for row in rows]

        return self._maps.get(self._database.writes, clustering_id, ask)

    def points(self, clustering_id: str) -> list[SpotPoint]:
        rows = self._database.rows(_SQL["points"], {"clustering_id": clustering_id})
        return [
            SpotPoint(**{**row, "coordinates": tuple(row["coordinates"]), "neighbor_ids": tuple(row["neighbor_ids"])})
            for row in rows
        ]

    def item_ids(self, clustering_id: str) -> list[str]:
        return self._remembered("item_ids", clustering_id=clustering_id)

    def unknown_ids(self, model_id: str, tau: float) -> list[str]:
        return self._remembered("unknown_ids", model_id=model_id, tau=tau)

    def _remembered(self, name: str, **values: object) -> list[str]:
        def ask() -> list[str]:
            return [row["item_id"] for row in self._database.rows(_SQL[name], values)]

        return self._ids.get(self._database.writes, (name, *values.values()), ask)


def add_clustering(session: Session, clustering: Clustering, points: pa.Table) -> None:
    """``points`` has a column for each field of SpotPoint."""
    row = row_of(clustering)
    del row["spots"]
    session.insert("clusterings", row)
    for spot in clustering.spots:
        session.insert("spots", _row(spot))
    named = points.append_column("clustering_id", pa.array([clustering.clustering_id] * len(points), pa.string()))
    session.insert_table("spot_points", named)


def _row(spot: Spot) -> Row:
    return {**row_of(spot), "words": json.dumps([asdict(word) for word in spot.words])}


def _spot(row: Row) -> Spot:
    words = tuple(DistinctiveWord(**word) for word in json.loads(row["words"]))
    return Spot(**{**row, "words": words, "item_ids": tuple(row["item_ids"])})

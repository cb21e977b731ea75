"""The real packaged data, and the hub's reader on a local folder."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bsm_core.config import StudyConfig, load_preset
from bsm_core.domain.tasks import Split
from bsm_core.errors import TaskError
from bsm_core.tasks import sources
from bsm_core.tasks.assets import asset_names, asset_path
from bsm_core.tasks.loading import build_dataset, load_dataset, load_task


@pytest.mark.parametrize("name", asset_names())
def test_asset_path_of_every_shipped_asset_is_installed_and_known(name: str) -> None:
    assert asset_path(name).exists()


@pytest.mark.parametrize("preset", ["smoke", "demo"])
def test_load_dataset_of_a_preset_has_its_sizes_and_balanced_labels(preset: str) -> None:
    config = load_preset(preset)
    dataset = load_dataset(config)
    sizes = [len(dataset.of(split)) for split in Split]
    assert sizes == [config.train_size, config.validation_size, config.test_size]
    for split, size in zip(Split, sizes, strict=True):
        assert sum(example.label for example in dataset.of(split)) == size // 2


def test_load_dataset_twice_is_the_same_and_with_another_seed_is_not() -> None:
    config = load_preset("smoke")
    hashes = [load_dataset(config.with_seed(seed)).data_hash for seed in (0, 0, 1)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_load_dataset_of_packaged_imdb_takes_all_reviews_but_the_copies() -> None:
    dataset = load_dataset(StudyConfig("try", "imdb", train_size=0, validation_size=1000, test_size=1000))
    assert len(dataset.examples) + dataset.dropped_duplicate == 25_000
    assert (dataset.dropped_duplicate, dataset.dropped_empty, dataset.dropped_conflicting) == (98, 0, 0)
    assert not any("<br" in example.text[0] for example in dataset.examples)


def test_load_dataset_asked_for_more_than_the_package_has_says_both_numbers() -> None:
    with pytest.raises(TaskError, match=r"9600 texts of 'rotten_tomatoes' are asked for .* there are 8530"):
        load_dataset(replace(load_preset("demo"), train_size=8000))


def test_load_dataset_of_an_unknown_task_lists_the_known_ones() -> None:
    with pytest.raises(TaskError, match="no task 'mnli'; there are imdb, mrpc, qnli, rotten_tomatoes"):
        load_dataset(replace(load_preset("demo"), task="mnli"))


def test_load_dataset_from_the_package_loads_no_heavy_library() -> None:
    code = (
        "import sys; from bsm_core.config import load_preset; from bsm_core.tasks.loading import load_dataset; "
        "load_dataset(load_preset('smoke')); "
        "print([name for name in ('pandas', 'torch', 'datasets', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_load_dataset_of_the_paper_preset_without_the_hub_says_what_to_use_instead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    start = time.monotonic()
    with pytest.raises(TaskError, match=r"stanfordnlp/imdb was asked for, .*127\.0\.0\.1:9.* `--preset demo`"):
        load_dataset(load_preset("paper-imdb"))
    assert time.monotonic() - start < sources.HUB_TIME_LIMIT + 2


def test_load_dataset_from_the_hub_of_a_task_that_is_not_there_is_refused() -> None:
    with pytest.raises(TaskError, match="'rotten_tomatoes' is not read from the hub"):
        load_dataset(replace(load_preset("demo"), require_hub=True))


@pytest.fixture
def hub_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the hub serves IMDB: two parts, labels in order, one test review that stands in train too."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    folder = tmp_path / "imdb"
    folder.mkdir()
    for part, count in (("train", 40), ("test", 20)):
        texts = [f"{part} review {i}<br /><br />number {i}" for i in range(count)]
        labels = [int(i >= count // 2) for i in range(count)]
        if part == "test":
            texts, labels = [*texts, "train review 0 number 0"], [*labels, 0]
        pq.write_table(pa.table({"text": texts, "label": labels}), folder / f"{part}-00000.parquet")
    return folder


def test_dataset_rows_of_a_divided_source_split_as_table_1_says(hub_copy: Path) -> None:
    config = load_preset("paper-imdb")
    dataset = build_dataset(load_task("imdb"), sources.dataset_rows(hub_copy), config)
    assert [len(dataset.of(split)) for split in Split] == [40, 10, 10]
    assert dataset.dropped_duplicate == 1
    assert all(example.text[0].startswith("train") for example in dataset.of(Split.TRAIN))


def test_dataset_rows_of_a_folder_without_data_is_a_task_error(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="cannot be loaded"):
        list(sources.dataset_rows(tmp_path))

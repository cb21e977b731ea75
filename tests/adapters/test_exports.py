"""Exports as other tools read them: datasets, pandas, transformers. Nothing is fetched."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bsm_core.domain.arms import Arm
from bsm_core.domain.experiments import Cell, Start
from bsm_core.domain.tasks import Split
from bsm_core.errors import ClassifierError, DrawingError, NotFoundError, NothingToDoError, StoreError
from bsm_core.ports import JobResult
from bsm_core.report.extended_set import hash_of_rows
from bsm_core.report.lineage_rows import COLUMNS
from bsm_core.report.table_files import plain_cell
from bsm_core.workbench import Workbench
from bsm_core.workbench.making import EVERY, Export
from bsm_core.workflow.declare import Wanted
from tests.encoders import make_tiny_encoder
from tests.experiment_world import RememberingTrainer, handlers
from tests.factories import STUDY_ID, make_job, make_model, make_sample
from tests.pages.conftest import make_workbench
from tests.unit.test_experiments import TRIED, finish


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    made = make_workbench(tmp_path / "workspace")
    yield made
    made.close()


def trained(workbench: Workbench, *, honest: bool = True) -> str:
    """A model of HYPOTHESIS_RULE with the inputs of its training job, and what it was trained on in its card."""
    store = workbench.store
    train = store.examples.table(STUDY_ID, Split.TRAIN).select(["text", "text_b", "label"])
    samples = [store.samples.get(name).sample for name in ("s-rule-1", "s-rule-ext-1")]
    added = pa.table(
        {"text": [one.text[0] for one in samples], "text_b": [None, None], "label": [one.label for one in samples]},
        schema=train.schema,
    )
    rows = pa.concat_tables([train, added])
    spec = make_job("job-rule-again", at=200)
    inputs = workbench.settings.jobs / spec.job_id / "inputs"
    inputs.mkdir(parents=True)
    pq.write_table(rows if honest else rows.slice(1), inputs / "train.parquet")
    model = make_model(Arm.HYPOTHESIS_RULE, "m-rule-again", at=201)
    card = {**model.card, "train_sha256": hash_of_rows(rows)}
    store.jobs.add(spec)
    store.ingest(JobResult(spec.job_id, models=(replace(model, budget=2, job_id=spec.job_id, card=card),)))
    return model.model_id


def wait(workbench: Workbench) -> None:
    while workbench.making.is_busy:
        time.sleep(0.02)


def test_data_set_is_read_by_datasets_with_labels_and_lineage(
    workbench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    workbench.exports.dataset(STUDY_ID, tmp_path / "set")
    found = datasets.load_dataset(str(tmp_path / "set"), split="train", cache_dir=str(tmp_path / "cache"))
    assert found.features["label"].names == ["negative", "positive"]
    assert found.column_names == [name for name, *_ in COLUMNS]
    sources = found["source"]
    assert sources.count("train") == 400
    approved = workbench.store.samples.approved(STUDY_ID)
    assert sources.count("sample") == len(approved)
    row = next(one for one in found if one["source_id"] == "s-rule-ext-1")
    parent = workbench.store.hypotheses.get("h-rule")
    assert (row["hypothesis_id"], row["parent_hypothesis_id"]) == ("h-rule-ext", "h-rule")
    assert row["source_uu_ids"] == list(parent.source_item_ids)  # its own rests on its parent's
    assert row["perturbation_recipes"] == ["deepwordbug"]
    assert row["perturbation_set_ids"] == ["set-validation"]
    assert row["discovery_model_ids"] == ["m-original"]
    assert (row["decision"], row["decided_by"]) == ("approved", "gated")
    assert {one["name"] for one in json.loads(row["checks"])} >= {"length", "similarity"}
    assert found[0]["hypothesis_id"] is None
    about = json.loads((tmp_path / "set" / "export.json").read_text())
    assert about["added"] == len(approved)


def test_data_set_of_a_model_is_what_it_was_trained_on_word_by_word(workbench: Workbench, tmp_path: Path) -> None:
    model_id = trained(workbench)
    workbench.exports.dataset(STUDY_ID, tmp_path / "set.parquet", "parquet", model_id=model_id)
    table = pq.read_table(tmp_path / "set.parquet")
    assert hash_of_rows(table) == workbench.store.models.get(model_id).card["train_sha256"]
    assert table["source_id"].to_pylist()[-2:] == ["s-rule-1", "s-rule-ext-1"]
    assert len(table) == 402


def test_data_set_refuses_what_it_cannot_vouch_for(workbench: Workbench, tmp_path: Path) -> None:
    model_id = trained(workbench, honest=False)
    with pytest.raises(NothingToDoError, match="is not what m-rule-again was trained on"):
        workbench.exports.dataset(STUDY_ID, tmp_path / "set", model_id=model_id)
    with pytest.raises(NothingToDoError, match="is missing"):
        workbench.exports.dataset(STUDY_ID, tmp_path / "set", model_id="m-relabel")
    with pytest.raises(NothingToDoError, match="adds no samples of its own"):
        workbench.exports.dataset(STUDY_ID, tmp_path / "set", arm=Arm.RELABEL)
    with pytest.raises(NothingToDoError, match="no approved samples of HYPOTHESIS_LM"):
        workbench.exports.dataset(STUDY_ID, tmp_path / "set", arm=Arm.HYPOTHESIS_LM)
    assert not (tmp_path / "set").exists()


def test_csv_is_read_by_pandas_and_gives_every_text_back(workbench: Workbench, tmp_path: Path) -> None:
    text = '=HYPERLINK("http://evil.test") , "quoted"\nand a second line of a film'
    workbench.store.samples.add([make_sample("s-formula", "h-rule", text=(text,), at=70)])
    workbench.decide(["s-formula"], workbench.store.samples.approved(STUDY_ID)[0].status)
    workbench.exports.dataset(STUDY_ID, tmp_path / "set.csv", "csv")
    found = pd.read_csv(tmp_path / "set.csv", keep_default_na=False)
    row = found[found["source_id"] == "s-formula"].iloc[0]
    assert row["text"].startswith("'=")
    assert plain_cell(row["text"]) == text
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in found["text"])
    assert len(found) == 400 + len(workbench.store.samples.approved(STUDY_ID))


def test_model_folder_opens_in_transformers_with_its_card(workbench: Workbench, tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification, pipeline

    model = workbench.store.models.get("m-relabel")
    folder = make_tiny_encoder(workbench.settings.workspace / model.path)
    AutoModelForSequenceClassification.from_pretrained(folder, num_labels=2).save_pretrained(folder)
    (folder / "card.json").write_text(json.dumps({**model.card, "base": "/somebody/home/base"}))
    (folder / "weights.bin").write_bytes(b"a pickle")
    size = workbench.exports.model(STUDY_ID, model.model_id, tmp_path / "model")
    answer = pipeline("text-classification", model=str(tmp_path / "model"), device="cpu")("a wonderful film")
    assert answer[0]["score"] > 0.4
    files = {path.name for path in (tmp_path / "model").iterdir()}
    assert {"config.json", "model.safetensors", "card.json", "README.md", "export.json"} <= files
    assert "weights.bin" not in files
    assert "/somebody" not in (tmp_path / "model" / "card.json").read_text()
    card = (tmp_path / "model" / "README.md").read_text()
    row = next(one for one in workbench.store.evaluations.results(STUDY_ID, 0.65) if one.arm is Arm.RELABEL)
    assert f"{row.fresh:,} of {row.fresh_attacked:,}" in card
    assert "95% interval" in card
    assert "## Limits" in card
    assert size > 50_000


def test_model_that_is_not_there_or_not_of_the_study_is_an_error(workbench: Workbench, tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match="no weights"):
        workbench.exports.model(STUDY_ID, "m-relabel", tmp_path / "model")
    with pytest.raises(NotFoundError, match="no model 'm-none'"):
        workbench.exports.model(STUDY_ID, "m-none", tmp_path / "model")


def test_tables_and_hypotheses_are_whole_folders(workbench: Workbench, tmp_path: Path) -> None:
    workbench.exports.tables(STUDY_ID, tmp_path / "tables")
    workbench.exports.hypotheses(STUDY_ID, tmp_path / "why")
    keys = {path.stem for path in (tmp_path / "tables").glob("*.csv")}
    assert keys >= {"table-2", "effects", "transitions", "tau-fresh", "attacks", "hypotheses", "calibration", "costs"}
    assert keys == {path.stem for path in (tmp_path / "tables").glob("*.tex")}
    two = pd.read_csv(tmp_path / "tables" / "table-2.csv")
    results = workbench.store.evaluations.results(STUDY_ID, 0.65)
    assert two["fresh_count"].tolist() == [one.fresh for one in results]
    assert {path.suffix for path in (tmp_path / "why").iterdir()} == {".html", ".md", ".csv", ".json"}
    with pytest.raises(StoreError, match="is there already"):
        workbench.exports.tables(STUDY_ID, tmp_path / "tables")


def test_figures_without_a_browser_say_the_remedy(
    workbench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BSM_CHROMIUM", raising=False)
    with pytest.raises(DrawingError, match="BSM_CHROMIUM"):
        workbench.exports.figures(STUDY_ID, tmp_path / "figures")
    monkeypatch.setenv("BSM_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(DrawingError, match="'/nowhere/chromium', which is no file"):
        workbench.exports.figures(STUDY_ID, tmp_path / "figures")
    assert not (tmp_path / "figures").exists()


@pytest.mark.browser
def test_figures_are_drawn_as_pictures(tmp_path: Path, chromium: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from bsm_core.charts.images import write_images
    from bsm_core.charts.transitions import transitions
    from bsm_core.domain.arms import Transition

    monkeypatch.setenv("BSM_CHROMIUM", chromium)
    figure = transitions([("Relabelled", {Transition.FIXED: 2, Transition.NEW: 1})])
    paths = write_images([("moves", "What became of them", figure)], tmp_path)
    heads = {path.suffix: path.read_bytes()[:4] for path in paths}
    assert heads[".png"] == b"\x89PNG"
    assert heads[".pdf"] == b"%PDF"
    assert "Relabelled" in (tmp_path / "moves.svg").read_text()


def test_making_in_the_background_keeps_the_newest_and_says_what_went_wrong(workbench: Workbench) -> None:
    making = workbench.making
    for kind, choice in ((Export.REPORT, ""), (Export.DATASET, EVERY), (Export.MODEL, "m-relabel")):
        making.start(STUDY_ID, kind, choice)
    wait(workbench)
    report = making.state(STUDY_ID, Export.REPORT).made
    assert report is not None
    assert report.path.read_text().startswith("<!DOCTYPE html>")
    packed = making.state(STUDY_ID, Export.DATASET, EVERY).made
    assert packed is not None
    with ZipFile(packed.path) as inside:
        assert "dataset-all/data/train-00000-of-00001.parquet" in inside.namelist()
    failed = making.state(STUDY_ID, Export.MODEL, "m-relabel")
    assert failed.made is None
    assert "there are no weights" in failed.problem
    assert {path.name for path in report.path.parent.iterdir()} == {"report.html", "dataset-all.zip"}


@pytest.mark.parametrize("name", ["../../workbench.duckdb", "..", "", "/etc/passwd", ".report.html.x.draft"])
def test_no_path_leads_out_of_the_exports(workbench: Workbench, name: str) -> None:
    folder = workbench.settings.workspace / "exports" / STUDY_ID
    folder.mkdir(parents=True)
    (folder / "tables.zip").write_bytes(b"made before")
    assert workbench.making.made(STUDY_ID, "tables.zip") is not None
    assert workbench.making.made(STUDY_ID, name) is None
    assert workbench.making.made("..", "workbench.duckdb") is None
    assert workbench.making.made(f"{STUDY_ID}/..", "tables.zip") is None


def test_report_and_data_of_an_experiment_are_of_its_plan(tmp_path: Path) -> None:
    workbench = make_workbench(tmp_path / "workspace", handlers=handlers(RememberingTrainer()))
    (workbench.settings.workspace / workbench.store.models.get("m-original").path).mkdir(parents=True)
    training = workbench.experiments.usual_training(STUDY_ID, Start.CONTINUE)
    plan = workbench.experiments.declare(
        STUDY_ID, Wanted("mine", (Arm.RELABEL, Arm.HYPOTHESIS_RULE), (0, 1), (TRIED,), training)
    )
    finish(workbench, plan)
    name = plan.experiment_id
    workbench.exports.report(STUDY_ID, tmp_path / "report.html", experiment_id=name)
    models = workbench.store.models.all(STUDY_ID, name)
    chosen = next(one for one in models if one.arm is Arm.HYPOTHESIS_RULE and one.seed == 1)
    workbench.exports.dataset(STUDY_ID, tmp_path / "set.parquet", "parquet", model_id=chosen.model_id)
    frozen = workbench.store.experiments.texts(name, Cell(chosen.arm, chosen.seed))
    workbench.close()
    report = (tmp_path / "report.html").read_text()
    assert plan.fingerprint in report
    assert "m-relabel" not in report  # the study's own models are another matter
    assert all(one.model_id in report for one in models)
    assert "Relabelled UUs, seed 0" in report
    assert "Relabelled UUs, seed 1" in report
    table = pq.read_table(tmp_path / "set.parquet")
    assert table["source_id"].to_pylist()[400:] == [one.source_id for one in frozen]
    assert None not in table["hypothesis"].to_pylist()[400:]

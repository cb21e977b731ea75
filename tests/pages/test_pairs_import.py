"""Discover's way in and out for pairs: a file is read before anything is started, and a set can be taken along."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.tasks import Split
from bsm_core.errors import NotFoundError, NothingToDoError, TaskError
from bsm_core.ports import JobContext, JobResult
from bsm_core.workbench import Workbench
from bsm_core.workflow.imported import import_pairs
from tests.attacks import WordClassifier
from tests.factories import STUDY_ID, VALIDATION_SET_ID, make_dataset
from tests.pages.conftest import OpenPage, make_workbench, served, words_of

CSV = "text,original_text,label\na fien film,a fine film,positive\ndulll stuff,dull stuff,negative\n"


def upload(page: AppTest, name: str, content: str) -> AppTest:
    page.file_uploader(key="pairs-file-st-reviews").set_value((name, content.encode(), "text/csv"))
    return page.run()


def test_file_is_shown_and_then_imported(tmp_path: Path, open_page: OpenPage) -> None:
    seen: list[tuple[JobSpec, pa.Table]] = []

    def discover(spec: JobSpec, context: JobContext) -> JobResult:
        seen.append((spec, pq.read_table(context.inputs / "pairs.parquet")))
        return import_pairs(spec, context, load_classifier=lambda _: WordClassifier())

    with served(make_workbench(tmp_path, handlers={JobKind.DISCOVER: discover})) as workbench:
        page = upload(open_page("discover"), "mine.csv", CSV)
        table = page.dataframe[-1].value
        assert list(table["Perturbed"]) == ["a fien film", "dulll stuff"]
        page.button(key="pairs-import").click().run()
        assert "The pairs are read" in words_of(page)
        workbench.tick(STUDY_ID)
        page = open_page("discover")
        sets = page.multiselect(key=f"discover-sets-{STUDY_ID}-{seen[0][0].params['set_id']}")
        assert sets.options[0].startswith("Imported pairs · 2 texts")
    spec, table = seen[0]
    assert spec.title == "Import pairs: mine.csv"
    assert (table["text"].to_pylist(), table["label"].to_pylist()) == (["a fien film", "dulll stuff"], [1, 0])


@pytest.mark.usefixtures("workbench")
def test_faulty_file_names_row_and_column_and_cannot_be_imported(open_page: OpenPage) -> None:
    page = upload(open_page("discover"), "mine.csv", CSV.replace("negative", "dunno"))
    assert "row 3" in page.error[0].value
    assert "dunno" in page.error[0].value
    assert not any(button.key == "pairs-import" for button in page.button)


@pytest.mark.usefixtures("workbench")
def test_pairs_without_originals_are_announced(open_page: OpenPage) -> None:
    page = upload(open_page("discover"), "dev.json", '{"sst2": [{"idx": 0, "sentence": "so so", "label": 0}]}')
    assert "1 pair has no original" in words_of(page)


@pytest.mark.usefixtures("workbench")
def test_hostile_texts_and_names_are_shown_as_text(open_page: OpenPage) -> None:
    evil = "<script>alert(1)</script> ![x](http://127.0.0.1/x.png)"
    page = upload(open_page("discover"), "e.csv", f"text,label\n{evil},{evil}\n")
    assert "\\<script\\>" in page.error[0].value


def test_sealed_texts_stay_out(workbench: Workbench) -> None:
    sealed = make_dataset().of(Split.TEST)[0].text[0]
    with pytest.raises(NothingToDoError, match=r"all 1 pairs of x\.csv are of the study's sealed test texts"):
        workbench.import_pairs(STUDY_ID, "x.csv", f'text,original_text,label\n"x","{sealed}",0\n'.encode())
    assert not [job for job in workbench.jobs() if job.spec.title.startswith("Import")]


def test_faulty_file_starts_no_job(workbench: Workbench) -> None:
    with pytest.raises(TaskError, match="row 2, column 'label'"):
        workbench.import_pairs(STUDY_ID, "x.csv", b"text,label\nx,9\n")
    assert not [job for job in workbench.jobs() if job.spec.title.startswith("Import")]


def test_stored_set_can_be_downloaded(workbench: Workbench, open_page: OpenPage) -> None:
    assert open_page("discover").get("download_button")
    rows = workbench.store.perturbations.rows(VALIDATION_SET_ID)
    lines = workbench.export_pairs(STUDY_ID, VALIDATION_SET_ID).splitlines()
    assert len(lines) == 1 + len(rows)
    with pytest.raises(NotFoundError, match="no perturbation set 'set-x'"):
        workbench.export_pairs(STUDY_ID, "set-x")

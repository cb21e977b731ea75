"""The HTML report as a parser sees it: structure, text alternatives, nothing from elsewhere, nothing that runs."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from bsm_core.domain.arms import Arm
from bsm_core.metrics.judging import corrected_count
from bsm_core.metrics.verdicts import verdict
from bsm_core.report import contents
from bsm_core.report.contents import Contents, gather
from bsm_core.report.error_report import chapters, error_html, error_markdown
from bsm_core.report.names import ARMS, FRESH
from bsm_core.report.page import PARTS, report_html
from bsm_core.store import DuckStore, open_store
from tests.factories import STUDY_ID, make_dataset, make_filled_store, make_hypothesis, make_study
from tests.pages.hostile import TEXTS, make_hostile_workspace


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckStore]:
    made = make_filled_store(tmp_path_factory.mktemp("report") / "report.duckdb")
    yield made
    made.close()


@pytest.fixture(scope="module")
def told(store: DuckStore) -> Contents:
    return gather(store, store.studies.get(STUDY_ID), judged=corrected_count(100, 20, 6))


@pytest.fixture(scope="module")
def page(told: Contents) -> BeautifulSoup:
    return parsed(report_html(told))


@pytest.fixture(scope="module")
def errors(store: DuckStore) -> BeautifulSoup:
    study = store.studies.get(STUDY_ID)
    return parsed(error_html(study, chapters(store, study)))


def parsed(body: str) -> BeautifulSoup:
    return BeautifulSoup(body, "html.parser")


def each(page: BeautifulSoup, *names: str) -> list[Tag]:
    return [one for one in page.find_all(list(names)) if isinstance(one, Tag)]


def check_structure(page: BeautifulSoup) -> None:
    """What a screen reader goes by."""
    levels = [int(one.name[1]) for one in each(page, "h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    ids = Counter(one["id"] for one in page.find_all(id=True))
    assert [name for name, count in ids.items() if count > 1] == []
    links = {str(one["href"]) for one in page.find_all("a")}
    assert links <= {f"#{name}" for name in ids}
    named = {
        name for one in page.find_all(attrs={"aria-labelledby": True}) for name in str(one["aria-labelledby"]).split()
    }
    assert named <= set(ids)
    for table in each(page, "table"):
        assert table.caption is not None
        assert table.caption.get_text(strip=True)
        assert all(head.get("scope") == "col" for head in table.select("thead th"))
        assert all(head.get("scope") == "row" for head in table.select("tbody th"))
        wide = len(table.select("thead th"))
        assert {len(row.find_all(["th", "td"])) for row in table.select("tbody tr")} <= {wide, 1}
        assert table.parent is not None
        assert table.parent.get("tabindex") == "0"  # a wide table is scrolled with keys
    assert page.html is not None
    assert page.html["lang"] == "en"
    assert page.find("main") is not None
    assert page.find("nav") is not None
    skip = page.find("a")
    assert isinstance(skip, Tag)
    assert skip["href"] == "#main"


def check_alone(body: BeautifulSoup) -> None:
    """Nothing is fetched, nothing runs."""
    assert not each(
        body, "script", "iframe", "link", "img", "object", "embed", "base", "form", "video", "audio", "image"
    )
    for one in body.find_all(True):
        for name, value in one.attrs.items():
            assert not name.lower().startswith("on"), one
            if name in ("href", "src", "xlink:href", "action", "style"):
                assert str(value).startswith("#"), one
    assert [str(one["http-equiv"]) for one in body.find_all("meta", attrs={"http-equiv": True})] == [
        "Content-Security-Policy"
    ]
    style = "".join(one.get_text() for one in each(body, "style"))
    assert "url(" not in style
    assert "@import" not in style


def test_report_is_structured_for_a_screen_reader(page: BeautifulSoup) -> None:
    check_structure(page)
    assert [one.get_text() for one in page.select("nav a")] == [name for _, name in PARTS]


def test_report_needs_nothing_from_elsewhere_and_runs_nothing(page: BeautifulSoup) -> None:
    check_alone(page)


def test_every_figure_has_words_and_its_numbers(page: BeautifulSoup) -> None:
    figures = each(page, "figure")
    assert {str(one["id"]) for one in figures} >= {
        "figure-discovery", "figure-intervals", "figure-tau-fresh", "figure-transitions", "figure-reliability",
        "figure-confidence-relabel",
    }  # fmt: skip
    for one in figures:
        drawing = one.find("svg")
        assert isinstance(drawing, Tag)
        assert drawing["role"] == "img"
        title, description = drawing.find("title"), drawing.find("desc")
        assert title is not None
        assert description is not None
        assert len(description.get_text()) > 40
        assert one.find("figcaption") is not None
        assert one.find("table") is not None


def test_report_says_the_verdicts_and_the_figures_of_the_comparison(page: BeautifulSoup, told: Contents) -> None:
    said = page.get_text()
    for effect in told.found.primary:
        assert verdict(effect, FRESH) in said
    assert told.caution in said
    assert "looked at 4 times" in said
    row = next(one for one in told.found.rows if one.result.arm is Arm.RELABEL)
    assert f"{row.fresh.count} of {row.fresh.size}" in said
    assert "of 100 judged" not in said  # 20 were judged
    assert "of 20 judged perturbed texts on validation 6 have lost their label" in said
    assert told.study.data_hash in said
    assert told.versions["torch"] in said


def test_report_says_how_many_of_all_it_shows(page: BeautifulSoup, told: Contents) -> None:
    assert told.unknown_counts is not None
    assert f"{len(told.unknowns)} of {told.unknown_counts.total}" in page.get_text()
    assert len(page.select("#samples ~ article, section article")) >= len(told.unknowns)
    assert f"{len(told.samples.rows)} of {told.samples.total}" in page.get_text()
    assert {state.status for state in told.samples.rows[:3]} == {"approved"}


def test_no_text_of_test_is_in_the_report(page: BeautifulSoup, errors: BeautifulSoup) -> None:
    from bsm_core.domain.tasks import Split

    said = page.get_text() + errors.get_text()
    tests = [example.text[0] for example in make_dataset().of(Split.TEST)]
    assert not [text for text in tests if text in said]


def test_original_and_perturbed_are_told_apart_without_color(page: BeautifulSoup) -> None:
    removed, added = each(page, "del"), each(page, "ins")
    assert removed
    assert added
    assert all(one.get_text().startswith("removed: ") for one in removed)
    assert all(one.get_text().startswith("added: ") for one in added)


def test_report_of_a_study_without_models_says_what_there_is(tmp_path: Path) -> None:
    store = open_store(tmp_path / "fresh.duckdb")
    data = make_dataset()
    store.studies.create(make_study(data), data)
    body = report_html(gather(store, store.studies.get(STUDY_ID)))
    store.close()
    page = parsed(body)
    check_structure(page)
    check_alone(page)
    assert "nothing to compare" in page.get_text()
    assert not each(page, "figure")


def test_hostile_texts_stay_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "UNKNOWNS_EACH", 100)  # every one of them
    make_hostile_workspace(tmp_path / "hostile")
    store = open_store(tmp_path / "hostile" / "workbench.duckdb")
    study = store.studies.all()[0]
    body = report_html(gather(store, study))
    markdown = error_markdown(study, chapters(store, study))
    store.close()
    page = parsed(body)
    check_structure(page)
    check_alone(page)
    assert "a script tag" in page.get_text()
    assert "<script>" in page.get_text()  # as text
    assert "\u202e" not in body
    assert "⟨U+202E⟩" in page.get_text()
    assert len(body) < 600_000  # texts of a hundred thousand letters are cut, and it is said
    assert "more characters" in page.get_text()
    assert not re.search(r"(?<!\\)<(script|img|iframe|svg)", markdown)
    assert len(TEXTS) > 10


def test_error_report_has_each_hypothesis_with_its_texts_and_samples(errors: BeautifulSoup, store: DuckStore) -> None:
    check_structure(errors)
    check_alone(errors)
    said = errors.get_text()
    hypotheses = store.hypotheses.all(STUDY_ID)
    for one in hypotheses:
        assert one.text in said
    assert len(each(errors, "article")) == len(hypotheses)
    assert each(errors, "ins")
    assert store.samples.get("s-rule-1").sample.text[0] in said
    assert "Approved" in said
    assert "Pending" in said


def test_error_report_as_markdown_has_a_heading_a_hypothesis(store: DuckStore) -> None:
    study = store.studies.get(STUDY_ID)
    body = error_markdown(study, chapters(store, study))
    assert len(re.findall(r"^### ", body, re.MULTILINE)) == len(store.hypotheses.all(STUDY_ID))
    assert "~~" in body
    assert len(re.findall(r"^# ", body, re.MULTILINE)) == 1


def test_error_report_passes_over_texts_that_the_model_gets_right(tmp_path: Path) -> None:
    store = make_filled_store(tmp_path / "stray.duckdb")
    store.hypotheses.add(make_hypothesis("h-stray", sources=["e0000000000000000"], text="It fails on strays.", at=80))
    told = next(
        one for one in chapters(store, store.studies.get(STUDY_ID))[-1].told if "strays" in one.entry.hypothesis.text
    )
    store.close()
    assert (told.unknowns, told.unknown_total) == ((), 1)


def test_every_arm_has_a_name() -> None:
    assert set(ARMS) == set(Arm)

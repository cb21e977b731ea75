"""The queue by keyboard, two reviewers in two windows, and the ledger of hypotheses."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bsm_core.cli import main
from bsm_core.domain.curation import PretestVerdict
from bsm_core.domain.synthesis import DecisionKind
from bsm_core.workbench import Workbench
from tests.factories import STUDY_ID, make_filled_store
from tests.pages.conftest import OpenPage, words_of

ADA, BOB = {"judge-name": "Ada"}, {"judge-name": "Bob"}


def shown(page: AppTest) -> str:
    return str(page.query_params["sample"])


def keys(page: AppTest) -> set[str | None]:
    return {button.key for button in page.button}


def test_queue_rejects_with_a_reason_by_key_or_in_own_words_and_the_next_open_one_comes(
    workbench: Workbench, open_page: OpenPage
) -> None:
    page = open_page("samples")
    assert "9 of 15 · 5 open" in words_of(page)  # it begins with the first open one
    assert page.button(key="reject-2").proto.shortcut == "2"
    page.button(key="reject-2").click().run()
    decision = workbench.store.samples.get("s-human-ext").decision
    assert decision is not None
    assert (decision.kind, decision.reason) == (DecisionKind.REJECTED, "not how people write")
    assert shown(page) == "s-taken-back"
    page.text_input(key="reject-words-s-taken-back").set_value("a **bold** claim").run()
    assert shown(page) == "s-lm-far"
    page.button(key="sample-skip").click().run()
    assert shown(page) == "s-unchecked-1"
    for wanted in ("s-taken-back", "s-human-ext"):
        page.button(key="sample-undo").click().run()
        assert shown(page) == wanted
        assert workbench.store.samples.get(wanted).status is DecisionKind.PENDING
    assert page.button(key="sample-undo").disabled


def test_bulk_decision_is_undone_as_a_whole(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("samples")
    page.selectbox(key=f"samples-kind-{STUDY_ID}").set_value("extrapolation").run()
    page.button(key="tick-listed").click().run()
    page.button(key="bulk-reject").click().run()
    assert "Reject **4 samples**?" in words_of(page)
    page.text_input(key="bulk-reason").set_value("no longer needed").run()
    page.button(key="bulk-yes").click().run()
    names = ("s-rule-ext-1", "s-rule-ext-2", "s-human-ext", "s-unchecked-2")
    assert {workbench.store.samples.get(name).status for name in names} == {DecisionKind.REJECTED}
    page.button(key="sample-undo").click().run()
    assert "Undone for 4 samples" in words_of(page).replace("\\", "")
    assert workbench.store.samples.get("s-rule-ext-1").status is DecisionKind.APPROVED


def test_two_reviewers_in_two_windows_see_nothing_of_each_other_until_both_have_spoken(
    workbench: Workbench, open_page: OpenPage
) -> None:
    page = open_page("samples", section="gates")
    page.segmented_control(key=f"reviewers-{STUDY_ID}").set_value(2).run()
    assert "each needs a name" in words_of(open_page("samples"))
    sample = "s-human-ext"
    ada = open_page("samples", ADA, sample=sample)
    bob = open_page("samples", BOB, sample=sample)
    assert "policy-ask" not in keys(ada)
    ada.button(key="reject-1").click().run()
    bob.button(key="sample-next").click().run()
    bob.button(key="sample-previous").click().run()
    assert shown(bob) == sample
    assert "wrong label" not in "\n".join(frame.value.to_string() for frame in bob.dataframe)
    assert "What was said" not in "".join(one.label for one in bob.expander)
    bob.button(key="sample-approved").click().run()
    third = open_page("samples", {"judge-name": "Cyd"}, sample=sample)
    assert "The two opinions differ" in words_of(third)
    assert "sample-approved" not in keys(third)
    third.text_input(key=f"third-look-{sample}").set_value("the label is right").run()
    third.button(key="third-approved").click().run()
    assert workbench.store.samples.get(sample).status is DecisionKind.APPROVED
    assert "0 of 1" in words_of(open_page("samples", section="gates"))


def test_ledger_pre_tests_in_words_and_a_human_may_overrule(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("hypotheses", section="ledger", hypothesis="h-rule")
    assert "Not pre-tested" in words_of(page)
    page.button(key="pretest-all").click().run()
    found = workbench.store.pretests.all(STUDY_ID)["h-rule"]
    said = words_of(page).replace("\\", "")
    assert "1 hypothesis pre-tested. 4 hypotheses left: too few checked samples." in said
    assert f"This hypothesis fails the model {found.failed} of 5 times, plain texts with the same labels" in said
    page.button(key="verdict-keep").click().run()
    assert "no reason was given" in words_of(page)
    page.selectbox(key="verdict-h-rule").set_value(PretestVerdict.REFUTED)
    page.text_input(key="verdict-reason-h-rule").set_value("<b>mislabelled</b>").run()
    page.button(key="verdict-keep").click().run()
    assert workbench.ledger.entry(STUDY_ID, "h-rule").verdict is PretestVerdict.REFUTED
    page.selectbox(key=f"ledger-verdict-{STUDY_ID}").set_value("refuted").run()
    assert "1–1 of 1 hypotheses" in words_of(page)
    page.button(key="verdict-back").click().run()
    assert workbench.ledger.entry(STUDY_ID, "h-rule").word is None


def test_command_writes_the_ledger_and_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_filled_store(tmp_path / "workbench.duckdb").close()
    target = tmp_path / "ledger.csv"
    arguments = ["hypotheses", "--workspace", str(tmp_path), "--pretest", "--csv", str(target)]
    assert main(arguments) == 0
    assert "1 pre-tested" in capsys.readouterr().out
    assert len(target.read_text("utf-8").splitlines()) == 6
    assert main(arguments) == 1
    assert main(["hypotheses", "--workspace", str(tmp_path)]) == 0
    assert "This hypothesis fails the model" in capsys.readouterr().out

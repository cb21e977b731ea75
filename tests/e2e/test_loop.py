"""The whole loop in a real browser with the smoke preset: from an empty workspace to the comparison.

The tests are one story and run in order. Pictures of every page are kept in ``tests/e2e/screenshots``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bsm_core.bench.running_app import RunningApp, settled

pytestmark = [pytest.mark.slow, pytest.mark.browser]

_MINUTES = 60_000.0
_HYPOTHESIS = "The model hangs on single opinion words and no longer sees them when a letter is wrong."
_SAMPLE = "Every scene of this film is a wonderfull surprise, and I left the cinema with a smile on my face."


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("loop")
    running = RunningApp(folder / "workspace", folder / "app.log", BSM_FIRST_STUDY="smoke")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def complaints(page: Any) -> list[str]:
    """What the browser's console reports. Streamlit itself asks once for two addresses below the page's own."""
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    return told


def open_page(page: Any, app: RunningApp, name: str) -> None:
    page.goto(f"{app.url}/{name}" if name != "overview" else app.url)
    page.locator("h1").wait_for(timeout=0.5 * _MINUTES)
    settled(page)


def click(page: Any, key: str) -> None:
    page.locator(f".st-key-{key} button").first.click()
    settled(page)


def shows(page: Any, text: str | re.Pattern[str], minutes: float = 0.5) -> None:
    page.get_by_text(text).first.wait_for(timeout=minutes * _MINUTES)


def picture(page: Any, folder: Path, name: str) -> None:
    settled(page)
    page.screenshot(path=str(folder / f"{name}.png"), full_page=True)


def test_first_start_makes_a_study_and_trains_by_itself(
    page: Any, app: RunningApp, complaints: list[str], screenshots: Path
) -> None:
    page.goto(app.url)
    shows(page, "Train the baseline", minutes=1)
    shows(page, "Wait for what is running.")
    picture(page, screenshots, "01-overview-preparing")
    assert complaints == []


def test_killed_server_finds_its_running_job_again(page: Any, app: RunningApp, screenshots: Path) -> None:
    app.kill()
    app.start()
    open_page(page, app, "jobs")
    shows(page, "Train the baseline", minutes=1)
    picture(page, screenshots, "02-jobs-after-restart")
    open_page(page, app, "baseline")
    shows(page, "Is its confidence earned?", minutes=6)
    picture(page, screenshots, "03-baseline")


def test_unknown_unknowns_appear_without_a_press(page: Any, app: RunningApp, screenshots: Path) -> None:
    open_page(page, app, "overview")
    shows(page, re.compile(r"natural, [1-9][0-9]* perturbed UUs"), minutes=8)
    picture(page, screenshots, "04-overview-ready")
    open_page(page, app, "discover")
    shows(page, "How the attacks went")
    picture(page, screenshots, "05-discover")


def test_browse_judges_selects_and_goes_on(page: Any, app: RunningApp, screenshots: Path) -> None:
    open_page(page, app, "browse")
    page.get_by_role("radio", name="perturbed").or_(page.get_by_text("perturbed", exact=True)).first.click()
    settled(page)
    shows(page, "perturbed by deepwordbug")
    page.keyboard.press("y")
    shows(page, "1 judged")
    page.keyboard.press("s")
    shows(page, "1 selected")
    page.keyboard.press("j")
    settled(page)
    page.keyboard.press("s")
    shows(page, "2 selected")
    picture(page, screenshots, "06-browse")
    click(page, "go-hypotheses")
    page.wait_for_url(re.compile(r"/hypotheses\?.*items="))


def test_hypotheses_by_hand_by_rule_and_extrapolated(page: Any, screenshots: Path) -> None:
    page.get_by_label("Hypothesis", exact=True).fill(_HYPOTHESIS)
    page.get_by_label("Reasoning", exact=True).fill("Both texts lost the word that carries the opinion.")
    page.keyboard.press("Tab")
    settled(page)
    picture(page, screenshots, "07-hypothesis-by-hand")
    page.get_by_role("button", name="Keep hypothesis").click()
    shows(page, "Kept, by human")
    draft(page)
    shows(page, "Kept, by rule")
    page.get_by_text("Extrapolation", exact=True).first.click()
    settled(page)
    draft(page)
    shows(page, "Kept, by")
    picture(page, screenshots, "08-hypotheses")


def draft(page: Any) -> None:
    page.get_by_role("button", name="Draft one by rule").click()
    page.get_by_role("button", name="Start over").wait_for()
    settled(page)
    page.get_by_role("button", name="Keep hypothesis").click()
    settled(page)


def test_samples_are_generated_written_and_approved(page: Any, app: RunningApp, screenshots: Path) -> None:
    open_page(page, app, "samples")
    section(page, "Write")
    choose = page.get_by_label("From the hypotheses")
    for _ in range(3):
        choose.click()
        page.get_by_role("option").first.click()
        page.keyboard.press("Escape")
        settled(page)
    page.get_by_role("button", name=re.compile("^Generate [1-9]")).or_(
        page.locator(".st-key-generate button")
    ).first.click()
    shows(page, "Writing has started")
    section(page, "Review")
    page.locator(".st-key-sample-approved").first.wait_for(timeout=6 * _MINUTES)
    settled(page)
    picture(page, screenshots, "09-samples-generated")
    page.keyboard.press("a")
    shows(page, re.compile("approved"))
    click(page, "policy-ask")
    click(page, "bulk-yes")
    shows(page, "gated")
    picture(page, screenshots, "10-samples-approved")


def section(page: Any, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()
    settled(page)


def test_own_sample_is_kept_and_can_be_checked(page: Any, app: RunningApp, screenshots: Path) -> None:
    open_page(page, app, "samples")
    section(page, "Write")
    page.get_by_role("tab", name=re.compile("hand")).click()
    page.get_by_placeholder(re.compile("on which the hypothesis says")).fill(_SAMPLE)
    page.keyboard.press("Tab")
    settled(page)
    page.get_by_role("button", name="Keep this sample").click()
    click(page, "samples-check")
    shows(page, "Check 1 sample", minutes=1)
    page.get_by_text("Check 1 sample").wait_for(state="detached", timeout=4 * _MINUTES)
    section(page, "Review")
    shows(page, "Long enough")
    picture(page, screenshots, "11-own-sample-checked")


def test_retraining_runs_all_arms_and_compares_them(page: Any, app: RunningApp, screenshots: Path) -> None:
    open_page(page, app, "retrain")
    picture(page, screenshots, "12-retrain")
    click(page, "retrain-start")
    shows(page, "Started.")
    time.sleep(2)
    picture(page, screenshots, "13-retrain-running")
    open_page(page, app, "compare")
    table = page.locator("[data-testid='stHtml']")
    for arm in ("Original model", "More training, nothing new", "Relabelled UUs", "Samples by rule"):
        table.get_by_text(arm, exact=True).first.wait_for(timeout=10 * _MINUTES)
    shows(page, "One seed (0)")
    picture(page, screenshots, "14-compare")
    open_page(page, app, "overview")
    shows(page, "UUs under a fresh attack")
    shows(page, "Nothing is running.", minutes=1)
    picture(page, screenshots, "15-overview-done")


def test_every_page_is_drawn_without_an_error(
    page: Any, app: RunningApp, complaints: list[str], screenshots: Path
) -> None:
    complaints.clear()
    for name in ("overview", "data", "baseline", "discover", "browse", "hypotheses", "samples", "retrain", "compare"):
        open_page(page, app, name)
        assert page.locator("[data-testid='stAlertContentError']").count() == 0, name
    for name in ("jobs", "settings"):
        open_page(page, app, name)
        picture(page, screenshots, f"16-{name}")
    assert [told for told in complaints if "404" not in told] == []

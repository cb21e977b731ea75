"""A participant in a real browser: what is typed is kept without a press, and nothing else is within reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from bsm_core.bench.running_app import browser_page, running_app, settled
from bsm_core.workbench.survey import Surveys
from tests.factories import make_filled_store
from tests.surveys import make_survey

pytestmark = [pytest.mark.slow, pytest.mark.browser]

TEXT = "It clings to the one strong word of praise."


def test_words_are_saved_while_they_are_typed_and_outlive_a_killed_server(tmp_path: Path) -> None:
    store = make_filled_store(tmp_path / "workspace" / "workbench.duckdb")
    made = make_survey(store)
    person = made.participants[0].participant_id
    Surveys(store).seats.consent(person)
    store.close()
    link = f"contribute?t={made.tokens[person]}"
    with (
        running_app(tmp_path / "workspace", tmp_path / "app.log", BSM_CONTRIBUTE_ONLY="1") as app,
        browser_page() as page,
    ):
        page.goto(f"{app.url}/overview")
        page.get_by_role("heading", name="This link is not open").wait_for(timeout=60_000)
        assert page.locator("[data-testid='stSidebarNav']").count() == 0
        page.goto(f"{app.url}/{link}")
        page.locator(".st-key-survey-start button").click(timeout=60_000)
        page.locator("textarea").first.fill(TEXT)
        page.get_by_text("✓ Saved.").wait_for(timeout=30_000)  # nobody has left the field or pressed a key since
        settled(page)
        app.kill()
        app.start()
        page.goto(f"{app.url}/{link}")
        area = page.locator("textarea").first
        area.wait_for(timeout=60_000)
        assert area.input_value() == TEXT

"""The real app in a real browser, over a workspace full of hostile text."""

import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError

import pytest

from bsm_core.bench.running_app import browser_page, running_app, settled
from bsm_core.ui.security import HEADERS
from tests.pages.hostile import make_hostile_workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Visit:
    """One browser tab, everything it asked for, and everything that went wrong in it."""

    page: Any
    address: str
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: self.errors.append(dialog.message))

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}/{path}")
        self.page.wait_for_selector("h1", timeout=60_000)
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_timeout(150)
        settled(self.page)
        self.page.wait_for_timeout(150)

    def check(self, title: str) -> None:
        """Nothing ran, nothing foreign is on the page, and the title stands where it belongs, uncovered."""
        page = self.page
        assert page.evaluate("window.__ran") is None
        assert [one.inner_text() for one in page.locator("h1").all()] == [title]
        assert page.locator("iframe, form[action*=evil], img[src*=evil]").count() == 0
        box = page.locator("h1").bounding_box()
        assert box["height"] < 100
        on_top = "([x, y]) => document.elementFromPoint(x, y).closest('h1') !== null"
        assert page.evaluate(on_top, [box["x"] + 20, box["y"] + box["height"] / 2])

    @property
    def foreign(self) -> list[str]:
        own = (self.address, self.address.replace("http", "ws"), "data:", "blob:")
        return [url for url in self.asked if not url.startswith(own)]


@pytest.fixture(scope="module")
def hostile_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """(address, number of UUs)."""
    folder = tmp_path_factory.mktemp("hostile")
    ids = make_hostile_workspace(folder / "workspace")
    with running_app(folder / "workspace", folder / "app.log") as app:
        yield app.url, len(ids)


@pytest.mark.parametrize("path", ["/", "/browse", "/_stcore/health", "/static/nothing", "/media/nothing"])
def test_streamlits_own_responses_carry_the_policy(hostile_app: tuple[str, int], path: str) -> None:
    try:
        with urllib.request.urlopen(hostile_app[0] + path, timeout=10) as answer:
            headers = answer.headers
    except HTTPError as refused:
        headers = refused.headers
    assert headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


def test_hostile_texts_neither_run_nor_fetch_nor_break_a_page(hostile_app: tuple[str, int]) -> None:
    address, count = hostile_app
    with browser_page() as page:
        visit = Visit(page, address)
        for path in ("", "data", "baseline", "discover", "jobs", "hypotheses"):
            visit.open(path)
            visit.check((path or "overview").capitalize())
        visit.open("browse?tau=0.6")
        for number in range(1, count + 1):
            page.get_by_text(f"{number} of {count}", exact=True).wait_for(timeout=15_000)
            visit.check("Browse")
            page.keyboard.press("j")
            visit.settle()
        assert visit.foreign == []
        assert visit.errors == []

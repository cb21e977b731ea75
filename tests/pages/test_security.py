"""Hostile text in the pages' markup, and the headers that stand behind it."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from bsm_core.ui.components.diff import diff_html
from bsm_core.ui.components.probabilities import bars_html
from bsm_core.ui.security import HEADERS, SecurityHeaders
from tests.pages.hostile import TEXTS

ROOT = Path(__file__).resolve().parents[2]

_OURS = re.compile(r"</?(div|span|del|ins|b|details|summary|style)\b[^<>]*>")


def headers_of(messages: list[dict[str, Any]]) -> dict[str, str]:
    start = next(message for message in messages if message["type"] == "http.response.start")
    return {name.decode(): value.decode() for name, value in start["headers"]}


def ask(app: Any, kind: str = "http") -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    asyncio.run(app({"type": kind, "path": "/", "method": "GET", "headers": []}, receive, send))
    return sent


async def page(_scope: Any, _receive: Any, send: Any) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-security-policy", b"default-src *")]}
    )
    await send({"type": "http.response.body", "body": b"hello"})


def test_every_http_response_carries_the_policy_in_place_of_any_other() -> None:
    headers = headers_of(ask(SecurityHeaders(page)))
    for name, value in HEADERS.items():
        assert headers[name.lower()] == value


def test_policy_lets_nothing_foreign_run_load_or_frame() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert "unsafe" not in policy["script-src"]
    assert policy["frame-src"] == policy["form-action"] == policy["object-src"] == "'none'"
    assert not any("http" in sources or "*" in sources for sources in policy.values())


def test_other_connections_pass_through_untouched() -> None:
    seen: list[str] = []

    async def socket(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["type"])

    assert ask(SecurityHeaders(socket), "websocket") == []
    assert seen == ["websocket"]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_diff_of_hostile_text_holds_no_markup_but_our_own(text: str) -> None:
    for markup in (
        diff_html(("a plain sentence",), (text,), ("text",)),
        diff_html((text,), ("a plain sentence",), ("text",)),
        diff_html((text,), None, ("text",)),
        diff_html((text, text), (text, "b"), (text, "second")),
    ):
        assert "<" not in _OURS.sub("", markup)
        assert "\u202e" not in markup
        assert len(markup) < 400_000


def test_bars_with_hostile_label_names_hold_no_markup_but_our_own() -> None:
    for text in TEXTS:
        markup = bars_html("Model", (0.4, 0.6), (text, text), 0)
        assert "<" not in _OURS.sub("", markup)


def test_no_page_takes_html_into_markdown_or_shows_untrusted_tables() -> None:
    sources = [*(ROOT / "pages").glob("*.py"), *(ROOT / "bsm_core" / "ui").rglob("*.py")]
    assert len(sources) > 20
    for path in sources:
        text = path.read_text(encoding="utf-8")
        for forbidden in ("unsafe_allow_html", "unsafe_allow_javascript", "st.table(", "st.write(", "components.v1"):
            # Our own scripts are let in at one place, by the name of a file.
            allowed = forbidden == "unsafe_allow_javascript" and path.name == "assets.py"
            assert text.count(forbidden) == int(allowed), f"{path.name} uses {forbidden}"

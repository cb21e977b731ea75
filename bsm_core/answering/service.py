"""The root of the warm process: ``python -m bsm_core.answering.service``.

A line of JSON in, a line of JSON out, until its input ends (the server is gone) or nobody has asked for a while.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import queue
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import IO

from bsm_core.answering.lookup import Lookup, Parts
from bsm_core.errors import ClassifierError, WorkbenchError

DEFAULT_PARTS = "bsm_core.bootstrap:answering_parts"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bsm_core.answering.service", description=__doc__)
    parser.add_argument("--parts", default=DEFAULT_PARTS, help="module:function returning Parts")
    parser.add_argument("--idle", type=float, default=900.0, help="seconds without a question after which it ends")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the server's terminal; the input ends right after
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not be taken for an answer
    lookup = Lookup(_parts(options.parts))
    for line in _lines(sys.stdin, options.idle):
        answers.write(json.dumps(_reply(lookup, json.loads(line))) + "\n")
        answers.flush()
    return 0


def _reply(lookup: Lookup, asked: dict[str, object]) -> dict[str, object]:
    number, text = asked["number"], asked["text"]
    try:
        if not isinstance(text, list):
            raise ClassifierError("a question without a text")
        found = lookup.answer(str(asked["model"]), str(asked["references"]), tuple(map(str, text)))
    except (WorkbenchError, OSError, RuntimeError, ValueError) as error:  # RuntimeError: what torch raises
        return {"number": number, "error": str(error) or type(error).__name__}
    return {"number": number, **found}


def _lines(source: IO[str], idle: float) -> Iterator[str]:
    waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        for line in source:
            waiting.put(line)
        waiting.put(None)

    threading.Thread(target=read, name="questions", daemon=True).start()
    while True:
        try:
            line = waiting.get(timeout=idle)
        except queue.Empty:
            return
        if line is None:
            return
        yield line


def _parts(name: str) -> Parts:
    module, _, function = name.partition(":")
    make: Callable[[], Parts] = getattr(importlib.import_module(module), function)
    return make()


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # without waiting for the thread that reads references

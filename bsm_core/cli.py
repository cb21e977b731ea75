"""The command line of the workbench: the loop without a browser, and what is measured."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from bsm_core.commands import (
    attacks,
    attribute,
    bench,
    compare,
    controlled,
    curated,
    experiment,
    export,
    hypotheses,
    locate,
    loop,
    pairs,
    paper,
    report,
    spots,
    survey,
    write,
)
from bsm_core.errors import WorkbenchError

_COMMANDS = (
    loop,
    experiment,
    compare,
    attacks,
    pairs,
    paper,
    curated,
    write,
    survey,
    spots,
    locate,
    hypotheses,
    attribute,
    controlled,
    report,
    export,
    bench,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 a WorkbenchError (its message on stderr), 130 stopped by Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except WorkbenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; run the same command with --resume to go on", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bsm_core", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for module in _COMMANDS:
        module.register(commands)
    return parser

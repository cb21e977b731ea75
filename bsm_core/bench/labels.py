"""How often an attack breaks the label: a table of pairs that somebody read, counted, with intervals."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from tabulate import tabulate

from bsm_core.errors import WorkbenchError
from bsm_core.metrics.statistics import wilson_interval

COLUMNS = ("original", "perturbed", "label", "verdict", "note")
VERDICTS = ("clear", "doubtful", "kept")
"""The label is clearly broken; it may be; it is still right."""


@dataclass(frozen=True, slots=True)
class Share:
    what: str
    count: int
    size: int
    low: float
    high: float
    """Ends of the 95 % Wilson interval of ``count`` in ``size``."""


def run(file: Path, json_path: Path | None) -> None:
    """Print what ``file`` says. Raises WorkbenchError that names the row of a file that does not read."""
    shares = shares_of(read_verdicts(file))
    rows = [[one.what, f"{one.count} of {one.size}", _percent(one.count / one.size), _between(one)] for one in shares]
    print(tabulate(rows, ["label", "pairs", "share", "95% interval (Wilson)"]))
    if json_path is not None:
        json_path.write_text(json.dumps([asdict(one) for one in shares], indent=2) + "\n", "utf-8")


def read_verdicts(file: Path) -> list[str]:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            rows = csv.DictReader(stream)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise WorkbenchError(f"{file} has the columns {rows.fieldnames}; it takes {', '.join(COLUMNS)}")
            found = [str(row["verdict"]) for row in rows]
    except (OSError, UnicodeDecodeError) as error:
        raise WorkbenchError(f"{file} cannot be read: {error}") from error
    if not found:
        raise WorkbenchError(f"{file} has no pairs; write one a row")
    for number, verdict in enumerate(found, 2):
        if verdict not in VERDICTS:
            raise WorkbenchError(f"{file}, row {number}: the verdict {verdict!r} is unknown; use {', '.join(VERDICTS)}")
    return found


def shares_of(verdicts: list[str]) -> list[Share]:
    counts, size = Counter(verdicts), len(verdicts)
    broken = {
        "clearly broken": counts["clear"],
        "clearly or doubtfully broken": counts["clear"] + counts["doubtful"],
        "kept": counts["kept"],
    }
    intervals = {what: wilson_interval(count, size) for what, count in broken.items()}
    return [Share(what, count, size, intervals[what].low, intervals[what].high) for what, count in broken.items()]


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _between(share: Share) -> str:
    return f"{_percent(share.low)} to {_percent(share.high)}"

"""TextAttack's CSV log (its ``CSVLogger``): read with any of its ways to mark changed words, written with none.

A row has original_text, perturbed_text, their scores and outputs, ground_truth_output, num_queries and result_type. The
two sides of a pair stand in one cell as ``Question: ...<SPLIT>Sentence: ...``, and so does every line break.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from bsm_core.domain.tasks import Task, Text
from bsm_core.domain.unknowns import AttackOutcome, Perturbation

SPLIT = "<SPLIT>"

COLUMNS = (
    "original_text",
    "perturbed_text",
    "original_score",
    "perturbed_score",
    "original_output",
    "perturbed_output",
    "ground_truth_output",
    "num_queries",
    "result_type",
)
MARKS, NO_MARKS = "marks", "none"
"""A column of ours behind TextAttack's: brackets in these texts are the texts' own."""

_MARK = re.compile(r"\[\[([^\[\]]*)\]\]|<font color = [^<>]*>([^<>]*)</font>")
_HEAD = re.compile(r"^(?:\[\[\[\[|(?:<font color = [^<>]*>)+)?([^\[\]<>:]{1,40})(?:\]\]\]\]|(?:</font>)+)?: ")


def unmarked(original: str, perturbed: str) -> tuple[str, str]:
    """O and P without the marks around changed words (``[[word]]``, or a font tag).

    What is marked in both alike is not a mark but the text's own: TextAttack marks only what differs.
    """
    shared = Counter(_marks(original)) & Counter(_marks(perturbed))
    return _strip(original, shared.copy()), _strip(perturbed, shared.copy())


def sides(text: str, count: int) -> Text:
    """One text, or the two of a pair without their field names.

    Raises ValueError when a pair's cell has not two sides.
    """
    if count == 1:
        return (text.replace(SPLIT, "\n"),)
    found = text.split(SPLIT)
    # A side's own line breaks look like the border between the sides; only the latter has a field name behind it.
    borders = [place for place, part in enumerate(found) if _HEAD.match(part)]
    if len(found) == 2:
        borders = [0, 1]
    if len(borders) != 2 or borders[0] != 0:
        raise ValueError(f"a text pair needs two sides with {SPLIT} between them; this has {len(found)}")
    parts = ("\n".join(found[: borders[1]]), "\n".join(found[borders[1] :]))
    return tuple(_HEAD.sub("", part, count=1) for part in parts)


def write(rows: Iterable[Perturbation], task: Task) -> str:
    """The CSV log of a set, in TextAttack's columns and quoting, with plain texts; a last column says that they are.

    A score is what TextAttack's untargeted goal calls so: 1 less the probability of the right label. An attack that
    broke on a text has result_type ``Error``, which TextAttack would not have logged.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow([*COLUMNS, MARKS])
    for row in rows:
        before, after = row.original_probabilities, row.perturbed_probabilities
        writer.writerow(
            [
                _cell(row.original_text, task),
                _cell(row.perturbed_text, task),
                1 - before[row.label],
                1 - after[row.label],
                _predicted(before),
                _predicted(after),
                row.label,
                row.queries,
                _RESULT_TYPES[row.outcome],
                NO_MARKS,
            ]
        )
    return stream.getvalue()


_RESULT_TYPES = {
    AttackOutcome.SUCCESSFUL: "Successful",
    AttackOutcome.FAILED: "Failed",
    AttackOutcome.SKIPPED: "Skipped",
    AttackOutcome.ERROR: "Error",
}


def _cell(text: Text, task: Task) -> str:
    if len(text) == 1:
        return text[0].replace("\n", SPLIT)
    heads = [field.capitalize() for field in task.text_fields]
    return SPLIT.join(f"{head}: {side}" for head, side in zip(heads, text, strict=True)).replace("\n", SPLIT)


def _predicted(probabilities: Sequence[float]) -> int:
    return max(range(len(probabilities)), key=probabilities.__getitem__)


def _marks(text: str) -> list[str]:
    return [found.group() for found in _MARK.finditer(text)]


def _strip(text: str, keep: Counter[str]) -> str:
    def bare(found: re.Match[str]) -> str:
        if keep[found.group()] > 0:
            keep[found.group()] -= 1
            return found.group()
        return found[1] if found[1] is not None else found[2]

    return _MARK.sub(bare, text)

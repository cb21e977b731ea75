"""The table of pairs that somebody read, counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from bsm_core.bench.labels import read_verdicts, run, shares_of
from bsm_core.errors import WorkbenchError

_HEAD = "original,perturbed,label,verdict,note\n"
_SHIPPED = Path(__file__).resolve().parents[2] / "docs" / "textfooler-local-reading.csv"


def test_shares_count_the_doubtful_once_alone_and_once_together() -> None:
    clear, both, kept = shares_of(["clear"] + ["doubtful"] * 2 + ["kept"] * 97)
    assert (clear.count, both.count, kept.count, clear.size) == (1, 3, 97, 100)
    assert clear.low < 0.01 < clear.high
    assert both.high > clear.high


def test_the_table_that_ships_reads_and_no_pair_stands_in_it_twice(capsys: pytest.CaptureFixture[str]) -> None:
    run(_SHIPPED, None)
    assert "clearly broken" in capsys.readouterr().out
    lines = _SHIPPED.read_text(encoding="utf-8").splitlines()
    assert len(set(lines)) == len(lines)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            _HEAD + "a,b,positive,kept,\na,c,positive,fine,\n",
            "row 3: the verdict 'fine' is unknown; use clear",
        ),
        ("original,perturbed\na,b\n", "it takes original, perturbed, label, verdict, note"),
        (_HEAD, "has no pairs"),
    ],
)
def test_a_table_that_does_not_read_says_where(tmp_path: Path, body: str, told: str) -> None:
    file = tmp_path / "reading.csv"
    file.write_text(body, encoding="utf-8")
    with pytest.raises(WorkbenchError, match=told):
        read_verdicts(file)

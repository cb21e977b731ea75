"""``python -m bsm_core controlled``: what it says to bad input, before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from bsm_core.cli import main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--variants", "R,Q"], "'Q' is no variant; there are CLEAN, R, P, N, PN"),
        (["--variants", "P"], "the variant R is missing"),
        (["--seeds", "4-0"], "'4-0' is no range of seeds"),
        (["--seeds", "1,1"], "name each once"),
        (["--terms", "3"], "terms is 3; use 6 or more a side"),
        (["--terms", "5000"], "5000 positive terms were asked for, and 7,000 texts have"),
        (["--size", "9000"], "ask for fewer"),
        (["--size", "60"], "take more training texts"),
        (["--resume"], "leave out --resume to start one"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_the_remedy(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["controlled", "--workspace", str(tmp_path), *arguments]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("error: ")
    assert said in shown
    assert not list(tmp_path.glob("jobs/*/spec.json"))

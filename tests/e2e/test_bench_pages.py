"""The benchmark of the pages, over few rows and rounds: that it measures, not how much."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bsm_core.bench.pages import run

pytestmark = pytest.mark.browser


def test_bench_pages_times_each_action_and_tells_the_load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(2_000, tmp_path / "bench.json", rounds=2, samples=60)
    told = json.loads((tmp_path / "bench.json").read_text("utf-8"))
    actions = [timing["action"] for timing in told["timings"]]
    assert {"next page", "filter by origin", "move tau", "next text (J)", "approve, next comes (A)"} <= set(actions)
    for timing in [*told["timings"], told["bare"]]:
        assert 0 < timing["median"] <= timing["p95"] <= timing["worst"]
    assert (told["rows"], len(told["load"])) == (2_000, 2)
    assert "2 rounds each over 2,000 predictions" in capsys.readouterr().out

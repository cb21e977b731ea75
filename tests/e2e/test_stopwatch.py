"""The benchmarks' stopwatch, on a page whose times are known."""

from __future__ import annotations

from typing import Any

import pytest

from bsm_core.bench.stopwatch import Action, Watched, measure
from bsm_core.errors import WorkbenchError

pytestmark = pytest.mark.browser

# A click starts a run; the text changes after 200 ms and the run is over after 400.
_SLOW = """<div data-testid="stApp" data-test-script-state="notRunning"><p>0 done</p><button>go</button></div><script>
let n = 0;
document.querySelector("button").onclick = () => {
  const app = document.querySelector("div");
  app.dataset.testScriptState = "running";
  setTimeout(() => { document.querySelector("p").textContent = `${++n} done`; }, 200);
  setTimeout(() => { app.dataset.testScriptState = "notRunning"; }, 400);
};
</script>"""


def _click(page: Any, _: int) -> None:
    page.get_by_text("go").click()


def test_stopwatch_stops_when_the_run_is_over_and_not_at_the_first_change(page: Any) -> None:
    page.set_content(_SLOW)
    timing = measure(page, Action("go", _click, [Watched("p", "done$")]), rounds=2, warm_up=1)
    assert 400 <= timing.median < 2_000
    assert timing.rounds == 2


def test_stopwatch_refuses_to_time_what_changes_nothing(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bsm_core.bench.stopwatch._LONGEST_SECONDS", 1)
    page.set_content(_SLOW)
    with pytest.raises(WorkbenchError, match="'go' changed nothing"):
        measure(page, Action("go", _click, [Watched("button")]), rounds=1)

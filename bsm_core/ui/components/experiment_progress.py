"""How far an experiment is: one cell a model, live while it runs."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.experiments import Cell
from bsm_core.ui import shell, words
from bsm_core.ui.components.job_panel import show_job
from bsm_core.ui.text import html
from bsm_core.workbench import Workbench
from bsm_core.workflow.experiment import CellState, Progress

_SECONDS = 2.0
_CELLS = {
    CellState.WAITING: ("·", "waiting"),
    CellState.RUNNING: ("▶", "running"),
    CellState.STOPPED: ("■", "stopped"),
    CellState.TRAINED: ("◐", "trained"),
    CellState.DONE: ("✓", "done"),
}
_STYLE = """<style>
.bsm-cells { overflow-x: auto; }
.bsm-cells table { border-collapse: collapse; font-size: .9rem; }
.bsm-cells th { text-align: left; font-weight: 600; padding: .3em .9em .3em .3em; white-space: nowrap; }
.bsm-cells td { padding: .3em .7em; border: 1px solid light-dark(#dde1e6, #2a313b); white-space: nowrap; }
.bsm-cells td.corner { border: none; }
.bsm-cells .done { background: light-dark(#e3f3ec, #16352a); }
.bsm-cells .running, .bsm-cells .trained { background: light-dark(#e6f0fa, #16293c); font-weight: 600; }
.bsm-cells .stopped { background: light-dark(#fdeee0, #3d2610); font-weight: 600; }
.bsm-cells .waiting { opacity: .65; }
</style>"""


def experiment_progress(workbench: Workbench, experiment_id: str) -> Progress:
    """The grid and the running job, live while something is to come; when a model is done, the page is drawn anew."""
    found = workbench.experiments.progress(experiment_id)
    if found.is_done:
        with st.expander(_headline(found), icon=":material/grid_on:"):
            _grid(found)
    else:
        _watch(workbench, experiment_id, found.done, found.stopped_job_id)
    return found


def _watch(workbench: Workbench, experiment_id: str, done: int, stopped: str | None) -> None:
    @st.fragment(run_every=None if stopped else _SECONDS)
    @shell.guarded
    def poll() -> None:
        found = workbench.experiments.progress(experiment_id)
        if (found.done, found.stopped_job_id) != (done, stopped):
            st.rerun()
        st.progress(found.done / found.total, text=_headline(found))
        _grid(found)
        job_id = found.running_job_id or found.stopped_job_id
        if job_id is not None:
            show_job(workbench, workbench.job(job_id))
        else:
            st.caption("The next job starts in a moment, or when this study's other jobs have ended.")

    poll()


def _headline(found: Progress) -> str:
    trained = words.count(sum(state is CellState.DONE for cell, state in found.cells.items() if cell), "model")
    if found.is_done:
        return f"All {len(found.plan.cells):,} models are trained and tried on test."
    left = "" if found.seconds_left is None else f", about {words.duration(found.seconds_left)} to go"
    state = "Stopped" if found.stopped_job_id else "Running"
    return f"{state}: {trained} of {len(found.plan.cells):,} done{left}."


def _grid(found: Progress) -> None:
    seeds = found.plan.seeds
    head = "".join(f'<th scope="col">seed {seed}</th>' for seed in seeds)
    rows = [f'<tr><th scope="row">Original model</th>{_cell(found.cells[None], len(seeds))}</tr>']
    for arm in found.plan.arms:
        cells = "".join(_cell(found.cells[Cell(arm, seed)]) for seed in seeds)
        rows.append(f'<tr><th scope="row">{html(words.ARMS[arm])}</th>{cells}</tr>')
    table = f"<table><thead><tr><td class=corner></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    st.html(f'{_STYLE}<div class="bsm-cells">{table}</div>')


def _cell(state: CellState, wide: int = 1) -> str:
    sign, name = _CELLS[state]
    span = f' colspan="{wide}"' if wide > 1 else ""
    return f'<td class="{state}"{span}>{sign} {name}</td>'

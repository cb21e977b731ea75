"""The study as a path of steps: each with its sign, its figure and the way there."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.studies import Step, StepName, StepState
from bsm_core.ui import navigation, session, words
from bsm_core.ui.text import html

STYLE = """<style>
.bsm-sign { width: 2rem; height: 2rem; border-radius: 50%; display: flex; align-items: center; justify-content: center;
  font-weight: 600; font-size: .95rem; border: 2px solid transparent; margin: 0 auto; }
.bsm-sign.done { background: light-dark(#dff1ea, #17382d); color: light-dark(#14634a, #7fd6b6); }
.bsm-sign.ready { background: light-dark(#1f66a8, #3e8bd6); color: #fff; }
.bsm-sign.running { border-color: light-dark(#1f66a8, #3e8bd6); color: light-dark(#1f66a8, #8cc0f2); }
.bsm-sign.failed { background: light-dark(#fbe3d0, #4a2a10); color: light-dark(#8a3d00, #ffb57a); }
.bsm-sign.waiting { border-color: light-dark(#cfd4da, #3d4550); color: light-dark(#6b7380, #98a1ad); }
.bsm-figure { line-height: 1.35; } .bsm-figure.quiet { opacity: .72; font-size: .92rem; }
</style>"""


def next_step(path: Sequence[Step]) -> Step | None:
    """The step that wants the analyst now: one that failed, else the first that is ready."""
    failed = [step for step in path if step.state is StepState.FAILED]
    ready = [step for step in path if step.state is StepState.READY]
    return next(iter(failed or ready), None)


def show_path(path: Sequence[Step]) -> None:
    """One row a step, in order."""
    st.html(STYLE)
    with st.container(border=True):
        for number, step in enumerate(path, 1):
            _show_step(number, step)


def show_next(path: Sequence[Step]) -> None:
    """What to do next, in one sentence, with the button that leads there."""
    step = next_step(path)
    with st.container(border=True):
        st.markdown("##### :material/flag: What to do next")
        if step is None:
            running = any(one.state is StepState.RUNNING for one in path)
            st.markdown("Wait for what is running." if running else "The whole path is done. Compare the arms.")
            if running:
                return
        page = _page_of(step or path[-1])
        if step is not None:
            st.markdown(f"**{words.STEPS[step.name][0]}.** {step.hint}")
        if st.button(
            f"Go to {navigation.entry(page).title}", type="primary", icon=":material/arrow_forward:", key="next-action"
        ):
            session.go(page)


def _page_of(step: Step) -> str:
    """Where the step's work begins: a hypothesis begins with UUs chosen on Browse."""
    if step.state is StepState.FAILED:
        return "jobs"
    return "browse" if step.name is StepName.HYPOTHESIZE else words.STEPS[step.name][1]


def _show_step(number: int, step: Step) -> None:
    title, page = words.STEPS[step.name]
    sign, state = words.STEP_STATES[step.state]
    mark = str(number) if step.state in (StepState.WAITING, StepState.READY) else sign
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.html(f'<div class="bsm-sign {step.state.value}" title="{state}">{mark}</div>', width=40)
        with st.container(width=165):
            session.link(page, title, help=f"Step {number}: {state}")
        st.html(_figure(step))


def _figure(step: Step) -> str:
    """The step's figure; below it what to do, where there is something to do. Waiting steps only say what they are."""
    parts = [f'<div class="bsm-figure">{html(step.figure)}</div>'] if step.figure else []
    if step.state is not StepState.DONE:
        parts.append(f'<div class="bsm-figure quiet">{html(step.hint)}</div>')
    return "".join(parts) or '<div class="bsm-figure quiet">done</div>'

"""An attack while it runs: outcomes so far, how fast it goes, and the last texts that fooled the model."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.jobs import JobState, JobStatus
from bsm_core.domain.unknowns import Perturbation
from bsm_core.ui import words
from bsm_core.ui.components import outcome_bar
from bsm_core.ui.components.diff import STYLE, diff_html
from bsm_core.ui.text import html, one_line
from bsm_core.workbench import Workbench
from bsm_core.workflow.attack_stream import AttackProgress
from bsm_core.workflow.discover import PHASE

_LEAST_SECONDS = 2.0
"""Before that a rate would jump about."""


def attack_progress(workbench: Workbench, status: JobStatus, told: str) -> bool:
    """Whether there was something to draw: not for other jobs, and not before the first text is done. ``told`` is how
    far the job is, in our own words. Read from the job's folder."""
    if status.state is JobState.INGESTED:
        return False  # its set is in the attack report
    progress = workbench.attacks.progress(status)
    if progress is None:
        return False
    is_attacking = status.state is JobState.RUNNING and status.phase == PHASE
    missing = max(0, status.total - progress.done) if status.phase == PHASE else 0
    so_far = f"{words.count(progress.done, 'text')} attacked so far"
    st.caption(f"{told} · {_pace(status, progress)}" if is_attacking else so_far)
    st.html(outcome_bar.STYLE + outcome_bar.outcome_html(progress.counted, missing))
    if progress.recent:
        count = len(progress.recent)
        title = f"The last {count} texts that fooled the model" if count > 1 else "The text that fooled the model"
        with st.expander(title, expanded=is_attacking):
            _recent(workbench, status, progress)
    return True


def _pace(status: JobStatus, progress: AttackProgress) -> str:
    """Of this worker: what was done before a resume counts in no rate."""
    done, seconds = progress.done - status.phase_from, status.phase_seconds
    if done < 1 or seconds < _LEAST_SECONDS:
        return "measuring the pace …"
    queries = progress.queries_since(status.phase_from)
    parts = [f"{_rate(done / seconds, 'text')}", f"{_rate(queries / seconds, 'query', 'queries')}"]
    missing = status.total - progress.done
    if missing > 0:
        parts.append(f"about {words.duration(missing * seconds / done)} left")
    return " · ".join(parts)


def _rate(value: float, one: str, many: str | None = None) -> str:
    """A slow attack is told in texts a minute."""
    plural = many or f"{one}s"
    return f"{value:,.1f} {plural} a second" if value >= 0.1 else f"{60 * value:,.1f} {plural} a minute"


def _recent(workbench: Workbench, status: JobStatus, progress: AttackProgress) -> None:
    task = workbench.store.studies.get(status.spec.study_id).task
    parts = [
        f'<div class="bsm-field">{_told(item, task.label_names)}</div>'
        + diff_html(item.original_text, item.perturbed_text, task.text_fields)
        for item in progress.recent
    ]
    st.html(STYLE + "".join(parts))


def _told(item: Perturbation, names: tuple[str, ...]) -> str:
    said = max(range(len(item.perturbed_probabilities)), key=item.perturbed_probabilities.__getitem__)
    label, called = (html(one_line(names[place], 40)) for place in (item.label, said))
    changed = words.count(item.words_changed, "word")
    return (
        f"labelled <b>{label}</b>, now called <b>{called}</b> with {max(item.perturbed_probabilities):.1%} confidence "
        f"· {changed} of {item.words_total:,} changed · {words.count(item.queries, 'query', 'queries')}"
    )

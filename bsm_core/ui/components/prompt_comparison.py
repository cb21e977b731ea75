"""Two versions of a prompt, tried on the same UUs: the share of usable answers, and the answers beside each other."""

from __future__ import annotations

from typing import Any

import streamlit as st

from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.ui import session, shell
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.ui.components.prompt_editor import TITLES, version_title
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench
from bsm_core.workflow.compare_prompts import COMPARABLE

_MOST = 50


def prompt_comparison(workbench: Workbench, study: Study, name: str) -> None:
    st.markdown("##### Compare two versions", help="Both are asked about the same UUs, with the same seeds.")
    if name not in COMPARABLE:
        st.caption("This prompt is not compared here.")
        return
    if workbench.settings.teacher.is_embedded:
        st.caption("The embedded model cannot follow this prompt. Set an endpoint on the Settings page.")
        return
    busy = job_panel(workbench, study.study_id, (JobKind.COMPARE_PROMPTS,))
    versions = {one.key: one for one in workbench.authoring.prompts.versions(name)}
    keys = list(versions)
    if len(keys) < 2:
        st.caption("There is one version only. Save another one above, and compare them here.")
    else:
        _form(workbench, study, name, keys, {key: version_title(one) for key, one in versions.items()}, busy)
    told = workbench.authoring.last_comparison(study.study_id)
    if told is not None:
        _show(told)


def _form(workbench: Workbench, study: Study, name: str, keys: list[str], titles: dict[str, str], busy: bool) -> None:
    one, two, three, four = st.columns([3, 3, 2, 2], vertical_alignment="bottom")
    first = one.selectbox(
        "One", keys, len(keys) - 2, key=f"compare-one-{name}-{len(keys)}", format_func=titles.__getitem__
    )
    second = two.selectbox(
        "Other", keys, len(keys) - 1, key=f"compare-two-{name}-{len(keys)}", format_func=titles.__getitem__
    )
    size = three.number_input("UUs", 1, _MOST, 8, key="compare-size")
    four.button(
        f"Ask {2 * int(size)} questions", icon=":material/compare:", key="compare-start",
        disabled=busy or first == second, on_click=_start,
        args=(workbench, study.study_id, name, (first, second), int(size)),
    )  # fmt: skip


def _start(workbench: Workbench, study_id: str, name: str, keys: tuple[str, str], size: int) -> None:
    if shell.attempt(workbench.authoring.start_comparison, study_id, name, keys, size):
        session.flash("Both versions are being asked, in the background.")


def _show(told: dict[str, Any]) -> None:
    sides = told["sides"]
    st.markdown(f"Latest: **{plain(TITLES.get(told['template'], told['template']))}**, by {plain(told['model'], 80)}")
    for column, side in zip(st.columns(2), sides, strict=True):
        share = f"{side['usable'] / side['asked']:.0%}" if side["asked"] else "not asked"
        column.metric(
            f"Usable answers, {side['key']}", share, f"{side['usable']} of {side['asked']}", delta_color="off",
            delta_arrow="off", border=True, help="Answers that keep to the format, so that they can be read.",
        )  # fmt: skip
    if told["stopped"]:
        st.warning(plain(told["stopped"]), icon=":material/savings:")
    rows = [
        {
            "about": one_line(text, 200),
            sides[0]["key"]: one_line(first, 400),
            sides[1]["key"]: one_line(second, 400),
        }
        for text, first, second in zip(told["texts"], sides[0]["answers"], sides[1]["answers"], strict=True)
    ]
    widths = {"about": 260, sides[0]["key"]: 400, sides[1]["key"]: 400}
    columns = {name: st.column_config.TextColumn(width=width) for name, width in widths.items()}
    st.dataframe(rows, hide_index=True, row_height=90, column_config=columns)

"""The paper's tables and figures, one section each."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.charts import theme
from bsm_core.charts.arm_lines import confidence_lines
from bsm_core.domain.arms import Arm
from bsm_core.domain.comparison import OWN, EvaluationScope
from bsm_core.domain.paper import Reported
from bsm_core.domain.studies import Study
from bsm_core.metrics.arm_means import ArmMean
from bsm_core.metrics.averages import Averages
from bsm_core.report.table2 import NONE, papers_cell
from bsm_core.ui import session, words
from bsm_core.ui.components import states
from bsm_core.ui.components.comparison_table import STYLE
from bsm_core.ui.components.sections import choose_section
from bsm_core.ui.text import html, plain
from bsm_core.workbench import Workbench
from bsm_core.workflow.compare import comparison
from bsm_core.workflow.confidence import confidence_by_arm
from bsm_core.workflow.reported import read_reported
from bsm_core.workflow.table2 import Table2Row, table2, table2_averages

SECTIONS = {
    "table2": "Table 2",
    "figures": "Figures 4 and 5",
    "more": "Tables 3 to 7, costs",
}
_COLUMNS = (
    ("Task and attack", ""),
    ("Treatment", ""),
    ("Accuracy", "clean test texts"),
    ("UUs", "after a fresh attack"),
    ("Change", "against the original, 95% interval"),
    ("The paper's UUs", "same task, model and attack"),
)
AVERAGES_HELP = (
    "Pooled: the change of all UUs together, so that comparisons with many UUs weigh more. Mean of cells: the mean of "
    "the percentages, so that each comparison weighs the same, however few UUs it has. They can differ a lot, which is "
    "why each is named here; the paper gives two sets of averages that do not agree."
)


def paper_sections(workbench: Workbench, study: Study) -> None:
    reported = read_reported(workbench.settings.workspace)
    match choose_section("paper", SECTIONS, "table2"):
        case "figures":
            _figures(workbench, study)
        case "more":
            _more()
        case _:
            _table2(table2(workbench.store), reported)


def _table2(rows: Sequence[Table2Row], reported: Reported) -> None:
    if not rows:
        states.empty(
            "No comparison yet",
            "Train and evaluate some treatments, or run an experiment: each becomes rows of this table.",
            page="experiments",
            label="Run an experiment",
        )
        return
    head = "".join(f'<th scope="col">{html(title)}<small>{html(sub)}</small></th>' for title, sub in _COLUMNS)
    body = "".join(_line(row, one, place, reported) for row in rows for place, one in enumerate(row.arms))
    st.html(f'{STYLE}<div class="bsm-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')
    st.markdown("##### Averages of the change", help=AVERAGES_HELP)
    found = table2_averages(rows)
    arms = [arm for arm in Arm if arm in found or reported.average(arm) is not None]
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("Treatment", "Cells", "Pooled", "Mean of cells", "The paper’s")
    )
    body = "".join(
        f"<tr><td><b>{html(words.ARMS[arm])}</b></td>{_averaged(found.get(arm))}<td>{_papers(reported, arm)}</td></tr>"
        for arm in arms
    )
    st.html(f'<div class="bsm-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')
    st.caption(
        f"The paper’s: {plain(reported.source)}, on its own data, models and attacks, and so no yardstick for a small "
        "study. Cells that were copied from the paper into the workspace’s paper.toml are shown in the last column of "
        "the first table."
    )


def _line(row: Table2Row, one: ArmMean, place: int, reported: Reported) -> str:
    name = f"{row.study}{f': {row.experiment}' if row.experiment else ''}"
    what = (
        f"<b>{html(row.task)}, {html(row.recipe)}</b><small>{html(row.classifier)}</small><small>{html(name)}, "
        f"{row.attacked:,} texts, tau {row.tau:g}</small>"
    )
    effect = one.effect
    change = "–"
    if effect is not None and effect.change is not None and effect.intervals.change is not None:
        span = effect.intervals.change
        told = "more than chance" if effect.resolved else "not resolvable"
        change = f"<b>{_signed(effect.change)}</b><small>{_signed(span.low)} to {_signed(span.high)}, {told}</small>"
    papers = papers_cell(row, one.arm, reported)
    cells = (
        what if place == 0 else "",
        f"<b>{html(words.ARMS[one.arm])}</b><small>{words.count(one.seeds, 'model')}</small>",
        f"{one.accuracy:.1%}",
        f"<b>{one.fresh:,.4g}</b>",
        change,
        papers if papers == NONE else f"{papers} (paper)",
    )
    kind = ' class="first"' if place == 0 else ""
    return f"<tr{kind}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _figures(workbench: Workbench, study: Study) -> None:
    scopes = {"The study's own arms": (OWN, study.tau)}
    for plan in workbench.store.experiments.all(study.study_id):
        if not workbench.store.models.all(study.study_id, plan.experiment_id):
            continue
        for tried in plan.sets:
            name = f"{plan.name}, {tried.name} ({plan.created_at:%d %b, %H:%M})"
            scopes[name] = (EvaluationScope(plan.experiment_id, tried.name), plan.tau)
    name = st.selectbox("Comparison", list(reversed(scopes)), key="paper-scope")
    scope, tau = scopes[name]
    found = comparison(workbench.store, study.study_id, tau, scope)
    if not found.others:
        states.empty("Nothing evaluated here yet", "Evaluate some treatments first.", page="retrain", label="Retrain")
        return
    for title, fresh, text in (
        ("Each model under its own fresh attack", True, "Successful perturbations only, found anew for every model."),
        ("The original's perturbed texts, replayed", False, "They fooled the original by construction."),
    ):
        arms = confidence_by_arm(workbench.store, found, fresh=fresh)
        lines = [
            (f"{words.ARMS[one.arm]} (mean of {one.seeds})" if one.seeds > 1 else words.ARMS[one.arm], one.counts)
            for one in arms
        ]
        st.markdown(f"**{title}**")
        st.plotly_chart(
            confidence_lines(arms[0].bins, lines, tau),
            key=f"paper-confidence-{fresh}",
            config=theme.CONFIG,
            alt=f"{title}: wrong answers by confidence, one line a treatment",
        )
        st.caption(f"{text} Right of the dotted line they are unknown unknowns.")


def _more() -> None:
    st.markdown("**Table 3, the controlled check** (appendix C): blind spots that were planted, and are known.")
    session.link("controlled", "Open the self-test")
    st.markdown("**Tables 4 to 7, the attacks**: success rates, words changed and queries, for any perturbation set.")
    session.link("discover", "Open the attack report")
    st.markdown("**Observation 6, what it costs**: tokens, money, minutes, queries and seconds, for each UU removed.")
    session.link("compare", "Open the comparison")


def _averaged(both: Averages | None) -> str:
    if both is None:
        return f"<td>0</td><td>{NONE}</td><td>{NONE}</td>"
    return f"<td>{both.cells}</td><td>{_signed(both.pooled)}</td><td>{_signed(both.mean_of_cells)}</td>"


def _papers(reported: Reported, arm: Arm) -> str:
    value = reported.average(arm)
    return NONE if value is None else f"about {_signed(value)} (paper)"


def _signed(value: float) -> str:
    return f"{value:+.0%}".replace("-", "−")

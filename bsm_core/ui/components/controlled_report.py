"""What the self-test came to: the verdict, table 3, the figure, what was planted, found and missed."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from bsm_core.charts import theme
from bsm_core.charts.controlled import controlled_figure
from bsm_core.domain.controlled import CellResult, ControlledResult, SpotKind, Treatment, Variant
from bsm_core.report.controlled_table import COLUMNS, REMOVALS, controlled_rows, removal_rows
from bsm_core.ui import words
from bsm_core.ui.components import states
from bsm_core.ui.components.controlled_form import what_planting_means
from bsm_core.ui.text import one_line, plain
from bsm_core.workflow.controlled_samples import golden_set
from bsm_core.workflow.controlled_verdict import Answer, verdict

NAMES: dict[Treatment | None, str] = {
    None: "Before",
    Treatment.GOLDEN: "Golden samples",
    Treatment.UNTARGETED: "Untargeted samples",
    Treatment.MORE_TRAINING: "More training",
}
KINDS = {SpotKind.P: "Praise taken for negative", SpotKind.N: "Blame taken for positive"}
VARIANTS = {
    Variant.CLEAN: "nothing planted, all training texts",
    Variant.R: "nothing planted, as few texts as the others: the control",
    Variant.P: "blind to praise",
    Variant.N: "blind to blame",
    Variant.PN: "blind to both",
}
_ROW = 36
_NAMED = 6


def controlled_report(result: ControlledResult) -> None:
    found = verdict(result)
    icon = ":material/verified:" if found.is_passed else ":material/info:"
    box = st.success if found.is_passed else st.error if found.found is Answer.NO else st.info
    box(found.text, icon=icon)
    plan = result.plan
    states.note(
        f"{words.count(len(plan.seeds), 'seed')} · {plan.terms} opinion words a side · planting: {plan.planting} · "
        f"tau {plan.tau:g} · {words.duration(result.seconds)} · {result.created_at:%d %b %Y, %H:%M}"
    )
    st.plotly_chart(
        controlled_figure(result.rows, NAMES),
        key="controlled-figure",
        config=theme.CONFIG,
        alt="Share of planted texts that are unknown unknowns, before and after, by variant",
    )
    states.note(
        "Blue is the spoiled classifier, green what golden samples leave. Left of the orange and grey marks, they beat "
        "the controls, which train on as much with nothing aimed. Lines are 95% intervals."
    )
    _tables(result)
    _planted(result)
    with st.expander("What planting means", icon=":material/science:"):
        what_planting_means()


def _tables(result: ControlledResult) -> None:
    st.markdown("#### What was planted, found and removed")
    st.dataframe(
        _table(_unique(COLUMNS), controlled_rows(result)),
        hide_index=True,
        key="controlled-table",
        row_height=_ROW,
        alt="Table 3: unknown unknowns before and after golden samples, by variant",
    )
    told = "; ".join(f"**{row.variant}** {VARIANTS[row.variant]}" for row in result.rows)
    states.note(
        f"{told}. UUs are unknown unknowns: counts of test texts over all seeds, before and after (→) golden samples. "
        "*Terms found*: planted words that a UU on validation shows, of those that could be shown. *UUs that are "
        "planted*: of all UUs on validation. *Spots found*: planted blind spots that a cluster of UUs shows; for CLEAN "
        "and R, where there are none, false alarms. *Fewer than trained on*: than after training on with nothing new."
    )
    st.markdown("#### How much golden samples remove")
    st.dataframe(
        _table(_unique(REMOVALS), removal_rows(result)),
        hide_index=True,
        key="controlled-removals",
        row_height=_ROW,
        alt="Shares of unknown unknowns that golden samples remove, with intervals",
    )
    states.note(
        "With 95% intervals over texts and seeds; p by a paired test over texts. *Fewer than before* also has what "
        "training on does by itself, so the two comparisons decide: how many fewer than after untargeted samples, and "
        "than after more training, at the same budget. *Of what planting added*: of those that R does not have."
    )


def _planted(result: ControlledResult) -> None:
    planted = [cell for cell in result.cells if cell.cell.variant.plants]
    if not planted:
        return
    st.markdown("#### The planted words, and the golden hypotheses")
    names = {f"{one.cell.variant}, seed {one.cell.seed}": one for one in planted}
    chosen = st.selectbox("Spoiled classifier", list(names), key="controlled-cell", width=260)
    cell = names[chosen or next(iter(names))]
    columns = st.columns(len(cell.cell.variant.plants), gap="large")
    for column, kind in zip(columns, cell.cell.variant.plants, strict=True):
        with column:
            _kind(cell, kind)


def _kind(cell: CellResult, kind: SpotKind) -> None:
    told = cell.discovery(kind)
    terms = cell.praise if kind is SpotKind.P else cell.blame
    hypothesis = next(one for one in golden_set().hypotheses if one.kind is kind)
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{KINDS[kind]}** — {words.count(len(terms), 'planted word')}")
        st.markdown(":material/psychology: Golden hypothesis")
        st.text(hypothesis.named(terms[:_NAMED]))
        st.markdown(f":material/check_circle: Found among the unknown unknowns: {len(told.found)}")
        st.text(", ".join(told.found) or "none")
        st.markdown(f":material/cancel: Missed, though validation texts have them: {len(told.missed)}")
        st.text(", ".join(told.missed) or "none")
        if told.spots:
            spots = "; ".join(
                f"“{plain(one_line(spot.name, 60))}” ({spot.members.count} of {spot.members.size}, where chance "
                f"would put {spot.expected:.0f})"
                for spot in told.spots
            )
            st.markdown(f":material/bubble_chart: Clusters that show it, of {cell.clusters}: {spots}")
        else:
            st.markdown(f":material/bubble_chart: None of the {cell.clusters} clusters shows it beyond chance.")


def _unique(columns: tuple[str, ...]) -> list[str]:
    """A table needs different names: those that come again get a mark that nobody sees."""
    seen: dict[str, int] = {}
    named = []
    for column in columns:
        shown = column[0].upper() + column[1:]
        seen[shown] = seen.get(shown, 0) + 1
        named.append(shown + "\u200b" * (seen[shown] - 1))
    return named


def _table(columns: list[str], rows: list[list[str]]) -> pa.Table:
    return pa.table({name: [row[place] for row in rows] for place, name in enumerate(columns)})

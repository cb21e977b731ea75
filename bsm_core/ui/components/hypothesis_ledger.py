"""The ledger of hypotheses: the study's readable error report, to search, filter, sort and take away."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from bsm_core.domain.curation import PretestVerdict
from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.domain.studies import Study
from bsm_core.report.ledger import ledger_csv, ledger_markdown
from bsm_core.ui import session, shell, words
from bsm_core.ui.components import states
from bsm_core.ui.components.agents import SHORT
from bsm_core.ui.components.pagination import first_page, paginate
from bsm_core.ui.components.pretest import ledger_entry
from bsm_core.ui.text import one_line
from bsm_core.workbench import Workbench
from bsm_core.workflow.ledger import LedgerEntry, LedgerFilter, LedgerOrder, chosen

_SIZE = 12
_ANY = "any"


@st.fragment
@shell.guarded
def hypothesis_ledger(workbench: Workbench, study: Study) -> None:
    every = workbench.ledger.entries(study.study_id)
    if not every:
        states.empty(
            "No hypotheses yet",
            "Write one under Write. Each is listed here with its samples, its pre-test and what came of it.",
            icon=":material/psychology:",
        )
        return
    key = f"ledger-page-{study.study_id}"
    found = chosen(every, _filter(study.study_id, key))
    _actions(workbench, study, every, found)
    if not found:
        st.info("No hypothesis fits these filters.", icon=":material/search_off:")
        return
    last = (len(found) - 1) // _SIZE + 1
    offset = (min(int(st.session_state.get(key, 1)), last) - 1) * _SIZE
    shown = found[offset : offset + _SIZE]
    _grid(study.study_id, shown)
    paginate(len(found), key, size=_SIZE, noun="hypotheses")
    wanted = session.param("hypothesis")
    entry = next((one for one in every if wanted in one.version_ids), None)
    if entry is None:
        st.caption("Click a hypothesis to read it whole, pre-test it, and see what came of it.")
    else:
        ledger_entry(workbench, entry)


def _filter(study_id: str, page_key: str) -> LedgerFilter:
    def choose(name: str, title: str, options: dict[str, str], width: int) -> str | None:
        picked = st.selectbox(
            title, list(options), key=f"ledger-{name}-{study_id}", on_change=first_page, args=(page_key,),
            format_func=lambda one: options.get(one, "?"), persist_state="session", width=width,
        )  # fmt: skip
        return None if picked in (None, _ANY) else str(picked)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            "Search", key=f"ledger-search-{study_id}", type="search", live=True, on_change=first_page,
            args=(page_key,), placeholder="words in it", persist_state="session", width=190,
        )  # fmt: skip
        kind = choose("kind", "Kind", {_ANY: "any kind"} | {one: one.value for one in HypothesisKind}, 140)
        agent = choose("agent", "Agent", {_ANY: "any agent"} | {one: SHORT[one] for one in Agent}, 150)
        verdicts = {_ANY: "any verdict", "untested": "not pre-tested"} | {one: one.value for one in PretestVerdict}
        verdict = choose("verdict", "Pre-test", verdicts, 160)
        order = choose("order", "Order", {one: one.value for one in LedgerOrder}, 220)
    return LedgerFilter(kind, agent, verdict, (search or "").strip(), LedgerOrder(order or LedgerOrder.TREE))


def _actions(workbench: Workbench, study: Study, every: Sequence[LedgerEntry], found: Sequence[LedgerEntry]) -> None:
    tested = [one for one in every if one.pretest is not None]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Pre-test all", icon=":material/science:", key="pretest-all",
            on_click=_pretest_all, args=(workbench, study.study_id),
            help="Compares the first samples of each hypothesis with plain validation texts of the same labels. "
            "Nothing runs in the background and nothing is paid: the classifier has answered them already.",
        )  # fmt: skip
        for title, body, name, mime in (
            ("CSV", ledger_csv(found), "hypotheses.csv", "text/csv"),
            ("Markdown", ledger_markdown(study, found), "hypotheses.md", "text/markdown"),
        ):
            st.download_button(
                title, body, file_name=name, mime=mime, icon=":material/download:", key=f"ledger-{mime}",
                on_click="ignore", help="The hypotheses that fit the filters.",
            )  # fmt: skip
        if tested:
            supported = sum(one.verdict is PretestVerdict.SUPPORTED for one in tested)
            st.caption(
                f"{len(tested):,} pre-tested, {supported:,} supported.", width="content",
                help="Each test stands for itself: of many hypotheses that say nothing, one in twenty would look "
                "supported by chance.",
            )  # fmt: skip


def _grid(study_id: str, rows: Sequence[LedgerEntry]) -> None:
    ids = [one.hypothesis.hypothesis_id for one in rows]
    key = f"ledger-grid-{study_id}-{hash(tuple(ids))}"
    st.dataframe(
        pa.table(
            {
                "#": [one.number for one in rows],
                "Hypothesis": [one_line(one.hypothesis.text, 200) for one in rows],
                "Agent": [SHORT[one.hypothesis.agent] for one in rows],
                "Pattern": [one_line(one.hypothesis.pattern or "", 40) for one in rows],
                "UUs": [len(one.hypothesis.source_item_ids) for one in rows],
                "Samples": [one.samples.total for one in rows],
                "Approved": [one.samples.approved for one in rows],
                "Fails": [_fails(one) for one in rows],
                "Verdict": [one.verdict.value if one.verdict else "" for one in rows],
                "Later": [_later(one) for one in rows],
            }
        ),
        hide_index=True,
        key=key,
        row_height=36,
        height=36 * (len(rows) + 1) + 3,
        selection_mode="single-cell",
        on_select=lambda: _on_select(ids, key),
        alt="Hypotheses",
        column_config={
            "#": st.column_config.TextColumn(width=50),
            "Hypothesis": st.column_config.TextColumn(width=330, help="Click to read it whole."),
            "Agent": st.column_config.TextColumn(width=60),
            "Pattern": st.column_config.TextColumn(width=130),
            "Fails": st.column_config.TextColumn(width=110, help="UUs among the first samples, and plain texts' share"),
            "Verdict": st.column_config.TextColumn(width=100),
            "Later": st.column_config.TextColumn(width=70, help="Its own natural UUs that its arm's model gets right"),
        },
    )


def _fails(entry: LedgerEntry) -> str:
    found = entry.pretest
    if found is None:
        return ""
    return f"{found.failed} of {found.size} ({found.control_failed / found.control_size:.0%})"


def _later(entry: LedgerEntry) -> str:
    """Of the arm that its samples went into."""
    own = f"HYPOTHESIS_{entry.hypothesis.agent.value.upper()}"
    return next((f"{one.right} of {one.size}" for one in entry.effects if one.arm == own), "")


def _on_select(ids: Sequence[str], key: str) -> None:
    for row, _ in st.session_state[key]["selection"]["cells"][:1]:
        if row < len(ids):
            session.put(hypothesis=ids[row])


def _pretest_all(workbench: Workbench, study_id: str) -> None:
    left: list[str] = []
    tested = workbench.ledger.pretest_all(study_id, left.append)
    rest = f" {words.count(len(left), 'hypothesis', 'hypotheses')} left: too few checked samples." if left else ""
    session.flash(
        f"{words.count(tested, 'hypothesis', 'hypotheses')} pre-tested.{rest}", "success" if tested else "info"
    )

"""What each arm cost beside what it did (the paper's observation 6)."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.costs import BREAK_SECONDS
from bsm_core.metrics.cost import Amount
from bsm_core.report.costs import amount_words, bill_words, gap_words, yields
from bsm_core.ui import shell, words
from bsm_core.ui.components.comparison_table import STYLE
from bsm_core.ui.text import html, plain
from bsm_core.workbench import Workbench
from bsm_core.workflow.compare import Comparison
from bsm_core.workflow.costs import ArmCost, Costs, costs

_HEAD = (
    ("Arm", ""),
    ("Teacher", "tokens, bill"),
    ("People", "minutes, pay"),
    ("Attacks", "queries to find the UUs"),
    ("Compute", "training, attacks, own teacher"),
    ("UUs removed", "for each unit spent"),
)


def show_costs(workbench: Workbench, study_id: str, found: Comparison) -> None:
    st.markdown("##### What it cost")
    told = costs(workbench.store, found)
    if told is None:
        st.info("Only the original model was evaluated: no arm has cost anything yet.", icon=":material/payments:")
        return
    head = "".join(f"<th>{html(title)}<small>{html(sub)}</small></th>" for title, sub in _HEAD)
    body = "".join(_row(one, told) for one in told.arms)
    st.html(STYLE + f'<div class="bsm-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')
    if gap := gap_words(told, words.ARMS.__getitem__):
        st.markdown(plain(gap))
    measured = sum(one.evaluation_queries for one in told.arms) / len(told.arms)
    st.caption(
        "Of one model; UUs removed are fresh ones, against the original, with the 95% interval of the effect: what was "
        "spent is taken as known. Where chance alone could have removed as many there is no figure to divide. "
        f"Measuring took {measured:,.0f} attack queries a model more, which are no cost of the arm."
    )
    with st.expander("What is measured, and what is estimated", icon=":material/straighten:"):
        st.markdown(_notes(told))
    _rate(workbench, study_id, told)


def _row(one: ArmCost, told: Costs) -> str:
    pay = one.pay(told.rate)
    paid = f"<small>{_money(pay, told.rate.currency)}</small>" if pay and told.rate else ""
    bill = bill_words(one.dollars) if one.tokens.known or one.tokens.unknown else ""
    rates = "".join(f"<small>{html(f'{what} per {unit}' if unit else what)}</small>" for unit, what in yields(one))
    cells = (
        f"<b>{html(words.ARMS[one.arm])}</b><small>{words.count(one.samples, 'text')}"
        f"{f', {one.models} models' if one.models > 1 else ''}</small>",
        f"{_shown(one.tokens)}<small>{html(bill)}</small>",
        f"{_shown(one.minutes, 1)}{paid}",
        _shown(one.queries),
        html(_time(one.seconds)),
        rates,
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _shown(amount: Amount, decimals: int = 0) -> str:
    return "–" if amount.value == 0 else html(amount_words(amount, decimals))


def _time(amount: Amount) -> str:
    if amount.unknown and not amount.known:
        return "not known"
    return f"at least {words.duration(amount.known)}" if amount.unknown else words.duration(amount.known)


def _money(amount: Amount, currency: str) -> str:
    return html(f"{amount_words(amount, 2)} {currency}")


def _notes(told: Costs) -> str:
    return "\n".join(
        (
            "- **Teacher:** tokens as the endpoint reports them, calls that failed or gave nothing included. The "
            "packaged model runs here and sends no bill. An endpoint without a set price is “not known”, not free.",
            "- **People, measured:** the time that participants of surveys spent on their questions.",
            f"- **People, estimated:** for work in the app, the time between one thing written or decided and the "
            f"next; more than {BREAK_SECONDS / 60:.0f} minutes are taken for a break. Reading that left no trace is "
            "not in it. The curated set was written elsewhere.",
            "- **Attacks:** how often the model was asked to find the UUs on validation that an arm starts from; arms "
            "that know of no UU have none.",
            "- **Compute:** training of one model, those attacks, and the packaged teacher, as each took its time on "
            "this machine.",
            f"- {told.shared.known:,.0f} teacher tokens served no arm: trials, judging, comparisons of prompts.",
        )
    )


def _rate(workbench: Workbench, study_id: str, told: Costs) -> None:
    with st.form("pay-rate", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Pay for an hour of people's work",
            0.0,
            10_000.0,
            told.rate.per_hour if told.rate else 0.0,
            step=1.0,
            key=f"pay-rate-{study_id}",
            help="Yours to set; nothing is assumed. 0 takes it away. The paper paid its participants by the hour.",
            width=260,
        )
        st.text_input(
            "Currency",
            told.rate.currency if told.rate else "USD",
            max_chars=3,
            key=f"pay-currency-{study_id}",
            help="Three letters. The gap to the language model's bill is told for USD, in which bills are counted.",
            width=110,
        )
        st.form_submit_button(
            "Set the rate", icon=":material/payments:", on_click=_set_rate, args=(workbench, study_id)
        )


def _set_rate(workbench: Workbench, study_id: str) -> None:
    per_hour, currency = (st.session_state[f"pay-{name}-{study_id}"] for name in ("rate", "currency"))
    shell.attempt(workbench.costing.set_rate, study_id, per_hour, currency)

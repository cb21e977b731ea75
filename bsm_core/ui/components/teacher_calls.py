"""What was said to the teacher and what it answered, word for word: also when nothing of it could be used."""

from __future__ import annotations

import json

import streamlit as st

from bsm_core.domain.teaching import TeacherCall
from bsm_core.errors import NotFoundError
from bsm_core.ports import Store
from bsm_core.ui import words
from bsm_core.ui.components.pagination import paginate
from bsm_core.ui.text import one_line, plain, visible

_LOG_SIZE = 8
_TALLEST = 320


def show_failed_call(store: Store, failure: str, call_id: str | None) -> None:
    """Why an answer could not be used, with the raw answer. Nothing of it becomes a draft or a sample."""
    st.error(plain(failure), icon=":material/error:")
    if call_id is None:
        return
    try:
        call = store.calls.get(call_id)
    except NotFoundError:
        return  # the call failed before it was made
    with st.expander("What the teacher answered, word for word", icon=":material/quick_reference_all:"):
        show_call(call)


def show_call(call: TeacherCall) -> None:
    """One call in full: where it went, what it cost, the prompt and the raw answer."""
    st.caption(" · ".join(_facts(call)))
    if call.error:
        st.error(plain(call.error), icon=":material/error:")
    st.markdown("**Answer, as it came**")
    _raw(call.answer or "(nothing)")
    with st.expander("What was asked"):
        for role, text in call.prompt.messages:
            st.caption(plain(role, 40))
            _raw(text)
        if call.prompt.schema:
            st.caption("The answer had to follow this JSON schema:")
            _raw(json.dumps(call.prompt.schema, indent=2))


def call_log(store: Store, study_id: str) -> None:
    """Totals, then every call of the study, newest first."""
    count, prompt_tokens, completion_tokens, cost = store.calls.totals(study_id)
    if not count:
        st.info("The teacher has not been asked anything for this study yet.", icon=":material/inbox:")
        return
    for column, (title, value, help) in zip(
        st.columns(4),
        (
            ("Calls", f"{count:,}", "Also the ones that failed."),
            ("Tokens read", f"{prompt_tokens:,}", "As reported by the endpoint; failed calls often report none."),
            ("Tokens written", f"{completion_tokens:,}", "As reported by the endpoint."),
            ("Cost", dollars(cost), "From the prices above, at the time of each call. Without prices it stays at 0."),
        ),
        strict=True,
    ):
        column.metric(title, value, border=True, help=help)
    key = f"calls-page-{study_id}"
    offset = (int(st.session_state.get(key, 1)) - 1) * _LOG_SIZE
    page = store.calls.page(study_id, limit=_LOG_SIZE, offset=offset)
    for call in page.rows:
        with st.expander(_title(call), icon=":material/error:" if call.error else ":material/chat:"):
            show_call(call)
    paginate(page.total, key, size=_LOG_SIZE, noun="calls")


def dollars(cost: float) -> str:
    """US dollars; small sums keep their digits."""
    return f"${cost:.2f}" if cost >= 1 or cost == 0 else f"${cost:.4f}"


def _title(call: TeacherCall) -> str:
    outcome = f"failed: {call.error}" if call.error else call.answer
    outcome = f"(from the cache) {outcome}" if call.reused_from is not None else outcome
    return f"{call.created_at:%d %b %H:%M} · **{plain(call.purpose, 40)}** · {plain(one_line(outcome, 90))}"


def _facts(call: TeacherCall) -> list[str]:
    facts = [f"{plain(call.model, 80)} at {plain(call.endpoint, 120)}", _duration(call.seconds)]
    if call.prompt_tokens is not None or call.completion_tokens is not None:
        facts.append(f"{call.prompt_tokens or 0:,} tokens read, {call.completion_tokens or 0:,} written")
    if call.cost is not None:
        facts.append(plain(dollars(call.cost)))
    if call.reused_from is not None:
        facts.append(f"answered before, in call {plain(call.reused_from, 40)}: nothing was asked or paid")
    facts.append(f"template {plain(call.prompt.template, 60)}, version {plain(call.prompt.version, 20)}")
    return facts


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else words.duration(seconds)


def _raw(text: str) -> None:
    tall = text.count("\n") > 14 or len(text) > 1500
    st.code(visible(text), language=None, wrap_lines=True, height=_TALLEST if tall else "content")

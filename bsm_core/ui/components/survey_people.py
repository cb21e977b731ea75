"""The people of a survey: their links, how far they are, how good their work is."""

from __future__ import annotations

import csv
import io
from urllib.parse import urlsplit

import pyarrow as pa
import streamlit as st

from bsm_core.domain.survey import Channel, Stage, Survey
from bsm_core.ui import session, shell
from bsm_core.ui.components.survey_maker import LINKS
from bsm_core.ui.text import one_line
from bsm_core.ui.words import count
from bsm_core.workbench import Workbench
from bsm_core.workflow.survey_results import Person, Results

STAGES = {
    Stage.INVITED: "○ invited",
    Stage.WORKING: "▶ at work",
    Stage.FINISHED: "✓ finished",
    Stage.REVOKED: "■ link closed",
}
_SECONDS = 4


def show_links(workbench: Workbench, survey: Survey) -> None:
    """The links just made: shown until they are put away, and never again."""
    tokens = st.session_state.get(LINKS, {}).get(survey.survey_id, {})
    if not tokens:
        return
    numbers = {one.participant_id: one.number for one in workbench.store.surveys.participants(survey.survey_id)}
    with st.container(border=True):
        st.markdown(f"##### {count(len(tokens), 'link')}, shown only now")
        st.caption(
            "Only a hash of each is stored. Copy them, give each to one person, and put them away. A lost link can be "
            "replaced by a new one."
        )
        here = urlsplit(st.context.url or "http://127.0.0.1:8501")
        address = st.text_input(
            "Address that people reach the workbench at",
            f"{here.scheme}://{here.netloc}",
            key="survey-address",
            help="The workbench itself answers on this machine only; docs/survey.md says how to ask others.",
        )
        rows = [(numbers[one], f"{(address or '').rstrip('/')}/contribute?t={token}") for one, token in tokens.items()]
        st.code("\n".join(f"{number}  {link}" for number, link in rows), language=None)
        with st.container(horizontal=True):
            st.download_button(
                "Save as CSV", _table(rows), f"links-{survey.survey_id}.csv", "text/csv", key="survey-links-save",
                icon=":material/download:", on_click="ignore",
            )  # fmt: skip
            st.button("Put them away", key="survey-links-away", on_click=lambda: st.session_state.pop(LINKS, None))


def _table(rows: list[tuple[int, str]]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([("participant", "link"), *rows])
    return stream.getvalue()


def show_people(workbench: Workbench, found: Results) -> None:
    """Live while somebody is at work."""
    survey_id = found.survey.survey_id
    waiting = any(person.stage in (Stage.INVITED, Stage.WORKING) for person in found.people)
    st.fragment(_table_of_people, run_every=_SECONDS if waiting else None)(workbench, survey_id)
    _actions(workbench, found)


def _table_of_people(workbench: Workbench, survey_id: str) -> None:
    with shell.edge():
        people = workbench.survey.results(survey_id).people
        done = sum(person.submitted for person in people)
        asked = sum(person.asked for person in people)
        st.progress(done / asked if asked else 0.0, f"{done:,} of {asked:,} answers handed in")
        st.dataframe(
            pa.table(
                {
                    "Person": [person.participant.number for person in people],
                    "State": [_state(person) for person in people],
                    "Answered": [f"{person.submitted} of {person.asked}" for person in people],
                    "Checks failed": [f"{person.checks_failed} of {person.checks}" for person in people],
                    "Flagged": [person.flagged for person in people],
                    "Accepted": [person.accepted for person in people],
                    "Rejected": [person.rejected for person in people],
                    "Samples approved": [person.approved for person in people],
                    "Minutes": [round(person.minutes, 1) for person in people],
                    "Seconds an answer": [
                        "" if (s := person.median_seconds) is None else f"{s:.0f}" for person in people
                    ],
                    "By": ["file" if person.participant.channel is Channel.FILE else "link" for person in people],
                    "Completion code": [person.participant.completion_code for person in people],
                }
            ),
            hide_index=True,
            alt="The people of the survey",
            column_config={
                "Seconds an answer": st.column_config.TextColumn(help="Median"),
                "Flagged": st.column_config.NumberColumn(help="Answers that look careless, see Answers"),
            },
        )


def _state(person: Person) -> str:
    if person.excluded:
        return "✗ excluded"
    return STAGES[person.stage] + (", failed checks" if person.fails else "")


def _actions(workbench: Workbench, found: Results) -> None:
    by_id = {person.participant.participant_id: person for person in found.people}
    chosen = st.selectbox(
        "Do something about a person",
        list(by_id),
        index=None,
        key=f"survey-person-{found.survey.survey_id}",
        format_func=lambda one: f"Person {by_id[one].participant.number}: {STAGES[by_id[one].stage]}",
        placeholder="choose one",
    )
    if chosen is None:
        return
    person = by_id[chosen]
    reason = one_line(st.text_input("Why (kept on record)", key=f"survey-why-{chosen}", max_chars=200) or "", 200)
    with st.container(horizontal=True):
        if not person.stage.is_over:
            st.button(
                "New link", icon=":material/link:", key="survey-renew", on_click=_renew,
                args=(workbench, found.survey, chosen), help="The old one opens nothing any more; drafts stay.",
            )  # fmt: skip
            st.button(
                "Close the link", icon=":material/link_off:", key="survey-revoke", on_click=_revoke,
                args=(workbench, chosen, reason), help="For good. What was handed in can then be decided on.",
            )  # fmt: skip
        if person.excluded:
            st.button(
                "Readmit", icon=":material/undo:", key="survey-readmit", on_click=shell.attempt,
                args=(workbench.survey.readmit, chosen, reason),
            )  # fmt: skip
        else:
            st.button(
                "Exclude", icon=":material/person_off:", key="survey-exclude", on_click=shell.attempt,
                args=(workbench.survey.exclude, chosen, reason), help="All answers leave the pool. Can be taken back.",
            )  # fmt: skip


def _renew(workbench: Workbench, survey: Survey, participant_id: str) -> None:
    token = shell.attempt(workbench.survey.renew, participant_id)
    if token is not None:
        st.session_state[LINKS] = {survey.survey_id: {participant_id: token}}


def _revoke(workbench: Workbench, participant_id: str, reason: str) -> None:
    shell.attempt(workbench.survey.revoke, participant_id, reason)
    session.flash("The link is closed.")

"""Letting the language model write for many UUs: what is open, what it will cost, the cap, and the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from bsm_core.domain.arms import Arm
from bsm_core.domain.authoring import WriteOrder
from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.errors import WorkbenchError
from bsm_core.report.writing import basis, dollars
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.agents import ICONS
from bsm_core.ui.components.write_progress import job_so_far
from bsm_core.ui.text import plain
from bsm_core.workbench import Workbench
from bsm_core.workflow.estimate import Estimate
from bsm_core.workflow.orders import Room

_GROUP = 5
"""UUs of a blind spot that one prompt shows: the most typical ones."""
_BUDGET = (
    "The paper adds as many samples as 1% of the training set from abstractions and 1% from extrapolations, one sample "
    "for each hypothesis (3.1). What the language model has written counts, unless a gate or a human has rejected it."
)


def write_panel(workbench: Workbench, study: Study) -> None:
    """The running job with its first results; else the form. Unfolded while a job runs, or waits to be resumed."""
    jobs = [job for job in workbench.jobs(study.study_id) if job.spec.kind is JobKind.WRITE]
    open_job = bool(jobs) and (jobs[0].state.is_active or jobs[0].state.is_resumable)
    with st.expander("Let the language model write for many UUs", icon=ICONS[Agent.LM], expanded=open_job):
        if workbench.settings.teacher.is_embedded and not open_job:
            _by_rule(workbench, study)
        elif not job_so_far(workbench, jobs):
            _form(workbench, study)


def _by_rule(workbench: Workbench, study: Study) -> None:
    st.info(
        "The embedded model cannot follow the paper's prompts, so hypotheses are made by rule from the edits and the "
        "words of the UUs, and are marked so. Set an endpoint on the Settings page, and a language model writes here.",
        icon=ICONS[Agent.RULE],
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Make hypotheses by rule", icon=ICONS[Agent.RULE], key="write-by-rule",
            on_click=_make_by_rule, args=(workbench, study.study_id),
            help="One for each pattern that the UUs show, and one for each known weakness that nobody has named yet.",
        )  # fmt: skip
        session.link("settings", "Set an endpoint")


def _make_by_rule(workbench: Workbench, study_id: str) -> None:
    before = len(workbench.store.hypotheses.all(study_id))
    if shell.attempt(workbench.hypothesize, study_id, Arm.HYPOTHESIS_RULE, lambda _: None) is None:
        return
    made = len(workbench.store.hypotheses.all(study_id)) - before
    if made:
        told = f"{words.count(made, 'hypothesis', 'hypotheses')} made by rule. Have samples written for them next."
        session.flash(told)
    else:
        session.flash("Every pattern that the UUs show has its hypothesis already, as far as the budget goes.", "info")


def _form(workbench: Workbench, study: Study) -> None:
    study_id = study.study_id
    if workbench.store.models.baseline(study_id) is None:
        st.info("It writes about a classifier's mistakes: train the baseline first.", icon=":material/info:")
        return
    room = workbench.authoring.room(study_id)
    _last_stop(workbench, study_id)
    if not room.unknowns:
        st.info("There are no UUs to write about yet: attack texts on the Discover page, or lower tau.")
        return
    if not (room.abstractions or room.extrapolations or room.lacking):
        st.success("The language model's share of the budget is full.", icon=":material/check_circle:")
        return
    groups = _groups(workbench, study_id)
    order = _order(workbench, room, groups)
    try:
        found = workbench.authoring.estimate(study_id, order, groups)
    except WorkbenchError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    _show_estimate(found)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Start writing", type="primary", icon=ICONS[Agent.LM], key="write-start", disabled=not found.calls,
            on_click=_start, args=(workbench, study_id, order, groups),
        )  # fmt: skip
        st.caption(
            f"{plain(workbench.settings.teacher.model, 60)} writes in the background; you can leave the page. Every "
            "answer is kept: stopping loses nothing, and asking the same again costs nothing.",
            width="stretch",
        )


def _last_stop(workbench: Workbench, study_id: str) -> None:
    stopped = workbench.authoring.last_stop(study_id)
    if stopped:
        st.warning(
            f"The last run ended early. {plain(stopped[:1].upper() + stopped[1:])}. Start again with a higher cap, or "
            "another model: it goes on from what is there.",
            icon=":material/savings:",
        )


def _groups(workbench: Workbench, study_id: str) -> list[list[str]]:
    """One group of UUs for each blind spot, when these were found and are asked for; else none."""
    overview = workbench.spots.overview(study_id)
    spots = [one.spot for one in overview.spots] if overview is not None else []
    if not spots:
        return []
    by_spot = st.segmented_control(
        "Write about",
        [False, True],
        default=False,
        required=True,
        key=f"write-by-spot-{study_id}",
        format_func=lambda one: f"{len(spots)} blind spots" if one else "single UUs",
        help="A prompt about a blind spot shows its most typical UUs together; one about a UU shows it alone.",
    )
    return [list(spot.item_ids[:_GROUP]) for spot in spots] if by_spot else []


def _order(workbench: Workbench, room: Room, groups: Sequence[Sequence[str]]) -> WriteOrder:
    """What the fields say."""
    most = min(room.abstractions, len(groups) or room.unknowns)
    one, two, three, four = st.columns(4)
    abstractions = one.number_input(
        "UUs to write about" if not groups else "Blind spots to write about", 0, most, most, key="write-abstractions",
        help="One abstraction each: why the model fails on it. " + _BUDGET,
    )  # fmt: skip
    extrapolations = two.number_input(
        "Extrapolations", 0, room.extrapolations, min(room.extrapolations, most), key="write-extrapolations",
        help="Other failures that the abstractions suggest. One that is its abstraction in other words is rejected.",
    )  # fmt: skip
    priced = workbench.settings.teacher.price_prompt is not None
    cap_usd = three.number_input(
        "Cap in US$", 0.0, None, None, key="write-cap-usd", placeholder="none", format="%.2f", disabled=not priced,
        help="Nothing is asked that might go beyond it." if priced else "Set the model's prices on the Settings page.",
    )  # fmt: skip
    cap_tokens = four.number_input(
        "Cap in tokens", 0, None, None, key="write-cap-tokens", placeholder="none", step=10_000,
        help="Read and written together. Nothing is asked that might go beyond it.",
    )  # fmt: skip
    with st.expander("More", icon=":material/tune:"):
        more = _more()
    return replace(
        more,
        abstractions=int(abstractions),
        extrapolations=int(extrapolations),
        cap_usd=cap_usd or None,
        cap_tokens=int(cap_tokens or 0) or None,
    )


def _more() -> WriteOrder:
    one, two, three = st.columns(3)
    at_once = one.number_input(
        "Requests at once", 1, 64, 8, key="write-at-once",
        help="At most. After a rate limit there are fewer, and slowly more again.",
    )  # fmt: skip
    rounds = two.number_input(
        "Tries", 1, 10, 3, key="write-rounds",
        help="How often what was unusable, too near to another one or rejected by a gate is written anew.",
    )  # fmt: skip
    temperature = three.number_input(
        "Temperature", 0.0, 2.0, None, step=0.1, key="write-temperature", placeholder="each prompt's own",
        help="How freely the model chooses its words. Every call has a seed of its own as well.",
    )  # fmt: skip
    differ = st.toggle(
        "List what is there already in the prompts, and ask for something different", key="write-differ",
        help="The latest twelve. Prompts get longer, and repeats rarer.",
    )  # fmt: skip
    batch = st.toggle(
        "Use the endpoint's batch API", key="write-batch",
        help="OpenAI's: the requests go up as a file and come back within a day, often at a lower price. What an "
        "endpoint without it cannot take is asked one by one.",
    )  # fmt: skip
    return WriteOrder(
        0, 0, rounds=int(rounds), at_once=int(at_once), temperature=temperature, differ=differ, batch=batch
    )


def _show_estimate(found: Estimate) -> None:
    figures = [
        ("Calls", f"about {found.calls:,}", f"at most {found.most_calls:,}, if every try is needed"),
        ("Tokens", f"about {found.tokens:,}", f"at most {found.max_tokens:,}"),
        (
            "Cost",
            "unknown" if found.cost is None else f"about {dollars(found.cost)}",
            "no prices are set" if found.max_cost is None else f"at most {dollars(found.max_cost)}",
        ),
    ]
    for column, (title, value, most) in zip(st.columns(3), figures, strict=True):
        column.metric(title, value, most, delta_color="off", delta_arrow="off", border=True)
    st.caption(plain(basis(found)))


def _start(workbench: Workbench, study_id: str, order: WriteOrder, groups: Sequence[Sequence[str]]) -> None:
    if shell.attempt(workbench.authoring.start, study_id, order, groups):
        session.flash("Writing has started in the background. The first results show here as they come.")

"""Making a study: a preset, a task, sizes, a seed."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from bsm_core.config import StudyConfig, load_preset, preset_names
from bsm_core.domain.studies import StepName
from bsm_core.domain.tasks import Task
from bsm_core.ui import session, shell, words
from bsm_core.ui.text import one_line
from bsm_core.workbench import Workbench

PRESETS = {
    "smoke": "Under three minutes on two cores. For trying out: its figures mean little.",
    "demo": "About fifteen minutes on two cores, with a baseline worth auditing.",
    "bilstm": "As the demo, with a small Bi-LSTM that trains in under a minute; the attacks take most of the time.",
    "lora-smoke": "A small language model with LoRA: half an hour on one core. For trying out, not for figures.",
    "mrpc": "Paraphrases with the packaged encoder: from MRPC's own files in a folder, or from the network.",
    "qnli": "Questions and answers with the packaged encoder: from GLUE's files in a folder, or from the network.",
    "paper-imdb": "The paper's setting on the real IMDB: needs the network, a GPU and hours.",
    "paper-imdb-llama": "The paper's setting with Llama 2 7B and LoRA: needs the network, a license, a GPU, hours.",
    "paper-mrpc": "The paper's setting on MRPC: needs the network or MRPC's files, a GPU and hours.",
    "paper-qnli": "The paper's setting on QNLI: needs the network, a GPU and hours.",
}
_FIRST = "demo"


def study_form(workbench: Workbench) -> None:
    """The form; makes the study, opens it and goes to the Overview."""
    names = sorted(preset_names(), key=lambda name: list(PRESETS).index(name) if name in PRESETS else len(PRESETS))
    left, right = st.columns(2, gap="large")
    with left:
        preset = st.segmented_control(
            "Preset",
            names,
            default=_FIRST if _FIRST in names else names[0],
            required=True,
            key="form-preset",
            on_change=_forget_sizes,
        )
        config = load_preset(preset or names[0])
        st.caption(PRESETS.get(config.preset, "A preset of your own."))
        task = _choose_task(workbench, config)
        data = st.text_input(
            "Folder with the task's own files",
            key="form-data",
            placeholder="none: the packaged reviews, or the Hugging Face hub",
            help="On this machine: MRPC's or GLUE's files as they are published, or train, dev and test as CSV, TSV, "
            "JSON Lines or Parquet with the task's columns and the label. One file alone is split by seed.",
            max_chars=1000,
        )
        name = st.text_input("Name", key="form-name", placeholder=f"{task.title}, {config.preset}", max_chars=80)
    with right:
        sizes = _choose_sizes(config)
        seed = st.number_input("Seed", 0, 2**31 - 1, config.seed, key="form-seed", help=words.SEED)
    prepare = st.checkbox(
        "Go on by itself: train the baseline, then attack the validation texts",
        key="form-prepare",
        help="Both run in the background with the preset's settings. Without this you start them yourself.",
    )
    if st.button("Make the study", type="primary", icon=":material/add_circle:", key="form-make"):
        train, validation, test = sizes
        wanted = replace(
            config,
            data=(data or "").strip(),
            task=task.name,
            train_size=train,
            validation_size=validation,
            test_size=test,
            seed=int(seed),
        )
        _make(workbench, wanted, (name or "").strip() or f"{task.title}, {config.preset}", prepare)


def _choose_task(workbench: Workbench, config: StudyConfig) -> Task:
    tasks = {task.name: task for task in workbench.tasks()}
    if st.session_state.get("form-task") not in tasks:
        st.session_state["form-task"] = config.task
    chosen = st.selectbox(
        "Task", list(tasks), key="form-task", format_func=lambda name: one_line(tasks[name].title, 60)
    )
    task = tasks[chosen]
    labels = ", ".join(one_line(label, 30) for label in task.label_names)
    st.text(f"Decides {one_line(task.phrase, 100)}: {labels}.")
    return task


def _choose_sizes(config: StudyConfig) -> tuple[int, int, int]:
    columns = st.columns(3)
    wanted = (
        ("Training texts", "train", config.train_size),
        ("Validation texts", "validation", config.validation_size),
        ("Test texts", "test", config.test_size),
    )
    train, validation, test = (
        int(column.number_input(title, 0, 10_000_000, value, step=100, key=f"form-{key}-size"))
        for column, (title, key, value) in zip(columns, wanted, strict=True)
    )
    st.caption("0 takes all there is. Duplicates and empty texts are dropped first, and counted.")
    return train, validation, test


def _forget_sizes() -> None:
    """Another preset brings its own task and sizes."""
    for name in ("train-size", "validation-size", "test-size", "seed", "task"):
        st.session_state.pop(f"form-{name}", None)


def _make(workbench: Workbench, config: StudyConfig, name: str, prepare: bool) -> None:
    with st.spinner("Reading, cleaning and splitting the texts …"):
        study = shell.attempt(workbench.create_study, config, name)
    if study is None:
        st.rerun()  # the reason stands at the top of the page
    if prepare:
        workbench.plans.make(study.study_id, (StepName.BASELINE, StepName.DISCOVER))
    session.open_study(study.study_id)
    session.flash(f"The study “{one_line(name, 80)}” is made.")
    session.go("overview")

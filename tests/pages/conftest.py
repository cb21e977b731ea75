"""Pages as the browser runs them: AppTest through the router, over a real store and real job folders."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bsm_core.answering.scripted import ScriptedAnswers
from bsm_core.config import Settings, TeacherConfig
from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.domain.teaching import Prompt
from bsm_core.errors import ClassifierError, TeacherAnswerError, TeacherError
from bsm_core.jobs.execution import Handlers
from bsm_core.jobs.inline import InlineRunner
from bsm_core.jobs.root import JobRoot
from bsm_core.ports import Answers, JobContext, JobResult
from bsm_core.store import open_store
from bsm_core.tasks.cards import load_task, task_names
from bsm_core.tasks.loading import load_dataset
from bsm_core.tasks.opinions import opinion_ratings
from bsm_core.teacher.scripted import ScriptedTeacher
from bsm_core.ui import navigation, resources
from bsm_core.ui.server import Server
from bsm_core.workbench import Workbench
from tests.factories import STUDY_ID, make_dataset, make_filled_store, make_study

ROOT = Path(__file__).resolve().parents[2]

OpenPage = Callable[..., AppTest]


_released = threading.Event()
_running: list[threading.Thread] = []


def scripted_job(spec: JobSpec, context: JobContext) -> JobResult:
    """A job that says what jobs say, and then ends as its ``params["ends"]`` has it; RUNNING waits to be told."""
    context.log("reading 400 texts")
    for step in range(10, 60, 10):
        context.metric("loss", step, 1 / step)
    context.metric("accuracy", 1, 0.8)
    context.progress("epoch 1 of 3", 50, 200)
    match spec.params["ends"]:
        case JobState.FAILED:
            raise ClassifierError(str(spec.params["message"]))
        case JobState.CANCELLED:
            (context.folder / "cancel").touch()
            context.check_cancelled()
        case JobState.INTERRUPTED:
            raise KeyboardInterrupt
        case JobState.RUNNING:
            while not _released.wait(0.02):
                context.check_cancelled()
    return JobResult(spec.job_id)


def make_workbench(
    workspace: Path,
    *,
    filled: bool = True,
    handlers: Handlers | None = None,
    answers: Sequence[str | TeacherError] = (),
    teacher: TeacherConfig | None = None,
    answering: Answers | None = None,
) -> Workbench:
    """A workbench over ``workspace``, with a whole study in it or empty. Jobs run inline through ``handlers``; the
    teacher gives ``answers``."""
    workspace.mkdir(parents=True, exist_ok=True)
    settings = Settings(workspace, teacher or TeacherConfig())
    script = list(answers)

    def says(_: Prompt) -> str | TeacherError:
        return script.pop(0) if script else TeacherAnswerError("the script has no more answers")

    return Workbench(
        settings=settings,
        store=make_filled_store(settings.database) if filled else open_store(settings.database),
        runner=InlineRunner(settings.jobs, handlers or dict.fromkeys(JobKind, scripted_job)),
        load_dataset=load_dataset,
        teacher_for=lambda config, record: ScriptedTeacher(says, record, config=config),
        read_key=lambda _: None,
        tasks=lambda: [load_task(name) for name in task_names()],
        answers=answering or ScriptedAnswers(),
        opinions=opinion_ratings,
    )


@contextmanager
def served(workbench: Workbench) -> Iterator[Workbench]:
    """Make it the one that pages talk to, with every cache empty; close it in the end."""
    st.cache_data.clear()
    st.cache_resource.clear()
    resources.use(Server.around(workbench))
    _released.clear()
    try:
        yield workbench
    finally:
        _released.set()
        while _running:
            _running.pop().join()
        resources.forget()
        workbench.close()


def put_job(
    workbench: Workbench,
    state: JobState,
    kind: JobKind = JobKind.TRAIN,
    *,
    title: str = "A job",
    message: str = "the model folder has no weights; train it again",
    study_id: str = STUDY_ID,
    **params: object,
) -> JobSpec:
    """A real job, ``job-put``, newest of all, brought into ``state``. A FAILED one failed with ``message``."""
    script = {"plan_id": None, "ends": state, "message": message, **params}
    spec = JobSpec("job-put", study_id, kind, title, 0, script, datetime.now(UTC))
    workbench.store.jobs.add(spec)
    if state is JobState.QUEUED:
        JobRoot(workbench.settings.jobs).create(spec, {})
    elif state is JobState.RUNNING:
        _running.append(threading.Thread(target=workbench.runner.submit, args=(spec, {})))
        _running[-1].start()
        while not (spec.job_id in workbench.runner.job_ids() and workbench.runner.status(spec.job_id).done):
            _released.wait(0.02)
    else:
        with suppress(KeyboardInterrupt):
            workbench.runner.submit(spec, {})
    return spec


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    """A study that has been through the whole loop."""
    with served(make_workbench(tmp_path / "workspace")) as made:
        yield made


@pytest.fixture
def fresh_workbench(tmp_path: Path) -> Iterator[Workbench]:
    """A study with its texts, and nothing done yet."""
    with served(make_workbench(tmp_path / "workspace", filled=False)) as made:
        data = make_dataset()
        made.store.studies.create(make_study(data), data)
        yield made


@pytest.fixture
def empty_workbench(tmp_path: Path) -> Iterator[Workbench]:
    """A workspace without a study."""
    with served(make_workbench(tmp_path / "workspace", filled=False)) as made:
        yield made


@pytest.fixture
def open_page() -> OpenPage:
    """``open_page("browse", item="...")``: the page, run once through the router, without an exception."""

    def opened(name: str, /, session_state: dict[str, Any] | None = None, **params: str) -> AppTest:
        page = AppTest.from_file(str(ROOT / "bsm_core" / "ui" / "router.py"), default_timeout=30)
        for key, value in (session_state or {}).items():
            page.session_state[key] = value
        page.query_params.update(params)
        if name != navigation.DEFAULT:
            page.switch_page(str(ROOT / "pages" / f"{name}.py"))
        page.run()
        assert not page.exception, page.exception[0].message
        return page

    return opened


def words_of(page: AppTest) -> str:
    """Everything the page says in running text, for "is it there" questions."""
    said = [*page.markdown, *page.caption, *page.info, *page.error, *page.warning, *page.success, *page.title]
    return "\n".join(str(one.value) for one in said) + "\n" + "\n".join(str(one.value) for one in page.get("html"))

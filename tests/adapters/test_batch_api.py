"""OpenAI's batch API against a stand-in that keeps files and batches."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bsm_core.config import TeacherConfig
from bsm_core.domain.teaching import Prompt, TeacherCall
from bsm_core.errors import JobCancelledError, TeacherKeyError
from bsm_core.teacher.batch import BatchApi
from tests.attacks import log_lines, open_context
from tests.endpoint import ScriptedEndpoint, fails, says

KEY = "sk-loopback-0123456789"


class BatchEndpoint:
    """Files, batches, and their answers. A batch is done at the second look; ``refuse`` names questions that fail."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.looks = 0
        self.refuse = ""
        self.hold = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def upload(self, body: bytes) -> dict[str, Any]:
        boundary = body.split(b"\r\n", 1)[0]
        part = next(one for one in body.split(boundary) if b'name="file"' in one)
        return self._file(part.split(b"\r\n\r\n", 1)[1].rstrip(b"\r\n"))

    def _file(self, content: bytes) -> dict[str, Any]:
        file_id = f"file-{len(self.files)}"
        self.files[file_id] = content
        return {
            "id": file_id,
            "object": "file",
            "bytes": len(content),
            "created_at": 1,
            "filename": "f",
            "purpose": "batch",
        }

    def create(self, wanted: dict[str, Any]) -> dict[str, Any]:
        batch_id = f"batch-{len(self.batches)}"
        self.batches[batch_id] = {
            "id": batch_id,
            "object": "batch",
            "created_at": 1,
            "status": "in_progress",
            "request_counts": {"total": 3, "completed": 1, "failed": 0},
            **wanted,
        }
        return self.batches[batch_id]

    def look(self, batch_id: str) -> dict[str, Any]:
        batch = self.batches[batch_id]
        self.looks += 1
        if self.looks > 1 and not self.hold and batch["status"] == "in_progress":
            lines = [self._answer(json.loads(line)) for line in self.files[batch["input_file_id"]].splitlines()]
            batch |= {"status": "completed", "output_file_id": self._file("\n".join(lines).encode())["id"]}
        return batch

    def _answer(self, question: dict[str, Any]) -> str:
        asked = question["body"]["messages"][-1]["content"]
        bad = bool(self.refuse) and self.refuse in asked
        body = json.loads(says(f"You asked: {asked}").body)
        response = {"status_code": 500 if bad else 200, "body": {} if bad else body}
        return json.dumps({"custom_id": question["custom_id"], "response": response, "error": None})


def _handler(endpoint: BatchEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self._send(endpoint.upload(body) if self.path == "/v1/files" else endpoint.create(json.loads(body)))

        def do_GET(self) -> None:
            if found := re.fullmatch(r"/v1/files/([\w-]+)/content", self.path):
                self._send(endpoint.files[found[1]])
            else:
                self._send(endpoint.look(self.path.rsplit("/", 1)[-1]))

        def _send(self, body: object) -> None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Silent."""

    return Handler


@pytest.fixture
def endpoint() -> Iterator[BatchEndpoint]:
    made = BatchEndpoint()
    yield made
    made.close()


def prompts(*asked: str) -> list[Prompt]:
    return [Prompt("abstraction", "1", (("user", one),), None, 50, 0.7, seed=3) for one in asked]


def ask(url: str, folder: Path, *asked: str) -> tuple[list[TeacherCall], list[str]]:
    calls: list[TeacherCall] = []
    config = TeacherConfig(url, "scripted", timeout=5.0, retries=0, price_prompt=1.0, price_completion=2.0)
    with open_context(folder) as context:
        BatchApi(config, KEY, calls.append, poll=0.01).ask(prompts(*asked), "abstraction", "s1", folder, context)
        return calls, log_lines(context)


def test_batch_is_sent_awaited_and_fetched_with_its_cost(endpoint: BatchEndpoint, tmp_path: Path) -> None:
    calls, log = ask(endpoint.url, tmp_path, "one", "two", "three")
    assert sorted(call.answer for call in calls) == ["You asked: one", "You asked: three", "You asked: two"]
    assert {call.cost for call in calls} == {(11 * 1.0 + 7 * 2.0) / 1e6}
    assert {call.prompt.messages[0][1] for call in calls} == {"one", "two", "three"}
    assert len(endpoint.batches) == 1
    assert "3 questions sent as the batch batch-0" in log


def test_answer_that_a_batch_lacks_is_left_to_be_asked_singly(endpoint: BatchEndpoint, tmp_path: Path) -> None:
    endpoint.refuse = "two"
    calls, _ = ask(endpoint.url, tmp_path, "one", "two")
    assert [call.answer for call in calls] == ["You asked: one"]


def test_cancelled_job_finds_its_batch_again_and_sends_no_other(endpoint: BatchEndpoint, tmp_path: Path) -> None:
    endpoint.hold = True
    (tmp_path / "cancel").touch()
    with pytest.raises(JobCancelledError):
        ask(endpoint.url, tmp_path, "one", "two")
    endpoint.hold = False
    (tmp_path / "cancel").unlink()
    calls, log = ask(endpoint.url, tmp_path, "one", "two")
    assert len(calls) == 2
    assert len(endpoint.batches) == 1
    assert any("sent before" in line for line in log)


def test_endpoint_without_a_batch_api_is_told_and_nothing_more(tmp_path: Path) -> None:
    with ScriptedEndpoint([fails(404)]) as plain:
        calls, log = ask(plain.url, tmp_path, "one")
    assert calls == []
    assert "has no batch API; asking one by one" in log[0]


def test_refused_key_is_an_error(tmp_path: Path) -> None:
    class Refusing(ScriptedEndpoint):
        def reply_to(self, *_: object) -> Any:
            return fails(401, "bad key")

    with Refusing([says("never")]) as plain, pytest.raises(TeacherKeyError, match="bad key"):
        ask(plain.url, tmp_path, "one")

"""Importing TextAttack: offline, without a trace in the home folder, and in silence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bsm_core.errors import PerturbationError
from bsm_core.perturb import resources

pytestmark = pytest.mark.slow

_SCRIPT = """
import json, logging, os, socket, sys

def refuse(*arguments):
    raise AssertionError(f"the import opened a connection: {arguments}")

socket.socket.connect = refuse
socket.getaddrinfo = refuse

import nltk.downloader

def refuse_download(*arguments, **options):
    raise AssertionError(f"the import asked NLTK for {arguments}")

nltk.download = refuse_download
nltk.downloader.Downloader.download = refuse_download

handled = logging.getLogger("the.worker")
before = dict(os.environ)

from bsm_core.perturb.engine import TextAttackPerturber
from bsm_core.domain.unknowns import PerturbationRecipe
from tests.attacks import WordClassifier, answered, open_context
from pathlib import Path

assert dict(os.environ) == before, "the environment was changed"
assert not handled.disabled, "the worker's logger was disabled"
model = WordClassifier()
texts = ["the plot is a tired mess", "这部电影非常好看"]
with open_context(Path(sys.argv[1])) as context:
    rows = list(TextAttackPerturber().perturb(
        model, [answered(model, text) for text in texts], PerturbationRecipe.DEEPWORDBUG, 0, "set", context))
Path(sys.argv[1], "outcomes.json").write_text(json.dumps([row.outcome for row in rows]))
"""


def test_missing_stop_words_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(resources, "STOP_WORDS", tmp_path)
    with pytest.raises(PerturbationError, match="english is missing; restore it"):
        resources.load_textattack.__wrapped__()


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_import_and_attack_leave_no_trace(tmp_path: Path) -> None:
    home, work, scratch = tmp_path / "home", tmp_path / "job", tmp_path / "scratch"
    for folder in (home, work, scratch):
        folder.mkdir()
    kept = ("PATH", "LANG", "LD_LIBRARY_PATH", "OMP_NUM_THREADS", "VIRTUAL_ENV")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {
        "HOME": str(home),
        "TMPDIR": str(scratch),
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(work)],
        env=environment,
        cwd=work,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert set(json.loads((work / "outcomes.json").read_text())) <= {"successful", "failed"}
    assert _files(home) == []
    assert [path for path in _files(scratch) if not path.startswith("torchinductor")] == []  # torch's own, left empty

"""The server process never loads what only workers need, so that the first page paints at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT, imported, shipped, tree, unit_of

HEAVY = (
    *("torch", "transformers", "peft", "bert_score", "safetensors", "tokenizers"),
    *("textattack", "flair", "nltk", "sklearn", "scipy"),
    *("datasets", "huggingface_hub", "xllamacpp", "playwright", "kaleido", "choreographer", "matplotlib"),
)

_SERVER = """
import importlib, json, sys
from pathlib import Path

modules, workspace = json.loads(sys.argv[1]), Path(sys.argv[2])

from bsm_core.bootstrap import build_workbench
from bsm_core.config import Settings

workbench = build_workbench(Settings(workspace))
workbench.ensure_demo()
workbench.jobs()
workbench.close()
for name in modules:
    importlib.import_module(name)
print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""

_WORKER = """
import json, sys
import bsm_core.jobs.worker
from bsm_core.bootstrap import worker_handlers

assert worker_handlers()
print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""


def loaded_by(script: str, *arguments: str) -> set[str]:
    """Top-level modules in a fresh interpreter after the script."""
    command = [sys.executable, "-W", "error::ImportWarning", "-c", script, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def server_modules() -> list[str]:
    """app.py, every module of the interface and the charts, and whatever the pages import. The router and the pages
    themselves are scripts: importing one would run it."""
    names = {"app"}
    for path in shipped():
        unit = unit_of(path)
        if unit == "pages":
            names |= {name for name in imported(tree(path)) if name.startswith("bsm_core.")}
        elif unit in ("ui", "charts") and path.name != "router.py":
            names.add(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    return sorted(names)


def test_server_opens_a_workspace_and_loads_every_page_without_a_heavy_library(tmp_path: Path) -> None:
    loaded = loaded_by(_SERVER, json.dumps(server_modules()), str(tmp_path / "workspace"))
    assert loaded.isdisjoint(HEAVY), sorted(loaded & set(HEAVY))
    assert {"bsm_core", "duckdb", "streamlit", "plotly", "app"} <= loaded  # it did go through all of it


def test_worker_loads_no_heavy_library_before_its_job_asks_for_one() -> None:
    loaded = loaded_by(_WORKER)
    assert loaded.isdisjoint((*HEAVY, "streamlit", "duckdb")), sorted(loaded & {*HEAVY, "streamlit", "duckdb"})

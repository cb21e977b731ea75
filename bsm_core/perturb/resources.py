"""Importing TextAttack without its side effects: no download, no files in the home folder, no noise.

Left alone, ``import textattack`` calls ``nltk.download`` six times, leaves a "done" marker in ``~/.cache/textattack``
that keeps a later online import from repairing what failed, points the Hugging Face caches elsewhere when
``TA_CACHE_DIR`` is set, disables every logger that already exists, and logs to the console. What the workbench needs
of all that is one file: NLTK's English stop words, which ship in ``data/nltk``.
"""

from __future__ import annotations

import atexit
import logging
import logging.config
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

from bsm_core.config import DATA
from bsm_core.errors import PerturbationError

NLTK_DATA = DATA / "nltk"
STOP_WORDS = NLTK_DATA / "corpora" / "stopwords"
"""Folder with NLTK's English list (198 words), one a line, as ``nltk.download("stopwords")`` brings it."""

_INSTALLER = "textattack.shared.utils.install"
_INSTALLED_MARKER = "post_install_check_3"
"""With this file in its cache folder TextAttack 0.3.11 believes that its downloads were made."""


@cache
def load_textattack() -> ModuleType:
    """Import TextAttack once, and point NLTK at the shipped stop words, also where ``~/nltk_data`` has others.

    Raises PerturbationError when it is not installed or the stop words are missing.
    """
    if not (STOP_WORDS / "english").is_file():
        raise PerturbationError(f"{STOP_WORDS / 'english'} is missing; restore it from the repository")
    scratch = Path(_scratch_folder())
    try:
        with _quiet_import(scratch):
            _use_shipped_stop_words()
            import textattack
    except ImportError as error:
        raise PerturbationError(f"TextAttack cannot be imported ({error}); run `make venv`") from error
    _silence(scratch)
    module: ModuleType = textattack
    return module


def _scratch_folder() -> str:
    """A private folder for what the import insists on writing, removed when the process ends."""
    folder = tempfile.TemporaryDirectory(prefix="bsm-textattack-")
    atexit.register(folder.cleanup)
    return folder.name


def _use_shipped_stop_words() -> None:
    import nltk
    from nltk.corpus.reader import StopwordsCorpusReader

    # NLTK opens only files below its search path; a reader of our own makes the order of that path irrelevant.
    if str(NLTK_DATA) not in nltk.data.path:
        nltk.data.path.insert(0, str(NLTK_DATA))
    nltk.corpus.stopwords = StopwordsCorpusReader(str(STOP_WORDS), ["english"], encoding="utf8")


@contextmanager
def _quiet_import(scratch: Path) -> Iterator[None]:
    """Everything changed here is put back when the import is over."""
    configure = logging.config.dictConfig
    finder = _InstallerFinder(scratch)
    logging.config.dictConfig = _ignore_configuration
    sys.meta_path.insert(0, finder)
    try:
        # Matplotlib comes along, and writes a font list. The warnings are other packages'; nobody here can act on them.
        with _environment(MPLCONFIGDIR=str(scratch)), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.meta_path.remove(finder)
        logging.config.dictConfig = configure


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Set variables for a while; whatever else changes meanwhile is put back too."""
    before = os.environ.copy()
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


def _ignore_configuration(config: object) -> None:
    """Stands in for ``logging.config.dictConfig``, which closes the worker's own handlers and disables its loggers."""


class _InstallerFinder(MetaPathFinder):
    """Finds TextAttack's installer module as usual, but has it executed by ``_InstallerLoader``."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _INSTALLER:
            return None
        found = PathFinder.find_spec(fullname, path, target)
        if found is None or found.origin is None:
            return None
        loader = _InstallerLoader(fullname, found.origin)
        loader.scratch = self.scratch
        return spec_from_file_location(fullname, found.origin, loader=loader)


class _InstallerLoader(SourceFileLoader):
    """Executes the installer module with a scratch cache folder in which its marker already lies.

    ``TA_CACHE_DIR`` is set for these few lines only: kept longer, it would send every library that reads ``HF_HOME``
    at import to the scratch folder as well.
    """

    scratch: Path

    def exec_module(self, module: ModuleType) -> None:
        (self.scratch / _INSTALLED_MARKER).touch()
        with _environment(TA_CACHE_DIR=str(self.scratch)):
            super().exec_module(module)
        # From here on TextAttack's cache is where its user expects it; only a download would create it.
        usual = os.environ.get("TA_CACHE_DIR") or Path("~/.cache/textattack").expanduser()
        vars(module)["TEXTATTACK_CACHE_DIR"] = str(usual)


def _silence(scratch: Path) -> None:
    import jieba  # TextAttack's word splitter for Chinese; it writes a dictionary cache and says so

    jieba.setLogLevel(logging.ERROR)
    jieba.dt.tmp_dir = str(scratch)
    for name in (_INSTALLER, "flair"):
        logging.getLogger(name).setLevel(logging.ERROR)

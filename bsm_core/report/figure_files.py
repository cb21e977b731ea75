"""Figures as pictures in files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from bsm_core.charts.images import ImageFormat, browser, write_images
from bsm_core.errors import NothingToDoError
from bsm_core.report.contents import Contents


def check_browser() -> None:
    """Raises DrawingError where there is no Chromium to draw with: before all the work of counting."""
    browser()


def figures_writer(told: Contents, formats: Sequence[str]) -> Callable[[Path], None]:
    """What fills the draft: each figure in each format, named by its key. Raises NothingToDoError without a figure."""
    every = [*([told.discovery] if told.discovery else []), *told.figures]
    if not every:
        raise NothingToDoError("there are no figures yet; train the baseline first")
    kinds = [ImageFormat(name) for name in formats]

    def fill(draft: Path) -> None:
        write_images([(one.key, one.title, one.drawn) for one in every], draft, kinds)

    return fill

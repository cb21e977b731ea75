"""The server's one Workbench, as the pages reach it. Set by ``app.py``'s lifespan; by a fixture in tests."""

from __future__ import annotations

from bsm_core.errors import WorkbenchError
from bsm_core.ui.server import Server
from bsm_core.workbench import Workbench

_servers: list[Server] = []


def use(server: Server) -> None:
    """Make ``server`` the one that pages talk to."""
    _servers[:] = [server]


def forget() -> None:
    _servers.clear()


def server() -> Server:
    """Raises WorkbenchError when the app was not started through ``app.py``."""
    if not _servers:
        raise WorkbenchError("The workbench is not running. Start it with `streamlit run app.py` or `make app`.")
    return _servers[0]


def workbench() -> Workbench:
    """Raises WorkbenchError with the reason when the workspace could not be opened."""
    found = server().workbench
    if found is None:
        raise WorkbenchError(server().problem or "The workspace is not open.")
    return found

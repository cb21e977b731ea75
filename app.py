"""The ASGI entry: ``streamlit run app.py``. Opens the workbench, serves the pages, closes it again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from bsm_core.bootstrap import build_workbench, load_settings
from bsm_core.ui import assets, downloads, memory, resources, shell
from bsm_core.ui.security import SecurityHeaders
from bsm_core.ui.server import Server


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Runs before the first browser connects and after the last one has gone."""
    server = Server(lambda: build_workbench(load_settings()))
    resources.use(server)
    server.open()
    memory.settle()
    try:
        yield {}
    finally:
        await asyncio.to_thread(server.close)
        resources.forget()
        memory.release()


app = st.App(
    "bsm_core/ui/router.py",
    lifespan=lifespan,
    routes=[*assets.ROUTES, *downloads.ROUTES],
    middleware=[Middleware(SecurityHeaders)],
    on_script_error=shell.on_script_error,
)

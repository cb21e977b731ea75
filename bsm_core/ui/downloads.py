"""Exports as downloads, streamed from the disk: a model need not fit into the server's memory."""

from __future__ import annotations

import secrets
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from bsm_core.ui import resources

_TOKEN = secrets.token_urlsafe(24)
"""In every address, and drawn anew with every server: who has not been shown a page cannot guess one, which holds for
the participants of a survey, too."""


def address(study_id: str, name: str) -> str:
    """Of an export, on this server."""
    return f"/export/{_TOKEN}/{quote(study_id, safe='')}/{quote(name, safe='')}"


async def _download(request: Request) -> Response:
    token, study_id, name = (request.path_params[key] for key in ("token", "study_id", "name"))
    workbench = resources.server().workbench
    made = None
    if workbench is not None and secrets.compare_digest(token.encode(), _TOKEN.encode()):
        made = workbench.making.made(study_id, name)
    if made is None:
        return PlainTextResponse("There is no such export. Open the Report page and take the link there.\n", 404)
    # As a download whatever its kind: a report must not run on the app's own address.
    return FileResponse(made.path, filename=f"{study_id}-{name}", media_type="application/octet-stream")


ROUTES = [Route("/export/{token}/{study_id}/{name}", _download)]

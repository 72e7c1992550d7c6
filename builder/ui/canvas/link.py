"""Answers the editor in the browser at once: a message of Streamlit's costs several times as long, and draws a page."""

import json
from urllib.parse import urlsplit

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from builder.ui import session
from builder.ui.canvas.carrying_out import carry_out
from builder.ui.canvas.queue import Queue
from builder.ui.canvas.telling import editor_state, snapshot

PATH = "strata/model"
_LONGEST_BYTES = 4_000_000


class _NotDrawn(Exception):
    """The page has to be drawn first: it says what is the matter."""


def routes() -> tuple[Route, ...]:
    """For the server. The token is the tab's own, so that no other page can ask in its name."""
    base = (st.config.get_option("server.baseUrlPath") or "").strip("/")
    return (Route(f"/{base}/{PATH}/{{token}}".replace("//", "/"), _answer, methods=["POST"]),)


async def _answer(request: Request) -> Response:
    """200 with a state; 404 if the page has to be drawn first, 400 for what is no queue of operations."""
    if _is_foreign(request):
        return Response(status_code=403)
    queue = Queue.read(await _read(request))
    if queue is None:
        return Response(status_code=400)
    try:
        state = await run_in_threadpool(_carried_out, request.path_params["token"], queue)
    except (_NotDrawn, session.UnknownTab):
        return Response(status_code=404)
    return Response(state, media_type="application/json", headers={"Cache-Control": "no-store"})


def _is_foreign(request: Request) -> bool:
    """Whether a page of another site asks."""
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).hostname != request.url.hostname


async def _read(request: Request) -> object:
    """None if it is no JSON, or too much of it."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_BYTES:
            return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _carried_out(token: str, queue: Queue) -> bytes:
    with session.acting_for(token):
        _expect_drawn(queue)
        session.note_browser_has(queue.palette, queue.peeks)
        carry_out(queue)
        session.read_anew()
        _expect_drawn(queue)  # an undo may have brought back other data, which the page makes ready
        return json.dumps(editor_state(snapshot(), queue), separators=(",", ":")).encode()


def _expect_drawn(queue: Queue) -> None:
    if queue.project != session.project_id() or not session.is_project_there() or not session.is_dataset_ready():
        raise _NotDrawn

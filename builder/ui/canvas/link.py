"""Answers the editor in the browser at once: a message of Streamlit's costs several times as long, and draws a page."""

import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from builder.ui import session
from builder.ui.canvas.carrying_out import carry_out
from builder.ui.canvas.queue import Queue
from builder.ui.canvas.telling import editor_state
from builder.ui.inspector.subject import current_subject

PATH = "strata/model"
_LONGEST_BYTES = 4_000_000


class _NotDrawn(Exception):
    """The page has to be drawn first: it says what is the matter."""


async def _answer(request: Request) -> Response:
    """200 with a state; 404 if the page has to be drawn first, 400 for what is no queue of operations."""
    sent = await _read(request)
    queue = Queue.read(sent)
    if queue is None:
        return Response(status_code=400)
    try:
        state = await run_in_threadpool(_carried_out, request.path_params["token"], queue)
    except _NotDrawn:
        return Response(status_code=404)
    return Response(state, media_type="application/json", headers={"Cache-Control": "no-store"})


ROUTES = (Route(f"/{PATH}/{{token}}", _answer, methods=["POST"]),)
"""For the server. The token is the tab's own, so that no other page can ask in its name."""


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
    try:
        with session.acting_for(token):
            _expect_drawn(queue)
            carry_out(queue)
            session.read_anew()
            return json.dumps(editor_state(current_subject(), queue), separators=(",", ":")).encode()
    except KeyError:
        raise _NotDrawn from None


def _expect_drawn(queue: Queue) -> None:
    if queue.project != session.project_id() or not session.is_project_there() or not session.is_dataset_ready():
        raise _NotDrawn

"""Does what a person does in the editor of the Model page, over the link and as the browser does."""

import asyncio
import json
from secrets import token_hex
from typing import Any

from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from builder.ui.canvas.link import PATH, routes


def post(token: str, body: bytes, *, origin: str = "http://127.0.0.1:8501") -> tuple[int, Any]:
    """Status and JSON of the answer."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": f"/{PATH}/{token}", "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"host", b"127.0.0.1:8501"), (b"origin", origin.encode())],
    }  # fmt: skip
    asyncio.run(Starlette(routes=routes())(scope, receive, send))
    content = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], json.loads(content) if sent[0]["status"] == 200 else content


class Editor:
    """Of one tab that has the Model page open."""

    def __init__(self, app: AppTest):
        tab = app.session_state["strata"]
        self.token, self.project, self.mount, self.number = tab.token, tab.opened["project"], token_hex(8), 0

    def does(self, *operations: dict[str, Any], **known: Any) -> dict[str, Any]:
        """What Python then tells; `known` is what the browser says that it has."""
        numbered = []
        for operation in operations:
            self.number += 1
            numbered.append({"number": self.number, **operation})
        queue = {"mount": self.mount, "project": self.project, "operations": numbered, **known}
        status, state = post(self.token, json.dumps(queue).encode())
        assert status == 200, status
        return state

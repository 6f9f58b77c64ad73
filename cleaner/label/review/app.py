"""The review page as a web application: who may ask, what can be asked, and how it is answered.

Whoever asks must know the token, which is part of every address, and name the very host and port
that the server listens on: so no other page that the browser shows can read or change labels.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cleaner.errors import CleanerError, LabelError
from cleaner.files import ConflictError
from cleaner.label.review.folder import ReviewFolder, State, UnknownDocumentError

STATIC = Path(__file__).parent / "static"
_STATES: dict[str, State] = {
    "body": "body", "clutter": "clutter", "skip": "skip", "open": "open"
}  # fmt: skip
# A change of a million lines is no longer one.
_BODY_BYTES = 16_000_000
_NUMBER = re.compile("[0-9]{1,9}")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _guard(app: ASGIApp, token: str, hosts: frozenset[str]) -> ASGIApp:
    """Turn away who does not know the token or comes from elsewhere, and add safe headers."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await (_refuse(scope, token, hosts) or app)(scope, receive, send_safely)

    return answer


def _refuse(scope: Scope, token: str, hosts: frozenset[str]) -> Response | None:
    headers = Headers(scope=scope)
    if headers.get("host", "") not in hosts:
        return PlainTextResponse("This server answers only to its own address.\n", 421)
    # "*", of a request to the server as a whole, is a path without a "/".
    told = f"{scope['path']}/".split("/")[1].encode("utf-8", "surrogatepass")
    if not secrets.compare_digest(told, token.encode()):
        return PlainTextResponse(
            "Not found. The address of the page is the one that clean-news review printed.\n", 404
        )
    origin = headers.get("origin")
    if origin is not None and origin not in {f"http://{host}" for host in hosts}:
        return PlainTextResponse("Requests from other pages are refused.\n", 403)
    return None


def make_app(folder: ReviewFolder, token: str, port: int) -> Starlette:
    """Make the application for one folder; it answers below ``/token/`` only."""

    def page(_: Request) -> Response:
        return FileResponse(STATIC / "page.html")

    def documents(_: Request) -> Response:
        def summaries() -> dict[str, Any]:
            documents = [asdict(summary) for summary in folder.summaries()]
            return {"folder": folder.directory.name, "documents": documents}

        return _answer(summaries)

    def document(request: Request) -> Response:
        def show() -> dict[str, Any]:
            key = request.path_params["key"]
            name, version, lines = folder.show(key)
            shown = [asdict(line) for line in lines]
            return {"key": key, "name": name, "version": version, "lines": shown}

        return _answer(show)

    def why(request: Request) -> Response:
        key, number = request.path_params["key"], request.path_params["number"]
        if not _NUMBER.fullmatch(number):
            return PlainTextResponse("No line has such a number.\n", 404)

        def explain() -> dict[str, Any]:
            log_odds, reasons = folder.explain(key, int(number))
            return {"log_odds": log_odds, "reasons": [asdict(reason) for reason in reasons]}

        return _answer(explain)

    async def labels(request: Request) -> Response:
        try:
            version, states = _read_changes(await _read_json(request))
        except (ValueError, RecursionError) as error:
            return JSONResponse({"error": f"not a change of labels: {error!s:.200}"}, 400)
        key = request.path_params["key"]

        def change() -> dict[str, Any]:
            new, n_open = folder.change(key, version, states)
            return {"version": new, "open": n_open}

        return await run_in_threadpool(_answer, change)

    routes = [
        Route("/", page),
        Route("/documents", documents),
        Route("/documents/{key}", document),
        Route("/documents/{key}/labels", labels, methods=["POST"]),
        Route("/documents/{key}/lines/{number}/why", why),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
    return Starlette(
        routes=[Mount(f"/{token}", routes=routes)],
        middleware=[Middleware(_guard, token=token, hosts=hosts)],
    )


def _answer(ask: Callable[[], dict[str, Any]]) -> Response:
    """Answer with what a function gives, or with its error and a fitting status."""
    try:
        return JSONResponse(ask())
    except CleanerError as error:
        return JSONResponse({"error": str(error)}, _status(error))


def _status(error: CleanerError) -> int:
    if isinstance(error, ConflictError):
        return 409
    if isinstance(error, UnknownDocumentError):
        return 404
    return 422 if isinstance(error, LabelError) else 500


async def _read_json(request: Request) -> Any:
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        raise ValueError("the content type must be application/json")
    # What is said of its length may be wrong, and counts for nothing if it comes in pieces.
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _BODY_BYTES:
            raise ValueError("it is too long")
    return json.loads(body)


def _read_changes(value: Any) -> tuple[str, dict[int, State]]:
    if not isinstance(value, dict) or not isinstance(value.get("version"), str):
        raise ValueError("'version' must be a string")
    states = value.get("states")
    if not isinstance(states, dict):
        raise ValueError("'states' must name lines and their states")
    for state in states.values():
        if not isinstance(state, str) or state not in _STATES:
            raise ValueError(f"state {state!r:.60} is not one of {', '.join(_STATES)}")
    return value["version"], {int(number): _STATES[state] for number, state in states.items()}

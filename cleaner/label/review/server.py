"""Run the review page on this computer, for nobody else."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cleaner.cleaning import Cleaner
from cleaner.errors import InputError, needing
from cleaner.model import TEXT_MODEL

if TYPE_CHECKING:
    import uvicorn

_LOOPBACK = "127.0.0.1"
_TOKEN_BYTES = 24
_SHUTDOWN_SECONDS = 2  # for answers that are under way


def run_review(
    directory: str,
    model: str = TEXT_MODEL,
    port: int = 0,
    *,
    open_browser: bool = True,
    announce: Callable[[str], None] = print,
) -> None:
    """Serve the review page of a folder of labelled files until Ctrl-C.

    Parameters
    ----------
    directory
        Labelled files, found as `cleaner.files.find_labelled` finds them.
    model
        Name of a shipped model, or path of a model file.
    port
        To listen on, at 127.0.0.1; 0 for any that is free.
    open_browser
        Show the page in the browser.
    announce
        Told the address, which holds a new random token each time.

    Raises
    ------
    InputError
        If there is no labelled file in the directory, or the port is taken.
    MissingExtraError
        If Starlette or uvicorn are not installed.
    ModelError
        If the model cannot be loaded.
    """
    server, listener, address = prepare_server(directory, model, port)
    with listener:
        announce(address)
        if open_browser:
            webbrowser.open(address)  # the listener queues it until the server runs
        with contextlib.suppress(KeyboardInterrupt):  # how a person ends it
            server.run(sockets=[listener])


def prepare_server(
    directory: str, model: str, port: int
) -> tuple[uvicorn.Server, socket.socket, str]:
    """Make everything ready to serve: server, listening socket and address of the page."""
    with needing("the review page needs Starlette and uvicorn", "review"):
        import starlette  # noqa: F401 - needed by cleaner.label.review.app
        import uvicorn
    from cleaner.label.review.app import make_app
    from cleaner.label.review.folder import ReviewFolder

    folder = ReviewFolder(Path(directory), Cleaner.load(model))
    folder.summaries()  # finds nothing: an error now; judges all documents once, so none waits
    listener = _listen(port)
    port = listener.getsockname()[1]
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    config = uvicorn.Config(
        make_app(folder, token, port),
        http="h11",
        ws="none",
        lifespan="off",
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    # Now, not when the page is announced: Ctrl-C in the middle of an import can be lost.
    config.load()
    return uvicorn.Server(config), listener, f"http://{_LOOPBACK}:{port}/{token}/"


def _listen(port: int) -> socket.socket:
    # With the protocol named, asyncio sends small answers at once; else each waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_LOOPBACK, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        raise InputError(f"cannot listen on port {port}: {error}; choose another --port") from error
    return listener

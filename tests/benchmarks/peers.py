"""Run other article extractors on a page's HTML, each in a process of its own.

The settings are those of the scrapinghub benchmark's own scripts, which published numbers were
made with; where others score higher for a peer, it gets those (the comments say which). A page on
which a peer crashes, ends its process or takes too long counts as empty output and is reported;
no peer can reach the network.
"""

from __future__ import annotations

import functools
import logging
import multiprocessing
import os
import socket
import sys
import textwrap
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from multiprocessing.connection import Connection
from types import TracebackType
from typing import NamedTuple, NoReturn

from cleaner.cleaning import Cleaner
from cleaner.errors import InputError
from cleaner.gold import JUSTEXT_LANGUAGES as JUSTEXT_LANGUAGES

# The slowest peer takes 0.15 s for a usual page; imports of the first page take up to 5 s.
PAGE_SECONDS = 60.0
MESSAGE_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Peer:
    """One extractor: its name here, its distribution, and how it turns HTML into text."""

    name: str
    distribution: str
    extract: Callable[[str, str], str]  # HTML, language code or "" -> text

    @property
    def title(self) -> str:
        """Name with the installed version."""
        return f"{self.name} {version(self.distribution)}"


class Extraction(NamedTuple):
    """What a peer made of a page."""

    text: str
    problem: str  # "" if there was none


def _trafilatura(html: str, lang: str) -> str:
    import trafilatura

    return trafilatura.extract(html, include_comments=False) or ""


def _trafilatura_precision(html: str, lang: str) -> str:
    import trafilatura

    return trafilatura.extract(html, include_comments=False, favor_precision=True) or ""


def _readability(html: str, lang: str) -> str:
    import html_text
    from readability import Document

    return str(html_text.extract_text(Document(html).summary(html_partial=True)))


def _newspaper(html: str, lang: str) -> str:
    import newspaper

    # The address is never opened; the language is found by the peer, which scores higher for it
    # than being told ours (fundus: .886 against .882).
    article = newspaper.Article("https://example.org/", fetch_images=False)
    article.download(input_html=html)
    article.parse()
    return str(article.text)


def _resiliparse(html: str, lang: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    # Without alternative texts of images it scores higher (English fundus: .897 against .872).
    return str(extract_plain_text(html, main_content=True, alt_texts=False, list_bullets=False))


def _justext(html: str, lang: str) -> str:
    import justext

    # The benchmark's script takes English for every page; here each has its own language.
    stoplist = justext.get_stoplist(JUSTEXT_LANGUAGES.get(lang, "English"))
    paragraphs = justext.justext(html, stoplist, 50, 200, 0.1, 0.2, 0.2, 200, True)
    return "\n".join(p.text for p in paragraphs if not p.is_boilerplate)


def _clean_news(html: str, lang: str, model: str = "news-html") -> str:
    return _load_cleaner(model).clean_html(html)


@functools.cache
def _load_cleaner(model: str) -> Cleaner:
    return Cleaner.load(model)


def own_peer(model: str = "news-html") -> Peer:
    """Return clean-news itself, which gets the HTML as the peers do."""
    return Peer("clean-news-html", "clean-news", functools.partial(_clean_news, model=model))


PEERS = (
    Peer("trafilatura", "trafilatura", _trafilatura),
    Peer("trafilatura-precision", "trafilatura", _trafilatura_precision),
    Peer("readability-lxml", "readability-lxml", _readability),
    Peer("newspaper4k", "newspaper4k", _newspaper),
    Peer("resiliparse", "resiliparse", _resiliparse),
    Peer("justext", "jusText", _justext),
)


def choose_peers(names: Sequence[str] = ()) -> list[Peer]:
    """Return the installed peers, or those of the given names.

    Raises
    ------
    InputError
        If a named peer is unknown or not installed.
    """
    known = {peer.name: peer for peer in PEERS}
    for name in names:
        if name not in known:
            raise InputError(f"no peer is called {name!r}; there are {', '.join(known)}")
        if not _is_installed(known[name]):
            raise InputError(f"{name} is not installed: pip install 'clean-news[benchmarks]'")
    return [known[name] for name in names] or [peer for peer in PEERS if _is_installed(peer)]


def _is_installed(peer: Peer) -> bool:
    try:
        version(peer.distribution)
    except PackageNotFoundError:
        return False
    return True


class PeerProcess:
    """A peer in a process of its own, started anew after a page that ended or stopped it."""

    def __init__(self, peer: Peer, page_seconds: float = PAGE_SECONDS) -> None:
        self.peer = peer
        self.page_seconds = page_seconds
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None

    def extract(self, html: str, lang: str = "") -> Extraction:
        """Return the peer's text, or empty text and what went wrong.

        Raises
        ------
        InputError
            If the process does not start: that is our fault, not the peer's result.
        """
        pipe = self._pipe or self._start()
        try:
            pipe.send((html, lang))
            if pipe.poll(self.page_seconds):
                return Extraction(*pipe.recv())
            problem = f"no result after {self.page_seconds:g} s"
        except (EOFError, OSError):
            problem = "its process ended"
        self._stop()
        return Extraction("", problem)

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(self.peer, theirs), daemon=True)
        self._process.start()
        theirs.close()
        try:
            self._pipe.recv()
        except EOFError as error:
            raise InputError(f"the process for {self.peer.name} does not start") from error
        return self._pipe

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None

    @property
    def pid(self) -> int | None:
        """Number of the running process, None before the first page."""
        return self._process.pid if self._process else None

    def __enter__(self) -> PeerProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()


def _serve(peer: Peer, pipe: Connection) -> None:
    """Answer pages until the pipe is closed; runs in the peer's process."""
    _silence()
    _refuse_network()
    pipe.send("ready")
    with suppress(EOFError):
        while True:
            html, lang = pipe.recv()
            try:
                answer = (peer.extract(html, lang), "")
            except Exception as error:  # whatever a peer raises is its result for this page
                message = f"{type(error).__name__}: {error}"
                answer = ("", textwrap.shorten(message, MESSAGE_CHARACTERS, placeholder=" ..."))
            pipe.send(answer)


def _silence() -> None:
    """Keep what a peer logs, warns and prints out of our table."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(null, stream.fileno())


def _refuse_network() -> None:
    """Make every connection fail at once: the pages are the only input."""

    def refuse(*args: object, **options: object) -> NoReturn:
        raise OSError("benchmarks allow no network")

    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, refuse)
    socket.getaddrinfo = refuse

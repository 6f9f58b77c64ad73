"""Measure the review page: how soon a long document is shown, and how soon a label is saved.

    python tests/benchmarks/review.py [--lines N] [--repeats N]

Needs Chromium and its driver for the times in a browser (apt-get install chromium
chromium-driver); without them, only the server's times are measured. A document is shown when all
its lines are drawn, counted from the request for the page, model and scripts in no cache. A label
is saved when the page has the server's word that the file is written, counted from the key.
"""

from __future__ import annotations

import argparse
import datetime
import http.client
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cleaner.label import PrefillSettings, label_files, prepare_server

PAGES = Path(__file__).parents[2] / "corpus/pages"
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
    " --disable-background-networking --disable-component-update --disable-dev-shm-usage"
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=2000, help="of the document, without blanks")
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args(arguments)
    cpu = platform.processor() or platform.machine()
    print(f"{datetime.date.today()}, {cpu}, {os.cpu_count()} cores, Python", end=" ")
    print(f"{platform.python_version()}; a document of {options.lines:,} lines")
    print("| what | median ms | slowest ms |\n|---|---|---|")
    with (
        tempfile.TemporaryDirectory() as directory,
        running_server(Path(directory), options.lines) as address,
    ):
        measure_server(address, options.repeats)
        if shutil.which("chromium") and shutil.which("chromedriver"):
            measure_browser(address, options.repeats)
        else:
            print("No Chromium found: nothing is measured in a browser.", file=sys.stderr)


@contextmanager
def running_server(folder: Path, n_lines: int) -> Iterator[str]:
    """Serve one long document, made of the corpus's pages; gives the address."""
    lines = [
        line
        for page in sorted(PAGES.glob("*.txt"))
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    lines *= n_lines // len(lines) + 1
    (folder / "raw").mkdir()
    (folder / "raw/long.txt").write_text("\n".join(lines[:n_lines]) + "\n", encoding="utf-8")
    label_files(str(folder / "raw"), str(folder / "labelled"), PrefillSettings())
    server, listener, address = prepare_server(str(folder / "labelled"), "news", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def measure_server(address: str, repeats: int) -> None:
    """Measure requests as the page makes them."""
    parts = urlsplit(address)
    assert parts.hostname
    connection = http.client.HTTPConnection(parts.hostname, parts.port)

    def ask(path: str, body: object = None) -> Any:
        method = "GET" if body is None else "POST"
        headers = {"Content-Type": "application/json"}
        connection.request(method, parts.path + path, json.dumps(body), headers)
        return json.loads(connection.getresponse().read())

    [entry] = ask("documents")["documents"]
    page = ask(f"documents/{entry['key']}")
    version = page["version"]
    states = iter(["body", "clutter"] * repeats)

    def save() -> None:
        nonlocal version
        body = {"version": version, "states": {"1": next(states)}}
        version = ask(f"documents/{entry['key']}/labels", body)["version"]

    numbers = iter(line["number"] for line in page["lines"])
    show("server: a document", repeats, lambda: ask(f"documents/{entry['key']}"))
    show("server: a label saved", repeats, save)
    why = f"documents/{entry['key']}/lines"
    show("server: reasons of a line", repeats, lambda: ask(f"{why}/{next(numbers)}/why"))
    ask(f"documents/{entry['key']}/labels", {"version": version, "states": {"1": "open"}})


def show(what: str, repeats: int, act: Callable[[], object]) -> None:
    """Print how long something takes."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        act()
        times.append((time.perf_counter() - start) * 1000)
    print_times(what, times)


def print_times(what: str, times: Sequence[float]) -> None:
    """Print one row of the table."""
    print(f"| {what} | {statistics.median(times):.0f} | {max(times):.0f} |")


def measure_browser(address: str, repeats: int) -> None:
    """Measure what a person waits for, by the page's own clock."""
    from selenium import webdriver
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.support.wait import WebDriverWait

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in FLAGS.split():
        options.add_argument(flag)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options.add_argument(f"--user-data-dir={profile}")
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        driver = webdriver.Chrome(options=options, service=service)

        def entries(name: str) -> list[list[float]]:
            script = "return performance.getEntriesByName(arguments[0])"
            found: list[list[float]] = driver.execute_script(
                script + ".map(entry => [entry.startTime, entry.duration])", name
            )
            return found

        def wait(name: str, count: int) -> None:
            WebDriverWait(driver, 30, 0.01).until(lambda _: len(entries(name)) >= count)

        shown = []
        for _ in range(max(repeats // 4, 1)):
            driver.get("about:blank")
            driver.get(address)
            wait("document shown", 1)
            shown.append(entries("document shown")[0][0])
        print_times("browser: the document is shown", shown)
        for count in range(repeats):
            ActionChains(driver).send_keys("bc"[count % 2]).perform()
            wait("label saved", count + 1)
        print_times("browser: a label is saved", [took for _, took in entries("label saved")])
        driver.quit()


if __name__ == "__main__":
    main()

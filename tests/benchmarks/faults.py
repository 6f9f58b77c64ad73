"""Break runs in every way that a machine breaks them, and print what became of them.

    python tests/benchmarks/faults.py [--tries N] [--seed N] [--way=WAY]... [FAULT...]

Each try is a run of the command over small inputs, in a folder of its own. Whatever happens, every
output that is in its place must be whole, no process may be left, no traceback may be shown, and
the next run must give, to the byte, what a run gives that nothing happened to. A fault that the
machine cannot make (a small file system needs the right to mount) is skipped, and said so.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cleaner.learn import format_table

PAGES = sorted((Path(__file__).parents[2] / "corpus" / "pages").glob("*.txt"))
COPIES = 6
PATIENCE = 60.0
# Options of the ways to run, each over its own kind of input.
WAYS: dict[str, Sequence[str]] = {
    "plain": ("in", "out", "--jobs", "1"),
    "--jobs 2": ("in", "out", "--jobs", "2"),
    "--collection": ("in", "out", "--jobs", "1", "--collection"),
    "--collection --jobs 2": ("in", "out", "--jobs", "2", "--collection"),
    "records": ("records", "out", "--jobs", "1"),
    "records, --jobs 2": ("records", "out", "--jobs", "2"),
}
# Root reads and writes whatever it likes, unless this is taken from it.
WITHOUT_RIGHTS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


class BrokenPromiseError(Exception):
    """What must not happen has happened."""


class CannotMakeError(Exception):
    """This machine cannot make the fault."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, break runs, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("faults", nargs="*", help="beginnings of names; default: all")
    parser.add_argument("--tries", type=int, default=5, help="of each fault in each way to run")
    parser.add_argument("--seed", type=int, default=0, help="of the moments that are drawn")
    parser.add_argument("--way", action="append", choices=WAYS, help="to run; default: all")
    options = parser.parse_args(arguments)
    # Shells let what they start in the background ignore interrupts, and so would the runs.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    wanted = tuple(options.faults) or ("",)
    names = [name for name in FAULTS if name.startswith(wanted)]
    rows = [["fault", "way to run", "tries", "outcome"]]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        make_inputs(source)
        for name in names:
            make_fault, ways = FAULTS[name]
            for way in [way for way in ways if way in (options.way or WAYS)]:
                lot = random.Random(f"{options.seed} {name} {way}")
                rows.append([name, way, *try_often(make_fault, way, source, options.tries, lot)])
                print(*rows[-1], sep=" | ", file=sys.stderr)
    print(format_table(rows))
    if any("BROKEN" in row[-1] for row in rows):
        sys.exit(1)


def make_inputs(source: Path) -> None:
    """Write the corpus some times over, as text files in folders and as records."""
    for number in range(COPIES):
        folder = source / "in" / str(number % 3) / str(number)
        folder.mkdir(parents=True)
        for page in PAGES:
            shutil.copyfile(page, folder / page.name)
    (source / "records").mkdir()
    for number in range(3):
        with (source / "records" / f"{number}.jsonl").open("w", encoding="utf-8") as file:
            for page in PAGES * (COPIES // 3):
                record = {"text": page.read_text(encoding="utf-8"), "number": number}
                file.write(json.dumps(record) + "\n")


class Place:
    """A folder in which the command is run in one way, and what it is to give."""

    def __init__(self, folder: Path, way: str, lot: random.Random) -> None:
        self.folder, self.options, self.lot = folder, WAYS[way], lot
        self.out, self.errors = folder / "out", folder / "errors"
        self.expected: dict[str, bytes] = {}
        self.seconds = 0.0

    def run_whole(self) -> None:
        """Take what a run gives that nothing happens to, and how long it takes."""
        started = time.monotonic()
        self.run_again()
        self.seconds = time.monotonic() - started
        self.expected = self.outputs()

    @contextlib.contextmanager
    def start(self, *before: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
        """Start the command in a session of its own, which must be empty in the end."""
        with self.errors.open("wb") as errors:
            process = subprocess.Popen(
                [*before, sys.executable, "-m", "cleaner", *self.options],
                cwd=self.folder, start_new_session=True,
                **{"stdout": errors, "stderr": errors, **options},
            )  # fmt: skip
        try:
            yield process
            process.wait(PATIENCE)
            deadline = time.monotonic() + 5
            while left := session(process.pid):
                if time.monotonic() > deadline:
                    raise BrokenPromiseError(f"{len(left)} processes are left")
                time.sleep(0.05)
        except subprocess.TimeoutExpired:
            raise BrokenPromiseError(f"still runs after {PATIENCE:g} seconds") from None
        finally:
            for number in session(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            process.wait()
        if "Traceback" in (said := self.said()):
            raise BrokenPromiseError(f"a traceback: {said.strip().splitlines()[-1]}")

    def wait(self) -> None:
        """Wait for a random moment of a run."""
        time.sleep(self.lot.uniform(0, self.seconds * 1.05))

    def said(self) -> str:
        """What the last run printed."""
        return self.errors.read_text(encoding="utf-8", errors="replace")

    def outputs(self) -> dict[str, bytes]:
        """Whatever is in its place."""
        return {
            str(path.relative_to(self.out)): path.read_bytes()
            for path in self.out.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }

    def parts(self) -> list[Path]:
        """Files that were being written."""
        return list(self.out.rglob("*.part"))

    def check(self) -> None:
        """Check that what is in its place is whole."""
        for name, data in self.outputs().items():
            if self.expected.get(name) != data:
                raise BrokenPromiseError(f"{name} is not whole")

    def run_again(self) -> None:
        """Run without a fault."""
        done = subprocess.run(
            [sys.executable, "-m", "cleaner", *self.options],
            cwd=self.folder, capture_output=True, timeout=PATIENCE * 2, text=True,
        )  # fmt: skip
        if done.returncode:
            raise BrokenPromiseError(
                f"the next run ends with {done.returncode}: {done.stderr[:200]}"
            )

    def finish(self) -> None:
        """Check that the next run gives what a run gives that nothing happened to."""
        self.check()
        self.run_again()
        if self.outputs() != self.expected:
            raise BrokenPromiseError("the next run gives something else")
        if self.parts():
            raise BrokenPromiseError("a temporary file is left by the next run")


def session(number: int) -> list[int]:
    """Processes of a session that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, of_session, *_ = path.read_text().rpartition(")")[2].split()
            if int(of_session) == number and state != "Z":
                found.append(int(path.parent.name))
    return found


def try_often(
    make_fault: Callable[[Place], str], way: str, source: Path, tries: int, lot: random.Random
) -> tuple[str, str]:
    """Return how often a fault was made, and what became of the runs."""
    outcomes: dict[str, int] = {}
    whole = Place(source, way, lot)
    whole.run_whole()
    shutil.rmtree(whole.out)
    for _ in range(tries):
        with tempfile.TemporaryDirectory() as name:
            place = Place(Path(name), way, lot)
            place.expected, place.seconds = whole.expected, whole.seconds
            shutil.copytree(source, place.folder, dirs_exist_ok=True)
            try:
                outcome = make_fault(place)
            except BrokenPromiseError as error:
                outcome = f"BROKEN: {error}"
            except CannotMakeError as error:
                return "0", f"skipped: {error}"
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    return str(tries), "; ".join(
        outcome if len(outcomes) == 1 else f"{count} × {outcome}"
        for outcome, count in outcomes.items()
    )


def kill(place: Place) -> str:
    """Kill the parent, as the kernel does that has no memory left."""
    with place.start() as process:
        place.wait()
        process.kill()
    place.finish()
    return "outputs whole, finished by the next run"


def interrupt(place: Place) -> str:
    """Press Ctrl-C: the whole group is interrupted."""
    with place.start() as process:
        # An interpreter that is starting prints a traceback of its own.
        deadline = time.monotonic() + PATIENCE
        while not place.out.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(place.lot.uniform(0, place.seconds / 2))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
    if process.returncode not in (0, 130):
        raise BrokenPromiseError(f"ends with {process.returncode}: {place.said()[:200]}")
    if place.parts():
        raise BrokenPromiseError("a temporary file is left")
    place.finish()
    if not process.returncode:
        return "done before it came"
    return "nothing half-written, finished by the next run"


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """Mount a small file system at a folder."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", size, "clean-news-faults", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        raise CannotMakeError("file systems cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_disk(place: Place, size: str = "size=400k") -> str:
    """Give the outputs too little room, and then enough."""
    with small_disk(place.out, size):
        with place.start() as process:
            pass
        # Where nothing can be written, not even the counts of a collection, the run ends with 2.
        if process.returncode not in (1, 2) or "No space left" not in place.said():
            raise BrokenPromiseError(f"ends with {process.returncode}: {place.said()[:200]}")
        command = ["mount", "-o", "remount,size=64m,nr_inodes=100k", str(place.out)]
        subprocess.run(command, check=True)
        place.finish()
    return "an error that says so, finished once there is room"


def use_up_inodes(place: Place) -> str:
    """Give the outputs room for few files."""
    room = 3 if place.options[0] == "records" else 40
    return fill_disk(place, f"size=64m,nr_inodes={room}")


def take_permission(place: Place) -> str:
    """Forbid to read a file and a folder, or to write into the output."""
    if not shutil.which(WITHOUT_RIGHTS[0]):
        raise CannotMakeError("there is no setpriv")
    probe = [*WITHOUT_RIGHTS, "test", "!", "-r", str(place.folder / "probe")]
    (place.folder / "probe").touch(0o000)
    if subprocess.run(probe, capture_output=True).returncode:
        raise CannotMakeError("rights cannot be taken away")
    inputs = sorted((place.folder / place.options[0]).rglob("*"))
    taken = place.lot.choice(inputs)
    if place.lot.random() < 0.3:
        place.out.mkdir()
        taken = place.out
    before = taken.stat().st_mode
    taken.chmod(0o500 if taken == place.out else 0)
    try:
        with place.start(*WITHOUT_RIGHTS) as process:
            pass
    finally:
        taken.chmod(before)
    if process.returncode not in (1, 2) or not place.said():
        raise BrokenPromiseError(f"ends with {process.returncode}: {place.said()[:200]}")
    place.finish()
    return "an error that names it, the rest done, finished once it is allowed"


def delete_input(place: Place) -> str:
    """Delete half of the input under way."""
    files = [path for path in (place.folder / place.options[0]).rglob("*") if path.is_file()]
    with place.start() as process:
        place.wait()
        for path in place.lot.sample(files, len(files) // 2):
            path.unlink()
    if process.returncode not in (0, 1):
        raise BrokenPromiseError(f"ends with {process.returncode}: {place.said()[:200]}")
    if "--collection" not in place.options:  # which counts what is there
        place.check()
    return "outputs whole, what is gone is a problem by name"


def remove_output(place: Place) -> str:
    """Remove the folder of outputs under way."""
    with place.start() as process:
        place.wait()
        shutil.rmtree(place.out, ignore_errors=True)
    if process.returncode not in (0, 1, 2):
        raise BrokenPromiseError(f"ends with {process.returncode}: {place.said()[:200]}")
    place.finish()
    return "no traceback, finished by the next run"


def spoil_streams(place: Place) -> str:
    """Close standard streams, or let them be full."""
    spoilt = place.lot.choice(
        ["<&- >&- 2>&-", ">/dev/full 2>/dev/full", "<&- >/dev/full 2>&-", ">&- 2>/dev/full"]
    )
    with place.start("sh", "-c", f'"$0" "$@" {spoilt}') as process:
        pass
    if process.returncode not in (0, 1):
        raise BrokenPromiseError(f"ends with {process.returncode} under {spoilt}")
    if place.outputs() != place.expected:
        raise BrokenPromiseError(f"the run did not go on under {spoilt}")
    return "all outputs written"


def limit(*limits: str) -> Callable[[Place], str]:
    """Make a fault of what a shell limits."""

    def run_limited(place: Place) -> str:
        with place.start("sh", "-c", f'ulimit {" ".join(limits)}; exec "$0" "$@"') as process:
            pass
        if process.returncode not in (0, 1, 2) or (process.returncode and not place.said()):
            raise BrokenPromiseError(f"ends with {process.returncode}: {place.said()[:200]}")
        done = "all done" if place.outputs() == place.expected else "an error that says so"
        place.finish()
        return f"{done}, finished by the next run"

    return run_limited


FAULTS: dict[str, tuple[Callable[[Place], str], Sequence[str]]] = {
    "kill -9": (kill, tuple(WAYS)),
    "Ctrl-C": (interrupt, tuple(WAYS)),
    "full disk": (fill_disk, tuple(WAYS)),
    "no inodes": (use_up_inodes, ("plain", "--jobs 2", "records")),
    "permission taken away": (take_permission, tuple(WAYS)),
    "input deleted": (delete_input, tuple(WAYS)),
    "output removed": (remove_output, tuple(WAYS)),
    "streams closed or full": (spoil_streams, ("plain", "--jobs 2", "records")),
    "20 file descriptors": (limit("-n", "20"), tuple(WAYS)),
    "700 MB of memory": (limit("-v", "700000"), ("plain", "records")),
}


if __name__ == "__main__":
    main()

"""Search for inputs that break a promise, guided by coverage (libFuzzer, by way of atheris).

    pip install -e '.[fuzz]'
    python tests/fuzz/run.py cleaning -max_total_time=600

The rest of the command line is libFuzzer's. New inputs are kept in a folder of their own
(/tmp/clean-news-fuzz/TARGET), beside the saved corpus. What makes a target fail is written to the
current folder: mend it, and put the input into tests/fuzz/corpus/TARGET.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    """Read the name of the target, and fuzz it."""
    sys.path.insert(0, str(HERE))
    import atheris

    with atheris.instrument_imports(include=["cleaner"]):
        from fuzz_targets import TARGETS
    name, *options = sys.argv[1:] or [""]
    if name not in TARGETS:
        sys.exit(f"name a target: {', '.join(TARGETS)}")
    found = Path(tempfile.gettempdir()) / "clean-news-fuzz" / name
    found.mkdir(parents=True, exist_ok=True)
    saved = HERE / "corpus" / name
    folders = [str(found), *([str(saved)] if saved.is_dir() else [])]
    atheris.Setup([sys.argv[0], *options, *folders], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()

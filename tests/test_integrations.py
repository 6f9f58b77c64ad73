"""Steps for other people's pipelines give what `clean_many` gives, in the real frameworks."""

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cleaner.cleaning import Cleaner
from cleaner.errors import MissingExtraError, ModelError
from cleaner.integrations import CleanBatch, clean_frames, clean_texts

ROOT = Path(__file__).parents[1]
PAGES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "corpus/pages").glob("*.txt"))]
CLEAN = list(Cleaner.load().clean_many(PAGES))


def test_a_batch_keeps_its_other_columns_and_missing_values() -> None:
    batch: dict[str, Any] = {"id": [1, 2, 3], "page": [PAGES[0], None, PAGES[1]]}
    found = pickle.loads(pickle.dumps(CleanBatch("page", "clean")))(batch)
    assert found == {**batch, "clean": [CLEAN[0], None, CLEAN[1]]}
    assert CleanBatch("page")(batch) == {"id": [1, 2, 3], "page": found["clean"]}
    assert CleanBatch("page", threshold=0.999)(batch) != CleanBatch("page")(batch)
    assert clean_texts([]) == []
    # As Ray gives a batch in which nothing is there.
    assert clean_texts(np.full(2, np.nan, np.float32)) == [None, None]


def test_a_model_of_html_cleans_pages(caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("selectolax")
    page = (ROOT / "tests/cases/page.html").read_text(encoding="utf-8")
    expected = Cleaner.load("news-html").clean_html(page)
    html = [page, None, "<div>" * 5000, page.encode(), b"\0\1\2"]
    batch = CleanBatch("html", "text", model="news-html")({"html": html})
    assert batch == {"html": html, "text": [expected, None, None, expected, None]}
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "a page is passed over"
    ] * 2
    with pytest.raises(TypeError, match="expected HTML, a str or bytes, not int"):
        clean_texts([5], model="news-html")


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(KeyError, match="text"):
        CleanBatch()({"page": ["x"]})
    with pytest.raises(TypeError, match="not a str but int"):
        clean_texts(["x", 5])
    with pytest.raises(ModelError, match="no model 'missing'"):
        CleanBatch(model="missing")({"text": ["x"]})


@pytest.mark.parametrize("kind", ["object", "str", "string"])
def test_missing_values_of_pandas_stay_missing(kind: str) -> None:
    pandas = pytest.importorskip("pandas")
    values = [PAGES[0], None, float("nan"), PAGES[1], pandas.NA]
    frame = pandas.DataFrame({"text": pandas.array(values, kind)}, index=list("abcde"))
    for found in (
        pandas.Series(clean_texts(frame["text"]), dtype=kind),
        pandas.Series(CleanBatch()(frame)["text"], dtype=kind),
        next(clean_frames()(iter([frame])))["text"],
    ):
        assert found.isna().tolist() == [False, True, True, False, True]
        assert found.dropna().tolist() == CLEAN[:2]
    with pytest.raises(TypeError, match="not a str but int"):
        next(clean_frames()(iter([pandas.DataFrame({"text": [5]})])))


def test_frameworks_are_not_loaded_before_they_are_needed() -> None:
    program = (
        "import sys, cleaner.integrations\n"
        "print(sorted({'pandas', 'datasets', 'ray', 'pyspark', 'datatrove'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_a_missing_datatrove_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datatrove", None)
    monkeypatch.delitem(sys.modules, "cleaner.integrations.datatrove", raising=False)
    with pytest.raises(MissingExtraError, match="pip install datatrove"):
        __import__("cleaner.integrations.datatrove")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_hugging_face_datasets() -> None:
    datasets = pytest.importorskip("datasets")
    texts = [*PAGES, None]
    dataset = datasets.Dataset.from_dict({"id": range(len(texts)), "text": texts})
    for form, processes in ((None, None), (None, 2), ("pandas", None)):
        step = dataset.with_format(form)
        cleaned = step.map(CleanBatch(), batched=True, batch_size=40, num_proc=processes)
        assert cleaned.with_format(None)["text"][:] == [*CLEAN, None]
        assert cleaned.with_format(None)["id"][:] == list(range(len(texts)))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_ray_data() -> None:
    ray = pytest.importorskip("ray")
    pytest.importorskip("ray.data")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        texts = [*PAGES, *[None] * 40]
        rows = [{"id": number, "text": page} for number, page in enumerate(texts)]
        found = ray.data.from_items(rows).map_batches(CleanBatch(), batch_size=40).take_all()
    finally:
        ray.shutdown()
    assert {row["id"]: row["text"] for row in found} == dict(enumerate([*CLEAN, *[None] * 40]))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    sql = pytest.importorskip("pyspark.sql")
    pandas = pytest.importorskip("pandas")
    [frame] = clean_frames()(iter([pandas.DataFrame({"text": [PAGES[0], None]})]))
    assert frame["text"].tolist()[0] == CLEAN[0]
    session = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    try:
        spark = session.getOrCreate()
    except Exception as error:  # there is no Java
        pytest.skip(f"Spark does not start: {error}")
    try:
        data = spark.createDataFrame(list(enumerate(PAGES)), ["id", "text"])
        rows = data.mapInPandas(clean_frames(), data.schema).collect()
    finally:
        spark.stop()
    assert {row["id"]: row["text"] for row in rows} == dict(enumerate(CLEAN))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_datatrove(tmp_path: Path) -> None:
    pytest.importorskip("datatrove")
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    from cleaner.integrations.datatrove import NewsFormatter

    (tmp_path / "raw").mkdir()
    with (tmp_path / "raw/a.jsonl").open("w") as file:
        for number, page in enumerate(PAGES):
            file.write(json.dumps({"id": str(number), "text": page}) + "\n")
    page = (ROOT / "tests/cases/page.html").read_text(encoding="utf-8")
    from_html = NewsFormatter("news-html").format(page)
    assert from_html == Cleaner.load("news-html").clean_html(page)
    writer = JsonlWriter(str(tmp_path / "clean"), compression=None)
    steps = [JsonlReader(str(tmp_path / "raw")), NewsFormatter(), writer]
    LocalPipelineExecutor(steps, logging_dir=str(tmp_path / "logs")).run()
    lines = [path.read_text().splitlines() for path in (tmp_path / "clean").iterdir()]
    rows = [json.loads(line) for of_file in lines for line in of_file]
    expected = {str(number): text for number, text in enumerate(CLEAN)}
    found = {row["id"]: row.get("text", "") for row in rows}  # it leaves out empty fields
    assert found == expected
    assert NewsFormatter().format(PAGES[0]) == CLEAN[0]

"""The review page in a real browser, by the keys and the mouse that a person uses."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from cleaner.cleaning import Cleaner
from cleaner.files import read_labelled, read_labelled_many, write_labelled
from cleaner.labelled import LabelledDocument
from cleaner.learn import train
from cleaner.model import save_model

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
SCRIPT = "<script>document.title = 'taken over'</script><img src=x onerror=\"alert(1)\">"
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
    " --disable-background-networking --disable-component-update --disable-dev-shm-usage"
)
# Times are promised for a machine that is not busy; tests/benchmarks/review.py measures them.
SLACK = 4

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None or DRIVER is None,
        reason="needs a browser: apt-get install chromium chromium-driver",
    ),
]


@dataclass
class Server:
    """The command `clean-news review`, as a process of its own."""

    folder: Path
    model: str = "news"
    process: subprocess.Popen[str] | None = field(default=None, repr=False)
    address: str = ""

    def start(self) -> None:
        command = [sys.executable, "-m", "cleaner", "review", str(self.folder), "--no-browser"]
        self.process = subprocess.Popen(
            [*command, "--model", self.model],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("http://127.0.0.1:")

    def kill(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.communicate()
            self.process = None


class Window:
    """What a person sees and does."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, address: str) -> None:
        self.driver.get("about:blank")
        self.driver.get(address)
        self.wait(lambda: self.lines())

    def reload(self) -> None:
        self.driver.refresh()
        self.wait(lambda: self.lines())

    def wait(self, condition: Any) -> None:
        ignored = [Exception]
        WebDriverWait(self.driver, 10, 0.05, ignored).until(lambda _: condition())

    def press(self, *keys: str) -> None:
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def extend(self, key: str, times: int = 1) -> None:
        """Press a key with Shift."""
        chain = ActionChains(self.driver).key_down(Keys.SHIFT)
        chain.send_keys(key * times).key_up(Keys.SHIFT).perform()

    def find(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def lines(self) -> list[str]:
        found: list[str] = self.run(
            "return [...document.querySelectorAll('.text')].map(e => e.textContent)"
        )
        return found

    def classes(self, number: int) -> set[str]:
        return set((self.one(f"#line-{number}").get_attribute("class") or "").split())

    def current(self) -> int:
        return int(self.one(".current").get_dom_attribute("id").removeprefix("line-"))

    def go_to(self, number: int) -> None:
        text = self.one(f"#line-{number} .text")
        self.run("arguments[0].scrollIntoView({block: 'center'})", text)  # from behind the bars
        text.click()
        assert self.current() == number

    def saved(self) -> None:
        self.wait(lambda: self.one("#saved").text == "Saved")

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for flag in FLAGS.split():
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.set_capability("unhandledPromptBehavior", "accept")
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield chrome
    chrome.quit()


@pytest.fixture
def window(driver: webdriver.Chrome) -> Iterator[Window]:
    shown = Window(driver)
    shown.run("return 0")
    set_screen(driver, 1280, 900)
    driver.get_log("browser")  # type: ignore[no-untyped-call]
    yield shown
    driver.get("about:blank")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    started = Server(tmp_path / "labelled")
    lines = (
        *("Home | News | Sport", "", "By Ann Weller", "", SCRIPT, ""),
        "The council voted on Monday to keep the old bridge open to traffic, officials said.",
        "It had been closed for three months after a flood damaged one of its piers.",
        *("", "Share this article", "Sign up to our newsletter", "© 2024 The Valley Post"),
    )
    write_labelled(guessed("bridge", lines), started.folder / "bridge.tsv")
    started.start()
    yield started
    started.kill()


def set_screen(driver: webdriver.Chrome, width: int, height: int, scheme: str = "light") -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def guessed(name: str, lines: tuple[str, ...], model: str = "news") -> LabelledDocument:
    judged = {one.number: one.label for one in Cleaner.load(model).classify("\n".join(lines))}
    guesses = tuple(judged.get(number) for number in range(1, len(lines) + 1))
    return LabelledDocument(name, lines, (None,) * len(lines), name, guesses=guesses)


def labels(server: Server, name: str = "bridge") -> dict[int, str | None]:
    """What a person said, by the numbers of the lines that are not open."""
    document = read_labelled(server.folder / f"{name}.tsv")
    guesses = document.guesses or (None,) * len(document.lines)
    rows = enumerate(zip(document.lines, document.labels, guesses, strict=True), 1)
    return {number: label for number, (line, label, guess) in rows if line and not guess}


# --- labels -----------------------------------------------------------------------------------


def test_keys_label_and_every_change_is_in_the_file_at_once(window: Window, server: Server) -> None:
    window.open(server.address)
    order = []
    for key, label in (("b", "body"), ("c", "clutter"), ("s", None)):
        order.append(window.current())
        window.press(key)
        window.saved()
        assert labels(server)[order[-1]] == label
    assert len(set(order)) == 3  # after each label, on to the next open line
    assert "3 of 8 lines" in window.one("#counter").text
    window.press("p")
    assert window.current() == order[-1]
    window.press("u", "u")
    window.saved()
    assert set(labels(server)) == {order[0]}
    assert window.current() == order[1]
    window.press("a")
    window.saved()
    assert len(labels(server)) == 8
    assert window.one("#end").is_displayed()
    window.press("u")
    window.saved()
    assert set(labels(server)) == {order[0]}


def test_the_most_uncertain_line_comes_first_and_next_goes_down_the_list(
    window: Window, server: Server
) -> None:
    window.open(server.address)
    lines = Cleaner.load().classify(read_labelled(server.folder / "bridge.tsv").text)
    doubts = sorted(lines, key=lambda line: abs(line.body_probability - 0.5))
    shown = []
    for _ in range(4):
        shown.append(window.current())
        window.press("n")
    assert shown == [line.number for line in doubts[:4]]


def test_agreeing_confirms_what_is_shown(window: Window, server: Server) -> None:
    window.open(server.address)
    window.go_to(7)
    kept = "dropped" not in window.classes(7)
    window.press(Keys.ENTER)
    window.saved()
    assert labels(server) == {7: "body" if kept else "clutter"}
    assert window.one("#line-7 .tick").text == "✓"


def test_reloading_keeps_labels_and_place(window: Window, server: Server) -> None:
    window.open(server.address)
    window.go_to(10)
    window.press("b")
    window.saved()
    window.go_to(7)
    window.reload()
    assert window.current() == 7
    assert "done" in window.classes(10)
    assert "dropped" not in window.classes(10)
    assert "1 of 8 lines" in window.one("#counter").text


def test_killing_the_server_loses_nothing(window: Window, server: Server) -> None:
    window.open(server.address)
    window.go_to(1)
    window.press("c")
    window.saved()
    server.kill()
    window.go_to(3)
    window.press("c")  # nobody is there to save it, and the page says so
    window.wait(lambda: window.one("#saved").text == "Not saved")
    assert "not saved yet" in window.one("#problem").text
    assert labels(server) == {1: "clutter"}
    server.start()
    window.open(server.address)
    assert "1 of 8 lines" in window.one("#counter").text
    window.go_to(3)
    window.press("c")
    window.saved()
    assert labels(server) == {1: "clutter", 3: "clutter"}


def test_what_could_not_be_saved_is_saved_when_it_can_be(window: Window, server: Server) -> None:
    window.open(server.address)
    window.go_to(1)
    assert server.process
    window.driver.execute_cdp_cmd("Network.enable", {})
    offline = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    window.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": True, **offline})
    window.press("c")
    window.go_to(3)
    window.press("b")
    window.wait(lambda: window.one("#saved").text == "Not saved")
    window.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": False, **offline})
    window.saved()
    assert labels(server) == {1: "clutter", 3: "body"}
    assert not window.one("#problem").is_displayed()


def test_closing_the_window_at_once_loses_nothing(window: Window, server: Server) -> None:
    first = window.driver.current_window_handle
    window.driver.switch_to.new_window("tab")
    window.open(server.address)
    window.go_to(1)
    window.press("b")
    window.driver.close()
    window.driver.switch_to.window(first)
    window.wait(lambda: labels(server) == {1: "body"})


def test_a_second_window_is_told_of_a_conflict(window: Window, server: Server) -> None:
    first = window.driver.current_window_handle
    window.open(server.address)
    window.driver.switch_to.new_window("tab")
    window.open(server.address)
    window.go_to(1)
    window.press("c")
    window.saved()
    window.driver.close()
    window.driver.switch_to.window(first)
    window.go_to(7)
    window.press("c")  # this window has not seen the other's label
    window.wait(lambda: "changed in another window" in window.one("#problem").text)
    assert labels(server) == {1: "clutter"}
    window.wait(lambda: "done" in window.classes(1))
    window.go_to(7)
    window.press("c")
    window.saved()
    assert labels(server) == {1: "clutter", 7: "clutter"}


# --- ranges -----------------------------------------------------------------------------------


def test_ranges_by_keys(window: Window, server: Server) -> None:
    window.open(server.address)
    window.go_to(10)
    window.extend(Keys.ARROW_DOWN, 2)
    assert len(window.find("[aria-selected=true]")) == 3
    window.press("c")
    window.saved()
    assert labels(server) == {10: "clutter", 11: "clutter", 12: "clutter"}
    window.press("u")
    window.saved()
    assert labels(server) == {}
    window.go_to(1)
    window.press("v", "j", "j", "b")
    window.saved()
    assert labels(server) == {1: "body", 3: "body", 5: "body"}


def test_ranges_by_mouse(window: Window, server: Server) -> None:
    window.open(server.address)
    target = window.one("#line-12")
    chain = ActionChains(window.driver).click_and_hold(window.one("#line-10"))
    chain.move_to_element(window.one("#line-11")).move_to_element(target).release().perform()
    window.press("b")
    window.saved()
    assert labels(server) == {10: "body", 11: "body", 12: "body"}
    window.go_to(1)
    ActionChains(window.driver).key_down(Keys.SHIFT).click(window.one("#line-7")).key_up(
        Keys.SHIFT
    ).perform()
    window.one("[data-command=clutter]").click()
    window.saved()
    assert [labels(server).get(number) for number in (1, 3, 5, 7)] == ["clutter"] * 4
    ActionChains(window.driver).double_click(window.one("#line-7")).perform()
    window.saved()
    window.wait(lambda: labels(server)[7] == "body")


# --- what is shown ----------------------------------------------------------------------------


def test_text_is_never_html(window: Window, server: Server) -> None:
    window.open(server.address)
    assert window.one("#line-5 .text").text == SCRIPT
    assert not window.find("#lines script, #lines img")
    assert window.driver.title == "bridge – clean-news"


def test_reasons_follow_the_pointer_and_the_focus(window: Window, server: Server) -> None:
    window.open(server.address)
    window.go_to(1)
    window.wait(lambda: "Line 1:" in window.one("#why").text and window.find(".reason"))
    ActionChains(window.driver).move_to_element(window.one("#line-7 .text")).perform()
    window.wait(lambda: "Line 7:" in window.one("#why").text)
    line = Cleaner.load().explain(read_labelled(server.folder / "bridge.tsv").text)[3]
    assert line.number == 7
    window.wait(lambda: window.one(".reason-name").text == line.reasons[0].group)
    window.press(Keys.ARROW_DOWN)
    window.wait(lambda: "Line 3:" in window.one("#why").text)


def test_the_page_needs_nothing_from_elsewhere(window: Window, server: Server) -> None:
    window.open(server.address)
    window.press("?", Keys.ESCAPE, "d", Keys.ESCAPE, "c")
    window.saved()
    loaded = window.run("return performance.getEntriesByType('resource').map(e => e.name)")
    assert loaded
    assert all(name.startswith(server.address) for name in loaded)
    # Nothing was refused by the content security policy, and no script failed.
    assert window.driver.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_the_keyboard_alone_reaches_everything(window: Window, server: Server) -> None:
    window.open(server.address)
    focused = "return document.activeElement.id || document.activeElement.dataset.command"
    assert window.run(focused) == f"line-{window.current()}"
    reached = []
    for _ in range(13):
        window.press(Keys.TAB)
        reached.append(window.run(focused))
    commands = {"body", "clutter", "skip", "agree", "agreeAll", "range", "undo", "previous", "next"}
    assert commands <= set(reached)
    window.press("?")
    assert window.one("#help").is_displayed()
    for key in ("B", "C", "S", "N", "P", "U"):
        assert key in [cap.text for cap in window.find("#help kbd")]
    window.press("b")  # keys rest while the help is open
    window.press(Keys.ESCAPE)
    assert not window.one("#help").is_displayed()
    assert labels(server) == {}
    window.press("d")
    window.wait(lambda: window.one("#documents").is_displayed())
    window.press(Keys.ENTER)
    window.wait(lambda: not window.one("#documents").is_displayed())


def test_roles_and_names_for_screen_readers(window: Window, server: Server) -> None:
    window.open(server.address)
    box = window.one("[role=listbox]")
    assert box.accessible_name == "bridge"
    line = window.one("#line-1")
    assert line.aria_role == "option"
    assert line.accessible_name.startswith("Home | News | Sport (clutter, not confirmed; ")
    window.go_to(1)
    window.press("b")
    window.saved()
    assert "(body; " in line.accessible_name
    assert window.one("#said").get_dom_attribute("role") == "status"
    assert "1 line labelled body" in window.one("#said").text
    for button in window.find("button"):
        if button.is_displayed():
            assert button.accessible_name


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_every_width_light_and_dark(
    window: Window, server: Server, width: int, scheme: str
) -> None:
    set_screen(window.driver, width, 740, scheme)
    window.open(server.address)
    assert window.run("return document.documentElement.scrollWidth") <= width
    for button in window.find(".actions button"):
        box = button.rect
        assert 0 <= box["x"] <= width - box["width"]
        assert width > 640 or box["height"] >= 40  # for a finger
    lightness = window.run(
        "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert (min(lightness) > 200) if scheme == "light" else (max(lightness) < 60)
    # The current line is not hidden behind the bars.
    for number in (12, 1):
        window.go_to(number)
        line = window.one(f"#line-{number}").rect["y"] - window.run("return scrollY")
        assert window.one(".top").rect["height"] <= line < 740 - 100
    window.one("[data-command=clutter]").click()
    window.saved()
    assert labels(server) == {1: "clutter"}


@pytest.mark.parametrize("width", [360, 768])
def test_in_a_narrow_window_what_is_said_hides_no_selected_line(
    window: Window, server: Server, width: int
) -> None:
    set_screen(window.driver, width, 400)
    window.open(server.address)
    for number in (1, 7, 8, 10, 12):
        window.go_to(number)
        window.press("b")
        window.wait(lambda: window.one("#said").is_displayed())
        # The line is on top at every place: nothing that is said or shown lies over it.
        hidden = window.run(
            "const said = document.getElementById('said').getBoundingClientRect();"
            "const line = document.querySelector('.current').getBoundingClientRect();"
            "return line.bottom > said.top && line.top < said.bottom"
        )
        assert not hidden


def test_a_button_agrees_with_all(window: Window, server: Server) -> None:
    window.open(server.address)
    window.one("[data-command=agreeAll]").click()
    window.saved()
    assert len(labels(server)) == 8


def test_not_all_is_done_while_a_document_is_broken(window: Window, server: Server) -> None:
    (server.folder / "broken.tsv").write_text("no label\n")
    window.open(server.address)
    window.press("a", "n")
    window.saved()
    for said in ("#end", "#said"):
        assert "1 document cannot be read" in window.one(said).text
        assert "All documents are done" not in window.one(said).text
    window.press("d")
    window.wait(lambda: window.one("#documents").is_displayed())
    assert window.one("#documents-list li").text.startswith("broken")


# --- the loop ---------------------------------------------------------------------------------


def test_labels_train_a_model_whose_decisions_the_page_shows(
    window: Window, server: Server, tmp_path: Path
) -> None:
    """Gauge readings in flood reports: a model learns from the keys what it got wrong."""
    server.kill()
    corpus = list(read_labelled_many([ROOT / "corpus/labelled"]))[::3]
    first = tmp_path / "first.npz"
    save_model(train(corpus, name="first"), first)
    folder = tmp_path / "floods"
    for number in range(8):
        readings = [f"Weirside gauge {number}{place} centimetres rising" for place in range(3)]
        lines = (
            *("Home | News | Sport", "", "Flood report"),
            f"The river rose again on day {number}, and the council closed the lower road.",
            *readings,
            f"Officials said that {number + 3} families had left their homes in the valley.",
            *("", "Share this article", "© 2024 The Valley Post"),
        )
        write_labelled(guessed(f"flood-{number}", lines, str(first)), folder / f"{number}.tsv")
    judged = Cleaner.load(first).classify(read_labelled(folder / "0.tsv").text)
    before = next(line.label for line in judged if "gauge" in line.text)
    wanted = "clutter" if before == "body" else "body"

    floods = Server(folder, str(first))
    floods.start()
    window.open(floods.address)
    done = []
    for _ in range(7):
        name = window.one("#document-name").text.split()[0]
        window.go_to(5)
        window.extend(Keys.ARROW_DOWN, 2)
        window.press("b" if wanted == "body" else "c", "a")
        window.saved()
        done.append(name)
        window.press("n")
        window.wait(lambda last=name: last not in window.one("#document-name").text)
    floods.kill()
    [left] = {str(number) for number in range(8)} - set(done)
    documents = list(read_labelled_many([folder]))
    assert sum(not document.guesses for document in documents) == 7

    second = tmp_path / "second.npz"
    save_model(train([*corpus, *documents], name="second"), second)
    floods = Server(folder, str(second))
    floods.start()
    try:
        window.open(floods.address)
        assert window.one("#document-name").text.split()[0] == left  # the one that is open
        dropped = "dropped" in window.classes(5)
        assert dropped == (wanted == "clutter")
    finally:
        floods.kill()


def test_a_long_document_is_shown_within_a_second(
    window: Window, server: Server, tmp_path: Path
) -> None:
    page = read_labelled(ROOT / "corpus/labelled/en-politics-long.tsv")
    lines = tuple(line for line in page.lines if line) * 40
    server.kill()
    write_labelled(guessed("long", lines[:2000]), server.folder / "bridge.tsv")
    server.start()
    window.open(server.address)
    assert len(window.lines()) == 2000
    shown = window.run("return performance.getEntriesByName('document shown')[0].startTime")
    assert shown < 1000 * SLACK
    for key in "bcbcbcbcbc":
        window.press(key)
        window.saved()
    saved = window.run("return performance.getEntriesByName('label saved').map(e => e.duration)")
    assert sorted(saved)[len(saved) // 2] < 50 * SLACK


def test_keyboards_of_other_scripts_work_by_place(window: Window, server: Server) -> None:
    window.open(server.address)
    window.go_to(7)
    press = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', arguments[0]))"
    window.run(press, {"key": "и", "code": "KeyB", "bubbles": True})  # B on a Russian keyboard
    window.saved()
    assert labels(server) == {7: "body"}

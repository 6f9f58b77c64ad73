// The page: documents, labels, undo, and what is said about them.

import { Cursor } from "./cursor.js";
import { drawHelp, listenToKeys } from "./keys.js";
import { decision, drawLines, refreshLine } from "./lines.js";
import { listenToPointer } from "./pointer.js";
import { Saver, fetchDocument, fetchDocuments } from "./server.js";
import { Why } from "./why.js";

const $ = (id) => document.getElementById(id);
const cursor = new Cursor();
const why = new Why();
const undone = []; // what undo brings back: { key, states before, line }
let documents = []; // as the server lists them
let page = null; // the document that is shown

// --- what is said -----------------------------------------------------------------------------

const SAID_MS = 4000;
let forgetting = 0;

function say(text) {
  $("said").textContent = text;
  clearTimeout(forgetting);
  forgetting = setTimeout(() => ($("said").textContent = ""), SAID_MS);
}

function showProblem(text) {
  $("problem-text").textContent = text;
  $("problem").hidden = !text;
}

function showSaved(text, className) {
  if ($("saved").textContent !== text) $("saved").textContent = text;
  $("saved").className = `saved ${className}`;
}

const lines = (count) => (count === 1 ? "1 line" : `${count.toLocaleString("en")} lines`);
const countOpen = () => page.lines.filter((line) => line.state === "open").length;

function showCounts() {
  const open = countOpen();
  const entry = documents.find(({ key }) => key === page.key);
  if (entry) entry.open = open;
  const done = page.lines.length - open;
  $("counter").textContent = `${done} of ${lines(page.lines.length)}`;
  $("progress").max = Math.max(page.lines.length, 1);
  $("progress").value = done;
  const ready = documents.filter((one) => !one.open && !one.problem).length;
  $("document-place").textContent = `${ready} of ${documents.length} documents done`;
  $("end").hidden = open > 0;
  $("end").textContent = describeEnd();
}

// What is left to do after a document that is done.
function describeEnd() {
  if (documents.some((one) => one.open)) return "This document is done. N opens the next one.";
  const broken = documents.filter((one) => one.problem).length;
  if (!broken) return "All documents are done. Train a model on them: clean-news train";
  const which = broken === 1 ? "1 document" : `${broken} documents`;
  return `No line is open, but ${which} cannot be read. D shows why.`;
}

// --- documents --------------------------------------------------------------------------------

async function openDocument(key, number) {
  await saver.finish();
  page = await fetchDocument(key);
  $("document-name").textContent = page.name;
  $("title").textContent = page.name;
  document.title = `${page.name} – clean-news`;
  drawLines($("lines"), page.lines);
  cursor.enter(page.lines, number);
  showCounts();
  showPlace();
  performance.mark("document shown");
}

// Keep document and line in the address, so that reloading comes back to them.
function showPlace() {
  const line = cursor.line;
  history.replaceState(null, "", `#${page.key}${line ? `/${line.number}` : ""}`);
  if (line) why.show(page, line);
  document.querySelector("[data-command=range]").setAttribute("aria-pressed", String(cursor.ranging));
}

async function openNeighbour(step, onlyOpen) {
  const place = documents.findIndex(({ key }) => key === page.key);
  for (let count = 1; count < documents.length; count++) {
    const next = documents[(place + step * count + documents.length * count) % documents.length];
    if (next.problem || (onlyOpen && !next.open)) continue;
    await openDocument(next.key);
    say(`${page.name}: ${lines(countOpen())} open`);
    return;
  }
  say(onlyOpen ? describeEnd() : "There is no other document.");
}

async function showDocuments() {
  await saver.finish();
  const answer = await fetchDocuments();
  documents = answer.documents;
  const ready = documents.filter((one) => !one.open && !one.problem).length;
  const open = documents.reduce((sum, one) => sum + one.open, 0);
  $("documents-about").textContent =
    `${ready} of ${documents.length} done, ${lines(open)} open. Most worth a look first.`;
  $("documents-list").replaceChildren(...documents.map(drawEntry));
  $("documents").showModal();
  document.querySelector("#documents-list [aria-current=true]")?.focus();
}

function drawEntry(entry) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const name = document.createElement("span");
  const about = document.createElement("span");
  name.textContent = entry.name;
  about.className = "entry-about";
  about.textContent = entry.problem || (entry.open ? `${entry.open} of ${lines(entry.lines)} open` : "done ✓");
  button.disabled = Boolean(entry.problem);
  button.setAttribute("aria-current", String(entry.key === page.key));
  button.append(name, about);
  button.addEventListener("click", () => {
    $("documents").close();
    run(() => openDocument(entry.key));
  });
  item.append(button);
  return item;
}

// --- labels -----------------------------------------------------------------------------------

const saver = new Saver({
  waiting: () => showSaved("Saving", "waiting"),
  saved: () => {
    if (saver.queued.size === 0) showSaved("Saved", "");
    if ($("problem").dataset.lost) showProblem("");
    delete $("problem").dataset.lost;
  },
  lost: (message) => {
    showSaved("Not saved", "lost");
    $("problem").dataset.lost = "yes";
    showProblem(
      message
        ? `Your last labels are not saved yet: ${message}. Trying again.`
        : "Your last labels are not saved yet: the server does not answer. Trying again. If it was ended, start clean-news review again."
    );
  },
  refused: (refusedPage, error, states) => run(() => reloadAfterConflict(refusedPage, error, states)),
});

async function reloadAfterConflict(refusedPage, error, states) {
  const numbers = [...states.keys()].sort((a, b) => a - b).join(", ");
  const message =
    error.status === 409
      ? `${refusedPage.name} was changed in another window or program. It is loaded again; your last label was not saved (line ${numbers}).`
      : `Your last label was not saved (line ${numbers}): ${error.message}.`;
  undone.splice(0, undone.length, ...undone.filter(({ key }) => key !== refusedPage.key));
  if (page === refusedPage) {
    const number = cursor.line?.number;
    page = null; // nothing is labelled until it is loaded
    await openDocument(refusedPage.key, number);
  }
  showSaved("Saved", "");
  showProblem(message);
}

// Give lines their states: shown at once, then saved. Returns the states before.
function setStates(changes) {
  const before = changes.map(([line]) => [line.number, line.state]);
  for (const [line, state] of changes) {
    line.state = state;
    refreshLine(line);
  }
  saver.save(page, changes.map(([line, state]) => [line.number, state]));
  showCounts();
  return before;
}

function label(chosen, stateOf, verb) {
  const changes = chosen.map((line) => [line, stateOf(line)]).filter(([line, state]) => line.state !== state);
  if (!changes.length) return say("Nothing to change.");
  const number = cursor.line.number;
  undone.push({ key: page.key, states: setStates(changes), number });
  say(`${lines(changes.length)} ${verb}`);
}

function labelChosen(stateOf, verb) {
  label(cursor.chosen, stateOf, verb);
  showProblem($("problem").dataset.lost ? $("problem-text").textContent : "");
  if (!cursor.goToNextOpen()) {
    cursor.single();
    say(describeEnd());
  }
}

async function undo() {
  const last = undone.pop();
  if (!last) return say("Nothing to undo.");
  if (last.key !== page.key) await openDocument(last.key);
  const known = new Map(page.lines.map((line, index) => [line.number, index]));
  setStates(last.states.filter(([n]) => known.has(n)).map(([n, state]) => [page.lines[known.get(n)], state]));
  cursor.single();
  cursor.go(known.get(last.number) ?? cursor.current, { block: "center" });
  say(`Undone: ${lines(last.states.length)}`);
}

// --- commands ---------------------------------------------------------------------------------

const agreed = (line) => (line.state === "open" ? line.guess : line.state);
const openLines = () => page.lines.filter((line) => line.state === "open");

const ACTIONS = {
  body: () => labelChosen(() => "body", "labelled body"),
  clutter: () => labelChosen(() => "clutter", "labelled clutter"),
  skip: () => labelChosen(() => "skip", "skipped"),
  agree: () => labelChosen(agreed, "confirmed"),
  agreeAll: () => {
    label(openLines(), agreed, "confirmed. U undoes it.");
  },
  next: () => cursor.goToNextOpen() || openNeighbour(1, true),
  previous: () => cursor.goBack(),
  undo,
  up: (extend) => cursor.go(cursor.current - 1, { extend }),
  down: (extend) => cursor.go(cursor.current + 1, { extend }),
  first: (extend) => cursor.go(0, { extend }),
  last: (extend) => cursor.go(page.lines.length - 1, { extend }),
  range: () => {
    cursor.ranging = !cursor.ranging;
    if (cursor.ranging) cursor.anchor = cursor.current;
    cursor.go(cursor.current, { extend: true });
    say(cursor.ranging ? "A range begins here; go to its other end." : "The range is chosen.");
  },
  single: () => cursor.single(),
  nextDocument: () => openNeighbour(1, false),
  previousDocument: () => openNeighbour(-1, false),
  documents: showDocuments,
  why: () => document.body.classList.toggle("why-turned"),
  help: () => $("help").showModal(),
};

const NEED_LINES = ["body", "clutter", "skip", "agree", "previous", "range", "single", "up", "down", "first", "last"];

// Run something; tell of what goes wrong instead of losing it.
async function run(action) {
  try {
    await action();
    if (page) showPlace();
  } catch (error) {
    showProblem(`${error instanceof TypeError ? "The server does not answer" : error.message}. Reload the page, or start clean-news review again.`);
    if (!(error instanceof TypeError) && error.status === undefined) throw error;
  }
}

function command(name, extend = false) {
  if (!page || (NEED_LINES.includes(name) && !page.lines.length)) return;
  run(() => ACTIONS[name](extend));
}

function listen() {
  listenToKeys(command);
  listenToPointer($("lines"), {
    point: (index, extend) => run(() => cursor.go(index, { extend })),
    turn: (index) =>
      run(() => label([page.lines[index]], (line) => (decision(line) === "body" ? "clutter" : "body"), "flipped")),
    hover: (index) => {
      const line = page?.lines[index] || cursor.line;
      if (page && line) why.show(page, line);
    },
  });
  for (const button of document.querySelectorAll("[data-command]")) {
    button.addEventListener("click", () => command(button.dataset.command));
  }
  $("documents-button").addEventListener("click", () => command("documents"));
  $("help-button").addEventListener("click", () => command("help"));
  $("problem-close").addEventListener("click", () => showProblem(""));
  $("why").addEventListener("click", () => command("why"));
  addEventListener("beforeunload", (event) => {
    if (!saver.idle) event.preventDefault(); // the browser asks whether to leave
  });
}

async function start() {
  drawHelp($("help-keys"));
  listen();
  documents = (await fetchDocuments()).documents;
  const [key, number] = location.hash.slice(1).split("/");
  const wanted = documents.find((one) => one.key === key && !one.problem);
  const first = wanted ?? documents.find((one) => !one.problem);
  if (!first) return showProblem("No document in the folder can be read.");
  await openDocument(first.key, wanted ? Number(number) : undefined);
}

run(start);

// Draw the lines of a document. Their text only ever becomes text, never HTML.

const WORDS = { body: "body", clutter: "clutter", skip: "skipped", open: "" };
const NOTEWORTHY = 0.5; // attention from which the number in the margin is coloured

export const decision = (line) =>
  line.state === "body" || line.state === "clutter" ? line.state : line.guess;
export const percent = (line) => Math.round(line.probability * 100);

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

// Make the element of one line; `index` is its place among the lines that are not blank.
function drawLine(line, index) {
  const row = element("div", "line");
  row.id = `line-${line.number}`;
  row.dataset.index = index;
  row.setAttribute("role", "option");
  row.tabIndex = -1;
  const margin = element("span", "margin");
  margin.setAttribute("aria-hidden", "true");
  margin.append(element("span", "tick"), element("span", "odds", `${percent(line)}`));
  const text = element("span", "text", line.text);
  text.dir = "auto";
  row.append(margin, text, element("span", "hidden"));
  line.element = row;
  refreshLine(line);
  return row;
}

// Show what is decided about a line now.
export function refreshLine(line) {
  const row = line.element;
  const kept = decision(line);
  row.classList.toggle("dropped", kept === "clutter" || line.state === "skip");
  row.classList.toggle("skipped", line.state === "skip");
  row.classList.toggle("done", line.state !== "open");
  row.classList.toggle("noteworthy", line.state === "open" && line.attention >= NOTEWORTHY);
  row.classList.toggle("disputed", line.state !== "skip" && kept !== line.guess);
  row.querySelector(".tick").textContent = { open: "", skip: "–" }[line.state] ?? "✓";
  const state = line.state === "open" ? `${kept}, not confirmed` : WORDS[line.state];
  row.querySelector(".hidden").textContent = ` (${state}; ${percent(line)} per cent body)`;
}

// Draw a document into its box.
export function drawLines(box, lines) {
  const all = document.createDocumentFragment();
  let before = null;
  lines.forEach((line, index) => {
    const row = drawLine(line, index);
    // Blank lines of the source part paragraphs.
    if (before !== null && line.number > before + 1) row.classList.add("after-blank");
    before = line.number;
    all.append(row);
  });
  box.replaceChildren(all);
}

// Mark the current line and the chosen range; give the keyboard focus to the current line.
export function markRange(lines, old, now, focus) {
  for (let index = old.first; index <= Math.min(old.last, lines.length - 1); index++) {
    const row = lines[index].element;
    row.classList.remove("current", "chosen");
    row.setAttribute("aria-selected", "false");
    row.tabIndex = -1;
  }
  for (let index = now.first; index <= now.last; index++) {
    const row = lines[index].element;
    row.classList.toggle("chosen", now.first !== now.last);
    row.setAttribute("aria-selected", "true");
  }
  const row = lines[now.current].element;
  row.classList.add("current");
  row.tabIndex = 0;
  if (focus) row.focus({ preventScroll: true });
}

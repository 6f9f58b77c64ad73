// The keys, what they do and how the help tells of them: one table.

export const COMMANDS = [
  { name: "body", keys: ["b"], shown: "B", help: "Body: part of the article" },
  { name: "clutter", keys: ["c"], shown: "C", help: "Clutter: everything else" },
  { name: "skip", keys: ["s"], shown: "S", help: "Skip: neither; not learnt from" },
  { name: "agree", keys: ["Enter", " "], shown: "Enter", help: "Agree with what is shown" },
  { name: "agreeAll", keys: ["a"], shown: "A", help: "Agree with all open lines of the document" },
  { name: "next", keys: ["n"], shown: "N", help: "Next: the most uncertain open line" },
  { name: "previous", keys: ["p"], shown: "P", help: "Previous: back to where you were" },
  { name: "undo", keys: ["u"], shown: "U", help: "Undo" },
  { name: "up", keys: ["ArrowUp", "k"], shown: "↑ K", help: "Line above (with Shift: as a range)" },
  { name: "down", keys: ["ArrowDown", "j"], shown: "↓ J", help: "Line below (with Shift: as a range)" },
  { name: "range", keys: ["v"], shown: "V", help: "Begin a range here, or end it" },
  { name: "single", keys: ["Escape"], shown: "Esc", help: "Back to a single line" },
  { name: "first", keys: ["Home"], shown: "Home", help: "First line" },
  { name: "last", keys: ["End"], shown: "End", help: "Last line" },
  { name: "nextDocument", keys: [".", "]"], shown: ".", help: "Next document" },
  { name: "previousDocument", keys: [",", "["], shown: ",", help: "Previous document" },
  { name: "documents", keys: ["d"], shown: "D", help: "All documents" },
  { name: "why", keys: ["w"], shown: "W", help: "Why: show or hide the reasons" },
  { name: "help", keys: ["?", "h"], shown: "?", help: "This help" },
];

// On keyboards of other scripts, the letter that a Latin one has in that place.
function keyOf({ key, code }) {
  if (key.length > 1) return key;
  const isOther = key > "\u007f" && code.startsWith("Key");
  return (isOther ? code.slice("Key".length) : key).toLowerCase();
}

// Call `run(name, extend)` for the keys that are pressed.
export function listenToKeys(run) {
  const names = new Map(COMMANDS.flatMap(({ name, keys }) => keys.map((key) => [key, name])));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    const onButton = event.target.closest?.("button");
    if (onButton && (event.key === "Enter" || event.key === " ")) return;
    const name = names.get(keyOf(event));
    if (!name) return;
    event.preventDefault();
    run(name, event.shiftKey);
  });
}

export function drawHelp(list) {
  for (const { shown, help } of COMMANDS) {
    const term = document.createElement("dt");
    for (const key of shown.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = key;
      term.append(cap);
    }
    const meaning = document.createElement("dd");
    meaning.textContent = help;
    list.append(term, meaning);
  }
}

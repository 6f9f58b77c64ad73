// Show why the model decides as it does about a line: asked for when a line is looked at.

import { fetchWhy } from "./server.js";
import { decision, percent } from "./lines.js";

const WAIT_MS = 120; // a pointer that only passes by asks nothing
const FULL_BAR = 3; // log-odds

export class Why {
  constructor() {
    this.known = new Map(); // "page key/line number" -> answer
    this.shown = "";
    this.timer = 0;
  }

  // Show the reasons of a line, at once if they are known.
  show(page, line) {
    const id = `${page.key}/${line.number}`;
    this.shown = id;
    clearTimeout(this.timer);
    this.drawHead(line);
    if (this.known.has(id)) this.draw(this.known.get(id));
    else this.timer = setTimeout(() => this.fetch(page, line, id), WAIT_MS);
  }

  async fetch(page, line, id) {
    let answer;
    try {
      answer = await fetchWhy(page.key, line.number);
      this.known.set(id, answer);
    } catch (error) {
      answer = { problem: "Reasons cannot be shown: the server does not answer." };
      if (error.status) answer.problem = `Reasons cannot be shown: ${error.message}.`;
    }
    if (this.shown === id) this.draw(answer);
  }

  drawHead(line) {
    const byYou = { open: "", skip: "You skipped it. " }[line.state] ?? `You said ${decision(line)}. `;
    document.getElementById("why-title").textContent =
      `${line.guess === "body" ? "Body" : "Clutter"}, says the model`;
    document.getElementById("why-about").textContent =
      `${byYou}Line ${line.number}: ${percent(line)} % body.`;
  }

  draw(answer) {
    const list = document.getElementById("why-reasons");
    const sum = document.getElementById("why-sum");
    list.replaceChildren(...(answer.reasons || []).map(drawReason));
    sum.textContent = answer.problem || describeSum(answer);
  }
}

function signed(value) {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
}

function describeSum(answer) {
  return `Sum: ${signed(answer.log_odds)} log-odds. Plus speaks for body.`;
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

// A group of features, which opens to the strongest of them.
function drawReason(reason) {
  const item = element("li", reason.contribution < 0 ? "against" : "for");
  const bar = element("span", "reason-bar");
  const fill = document.createElement("span");
  fill.style.setProperty("--share", Math.min(Math.abs(reason.contribution) / FULL_BAR, 1));
  bar.append(fill);
  const head = element(reason.parts.length ? "summary" : "div", "reason");
  head.append(
    element("span", "reason-name", reason.group),
    element("span", "reason-value", signed(reason.contribution)),
    bar,
  );
  if (!reason.parts.length) {
    item.append(head);
    return item;
  }
  const parts = element("ol", "reason-parts");
  parts.append(
    ...reason.parts.map((part) =>
      element("li", "reason-part", `${signed(part.contribution)} ${part.feature}`),
    ),
  );
  const details = document.createElement("details");
  details.append(head, parts);
  item.append(details);
  return item;
}

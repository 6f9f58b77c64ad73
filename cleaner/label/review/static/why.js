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
  const others = `${answer.others} smaller reasons: ${signed(answer.others_sum)}. `;
  return `${answer.others ? others : ""}Sum: ${signed(answer.log_odds)} log-odds. Plus speaks for body.`;
}

function drawReason(reason) {
  const item = document.createElement("li");
  item.className = reason.contribution < 0 ? "reason against" : "reason for";
  const name = document.createElement("span");
  name.className = "reason-name";
  name.textContent = reason.feature;
  const value = document.createElement("span");
  value.className = "reason-value";
  value.textContent = signed(reason.contribution);
  const bar = document.createElement("span");
  bar.className = "reason-bar";
  const fill = document.createElement("span");
  fill.style.setProperty("--share", Math.min(Math.abs(reason.contribution) / FULL_BAR, 1));
  bar.append(fill);
  item.append(name, value, bar);
  return item;
}

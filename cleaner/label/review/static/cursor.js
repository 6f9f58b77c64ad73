// Where a person is in a document: the current line, the range that goes with it, and the order
// in which lines are worth a look.

import { markRange } from "./lines.js";

export class Cursor {
  constructor() {
    this.lines = [];
    this.current = 0;
    this.anchor = 0;
    this.ranging = false; // every move extends the range
    this.visited = [];
  }

  get first() {
    return Math.min(this.current, this.anchor);
  }

  get last() {
    return Math.max(this.current, this.anchor);
  }

  get line() {
    return this.lines[this.current];
  }

  get chosen() {
    return this.lines.slice(this.first, this.last + 1);
  }

  // Begin with a document, at a line or at the one most worth a look.
  enter(lines, number) {
    this.lines = lines;
    this.visited = [];
    this.ranging = false;
    this.ranked = lines.map((_, index) => index).sort((a, b) => lines[b].attention - lines[a].attention || a - b);
    this.rank = new Map(this.ranked.map((index, rank) => [index, rank]));
    const given = lines.findIndex((line) => line.number === number);
    const open = this.ranked.find((index) => lines[index].state === "open");
    this.current = given >= 0 ? given : open ?? 0;
    this.anchor = this.current;
    if (lines.length) this.draw({ first: 0, last: -1 }, { focus: true, block: "center" });
  }

  // Go to a line; with `extend`, the range reaches from where it began to there.
  go(index, { extend = false, focus = true, block = "nearest" } = {}) {
    if (!this.lines.length) return;
    const before = { first: this.first, last: this.last };
    this.current = Math.max(0, Math.min(index, this.lines.length - 1));
    if (!extend && !this.ranging) this.anchor = this.current;
    this.draw(before, { focus, block });
  }

  draw(before, { focus, block }) {
    markRange(this.lines, before, this, focus);
    this.line.element.scrollIntoView({ block });
  }

  // Go to the open line most worth a look after this one; false if none is open.
  goToNextOpen() {
    const from = (this.rank.get(this.current) ?? -1) + 1;
    const order = [...this.ranked.slice(from), ...this.ranked.slice(0, from)];
    const next = order.find((index) => this.lines[index].state === "open");
    if (next === undefined) return false;
    this.visited.push(this.current);
    this.single();
    this.go(next, { block: "center" });
    return true;
  }

  goBack() {
    const before = this.visited.pop();
    const rank = this.rank.get(this.current);
    this.single();
    this.go(before ?? this.ranked[Math.max(rank - 1, 0)], { block: "center" });
  }

  single() {
    this.ranging = false;
    this.go(this.current);
  }
}

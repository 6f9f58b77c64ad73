// Talk to the server. Changes are queued and sent one after the other, so that the last one wins;
// what could not be sent stays in the queue and is tried again.

const RETRY_MS = 1000;

export class ServerError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function ask(path, options) {
  const response = await fetch(path, options);
  const isJson = (response.headers.get("content-type") || "").startsWith("application/json");
  const answer = isJson ? await response.json() : {};
  if (!response.ok) {
    throw new ServerError(response.status, answer.error || `the server answered ${response.status}`);
  }
  return answer;
}

export const fetchDocuments = () => ask("documents");
export const fetchDocument = (key) => ask(`documents/${key}`);
export const fetchWhy = (key, number) => ask(`documents/${key}/lines/${number}/why`);

export class Saver {
  // `on` has: saved(page, open), waiting(), lost(message), refused(page, error, states)
  constructor(on) {
    this.on = on;
    this.queued = new Map(); // page -> Map of line number -> state
    this.sending = null;
  }

  get idle() {
    return this.sending === null && this.queued.size === 0;
  }

  save(page, states) {
    const queue = this.queued.get(page) || new Map();
    for (const [number, state] of states) queue.set(number, state);
    this.queued.set(page, queue);
    this.on.waiting();
    this.sending ??= this.sendAll();
  }

  // Wait until nothing is left to send.
  async finish() {
    while (this.sending) await this.sending;
  }

  async sendAll() {
    while (this.queued.size) {
      const [page, states] = this.queued.entries().next().value;
      this.queued.delete(page);
      await this.send(page, states);
    }
    this.sending = null;
  }

  async send(page, states) {
    try {
      const begin = performance.now();
      const body = JSON.stringify({ version: page.version, states: Object.fromEntries(states) });
      const answer = await ask(`documents/${page.key}/labels`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body,
        keepalive: body.length < 60000, // goes on when the window is closed; browsers allow 64 KB
      });
      performance.measure("label saved", { start: begin });
      page.version = answer.version;
      this.on.saved(page, answer.open);
    } catch (error) {
      if (error instanceof ServerError && error.status < 500) {
        this.queued.delete(page); // later changes were made on the same outdated document
        this.on.refused(page, error, states);
        return;
      }
      // Not reachable, or the disk is full: keep the changes, later ones on top of them.
      const later = this.queued.get(page) || new Map();
      this.queued.set(page, new Map([...states, ...later]));
      this.on.lost(error instanceof ServerError ? error.message : "");
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

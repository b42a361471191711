// How a file gets to the gateway: small ones and addresses in one request, large ones in pieces that can be resumed.

import { forget, keep, kept } from "./uploading-kept.js";

const PIECE = 8_000_000; // what is sent again at most when a line breaks behind a proxy that keeps pieces back
const PAUSES = [1, 2, 4, 8, 15]; // seconds between tries while nothing answers; the last one again and again
const MOST_TRIES = 12;
const AGAIN = new Set([409, 423, 500, 502, 503, 504]); // what may be different in a moment
const OURS = new Set([401, 403, 429]); // about who asks and how often, and not about the file

/** The gateway said no. `wait` are the seconds after which it may say yes. */
export class Refusal extends Error {
  constructor(answer) {
    super(answer.json?.error?.message ?? "");
    this.code = answer.json?.error?.code ?? "";
    this.status = answer.status;
    this.wait = Number(answer.header("Retry-After")) || 0;
  }
}

/** Nobody answered. */
export class Unreachable extends Error {}

/** The file is not what it was when it was chosen, or is no file at all. */
export class Unreadable extends Error {}

/** An address, to be fetched by the gateway. */
export function sendUrl(ways, { url, fields, signal }) {
  return inOne(ways, "url", url, fields, signal, () => {});
}

export async function sendFile(ways, { file, fields, signal, goesOn, report }) {
  if (file.size < ways.piecewiseFrom) {
    await beReadable(file);
    return inOne(ways, "file", file, fields, signal, report);
  }
  return new InPieces(ways, file, fields, signal, report).send(goesOn);
}

async function inOne(ways, name, source, fields, signal, report) {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  if (source instanceof File) form.append(name, source, source.name);
  else form.append(name, source);
  const sent = (bytes, of) => report({ sent: Math.max(0, bytes - (of - source.size)) });
  const answer = await ask(ways, "POST", ways.send, { body: form, signal, sent });
  return answer.json;
}

class InPieces {
  constructor(ways, file, fields, signal, report) {
    Object.assign(this, { ways, file, fields, signal, report, id: "", tries: 0, isDuplicate: false });
  }

  /** `goesOn` is an upload that was begun before, whatever was chosen for it then. */
  async send(goesOn) {
    const begun = goesOn ?? kept(this.ways.owner, this.file, this.fields);
    this.id = begun?.id ?? "";
    let at = null;
    for (;;) {
      try {
        if (!this.id) at = await this.begin();
        if (at === null) {
          const state = await this.look();
          if (state.file) return this.finish(state.file);
          at = state.offset;
        }
        at = at < this.file.size ? await this.piece(at) : null;
        this.tries = 0;
      } catch (error) {
        at = null;
        await this.recover(error);
      }
    }
  }

  async begin() {
    await beReadable(this.file);
    const metadata = Object.entries({ filename: this.file.name, ...this.fields });
    const headers = {
      "Upload-Length": this.file.size,
      "Upload-Metadata": metadata.map(([name, value]) => `${name} ${base64(value)}`).join(","),
    };
    const answer = await this.ask("POST", this.ways.pieces, { headers });
    this.id = answer.json.id;
    keep(this.ways.owner, this.file, this.fields, this.id);
    return 0;
  }

  async look() {
    return (await this.ask("GET", this.address())).json;
  }

  async piece(at) {
    const body = this.file.slice(at, at + PIECE);
    const answer = await this.ask("PATCH", this.address(), {
      body,
      headers: { "Upload-Offset": at, "Content-Type": "application/offset+octet-stream" },
      sent: (bytes) => this.report({ sent: at + bytes }),
    });
    this.isDuplicate ||= answer.header("Picgate-Duplicate") === "true";
    const offset = Number(answer.header("Upload-Offset"));
    return offset < this.file.size ? offset : null;
  }

  finish(uploaded) {
    forget(this.id);
    return { ...uploaded, is_duplicate: this.isDuplicate };
  }

  /** Waits until it makes sense to try again, or throws. */
  async recover(error) {
    if (this.signal.aborted) throw error;
    if (error instanceof Refusal && error.status === 404 && this.id) {
      forget(this.id);
      this.id = "";
      if (this.tries++ < MOST_TRIES) return;
    }
    const isPassing = error instanceof Unreachable || mayPass(error);
    if (!isPassing || this.tries >= MOST_TRIES) {
      if (error instanceof Refusal && !isPassing && !OURS.has(error.status)) forget(this.id);
      throw error;
    }
    if (error instanceof Unreachable) await beReadable(this.file);
    this.report({ trouble: navigator.onLine ? "againSoon" : "noLine" });
    await pause(PAUSES[Math.min(this.tries++, PAUSES.length - 1)], this.signal);
  }

  address() {
    return `${this.ways.pieces}/${this.id}`;
  }

  ask(method, address, options = {}) {
    const headers = { "Tus-Resumable": "1.0.0", ...options.headers };
    return ask(this.ways, method, address, { signal: this.signal, ...options, headers });
  }
}

/** That a file is here already does not change by asking again. */
function mayPass(error) {
  return error instanceof Refusal && AGAIN.has(error.status) && error.code !== "DUPLICATE";
}

/** How far an upload is that was begun before. */
export async function lookAt(ways, id) {
  return (await ask(ways, "GET", `${ways.pieces}/${id}`)).json;
}

export async function abandon(ways, id) {
  forget(id);
  await ask(ways, "DELETE", `${ways.pieces}/${id}`, { headers: { "Tus-Resumable": "1.0.0" } });
}

/** Not `fetch`, which does not tell how much was sent. */
function ask(ways, method, address, { body = null, headers = {}, sent, signal } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    request.responseType = "text";
    const all = { Accept: "application/json", "X-CSRF-Token": ways.token, ...headers };
    for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
    if (sent) request.upload.addEventListener("progress", ({ loaded, total }) => sent(loaded, total));
    const stop = () => request.abort();
    request.addEventListener("loadend", () => {
      signal?.removeEventListener("abort", stop);
      if (signal?.aborted) reject(signal.reason);
      else if (!request.status) reject(new Unreachable());
      else settle(request, resolve, reject);
    });
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    signal?.addEventListener("abort", stop);
    request.send(body);
  });
}

function settle(request, resolve, reject) {
  const answer = { status: request.status, json: parsed(request.responseText), header: (name) => request.getResponseHeader(name) };
  if (request.status < 300) resolve(answer);
  else reject(new Refusal(answer));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy in between answered
  }
}

/** A folder, a file that was moved away, and one that changed since, look like a broken line otherwise. */
async function beReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new Unreadable();
  }
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const end = (finish) => {
      clearTimeout(timer);
      removeEventListener("online", onward);
      signal.removeEventListener("abort", stop);
      finish();
    };
    const onward = () => end(resolve);
    const stop = () => end(() => reject(signal.reason));
    const timer = setTimeout(onward, seconds * 1000);
    addEventListener("online", onward);
    signal.addEventListener("abort", stop);
  });
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

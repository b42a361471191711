// Talking to the gateway: one request after the other, in as many handfuls as it takes.

const HANDFUL = 250;
const library = document.getElementById("library");
const token = document.querySelector('meta[name="csrf-token"]').content;
const words = library.dataset;

/** The answer, as JSON. Throws an error whose message is for the reader; waits where too much was asked. */
export async function ask(address, options = {}) {
  for (;;) {
    let answer;
    try {
      answer = await fetch(address, {
        ...options,
        headers: { Accept: "application/json", "X-CSRF-Token": token },
        credentials: "same-origin",
      });
    } catch {
      throw new Error(words.unreachable);
    }
    if (answer.status === 429) {
      const seconds = Number(answer.headers.get("Retry-After")) || 5;
      await new Promise((go) => setTimeout(go, 1000 * Math.min(seconds, 60)));
      continue;
    }
    const said = await answer.json().catch(() => null);
    if (answer.ok && said) return said;
    throw new Error(said?.error?.message ?? words.unreachable);
  }
}

/**
 * Does one thing to many files. `chosen` is { ids } or { whole: true, fields }. After each handful `told(done, answer)`
 * is called; it gives false to stop. What went wrong with single files is in what is returned.
 */
export async function act(action, chosen, more, told) {
  const sum = { done: 0, failed: [], stopped: false };
  let after = "";
  let left = chosen.ids ?? [];
  do {
    const body = new URLSearchParams({ do: action, ...more });
    if (chosen.whole) {
      for (const [name, value] of chosen.fields) body.append(name, value);
      body.append("all", "1");
      body.append("after", after);
    } else {
      for (const id of left.slice(0, HANDFUL)) body.append("id", id);
      left = left.slice(HANDFUL);
    }
    const answer = await ask(words.act, { method: "POST", body });
    sum.done += answer.done;
    sum.failed.push(...answer.failed);
    after = answer.after;
    if (told(sum.done, answer) === false) sum.stopped = true;
  } while (!sum.stopped && (chosen.whole ? after : left.length));
  return sum;
}

/** Sent although the page goes away. */
export function sendLast(action, ids) {
  for (let at = 0; at < ids.length; at += HANDFUL) {
    const body = new URLSearchParams({ do: action });
    for (const id of ids.slice(at, at + HANDFUL)) body.append("id", id);
    const headers = { Accept: "application/json", "X-CSRF-Token": token };
    fetch(words.act, { method: "POST", body, headers, keepalive: true, credentials: "same-origin" }).catch(() => {});
  }
}

/** `word` in the number that fits: those of the page are written "…-one" and "…-other". */
export function counted(word, number) {
  const camel = word.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  return words[`${camel}${number === 1 ? "One" : "Other"}`].replace("{number}", number.toLocaleString(words.language));
}

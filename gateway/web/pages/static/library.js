// Brings the library to life: loading while scrolling, choosing many, the keyboard, links, and undo. Without it every
// page can be turned, and everything done, by links and forms.

import { act, ask, counted, sendLast } from "./library-asking.js";
import "./library-filters.js";
import { Grid } from "./library-grid.js";
import { listen } from "./library-keyboard.js";
import { copy, linkOf, titleOf } from "./library-links.js";
import { Selection } from "./library-selection.js";
import { toast } from "./library-toasts.js";

const TEN_SECONDS = 10_000;
const MOST_LAST = 2000; // what can still be sent while a page goes away
const MOST_AT_ONCE = 500;

const library = document.getElementById("library");
const words = library.dataset;
const many = document.getElementById("many");
const turn = document.getElementById("turn");
const copyAs = document.getElementById("copy-as");
const everything = document.querySelector("#everything input");
const shownNumber = document.getElementById("number");

let older = words.older;
let number = words.number === "" ? null : Number(words.number);
let current = null; // the id of the square the keyboard is at
let running = 0;
const waiting = new Set(); // deletions that can still be undone

const selection = new Selection(showChosen);
const grid = new Grid(document.getElementById("tiles"), dress);
const ids = () => grid.tiles.map((tile) => tile.id);

document.getElementById("extras").classList.add("is-here"); // also where styles do not know of scripts
document.getElementById("drop").hidden = document.getElementById("copy-chosen").hidden = false;
for (const box of many.querySelectorAll(".pick :checked")) selection.ids.add(box.value); // kept by the browser
if (everything.checked) selection.whole = true;
showChosen();

// squares

function dress(node) {
  const id = node.dataset.id;
  node.querySelector(".pick input").checked = selection.has(id);
  if (!node.querySelector(".link")) node.append(linkButton(node));
  current ??= id;
  for (const part of node.querySelectorAll("a, input, button")) part.tabIndex = id === current ? 0 : -1;
}

function linkButton(node) {
  const button = document.getElementById("link-button").content.firstElementChild.cloneNode(true);
  button.ariaLabel = button.ariaLabel.replace("{title}", () => titleOf(node));
  return button;
}

function showChosen() {
  for (const node of grid?.nodes() ?? []) dress(node);
  many.classList.toggle("is-choosing", !selection.isEmpty);
  everything.checked = selection.whole;
  const chosen = selection.whole ? number : selection.ids.size;
  document.getElementById("count").textContent = chosen === null ? words.allChosen : counted("chosen", chosen);
}

function goTo(id) {
  const before = current && grid.node(current);
  current = id;
  if (before) dress(before);
  const node = grid.reveal(grid.at(id));
  dress(node);
  node.querySelector("a").focus();
  node.scrollIntoView({ block: "nearest" });
}

grid.list.addEventListener("focusin", (event) => {
  const id = event.target.closest(".tile")?.dataset.id;
  if (!id || id === current) return;
  const before = current && grid.node(current);
  current = id;
  if (before) dress(before);
  dress(grid.node(id));
});

grid.list.addEventListener("click", (event) => {
  const node = event.target.closest(".tile");
  if (!node) return;
  const id = node.dataset.id;
  if (event.target.closest(".link")) {
    copyLink(node);
  } else if (event.target.matches(".pick input")) {
    choose(id, event.target.checked, event.shiftKey);
  } else if (event.target.closest(".pick") || (!selection.isEmpty && isPlain(event))) {
    event.preventDefault(); // while choosing, a square is no link to a mouse or a thumb
    choose(id, !selection.has(id), event.shiftKey);
  }
});

function isPlain(event) {
  return event.detail > 0 && !event.ctrlKey && !event.metaKey;
}

function choose(id, isChosen, isRange) {
  if (isRange) selection.range(id, ids());
  else selection.set([id], isChosen, ids());
}

// loading

const sentinel = new IntersectionObserver(([entry]) => entry.isIntersecting && load(), { rootMargin: "0px 0px 150%" });
sentinel.observe(turn);
let loading = null;

function load(size = 0) {
  if (!older || loading) return loading;
  const address = new URL(words.more, location.href);
  address.searchParams.set("after", older);
  if (size) address.searchParams.set("size", size);
  sentinel.unobserve(turn);
  loading = ask(address).then(
    (found) => {
      grid.append(found.tiles);
      goOnAt(found.older);
      sentinel.observe(turn);
    },
    (error) => toast(error.message), // the link to older ones is still there
  );
  return loading.finally(() => (loading = null));
}

function goOnAt(place) {
  older = place;
  turn.hidden = !older;
  const link = turn.querySelector("a");
  if (!link || !older) return;
  const address = new URL(link.href);
  address.searchParams.set("after", older);
  link.href = address;
}

async function refresh() {
  const address = new URL(words.more, location.href);
  address.searchParams.set("size", Math.min(Math.max(grid.length, 60), MOST_AT_ONCE));
  const found = await ask(address);
  if ([...waiting].some((one) => one.whole)) return;
  grid.replaceAll(found.tiles);
  for (const one of waiting) grid.remove(one.ids); // they are there still, and out of sight already
  goOnAt(found.older);
}

document.addEventListener("picgate:added", async ({ detail }) => {
  try {
    const { tile, seen } = await ask(words.tile + encodeURIComponent(detail.id));
    const isNew = grid.at(detail.id) < 0;
    grid.prepend(tile);
    many.elements.until.value = seen;
    if (isNew) count(1);
    document.getElementById("empty")?.remove();
  } catch {
    // Whoever uploaded it tells how that went; here it is seen with the next page.
  }
});

function count(step) {
  if (number === null) return;
  number = Math.max(0, number + step);
  if (shownNumber) shownNumber.textContent = counted("files", number);
  showChosen();
}

// where the reader was, when coming back

addEventListener("pagehide", () => {
  history.replaceState({ ...history.state, loaded: grid.length, y: scrollY }, "");
  for (const one of waiting) {
    clearTimeout(one.timer);
    one.close(); // whoever comes back to this very page cannot undo it any more
    if (!one.whole && one.ids.length <= MOST_LAST) sendLast("delete", one.ids);
  }
  waiting.clear();
});

const was = history.state;
if (was?.loaded > grid.length) {
  history.scrollRestoration = "manual";
  (async () => {
    while (older && grid.length < was.loaded) {
      const before = older;
      await load(Math.min(was.loaded - grid.length, MOST_AT_ONCE));
      if (older === before) break;
    }
    scrollTo(0, was.y);
    history.scrollRestoration = "auto";
  })();
}

// doing something with many

many.addEventListener("submit", (event) => {
  event.preventDefault();
  perform(event.submitter?.value);
});

document.getElementById("drop").addEventListener("click", () => selection.clear());
everything.addEventListener("change", () => selection.everything(everything.checked));

function chosen() {
  if (!selection.whole) return { ids: ids().filter((id) => selection.has(id)) };
  const own = new Set(["token", "id", "all"]);
  return { whole: true, fields: [...new FormData(many)].filter(([name]) => !own.has(name)) };
}

async function perform(action, what = chosen()) {
  if (!action || (!what.whole && !what.ids.length)) return;
  if (action === "delete") return deleteSoon(what);
  const more = await asked(action);
  if (more) await run(action, what, more);
}

async function run(action, what, more = {}) {
  running += 1;
  let isStopped = false;
  const isLong = what.whole || what.ids.length > 250;
  const total = what.whole ? number : what.ids.length;
  const options = { stays: true, progress: true, buttons: [[words.stop, () => (isStopped = true)]] };
  const note = isLong ? toast(words.working, options) : null;
  const done = new Set();
  let sum = null;
  try {
    sum = await act(action, what, more, (number, answer) => {
      note?.say(counted(`done-${action}`, number), total ? Math.min(1, number / total) : undefined);
      for (const html of Object.values(answer.tiles)) if (html) grid.replace(html);
      return !isStopped;
    });
  } catch (error) {
    toast(error.message);
  } finally {
    running -= 1;
    note?.close();
  }
  if (sum) tell(action, sum);
  if (what.whole && action !== "delete") await refresh().catch(() => {});
  return sum;
}

function tell(action, sum) {
  if (sum.done || !sum.failed.length) {
    const said = counted(`done-${action}`, sum.done);
    toast(sum.stopped ? `${words.stopped} ${said}` : said);
  }
  if (!sum.failed.length) return;
  const dialog = document.getElementById("failures");
  dialog.querySelector("h2").textContent = counted("failed", sum.failed.length);
  const lines = sum.failed.slice(0, 200).map((one) => {
    const line = document.createElement("li");
    line.textContent = one.title ? `${one.title}: ${one.message}` : one.message;
    return line;
  });
  dialog.querySelector("ul").replaceChildren(...lines);
  dialog.showModal();
}

/** What else has to be known; null when the reader thought better of it. */
async function asked(action) {
  if (action === "tag" || action === "untag") {
    const dialog = document.getElementById("ask-tags");
    const title = dialog.querySelector("h2");
    title.textContent = title.dataset[action];
    const field = document.getElementById("asked-tags");
    field.value = "";
    return (await answered(dialog)) && { "new-tags": field.value };
  }
  if (action === "move") {
    const choice = document.getElementById("asked-album");
    const albums = document.querySelectorAll("#album option:not([value=''])");
    choice.replaceChildren(choice.options[0], ...[...albums].map((one) => new Option(one.textContent, one.value)));
    return (await answered(document.getElementById("ask-album"))) && { "new-album": choice.value };
  }
  return {};
}

function answered(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((go) => dialog.addEventListener("close", () => go(dialog.returnValue === "yes"), { once: true }));
}

// deleting, with ten seconds to think better of it

function deleteSoon(what) {
  const gone = what.whole ? ids() : what.ids;
  const next = grid.tiles[Math.max(0, grid.at(gone.at(-1)) + 1)]?.id ?? null;
  const one = { ...what, removed: grid.remove(gone), older };
  if (what.whole) goOnAt("");
  selection.clear();
  current = next && grid.at(next) >= 0 ? next : (grid.tiles.at(-1)?.id ?? null);
  if (current) goTo(current);
  const size = what.whole ? number : gone.length;
  const note = toast(size === null ? words.deletingAll : counted("deleting", size), {
    stays: true,
    waits: true,
    buttons: [[words.undo, () => undo(one)], [words.now, () => deleteNow(one)]],
  });
  one.close = note.close;
  one.timer = setTimeout(() => deleteNow(one), TEN_SECONDS);
  waiting.add(one);
}

function undo(one) {
  clearTimeout(one.timer);
  one.close();
  waiting.delete(one);
  bringBack(one);
  toast(words.undone);
}

function bringBack(one) {
  grid.restore(one.removed);
  if (one.whole) goOnAt(one.older);
  const first = one.removed[0]?.tile.id;
  if (first) goTo(first);
}

async function deleteNow(one) {
  clearTimeout(one.timer);
  one.close();
  waiting.delete(one);
  const sum = await run("delete", one);
  count(-(sum?.done ?? 0));
  if (!sum || sum.stopped) await refresh().catch(() => bringBack(one));
  else if (!grid.length && !older && !waiting.size && !sum.failed.length) location.reload();
}

addEventListener("beforeunload", (event) => {
  const isCut = [...waiting].some((one) => one.whole || one.ids.length > MOST_LAST);
  if (isCut || running) event.preventDefault();
});

// links

document.getElementById("copy-chosen").addEventListener("click", async () => {
  const links = ids().filter((id) => selection.has(id)).map((id) => linkOf(grid.read(id), words.base, copyAs.value));
  toast((await copy(links.join("\n"))) ? words.copied : words.notCopied);
});

async function copyLink(node) {
  const button = node.querySelector(".link");
  if (!(await copy(linkOf(node, words.base, copyAs.value)))) return toast(words.notCopied);
  document.getElementById("said").textContent = words.copied;
  button.classList.add("is-done");
  setTimeout(() => button.classList.remove("is-done"), 1500);
}

try {
  copyAs.value = localStorage.getItem("picgate-copy-as") ?? "direct";
  copyAs.addEventListener("change", () => localStorage.setItem("picgate-copy-as", copyAs.value));
} catch {
  // A browser that keeps nothing for us: then it is the direct link each time.
}
if (!copyAs.value) copyAs.value = "direct";

// the keyboard

document.getElementById("keys-button").addEventListener("click", () => document.getElementById("keys-dialog").showModal());

listen({
  grid,
  selection,
  current: () => current,
  goTo,
  load,
  choose: (id, isRange) => choose(id, !selection.has(id), isRange),
  chooseAll() {
    if (older) selection.everything(true);
    else selection.set(ids(), true, ids());
  },
  remove: (id) => perform("delete", selection.isEmpty ? { ids: [id] } : chosen()),
  copyLink,
});

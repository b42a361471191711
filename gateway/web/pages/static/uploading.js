// Uploading without leaving the page: files that are chosen, dropped anywhere or pasted, and addresses.

import { copy } from "./library-links.js";
import { unfinished } from "./uploading-kept.js";
import { Queue } from "./uploading-queue.js";
import { filled } from "./uploading-rows.js";
import { lookAt, Refusal } from "./uploading-sending.js";
import { droppedFiles } from "./uploading-folders.js";

const byId = (id) => document.getElementById(id);
const section = byId("uploading");
const words = section.dataset;
const form = byId("upload-form");
const picker = byId("upload-files");
const url = byId("upload-url");
const said = byId("said");
const ways = {
  send: words.send,
  pieces: words.pieces,
  owner: words.owner,
  piecewiseFrom: Number(words.piecewiseFrom),
  token: document.querySelector('meta[name="csrf-token"]').content,
};
const queue = new Queue(ways, Number(words.max), chooseAgain);

// what is chosen before

const CHOICES = "picgate-upload-choices";
const choices = ["visibility", "album", "tags", "life"].map((name) => byId(`upload-${name}`)).filter(Boolean);
const asked = choices.map((one) => one.value); // by the page, such as the album it shows

function fields() {
  return Object.fromEntries(choices.map((one) => [one.name, one.value.trim()]));
}

/** So that a reload changes nothing about what goes on. */
function remember() {
  sessionStorage.setItem(CHOICES, JSON.stringify(fields()));
  describe();
}

function recall() {
  const kept = JSON.parse(sessionStorage.getItem(CHOICES) ?? "{}");
  choices.forEach((one, at) => {
    if (one.id === "upload-album" && asked[at]) return;
    if (kept[one.name] !== undefined) one.value = kept[one.name];
    if (one.selectedIndex === -1) one.value = ""; // an album that is gone
  });
}

function describe() {
  const told = choices.map((one) => {
    if (one.id === "upload-visibility") return one.selectedOptions[0].text;
    return one.value && (one.selectedOptions?.[0].text ?? one.value);
  });
  byId("upload-chosen").textContent = told.filter(Boolean).join(" · ");
}

for (const one of choices) one.addEventListener("change", remember);
recall();
describe();

// ways in

let isFor = null; // the line whose file is chosen again

function chooseAgain(sending) {
  isFor = sending;
  picker.click();
}

function take(files) {
  if (files.length) queue.addFiles(files, fields());
}

picker.addEventListener("cancel", () => (isFor = null));
picker.addEventListener("change", () => {
  const files = [...picker.files];
  const meant = isFor && files.find((file) => file.name === isFor.goesOn.name && file.size === isFor.goesOn.size);
  if (meant) queue.resume(isFor, meant);
  take(files.filter((file) => file !== meant));
  isFor = null;
  picker.value = "";
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = url?.value.trim();
  if (!text) {
    (url ?? picker).focus();
    return;
  }
  queue.addUrl(text, fields());
  url.value = "";
});

// dropping

const STILL_HERE = 700; // milliseconds: browsers tell at least every 550 that something is held over the page
const shade = byId("drop-here");
let isOwnDrag = false; // pictures of the page itself are dragged as files, too

document.addEventListener("dragstart", () => (isOwnDrag = true));
document.addEventListener("dragend", () => (isOwnDrag = false));

function isWelcome(event) {
  if (isOwnDrag || document.querySelector("dialog[open]")) return false;
  const types = event.dataTransfer?.types ?? [];
  return types.includes("Files") || (Boolean(url) && types.includes("text/uri-list"));
}

document.addEventListener("dragover", (event) => {
  if (!isWelcome(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  shade.hidden = false;
  clearTimeout(shade.timer);
  shade.timer = setTimeout(() => (shade.hidden = true), STILL_HERE);
});

document.addEventListener("drop", async (event) => {
  shade.hidden = true;
  if (!isWelcome(event)) return;
  event.preventDefault();
  const address = event.dataTransfer.getData("text/uri-list").split(/\r?\n/).find((line) => /^https?:/i.test(line));
  const files = await droppedFiles(event.dataTransfer);
  if (files.length) take(files);
  else if (url && address) queue.addUrl(address, fields());
});

// pasting

document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  const text = event.clipboardData?.getData("text/plain").trim() ?? "";
  const isTyping = event.target.closest?.("input:not([type=file], [type=checkbox]), textarea, select, dialog");
  if (isTyping && (text || !files.length)) return;
  if (files.length) {
    event.preventDefault();
    take(files.map(named));
  } else if (url && /^https?:\/\/\S+$/i.test(text)) {
    event.preventDefault();
    url.value = text;
    url.focus();
  }
});

/** What comes from the clipboard has no name but "image.png", whatever it is. */
function named(file) {
  if (file.name !== "image.png") return file;
  const now = new Date();
  const local = new Date(now - now.getTimezoneOffset() * 60_000).toISOString();
  const name = `${words.pasted} ${local.slice(0, 10)} ${local.slice(11, 19).replaceAll(":", ".")}.png`;
  return new File([file], name, { type: file.type, lastModified: file.lastModified });
}

// what is said of all of them

const summary = byId("sendings-summary");
const copyAll = byId("sendings-copy");
let wasBusy = false;

section.addEventListener("change-of-queue", () => {
  const [done, failed, all] = [queue.number("done"), queue.number("failed"), queue.sendings.length];
  byId("sendings").hidden = !all;
  const parts = [filled(words.summary, { done: number(done), number: number(all) })];
  if (failed) parts.push(filled(words.failures, { failed: number(failed) }));
  summary.textContent = parts.join(", ");
  const retriable = queue.sendings.filter((one) => one.state === "failed" && !one.row.button("retry").hidden).length;
  copyAll.hidden = done < 2;
  byId("sendings-form").hidden = !done;
  byId("sendings-retry").hidden = retriable < 2;
  byId("sendings-cancel").hidden = queue.number("waiting") + queue.number("sending") < 2;
  byId("sendings-clear").hidden = queue.isBusy || done + failed + queue.number("cancelled") < 2;
  if (wasBusy && !queue.isBusy) said.textContent = summary.textContent;
  wasBusy = queue.isBusy;
});

function number(value) {
  return value.toLocaleString(words.language);
}

byId("sendings-retry").addEventListener("click", () => queue.retryAll());
byId("sendings-cancel").addEventListener("click", () => queue.cancelAll());
byId("sendings-clear").addEventListener("click", () => queue.clear());

copyAll.addEventListener("click", async () => {
  const copied = await copy(queue.links().join("\n"));
  copyAll.word ??= copyAll.textContent;
  copyAll.textContent = said.textContent = copied ? words.copied : words.press;
  clearTimeout(copyAll.timer);
  copyAll.timer = setTimeout(() => (copyAll.textContent = copyAll.word), 2000);
});

// the form of links, which the library asks for too

const COPY_AS = "picgate-copy-as";
const formOf = byId("sendings-form");
const elsewhere = byId("copy-as");

function showAs(name) {
  if (![...formOf.options].some((one) => one.value === name)) return;
  formOf.value = name;
  queue.showAs(name);
}

showAs(localStorage.getItem(COPY_AS) ?? "direct");
elsewhere?.addEventListener("change", () => showAs(elsewhere.value));
formOf.addEventListener("change", () => {
  localStorage.setItem(COPY_AS, formOf.value);
  showAs(formOf.value);
  if (elsewhere) elsewhere.value = formOf.value;
});

// lines that break, and pages that are left

addEventListener("online", () => queue.retryAll((one) => one.isLine));
addEventListener("beforeunload", (event) => {
  if (queue.isBusy) event.preventDefault();
});

for (const begun of unfinished(ways.owner)) offer(begun);

async function offer(begun) {
  try {
    const state = await lookAt(ways, begun.id);
    if (state.file) localStorage.removeItem(`picgate-upload-${begun.id}`);
    else queue.addUnfinished(begun, state.offset);
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) localStorage.removeItem(`picgate-upload-${begun.id}`);
  }
}

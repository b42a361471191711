// What is to be uploaded, a few at a time, in the order in which it was chosen.

import { copy } from "./library-links.js";
import { isOf, kept } from "./uploading-kept.js";
import { filled, Row, told } from "./uploading-rows.js";
import { abandon, Refusal, sendFile, sendUrl, Unreachable, Unreadable } from "./uploading-sending.js";

const AT_ONCE = 3;

const section = document.getElementById("uploading");
const words = section.dataset;
const list = document.getElementById("sendings-list");

/** One file or address. Its state is one of waiting, sending, done, failed, cancelled, unfinished. */
class Sending {
  constructor(queue, name, source) {
    Object.assign(this, { queue, source, state: "waiting", uploaded: null, isLine: false, goesOn: null });
    this.row = new Row(name, {
      cancel: () => this.cancel(),
      retry: () => queue.retry(this),
      copy: () => this.copy(),
      dismiss: () => queue.dismiss(this),
      choose: () => queue.choose(this),
    });
    if (source.file) this.row.preview(source.file);
  }

  become(state, text, buttons) {
    this.state = state;
    this.row.show(state, text, buttons);
    this.queue.tell();
  }

  wait(text = words.waiting) {
    this.become("waiting", text, ["cancel"]);
  }

  async send(ways) {
    const { file, url, fields } = this.source;
    this.stopping = new AbortController();
    this.become("sending", url ? words.processing : "", ["cancel"]);
    if (file) this.row.move(0, Math.max(1, file.size));
    else this.row.bar.removeAttribute("value");
    const report = (news) => this.report(news);
    const { signal } = this.stopping;
    try {
      const sent = file
        ? await sendFile(ways, { file, fields, signal, goesOn: this.goesOn, report })
        : await sendUrl(ways, { url, fields, signal });
      this.finish(sent);
    } catch (error) {
      this.fail(error);
    }
  }

  report({ sent, trouble }) {
    if (this.state !== "sending") return;
    if (trouble) this.row.say(words[trouble]);
    else this.row.move(sent, Math.max(1, this.source.file.size));
  }

  finish(uploaded) {
    this.uploaded = uploaded;
    const notes = [
      uploaded.is_duplicate && words.duplicate,
      !uploaded.is_public && words.private,
      !uploaded.is_whole && words.reduced,
    ].filter(Boolean);
    this.become("done", notes.join(" "), ["copy", "dismiss"]);
    this.row.part("state").hidden = !notes.length;
    if (uploaded.picture) this.row.picture(uploaded.picture);
    this.link();
    if (uploaded.is_duplicate) return;
    document.dispatchEvent(new CustomEvent("picgate:added", { detail: { id: uploaded.id } }));
  }

  link() {
    if (this.uploaded) this.row.link(this.uploaded.path, this.uploaded.links[this.queue.form]);
  }

  fail(error) {
    if (this.stopping.signal.aborted) return;
    if (error instanceof Refusal && error.status === 429) {
      this.queue.hold(this, error.wait);
      return;
    }
    this.isLine = error instanceof Unreachable;
    const said = error instanceof Refusal ? error.message : this.isLine ? words.unreachable : "";
    const text = said || (error instanceof Unreadable ? words.unreadable : words.broken);
    this.become("failed", text, isFinal(error) ? ["dismiss"] : ["retry", "dismiss"]);
  }

  refuse(text) {
    this.become("failed", text, ["dismiss"]);
  }

  cancel() {
    this.stopping?.abort();
    this.become("cancelled", words.cancelled, ["retry", "dismiss"]);
    this.queue.pump();
  }

  async copy() {
    const copied = await copy(this.uploaded.links[this.queue.form]);
    this.row.answer("copy", copied ? words.copied : words.press);
  }
}

/** Whether the file itself is what is wrong. */
function isFinal(error) {
  return error instanceof Unreadable || /^(FILE_|FORMAT_|LIMIT_EXCEEDED|DUPLICATE)/.test(error.code ?? "");
}

export class Queue {
  /** `ways` are the addresses of the gateway and who asks; `choose` opens the browser's dialog for one file. */
  constructor(ways, max, choose) {
    Object.assign(this, { ways, max, sendings: [], form: "direct", heldUntil: 0 });
    this.choose = choose;
  }

  addFiles(files, fields) {
    for (const file of files) {
      const begun = this.sendings.find((one) => one.state === "unfinished" && isOf(one.goesOn, file));
      if (begun && JSON.stringify(begun.goesOn.fields) === JSON.stringify(fields)) this.resume(begun, file);
      else this.add(file.name, { file, fields });
    }
    this.pump();
  }

  addUrl(url, fields) {
    this.add(url, { url, fields });
    this.pump();
  }

  add(name, source) {
    const sending = new Sending(this, name, source);
    this.sendings.push(sending);
    list.append(sending.row.node);
    if (source.file && source.file.size > this.max) sending.refuse(words.tooBig);
    else sending.wait();
  }

  /** One of an earlier visit, whose file is not here. */
  addUnfinished(begun, offset) {
    const sending = new Sending(this, begun.name, { fields: begun.fields });
    sending.goesOn = begun;
    this.sendings.push(sending);
    list.append(sending.row.node);
    sending.become("unfinished", filled(words.unfinished, { sent: told(offset), size: told(begun.size) }), [
      "choose",
      "dismiss",
    ]);
    sending.row.bar.value = offset / begun.size;
  }

  /** Whatever is chosen now: it goes on as it was begun. */
  resume(sending, file) {
    sending.source = { file, fields: sending.goesOn.fields };
    sending.row.preview(file);
    sending.wait();
    this.pump();
  }

  retry(sending) {
    sending.wait();
    this.pump();
  }

  retryAll(isMeant = () => true) {
    for (const one of this.sendings) if (one.state === "failed" && !one.row.button("retry").hidden && isMeant(one)) one.wait();
    this.pump();
  }

  cancelAll() {
    for (const one of this.sendings.filter((one) => this.isOn(one)).reverse()) one.cancel();
  }

  dismiss(sending) {
    this.leave(sending);
    const next = sending.row.node.nextElementSibling ?? sending.row.node.previousElementSibling;
    sending.row.node.remove();
    this.sendings = this.sendings.filter((one) => one !== sending);
    (next?.querySelector("button:not([hidden])") ?? document.getElementById("upload-files")).focus();
    this.tell();
  }

  /** What there is of it already is not offered again. */
  leave({ uploaded, goesOn, source: { file, fields } }) {
    const begun = goesOn ?? (file && kept(this.ways.owner, file, fields));
    if (begun && !uploaded) abandon(this.ways, begun.id).catch(() => {});
  }

  /** What is still to come stays. */
  clear() {
    const gone = this.sendings.filter((one) => !this.isOn(one) && one.state !== "unfinished");
    for (const one of gone) {
      this.leave(one);
      one.row.node.remove();
    }
    this.sendings = this.sendings.filter((one) => !gone.includes(one));
    document.getElementById("upload-files").focus();
    this.tell();
  }

  /** Too many at once: nothing more is begun for so many seconds. */
  hold(sending, seconds) {
    const until = Date.now() + Math.max(1, seconds) * 1000;
    sending.wait(filled(words.held, { seconds: Math.max(1, seconds).toLocaleString(words.language) }));
    if (until <= this.heldUntil) return;
    this.heldUntil = until;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), until - Date.now());
  }

  pump() {
    if (Date.now() < this.heldUntil) return;
    while (this.number("sending") < AT_ONCE) {
      const next = this.sendings.find((one) => one.state === "waiting");
      if (!next) break;
      next.send(this.ways).finally(() => this.pump());
    }
    this.tell();
  }

  number(state) {
    return this.sendings.reduce((sum, one) => sum + (one.state === state), 0);
  }

  isOn(sending) {
    return sending.state === "waiting" || sending.state === "sending";
  }

  get isBusy() {
    return this.sendings.some((one) => this.isOn(one));
  }

  /** In which form links are given from now on. */
  showAs(form) {
    this.form = form;
    for (const one of this.sendings) one.link();
  }

  links() {
    return this.sendings.filter((one) => one.uploaded).map((one) => one.uploaded.links[this.form]);
  }

  /** Many lines may change at once; what is said of all of them is said once. */
  tell() {
    this.telling ??= requestAnimationFrame(() => {
      this.telling = null;
      section.dispatchEvent(new Event("change-of-queue"));
    });
  }
}

// The lines of what is being uploaded: what they say, and which buttons they have.

const PREVIEWED = 20_000_000; // a larger picture would take long to be read only to be shown that small
const CHANGES = 100; // milliseconds between two looks of a line while it moves

const words = document.getElementById("uploading").dataset;
const pattern = document.getElementById("sending-row");

export class Row {
  /** `does` are the functions of the buttons. */
  constructor(name, does) {
    this.name = name;
    this.node = pattern.content.firstElementChild.cloneNode(true);
    this.part("name").textContent = name;
    this.part("name").title = name;
    for (const button of this.node.querySelectorAll("button")) {
      const what = button.dataset.do;
      button.addEventListener("click", () => does[what]());
      button.setAttribute("aria-label", words[`${what}What`].replace("{what}", name));
      if (button.classList.contains("close")) button.title = button.getAttribute("aria-label");
    }
    this.bar = this.node.querySelector("progress");
    this.bar.setAttribute("aria-label", name);
    this.shownAt = 0;
  }

  part(name) {
    return this.node.querySelector(`.${name}`);
  }

  button(name) {
    return this.node.querySelector(`[data-do="${name}"]`);
  }

  /** `state` is a class of the line; `buttons` are those that are there now. */
  show(state, text, buttons) {
    this.node.className = `sending is-${state}`;
    this.say(text);
    this.bar.hidden = !["sending", "unfinished"].includes(state);
    const hadFocus = this.node.contains(document.activeElement);
    for (const button of this.node.querySelectorAll("button")) button.hidden = !buttons.includes(button.dataset.do);
    if (hadFocus && !this.node.contains(document.activeElement)) this.button(buttons[0])?.focus();
  }

  say(text) {
    if (this.part("state").textContent !== text) this.part("state").textContent = text;
  }

  /** Not more often than can be seen. */
  move(sent, size) {
    const now = performance.now();
    if (sent < size && now - this.shownAt < CHANGES) return;
    this.shownAt = now;
    if (sent >= size) {
      this.bar.removeAttribute("value"); // how long it is looked at, nobody knows
      this.say(words.processing);
    } else {
      this.bar.value = size ? sent / size : 0;
      this.say(filled(words.sending, { sent: told(sent), size: told(size) }));
    }
  }

  /** A picture that is not sent yet. */
  preview(file) {
    if (!/^image\/(png|jpeg|gif|webp|avif|bmp|svg\+xml)$/.test(file.type) || file.size > PREVIEWED) return;
    const address = URL.createObjectURL(file);
    const image = this.picture(address);
    const over = () => URL.revokeObjectURL(address);
    image.addEventListener("load", over);
    image.addEventListener("error", over);
  }

  picture(address) {
    const image = document.createElement("img");
    image.alt = "";
    image.width = image.height = 48;
    image.decoding = "async";
    image.addEventListener("error", () => image.remove());
    image.src = address;
    this.part("look").replaceChildren(image);
    return image;
  }

  /** The file is there. */
  link(path, text) {
    const address = this.part("address");
    address.hidden = false;
    address.href = path;
    address.textContent = text;
  }

  /** For a moment, instead of what the button does. */
  answer(name, word) {
    const button = this.button(name);
    button.word ??= button.textContent;
    button.textContent = word;
    clearTimeout(button.timer);
    button.timer = setTimeout(() => (button.textContent = button.word), 2000);
  }
}

export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function told(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  for (; bytes >= 999.5 && unit < units.length - 1; unit++) bytes /= 1000;
  const digits = unit && bytes < 100 ? 1 : 0;
  return `${bytes.toLocaleString(words.language, { maximumFractionDigits: digits })} ${units[unit]}`;
}

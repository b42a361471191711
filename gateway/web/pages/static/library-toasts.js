// Short notes at the foot of the page about what is going on.

const shelf = document.getElementById("toasts");

/** `buttons` are pairs of a word and what it does; pressing one closes the note. Without `stays` it goes by itself. */
export function toast(text, { buttons = [], stays = false, waits = false, progress = false } = {}) {
  const box = document.createElement("div");
  box.className = waits ? "toast is-waiting" : "toast";
  const said = document.createElement("span");
  said.textContent = text;
  box.append(said);
  for (const [word, work] of buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = word;
    button.addEventListener("click", () => {
      box.remove();
      work();
    });
    box.append(button);
  }
  const bar = document.createElement("progress");
  if (progress) {
    bar.setAttribute("aria-label", text);
    box.append(bar);
  }
  shelf.append(box);
  if (!stays) setTimeout(() => box.remove(), 5000);
  return {
    close: () => box.remove(),
    say(words, part) {
      said.textContent = words;
      if (part !== undefined) bar.value = part;
    },
  };
}

// What is looked for: a choice is looked up at once, tags are suggested, and the address stays short.

import { ask } from "./library-asking.js";

const filters = document.getElementById("filters");
const suggestions = document.getElementById("tags");
let typed = 0;

filters?.addEventListener("change", (event) => {
  if (event.target.matches("select, [name=expiring]")) filters.requestSubmit();
});

filters?.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});

for (const field of [document.getElementById("tag"), document.getElementById("asked-tags")]) {
  field?.addEventListener("focus", () => suggest(field));
  field?.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(() => suggest(field), 150);
  });
}

async function suggest(field) {
  const before = field.id === "tag" ? "" : field.value.replace(/[^,]*$/, "");
  const address = new URL(document.getElementById("library").dataset.tags, location.href);
  address.searchParams.set("begins", field.value.slice(before.length).trim());
  try {
    const { tags } = await ask(address);
    suggestions.replaceChildren(...tags.map((tag) => new Option("", before ? `${before.trim()} ${tag}` : tag)));
  } catch {
    // Tags can be typed without being suggested.
  }
}

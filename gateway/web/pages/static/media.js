// Goes through a list by keys: what was there before, what comes after, back to the list.

const ways = new Map();
for (const link of document.querySelectorAll("a[data-key]")) ways.set(link.dataset.key, link);

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, video, audio")) return; // there these keys mean something else
  if (event.key === "Escape" && document.querySelector("details.confirm[open], details.menu[open]")) return;
  const link = ways.get(event.key);
  if (!link) return;
  event.preventDefault();
  link.click();
});

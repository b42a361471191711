// The library by the keyboard: the arrows go from square to square, and single keys do what the mouse does.

const AHEAD = 60; // so near to the end more is loaded

/** `page` is the grid, the selection, and what the page can do. */
export function listen(page) {
  document.addEventListener("keydown", (event) => {
    const on = event.target;
    if (event.defaultPrevented || event.altKey || document.querySelector("dialog[open]")) return;
    if (on.matches("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const work = meant(page, event);
    if (!work) return;
    event.preventDefault();
    work();
  });
}

function meant(page, event) {
  const { grid, selection } = page;
  const { key, ctrlKey, metaKey, shiftKey, target } = event;
  if (ctrlKey || metaKey) return key.toLowerCase() === "a" && grid.length ? page.chooseAll : null;
  if (key === "/") return () => document.getElementById("q")?.focus();
  if (key === "?") return () => document.getElementById("keys-dialog").showModal();
  if (key === "Escape") return selection.isEmpty ? null : () => selection.clear();
  if (!grid.length || (target !== document.body && !target.closest(".tile"))) return null;
  const at = grid.at(page.current());
  const to = placeAfter(grid, key, at);
  if (to !== null) return () => step(page, to, shiftKey);
  if (at < 0) return null;
  const { id } = grid.tiles[at];
  if (key === " " && !target.matches("input, button")) return () => page.choose(id, shiftKey);
  if (key === "Delete") return () => page.remove(id);
  if (key.toLowerCase() === "c" && !shiftKey) return () => page.copyLink(grid.reveal(at));
  return null;
}

function placeAfter(grid, key, at) {
  const { columns } = grid.measure();
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
  if (by && (at < 0 || document.activeElement === document.body)) return firstInSight(grid);
  if (by) return Math.min(Math.max(at + by, 0), grid.length - 1);
  return { Home: 0, End: grid.length - 1 }[key] ?? null;
}

function firstInSight(grid) {
  const node = [...grid.nodes()].find((one) => one.getBoundingClientRect().top >= 0);
  return node ? grid.at(node.dataset.id) : 0;
}

function step(page, to, isRange) {
  const before = page.current();
  if (to > page.grid.length - AHEAD) page.load();
  page.goTo(page.grid.tiles[to].id);
  if (!isRange) return;
  const all = page.grid.tiles.map((tile) => tile.id);
  if (page.selection.isEmpty && before) page.selection.set([before], true, all);
  page.selection.range(page.current(), all);
}

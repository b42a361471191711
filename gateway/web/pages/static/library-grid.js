// The squares of the library. As many as were loaded are known; those alone are in the page that are near the screen.

const FEW = 600; // up to so many all of them stay
const NEAR = 2; // screens above and below
const STEP = 4; // rows that come and go together

export class Grid {
  /** `dress(node)` makes a square that comes into the page look as it should just now. */
  constructor(list, dress) {
    this.list = list;
    this.dress = dress;
    this.tiles = [...list.querySelectorAll(".tile")].map((node) => ({ id: node.dataset.id, html: node.outerHTML }));
    this.from = 0;
    this.to = this.tiles.length;
    this.above = gap();
    this.below = gap();
    for (const part of [...list.childNodes]) if (part.nodeType === Node.TEXT_NODE) part.remove(); // line ends
    list.prepend(this.above);
    list.append(this.below);
    for (const node of this.nodes()) dress(node);
    let waiting = false;
    const soon = () => {
      if (!waiting) requestAnimationFrame(() => ((waiting = false), this.update()));
      waiting = true;
    };
    addEventListener("scroll", soon, { passive: true });
    new ResizeObserver(soon).observe(list);
  }

  get length() {
    return this.tiles.length;
  }

  nodes() {
    return this.list.querySelectorAll(":scope > .tile");
  }

  node(id) {
    return this.list.querySelector(`:scope > [data-id="${CSS.escape(id)}"]`);
  }

  /** The square, in the page or not. */
  read(id) {
    return this.node(id) ?? made(this.tiles[this.at(id)].html)[0];
  }

  at(id) {
    return this.tiles.findIndex((tile) => tile.id === id);
  }

  /** How wide the list is in squares, and how high a row with the space below it. */
  measure() {
    const style = getComputedStyle(this.list);
    const first = this.list.querySelector(":scope > .tile");
    const columns = Math.max(1, style.gridTemplateColumns.split(" ").length);
    const space = parseFloat(style.rowGap) || 0;
    return { columns, space, row: first ? first.getBoundingClientRect().height + space : 0 };
  }

  update(always = false) {
    const { columns, space, row } = this.measure();
    if (!row || this.length <= FEW) {
      if (always || this.from !== 0 || this.to !== this.length) this.show(0, this.length);
      this.above.hidden = this.below.hidden = true;
      return;
    }
    const top = -this.list.getBoundingClientRect().top;
    const reach = NEAR * innerHeight;
    const rows = Math.ceil(this.length / columns);
    const first = Math.min(stepped((top - reach) / row, Math.floor), Math.max(0, rows - STEP));
    const last = Math.max(stepped((top + innerHeight + reach) / row, Math.ceil), first + STEP);
    const [from, to] = [first * columns, Math.min(last * columns, this.length)];
    if (always || from !== this.from || to !== this.to) this.show(from, to);
    fill(this.above, first, row, space);
    fill(this.below, rows - Math.ceil(this.to / columns), row, space);
  }

  show(from, to) {
    const kept = new Map();
    for (const node of this.nodes()) kept.set(node.dataset.id, node);
    const shown = this.tiles.slice(from, to);
    const wanted = new Set(shown.map((tile) => tile.id));
    for (const [id, node] of kept) if (!wanted.has(id)) node.remove();
    const missing = shown.filter((tile) => !kept.has(tile.id));
    for (const node of made(missing.map((tile) => tile.html).join(""))) {
      this.dress(node);
      kept.set(node.dataset.id, node);
    }
    let place = this.above.nextSibling;
    for (const tile of shown) {
      const node = kept.get(tile.id);
      if (node === place) place = place.nextSibling;
      else this.list.insertBefore(node, place);
    }
    [this.from, this.to] = [from, to];
  }

  append(html) {
    const known = new Set(this.tiles.map((tile) => tile.id));
    const fresh = made(html).filter((node) => !known.has(node.dataset.id));
    this.tiles.push(...fresh.map(tileOf));
    this.update(true);
  }

  /** In front, also when it is somewhere else already. */
  prepend(html) {
    const [node] = made(html);
    this.tiles = [tileOf(node), ...this.tiles.filter((tile) => tile.id !== node.dataset.id)];
    this.node(node.dataset.id)?.remove();
    this.update(true);
  }

  replace(html) {
    for (const node of made(html)) {
      const at = this.at(node.dataset.id);
      if (at < 0) continue;
      this.tiles[at] = tileOf(node);
      const old = this.node(node.dataset.id);
      const had = old?.contains(document.activeElement);
      old?.replaceWith(node);
      this.dress(node);
      if (had) node.querySelector("a").focus();
    }
  }

  replaceAll(html) {
    for (const node of this.nodes()) node.remove();
    this.tiles = made(html).map(tileOf);
    this.update(true);
  }

  /** What `restore` takes to bring them back to where they were. */
  remove(ids) {
    const gone = new Set(ids);
    const removed = [];
    this.tiles = this.tiles.filter((tile, at) => !gone.has(tile.id) || (removed.push({ at, tile }), false));
    this.update(true);
    return removed;
  }

  restore(removed) {
    const here = new Set(this.tiles.map((tile) => tile.id));
    for (const { at, tile } of removed) if (!here.has(tile.id)) this.tiles.splice(at, 0, tile);
    this.update(true);
  }

  /** Gives the square itself, brought into sight. */
  reveal(at) {
    const tile = this.tiles[at];
    const { columns, row } = this.measure();
    if (at < this.from || at >= this.to) {
      const top = this.list.getBoundingClientRect().top + scrollY + Math.floor(at / columns) * row;
      scrollTo(0, top - innerHeight / 2);
      this.update();
    }
    return this.node(tile.id);
  }
}

function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // ours, written and escaped by the gateway
  return [...template.content.children];
}

function tileOf(node) {
  return { id: node.dataset.id, html: node.outerHTML };
}

function gap() {
  const item = document.createElement("li");
  item.className = "gap";
  item.hidden = true;
  item.setAttribute("aria-hidden", "true");
  return item;
}

function fill(item, rows, row, space) {
  item.hidden = rows <= 0;
  item.style.height = `${Math.max(0, rows * row - space)}px`;
}

function stepped(rows, round) {
  return Math.max(0, round(rows / STEP) * STEP);
}

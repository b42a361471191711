// Which files are chosen: some, by id, or all that are found, also those that are not loaded.

export class Selection {
  constructor(changed) {
    this.ids = new Set();
    this.whole = false;
    this.last = null; // where a range begins
    this.changed = changed;
  }

  get isEmpty() {
    return !this.whole && !this.ids.size;
  }

  has(id) {
    return this.whole || this.ids.has(id);
  }

  /** `all` are the ids that are loaded: taking one away from everything leaves those. */
  set(ids, isChosen, all) {
    if (this.whole && !isChosen) this.ids = new Set(all);
    if (!isChosen) this.whole = false;
    for (const id of ids) isChosen ? this.ids.add(id) : this.ids.delete(id);
    this.last = ids.at(-1) ?? null;
    this.changed();
  }

  /** From the one that was chosen last to this one, whichever comes first. */
  range(id, all) {
    const [here, there] = [all.indexOf(id), all.indexOf(this.last)];
    if (there < 0) return this.set([id], true, all);
    const between = all.slice(Math.min(here, there), Math.max(here, there) + 1);
    this.set(here < there ? between.reverse() : between, true, all);
  }

  everything(isWhole) {
    this.whole = isWhole;
    this.ids.clear();
    this.changed();
  }

  clear() {
    this.everything(false);
  }
}

// What this browser remembers of uploads that are not finished, so that they go on after a reload.

const PREFIX = "picgate-upload-";

/** The upload of this very file that was begun with the same choices. */
export function kept(owner, file, fields) {
  return unfinished(owner).find((one) => isOf(one, file) && sameFields(one.fields, fields)) ?? null;
}

export function isOf(one, file) {
  return one.name === file.name && one.size === file.size && one.changed === file.lastModified;
}

export function keep(owner, file, fields, id) {
  const one = { id, owner, name: file.name, size: file.size, changed: file.lastModified, fields, at: Date.now() };
  try {
    localStorage.setItem(PREFIX + id, JSON.stringify(one));
  } catch {
    // It is full or not allowed: what breaks off is sent anew.
  }
}

export function forget(id) {
  localStorage.removeItem(PREFIX + id);
}

/** Oldest first. */
export function unfinished(owner) {
  const found = [];
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(PREFIX)) continue;
    try {
      const one = JSON.parse(localStorage.getItem(key));
      if (one.owner === owner) found.push(one);
    } catch {
      localStorage.removeItem(key);
    }
  }
  return found.sort((one, other) => one.at - other.at);
}

function sameFields(some, others) {
  return JSON.stringify(some) === JSON.stringify(others);
}

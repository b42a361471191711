// What is in a drop: files, and folders with everything in them.

/** In the order of the file manager, a folder's own order inside. Has to be called while the drop is handled. */
export async function droppedFiles(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const found = items.map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  const files = await Promise.all(found.map(({ entry, file }) => (entry?.isDirectory ? inside(entry) : file)));
  return files.flat().filter((file) => file && !isHidden(file));
}

async function inside(folder) {
  const reader = folder.createReader();
  const files = [];
  for (;;) {
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)).catch(() => []);
    if (!entries.length) return files;
    for (const entry of entries) {
      if (entry.isDirectory) files.push(...(await inside(entry)));
      else files.push(await new Promise((resolve) => entry.file(resolve, () => resolve(null))));
    }
  }
}

/** What systems put into folders for themselves. */
function isHidden(file) {
  return file.name.startsWith(".") || file.name === "Thumbs.db" || file.name === "desktop.ini";
}

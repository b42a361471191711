// One file as a link, in the languages people paste into.

export function linkOf(node, base, kind) {
  const file = base + node.dataset.file;
  const page = `${base}${node.dataset.kind}/${node.dataset.id}`;
  const isImage = node.dataset.kind === "image";
  const picture = isImage ? file : `${base}${node.dataset.id}.th.jpeg`;
  const title = titleOf(node);
  const markdown = `![${plain(title)}](${picture})`;
  return {
    direct: file,
    viewer: page,
    markdown: isImage ? markdown : `[${markdown}](${page})`,
    html: `<a href="${page}"><img src="${picture}" alt="${escaped(title)}"></a>`,
    bbcode: `[url=${page}][img]${picture}[/img][/url]`,
  }[kind];
}

export function titleOf(node) {
  return node.querySelector("img")?.alt ?? node.querySelector(".blank")?.textContent ?? "";
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyAsBefore(text); // plain http, or not allowed
  }
}

function copyAsBefore(text) {
  const had = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  had?.focus({ preventScroll: true });
  return copied;
}

function plain(title) {
  return title.replace(/\s+/g, " ").trim().replace(/[\\[\]`*_<>&!]/g, "\\$&");
}

function escaped(text) {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

// Brings the copy buttons to life. Without it the texts are still there to be selected.
"use strict";

const said = document.getElementById("said");

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}

for (const input of document.querySelectorAll("input[readonly]")) {
  input.addEventListener("focus", () => input.select());
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const copied = (await write(source.value ?? source.textContent)) || select(source);
  tell(button, copied ? (button.dataset.copied ?? "Copied") : (button.dataset.press ?? "Press Ctrl+C"));
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // plain http, or not allowed
  }
}

function select(source) {
  if (source.select) source.select();
  else getSelection().selectAllChildren(source);
  return document.execCommand("copy");
}

function tell(button, word) {
  clearTimeout(button.timer);
  button.label ??= button.textContent;
  button.textContent = word;
  said.textContent = word;
  button.timer = setTimeout(() => {
    button.textContent = button.label;
    said.textContent = "";
  }, 2000);
}

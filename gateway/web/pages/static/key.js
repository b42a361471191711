// Fills the reader's key into the settings on this page. It is never stored and never sent.
"use strict";

const key = document.getElementById("key");
const placeholder = key.dataset.placeholder;
const file = document.getElementById("sharex-file");
const plainFile = file.href;
const places = [];

for (const place of document.querySelectorAll("code[id], input[readonly]")) {
  const property = "value" in place ? "value" : "textContent";
  if (place[property].includes(placeholder)) places.push({ place, property, text: place[property] });
}

key.addEventListener("input", fill);
fill(); // a browser may bring the key back after a reload

function fill() {
  const typed = key.value.trim();
  const isKey = /^[\w.-]+$/.test(typed); // anything else would need quoting, differently in every tool
  key.setAttribute("aria-invalid", String(typed !== "" && !isKey));
  for (const { place, property, text } of places) {
    place[property] = isKey ? text.replaceAll(placeholder, typed) : text;
  }
  for (const step of document.querySelectorAll(".without-key")) step.hidden = isKey;
  if (file.href.startsWith("blob:")) URL.revokeObjectURL(file.href);
  file.href = isKey ? fileWithKey() : plainFile;
}

function fileWithKey() {
  const settings = document.getElementById("sharex-text").textContent;
  return URL.createObjectURL(new Blob([settings], { type: "application/json" }));
}

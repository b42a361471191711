"use strict";

// The list of addresses: [old, ..., new] each, of which a page at a time is drawn.
const AT_ONCE = 100;
const find = (id) => document.getElementById(id);
const bases = JSON.parse(find("bases").textContent);
const rows = JSON.parse(find("rows").textContent);
const texts = rows.map((row) => row.join("\n").toLowerCase());
let chosen = rows.map((_, at) => at);
let from = 0;

const whole = (base, address) => (address.startsWith("/") ? base + address : address);

// What is pasted may be a whole address, encoded, and of a host that the list leaves out.
function wanted() {
  let text = find("search").value.trim();
  try {
    text = decodeURI(text);
  } catch {}
  for (const base of [bases.old, bases.new]) {
    if (base && text.startsWith(base)) text = text.slice(base.length);
  }
  return text.toLowerCase();
}

function drawn(at) {
  const row = document.createElement("tr");
  const old = row.insertCell();
  const here = row.insertCell();
  for (const address of rows[at].slice(0, -1)) {
    old.append(Object.assign(document.createElement("div"), { textContent: whole(bases.old, address) }));
  }
  const path = rows[at].at(-1);
  here.append(Object.assign(document.createElement("a"), { href: whole(bases.new, path), textContent: path }));
  return row;
}

function draw() {
  const shown = chosen.slice(from, from + AT_ONCE);
  find("shown").replaceChildren(...shown.map(drawn));
  const number = (value) => value.toLocaleString("en");
  find("found").textContent = chosen.length
    ? `${number(from + 1)} to ${number(from + shown.length)} of ${number(chosen.length)}`
    : "Nothing here has that in its address.";
  find("back").disabled = from === 0;
  find("on").disabled = from + AT_ONCE >= chosen.length;
}

function choose() {
  const text = wanted();
  chosen = [...rows.keys()].filter((at) => texts[at].includes(text));
  from = 0;
  draw();
}

function turn(by) {
  from += by;
  draw();
  find("map").scrollIntoView();
}

find("search").addEventListener("input", choose);
find("back").addEventListener("click", () => turn(-AT_ONCE));
find("on").addEventListener("click", () => turn(AT_ONCE));
find("map").hidden = false;
draw();

// While an import runs, its figures are fetched again every few seconds, and put where they were. What has the focus
// keeps it, and a page nobody looks at rests. What other scripts brought to life (data-kept) stays as it is.

const EVERY = 3000;

async function refresh() {
  const here = document.getElementById("moving");
  if (document.hidden || here.contains(document.activeElement)) {
    return true;
  }
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) {
    return false;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("moving");
  if (!fresh || !("running" in fresh.dataset)) {
    location.reload();
    return false;
  }
  for (const kept of here.querySelectorAll("[data-kept]")) {
    fresh.querySelector(`#${kept.id}`)?.replaceWith(kept);
  }
  here.replaceWith(document.adoptNode(fresh));
  return true;
}

async function keepFresh() {
  let goesOn = true;
  try {
    goesOn = await refresh();
  } catch {
    // The line is down for a moment; the next time it may be up.
  }
  if (goesOn) {
    setTimeout(keepFresh, EVERY);
  }
}

setTimeout(keepFresh, EVERY);

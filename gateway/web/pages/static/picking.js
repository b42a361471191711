// Says how many squares are ticked, and lets whole rows be ticked by holding Shift.

for (const form of document.querySelectorAll("form.picking")) {
  const boxes = [...form.querySelectorAll('input[name="id"]')];
  const told = form.querySelector("[data-picked]");
  const untouched = told.textContent;
  let last = null;

  const tell = () => {
    const number = boxes.filter((box) => box.checked).length;
    told.textContent = number ? told.dataset.picked.replace("{number}", number) : untouched;
    for (const button of form.querySelectorAll(".picked button")) {
      button.disabled = button.value === "cover" ? number !== 1 : number === 0;
    }
  };

  form.addEventListener("click", (event) => {
    const at = boxes.indexOf(event.target);
    if (at < 0) return;
    if (event.shiftKey && last !== null) {
      const [from, to] = [Math.min(at, last), Math.max(at, last)];
      for (const box of boxes.slice(from, to + 1)) box.checked = event.target.checked;
    }
    last = at;
    tell();
  });
  addEventListener("pageshow", tell); // a browser may bring ticks back
  tell();
}

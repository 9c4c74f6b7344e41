/* Copy buttons: shown where there is a clipboard, say "Copied" for two seconds. */
import { onPart, within } from "./page.js";

const SHOWN_FOR = 2000;

async function copy(button) {
  const words = button.querySelector("[data-label]");
  await navigator.clipboard.writeText(button.dataset.copy);
  const before = words.textContent;
  if (before === button.dataset.done) return;
  words.textContent = button.dataset.done;
  words.setAttribute("role", "status");
  setTimeout(() => {
    words.textContent = before;
    words.removeAttribute("role");
  }, SHOWN_FOR);
}

if (navigator.clipboard) {
  onPart((part) => {
    for (const button of within(part, "[data-copy]")) button.hidden = false;
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });
}

/* Copy buttons: shown where there is a clipboard, say "Copied" for two seconds. Stands alone, so
   that the public page needs one script at most. */
const SHOWN_FOR = 2000;

async function copy(button) {
  const words = button.querySelector("[data-label]");
  const before = words.textContent;
  await navigator.clipboard.writeText(button.dataset.copy);
  if (before === button.dataset.done) return;
  words.textContent = button.dataset.done;
  button.nextElementSibling.textContent = button.dataset.done;
  setTimeout(() => {
    words.textContent = before;
    button.nextElementSibling.textContent = "";
  }, SHOWN_FOR);
}

function reveal() {
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}

if (navigator.clipboard) {
  reveal();
  document.addEventListener("portal:part", reveal);
  document.addEventListener("htmx:load", reveal);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });
}

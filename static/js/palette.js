/* The palette: a dialog with a combobox over /search/, which answers with its listbox. */
const PAUSE = 140;

const palette = document.getElementById("palette");
const field = palette.querySelector("input");
const found = palette.querySelector("[data-found]");
const status = palette.querySelector("[data-status]");

let timer;
let request;
let asked = null; // the words whose results are shown

const options = () => [...found.querySelectorAll("[role=option]")];
const chosen = () => found.querySelector("[aria-selected=true]");

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  if (!option) return field.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

async function look() {
  clearTimeout(timer);
  request?.abort();
  request = new AbortController();
  const words = field.value;
  try {
    const address = `${palette.dataset.url}?${new URLSearchParams({ q: words })}`;
    const answer = await fetch(address, { headers: { "X-Palette": "1" }, signal: request.signal });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const said = page.querySelector("[data-said]");
    said?.remove();
    found.replaceChildren(...page.body.childNodes);
    status.textContent = said?.textContent ?? "";
    asked = words;
    choose(options()[0]);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

export function openPalette() {
  if (palette.open) return true;
  palette.showModal();
  field.select();
  look();
  return true;
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
});
/* Enter opens what was found for the words as they stand, never for those before. */
async function open() {
  if (asked !== field.value) await look();
  if (asked === field.value && chosen()) location.assign(chosen().href);
}

field.addEventListener("keydown", (event) => {
  const all = options();
  const now = all.indexOf(chosen());
  const steps = { ArrowDown: now + 1, ArrowUp: now - 1 };
  if (event.key in steps && all.length) {
    event.preventDefault();
    choose(all[(steps[event.key] + all.length) % all.length]);
  }
  if (event.key === "Enter") {
    event.preventDefault();
    open();
  }
});
palette.addEventListener("click", (event) => {
  if (event.target === palette) palette.close();
});

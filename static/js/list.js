/*
 * A declared list (templates/foundation/list_page.html): htmx swaps #listing or its parts. Here: no
 * empty parameters in the address, aria-busy while rows come, focus that is never lost, and the bar
 * of bulk actions that says how many rows are selected.
 */
import { each } from "./page.js";

const listing = () => document.getElementById("listing");

function concerns(event) {
  return Boolean(event.target.closest?.("#listing"));
}

function dropEmpty(event) {
  if (!concerns(event) || event.detail.verb !== "get") return;
  const data = event.detail.formData ?? event.detail.parameters;
  for (const [name, value] of [...data.entries()]) if (value === "") data.delete(name);
}

function busy(event, state) {
  if (concerns(event) || event.detail.target?.closest?.("#listing")) {
    listing()?.setAttribute("aria-busy", String(state));
  }
}

/* A link that was swapped away gives its focus to the list. */
function keepFocus() {
  listing()?.removeAttribute("aria-busy");
  if (document.activeElement !== document.body) return;
  document.getElementById("list")?.focus({ preventScroll: true });
}

function closeFilters(event) {
  const open = event.target.matches?.("#tools") && event.target.querySelector("details[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
}

document.addEventListener("htmx:configRequest", dropEmpty);
document.addEventListener("htmx:beforeRequest", (event) => {
  busy(event, true);
  closeFilters(event);
});
document.addEventListener("htmx:afterRequest", (event) => busy(event, false));
document.addEventListener("htmx:afterSettle", keepFocus);

/* Selecting rows. */
function picks() {
  return [...document.querySelectorAll("#list .pick input")];
}

function count() {
  const bar = document.getElementById("bulk");
  if (!bar) return;
  const all = bar.querySelector("[data-all]");
  const chosen = picks().filter((box) => box.checked).length;
  const words = bar.querySelector("[data-chosen]");
  words.textContent = all?.checked ? words.dataset.every : words.dataset.chosen.replace("0", chosen);
  const head = document.querySelector("[data-pick-page]");
  if (!head) return;
  head.checked = chosen > 0 && chosen === picks().length;
  head.indeterminate = chosen > 0 && !head.checked;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-page]")) {
    for (const box of picks()) box.checked = event.target.checked;
  }
  if (event.target.closest("#listing")) count();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-pick-none]")) return;
  for (const box of picks()) box.checked = false;
  const all = document.querySelector("#bulk [data-all]");
  if (all) all.checked = false;
  count();
  document.getElementById("list").focus({ preventScroll: true });
});
each("[data-pick-page], [data-pick-none]", (control) => {
  control.hidden = false;
});
each("#listing, #list", count);

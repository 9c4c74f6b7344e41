/*
 * Shortcuts: ? sheet, / search, j k x over the rows of a list, g and a letter to the main pages,
 * Ctrl-K (or Cmd-K) the palette. Single keys never fire while somebody types or a dialog is open,
 * and not at all when the reader switched them off (data-keys="off", WCAG 2.1.4).
 */
import { openPalette } from "./palette.js";

const GO_WITHIN = 1200;
const TYPING = "input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]";

let going = 0;

const isOff = () => document.documentElement.dataset.keys === "off";

const rows = () => [...document.querySelectorAll("#list tbody tr")];
const linkOf = (row) => row?.querySelector("td:not(.pick) a, td:not(.pick) button, th a");
const here = () => document.activeElement?.closest("#list tbody tr");

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const now = all.indexOf(here());
  const next = now < 0 ? (step > 0 ? 0 : all.length - 1) : now + step;
  const link = linkOf(all[Math.min(Math.max(next, 0), all.length - 1)]);
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
  return Boolean(link);
}

function pick() {
  const box = here()?.querySelector(".pick input");
  box?.click();
  return Boolean(box);
}

function search() {
  const field = document.querySelector("#tools input[type=search], main input[type=search]");
  if (!field) return openPalette();
  field.focus();
  field.select();
  return true;
}

function go(key) {
  going = 0;
  const place = [...document.querySelectorAll("#shortcuts [data-go]")].find((one) => one.dataset.go === key);
  if (place) location.assign(place.dataset.url);
  return Boolean(place);
}

const ACTS = {
  "?": () => {
    document.getElementById("shortcuts").showModal();
    return true;
  },
  "/": search,
  j: () => move(1),
  k: () => move(-1),
  x: pick,
  g: () => {
    going = performance.now();
    return true;
  },
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (isOff() || event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING)) return;
  const follows = going && performance.now() - going < GO_WITHIN;
  const done = follows ? go(event.key) : ACTS[event.key]?.();
  if (done) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-palette]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  opener.closest("details[open]")?.removeAttribute("open");
  openPalette();
});

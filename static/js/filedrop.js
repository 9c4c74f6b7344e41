/*
 * .filedrop takes dropped files into its file input and names them; sending the form shows the
 * progress of the upload. Without the script the plain input and form do the same work.
 */
import { onPart, swap, within } from "./page.js";

const page = () => location.pathname + location.search;

/* The address whose content the page shows, once an upload has put another page in its place. */
let shown = null;

function name(zone, input) {
  const names = [...input.files].map((file) => file.name).join(", ");
  zone.querySelector("[data-chosen]").textContent = names;
}

function setUpZone(zone) {
  const input = zone.querySelector("input[type=file]");
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    const files = new DataTransfer();
    const dropped = [...event.dataTransfer.files];
    for (const file of input.multiple ? dropped : dropped.slice(0, 1)) files.items.add(file);
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", () => name(zone, input));
}

function show(request) {
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = answer.querySelector("main");
  if (!main) return location.assign(request.responseURL);
  if (request.responseURL !== location.href) history.pushState({}, "", request.responseURL);
  shown = page();
  document.title = answer.title;
  swap(document.querySelector("main"), main);
  (main.querySelector("[autofocus]") ?? main).focus();
  if (!main.querySelector("[autofocus]")) window.scrollTo(0, 0);
}

function send(form, submitter, zone) {
  const state = zone.querySelector("[data-uploading]");
  const bar = zone.querySelector("progress");
  const request = new XMLHttpRequest();
  request.open("POST", form.action || location.href);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => show(request));
  request.addEventListener("error", () => {
    bar.hidden = true;
    state.textContent = state.dataset.failed;
    submitter?.removeAttribute("aria-disabled");
    form.removeAttribute("aria-busy");
  });
  bar.hidden = false;
  state.textContent = state.dataset.uploading;
  submitter?.setAttribute("aria-disabled", "true");
  form.setAttribute("aria-busy", "true");
  request.send(new FormData(form, submitter));
}

onPart((part) => {
  for (const zone of within(part, ".filedrop")) setUpZone(zone);
});
document.addEventListener("submit", (event) => {
  const zone = event.target.querySelector(".filedrop");
  const chosen = zone?.querySelector("input[type=file]").files.length;
  if (!chosen || event.defaultPrevented) return;
  event.preventDefault();
  if (event.target.getAttribute("aria-busy") !== "true") send(event.target, event.submitter, zone);
});
window.addEventListener("popstate", () => {
  if (shown !== null && shown !== page()) location.reload();
});

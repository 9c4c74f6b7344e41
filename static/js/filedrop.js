/*
 * .filedrop takes dropped files into its file input and names them. Large ones are sent in pieces
 * at once (see pieces.js), the others with the form, whose progress is shown. Without the script
 * the plain input and form do the same work.
 */
import { each, swap, used } from "./page.js";
import { LARGE, Transfer, unfinished } from "./pieces.js";

const page = () => location.pathname + location.search;

/* The address whose content the page shows, once an upload has put another page in its place. */
let shown = null;

/* Tell those who let go of a form when it is sent that it is still here. */
const unsent = (form) => form.dispatchEvent(new Event("portal:unsent"));

function name(zone, input) {
  const names = [...input.files].map((file) => file.name).join(", ");
  zone.querySelector("[data-chosen]").textContent = names;
}

/* Leave small files to the form and send the large ones now. */
function sort(zone, input) {
  const large = [...input.files].filter((file) => file.size > LARGE);
  if (!zone.dataset.uploads || !large.length) return;
  const rest = new DataTransfer();
  for (const file of input.files) if (file.size <= LARGE) rest.items.add(file);
  input.files = rest.files;
  for (const file of large) new Transfer(zone, input, file).start();
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
  input.addEventListener("change", () => {
    sort(zone, input);
    name(zone, input);
  });
}

/* Show the page that answers; false if there is none to take the place of what was typed. */
function show(request) {
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = answer.querySelector("main");
  if (request.status >= 500 || (request.status >= 400 && !main)) return false;
  if (!main) {
    location.assign(request.responseURL);
    return true;
  }
  if (request.responseURL !== location.href) history.pushState({}, "", request.responseURL);
  shown = page();
  if (answer.body.dataset.idle) used();
  document.title = answer.title;
  swap(document.querySelector("main"), main);
  (main.querySelector("[autofocus]") ?? main).focus();
  if (!main.querySelector("[autofocus]")) window.scrollTo(0, 0);
  return true;
}

function send(form, submitter, zone) {
  const state = zone.querySelector("[data-uploading]");
  const bar = zone.querySelector(":scope > progress");
  const request = new XMLHttpRequest();
  request.open("POST", form.action || location.href);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  const fail = () => {
    bar.hidden = true;
    state.textContent = state.dataset.failed;
    submitter?.removeAttribute("aria-disabled");
    form.removeAttribute("aria-busy");
    unsent(form);
  };
  request.addEventListener("load", () => show(request) || fail());
  request.addEventListener("error", fail);
  bar.hidden = false;
  state.textContent = state.dataset.uploading;
  submitter?.setAttribute("aria-disabled", "true");
  form.setAttribute("aria-busy", "true");
  request.send(new FormData(form, submitter));
}

/*
 * Send the form once its last large file is here. Without one that was refused or cancelled it is
 * another form than the person sent: they look at it and press again.
 */
function wait(form, submitter) {
  if (form.dataset.waiting) return;
  form.dataset.waiting = "1";
  const zone = unfinished(form)[0].zone;
  zone.querySelector("[data-uploading]").textContent =
    zone.querySelector("[data-text-waiting]").dataset.textWaiting;
  form.addEventListener("portal:transfer", function settled({ detail }) {
    if (detail.ready && unfinished(form).length) return;
    form.removeEventListener("portal:transfer", settled);
    delete form.dataset.waiting;
    zone.querySelector("[data-uploading]").textContent = "";
    if (detail.ready && form.isConnected) form.requestSubmit(submitter);
  });
}

each(".filedrop", setUpZone);
document.addEventListener("submit", (event) => {
  const form = event.target;
  const zones = [...form.querySelectorAll(".filedrop")];
  if (event.defaultPrevented || !zones.length) return;
  if (unfinished(form).length) {
    event.preventDefault();
    unsent(form);
    return wait(form, event.submitter);
  }
  const zone = zones.find((one) => one.querySelector("input[type=file]").files.length);
  if (!zone) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") !== "true") send(form, event.submitter, zone);
});
window.addEventListener("popstate", () => {
  if (shown !== null && shown !== page()) location.reload();
});

/*
 * Warns five minutes before a session that rests is ended, in every tab alike. All tabs tell
 * each other what the server counts as use of the session, which is not what pages fetch by
 * themselves. The body carries data-idle in seconds.
 */
const WARN = 5 * 60;
const STEP = 15_000;
const KEY = "portal:used";

const limit = Number(document.body.dataset.idle);
const box = document.querySelector("[data-idle-warning]");
const words = box.querySelector("[data-idle-text]");
const stay = box.querySelector("[data-idle-stay]");

let used = 0;
// When the server said that the session is over; a later use is one of a new session.
let over = 0;

const isPoll = ({ requestConfig }) => requestConfig.headers["X-Poll"] === "1";
const isRedirect = ({ xhr }) => xhr.getResponseHeader("HX-Redirect") !== null;

function use() {
  used = Date.now();
  try {
    localStorage.setItem(KEY, Date.now());
  } catch {
    // This tab then knows only of its own use.
  }
}

function lastUse() {
  try {
    return Math.max(used, Number(localStorage.getItem(KEY)) || 0);
  } catch {
    return used;
  }
}

function look() {
  const last = lastUse();
  const isOver = over > last;
  const left = isOver ? 0 : limit - (Date.now() - last) / 1000;
  stay.hidden = isOver;
  if (left > WARN) {
    box.hidden = true;
    return;
  }
  const minutes = Math.max(1, Math.round(left / 60));
  const text = left > 0
    ? words.dataset.idleText.replace("{minutes}", minutes)
    : words.dataset.idleOver;
  if (words.textContent !== text) words.textContent = text;
  box.hidden = false;
}

stay.onclick = async () => {
  const response = await fetch(stay.dataset.idleStay, { method: "HEAD" });
  // The page stays as it is, for what is on it to be copied.
  if (response.redirected) over = Date.now();
  else use();
  look();
  if (stay.hidden) box.focus();
};
document.addEventListener("portal:used", use);
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  // A redirect may lead to the sign-in; the page it leads to tells of itself.
  if (detail.xhr.status && !isPoll(detail) && !isRedirect(detail)) use();
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (!isPoll(event.detail) || !isRedirect(event.detail)) return;
  // What the page fetches by itself must not take it away from under what was typed.
  event.preventDefault();
  over = Date.now();
  look();
});
use();
setInterval(look, STEP);
document.addEventListener("visibilitychange", look);

/*
 * Warns five minutes before a session that rests is ended, in every tab alike. Each request is
 * use of the session, so all tabs tell each other of theirs. The body carries data-idle in seconds.
 */
const WARN = 5 * 60;
const STEP = 15_000;
const KEY = "portal:used";

const limit = Number(document.body.dataset.idle);
const box = document.querySelector("[data-idle-warning]");
const words = box.querySelector("[data-idle-text]");

function use() {
  try {
    localStorage.setItem(KEY, Date.now());
  } catch {
    used = Date.now();
  }
}

let used = Date.now();

function lastUse() {
  try {
    return Math.max(used, Number(localStorage.getItem(KEY)) || 0);
  } catch {
    return used;
  }
}

function look() {
  const left = limit - (Date.now() - lastUse()) / 1000;
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

box.querySelector("[data-idle-stay]").onclick = async (event) => {
  const response = await fetch(event.target.dataset.idleStay, { method: "HEAD" });
  if (response.redirected) return location.reload();
  use();
  used = Date.now();
  look();
};
document.addEventListener("htmx:afterRequest", use);
use();
setInterval(look, STEP);
document.addEventListener("visibilitychange", look);

/*
 * Regions with data-poll="address" fetch themselves again until the answer carries no data-poll.
 * data-poll-done="reload" then reloads the whole page.
 */
import { each, swap } from "./page.js";

const FIRST = 1500;
const LAST = 10000;

function watch(region, pause = FIRST) {
  setTimeout(() => refresh(region, pause), pause);
}

async function refresh(region, pause) {
  if (!region.isConnected) return;
  const slower = Math.min(pause * 1.25, LAST);
  if (document.visibilityState === "hidden") return watch(region, slower);
  let fetched;
  try {
    const response = await fetch(region.dataset.poll, { headers: { "X-Poll": "1" } });
    if (!response.ok || response.redirected) return watch(region, LAST);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    fetched = page.getElementById(region.id);
  } catch {
    return watch(region, LAST);
  }
  if (!fetched) return;
  if (!fetched.dataset.poll && region.dataset.pollDone === "reload") return location.reload();
  if (region.dataset.pollDone) fetched.dataset.pollDone = region.dataset.pollDone;
  if (fetched.isEqualNode(region)) return watch(region, slower);
  swap(region, fetched);
}

each("[data-poll]", (region) => watch(region));

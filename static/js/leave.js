/* Forms with data-confirm-leave: ask before a page with unsaved changes is left. */
import { onPart, within } from "./page.js";

const changed = new Set();

onPart((part) => {
  for (const form of within(part, "form[data-confirm-leave]")) {
    form.addEventListener("input", () => changed.add(form));
    form.addEventListener("submit", () => changed.delete(form));
  }
});
window.addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});

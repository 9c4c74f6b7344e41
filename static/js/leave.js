/* Forms with data-confirm-leave: ask before a page with unsaved changes is left. */
import { changedFields, each } from "./page.js";

const changed = new Set();

each("form[data-confirm-leave]", (form) => {
  form.addEventListener("input", () => changed.add(form));
  form.addEventListener("submit", () => changed.delete(form));
  form.addEventListener("portal:unsent", () => changed.add(form));
  // What was typed before this script was there.
  if (changedFields(form).length) changed.add(form);
});
window.addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});

/*
 * Set up each element that matches, once: those of the page, and those of parts that are put into
 * it later. A part may be announced more than once: htmx announces the page itself as one.
 */
export function each(selector, setUp) {
  const known = new WeakSet();
  const look = (part) => {
    const found = [...part.querySelectorAll(selector)];
    if (part.matches?.(selector)) found.unshift(part);
    for (const one of found) {
      if (known.has(one)) continue;
      known.add(one);
      setUp(one);
    }
  };
  look(document);
  document.addEventListener("portal:part", (event) => look(event.target));
  document.addEventListener("htmx:load", (event) => look(event.target));
}

function differs(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  const preset = [...field.options].filter((option) => option.defaultSelected);
  return preset.length ? preset.some((option) => !option.selected) : field.selectedIndex > 0;
}

/* The fields of a form that say something else than the page came with. */
export function changedFields(form) {
  const fields = form.querySelectorAll("input:not([type=file], [type=hidden]), select, textarea");
  return [...fields].filter(differs);
}

/* Tell that the server counted a request of this page as use of the session. */
export const used = () => document.dispatchEvent(new Event("portal:used"));

/* Put an element of a fetched page in the place of the present one. */
export function swap(present, fetched) {
  present.replaceWith(fetched);
  for (const script of fetched.querySelectorAll("script[src]")) {
    const copy = document.createElement("script");
    copy.type = script.type;
    copy.src = script.src;
    script.replaceWith(copy);
  }
  fetched.dispatchEvent(new CustomEvent("portal:part", { bubbles: true }));
}

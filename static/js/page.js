/* Run a set-up on the page, and again on every part that is put into it later. */
export function onPart(setUp) {
  setUp(document);
  document.addEventListener("portal:part", (event) => setUp(event.target));
  document.addEventListener("htmx:load", (event) => setUp(event.target));
}

/* All elements of a part that match, the part itself included. */
export function within(part, selector) {
  const found = [...part.querySelectorAll(selector)];
  return part.matches?.(selector) ? [part, ...found] : found;
}

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

/*
 * Forms with data-autosave send what was typed to their own address while people work.
 *
 * The request is the whole form without files, the names of the changed fields under "_changed",
 * and the header X-Autosave: 1. The answer is JSON: {saved_at, errors} with status 200, and with
 * "fields" if hidden fields of the form are to take new values, "parts" with words for the elements
 * [data-part], and "notice" with words that go before the usual ones; or
 * {message} with another status when saving makes no sense any more. The state is told in words
 * in the [data-saved] element of the form; nothing else on the page moves, so focus stays.
 */
import { changedFields, each, used } from "./page.js";

const PAUSE = 1200;
const RETRY = [3000, 6000, 15000, 30000, 60000];

const ICON = { saved: "M5 12.5l4.5 4.5L19 7.5", saving: "M12 7.5V12l3 2", failed: "M12 6v7.5M12 17.5v.1" };

class Autosave {
  constructor(form) {
    this.form = form;
    this.place = form.querySelector("[data-saved]") ?? document.querySelector("[data-saved]");
    this.changed = new Set();
    this.failures = 0;
    this.refused = false;
    this.submitted = false;
    form.addEventListener("input", (event) => this.note(event.target));
    form.addEventListener("change", (event) => this.note(event.target));
    form.addEventListener("submit", () => this.handOver());
    form.addEventListener("portal:unsent", () => this.resume());
    window.addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.send(true);
    });
    // What was typed before this script was there.
    this.noteChanged();
    window.addEventListener("beforeunload", (event) => {
      if (!this.changed.size || this.submitted || !form.isConnected) return;
      if (this.failures || this.refused) event.preventDefault();
    });
  }

  get stopped() {
    return this.refused || this.submitted;
  }

  note(field) {
    if (!field.name || field.type === "file") return;
    this.changed.add(field.name);
    if (!this.stopped) this.after(PAUSE);
  }

  noteChanged() {
    for (const field of changedFields(this.form)) this.note(field);
  }

  after(time) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), time);
  }

  /* Leave what was typed to the form, which is sent. */
  handOver() {
    this.submitted = true;
    clearTimeout(this.timer);
    this.request?.abort();
  }

  /* The form was not sent after all. */
  resume() {
    this.submitted = false;
    this.noteChanged();
  }

  body() {
    const data = new FormData(this.form);
    for (const field of this.form.querySelectorAll("input[type=file]")) data.delete(field.name);
    for (const name of this.changed) data.append("_changed", name);
    return data;
  }

  async send(keepalive = false) {
    if (!this.changed.size || this.busy || this.stopped) return;
    clearTimeout(this.timer);
    const body = this.body();
    const sent = [...this.changed];
    this.changed.clear();
    this.busy = true;
    this.request = new AbortController();
    this.tell("saving", this.place?.dataset.saving);
    try {
      const response = await fetch(this.form.action || location.href, {
        method: "POST",
        body,
        keepalive,
        signal: this.request.signal,
        headers: { "X-Autosave": "1", Accept: "application/json" },
      });
      await this.answer(response, sent);
    } catch (error) {
      this.keep(sent);
      if (error.name !== "AbortError") this.fail();
    } finally {
      this.busy = false;
    }
    if (this.changed.size && !this.failures && !this.stopped) this.after(PAUSE);
  }

  async answer(response, sent) {
    if (response.status >= 500 || response.status === 429) throw new Error(response.statusText);
    const type = response.headers.get("Content-Type") ?? "";
    const data = type.includes("application/json") ? await response.json() : {};
    if (!response.ok || !data.saved_at) {
      this.refused = true;
      this.keep(sent);
      this.tell("failed", data.message ?? this.place?.dataset.stopped);
      return;
    }
    this.failures = 0;
    used();
    for (const [name, value] of Object.entries(data.fields ?? {})) {
      this.form.elements[name].value = value;
    }
    for (const [part, words] of Object.entries(data.parts ?? {})) {
      const place = this.form.querySelector(`[data-part="${CSS.escape(part)}"]`);
      if (place) place.textContent = words;
    }
    const time = new Date(data.saved_at).toTimeString().slice(0, 5);
    const wrong = Object.keys(data.errors ?? {}).length > 0;
    const words = wrong ? this.place?.dataset.check : this.place?.dataset.savedAt;
    this.tell(data.notice ? "failed" : "saved", data.notice ?? words?.replace("{time}", time));
  }

  keep(names) {
    for (const name of names) this.changed.add(name);
  }

  fail() {
    this.tell("failed", this.place?.dataset.failed);
    this.after(RETRY[Math.min(this.failures, RETRY.length - 1)]);
    this.failures += 1;
  }

  tell(state, words) {
    if (!this.place) return;
    this.place.dataset.state = state;
    this.place.querySelector("path").setAttribute("d", ICON[state]);
    this.place.querySelector("svg").toggleAttribute("hidden", false);
    this.place.querySelector("[data-words]").textContent = words ?? "";
  }
}

each("form[data-autosave]", (form) => new Autosave(form));

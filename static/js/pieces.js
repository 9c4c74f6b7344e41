/*
 * Send a large file in pieces (tus 1.0), so that it survives a lost connection, a closed tab and a
 * restarted server: the same file chosen again goes on where it stopped. What is complete stands
 * in the form as a hidden field under "<name>-ready".
 */
import { used } from "./page.js";

export const LARGE = 4 * 1024 * 1024;
const PIECE = 1024 * 1024;
const PAUSES = [1000, 2000, 4000, 8000, 15000, 30000];
const FINAL = [400, 403, 404, 413, 415];

const running = new Set();

/* The transfers of a form that are neither complete nor cancelled. */
export const unfinished = (form) => [...running].filter((one) => one.form === form);

const encode = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

function sizeOf(bytes) {
  const mega = bytes / 1024 / 1024;
  return `${mega.toFixed(mega < 10 ? 1 : 0)} MB`;
}

class RefusedError extends Error {}

export class Transfer {
  constructor(zone, input, file) {
    Object.assign(this, { zone, input, file, form: input.form, offset: 0, failures: 0 });
    this.row = zone.querySelector("template").content.firstElementChild.cloneNode(true);
    this.words = this.row.querySelector("[data-words]");
    this.bar = this.row.querySelector("progress");
    this.again = this.row.querySelector("[data-again]");
    this.row.querySelector("[data-file]").textContent = file.name;
    this.bar.setAttribute("aria-label", this.text("Bar").replace("{name}", file.name));
    this.row.querySelector("[data-cancel]").addEventListener("click", () => this.cancel());
    this.again.addEventListener("click", () => this.wake());
    this.online = () => this.wake();
    window.addEventListener("online", this.online);
    const list = zone.querySelector("ul.parts");
    if (!input.multiple) {
      for (const other of [...running]) if (other.zone === zone) other.cancel();
      list.replaceChildren();
      zone.querySelector("ul.kept")?.remove();
    }
    list.hidden = false;
    list.append(this.row);
  }

  text(which) {
    return this.zone.querySelector("[data-text-sending]").dataset[`text${which}`];
  }

  tell(which) {
    const percent = `${Math.floor((100 * this.offset) / this.file.size)} %`;
    const words = this.text(which).replace("{percent}", percent);
    this.words.textContent = words.replace("{size}", sizeOf(this.file.size));
    this.bar.value = this.offset / this.file.size;
  }

  headers(more = {}) {
    const token = this.form.querySelector("[name=csrfmiddlewaretoken]").value;
    return { "X-CSRFToken": token, "Tus-Resumable": "1.0.0", ...more };
  }

  async ask(method, url, headers, body) {
    this.request = new AbortController();
    const response = await fetch(url, {
      method,
      headers: this.headers(headers),
      body,
      signal: this.request.signal,
    });
    if (FINAL.includes(response.status)) {
      const answer = await response.json().catch(() => ({}));
      throw new RefusedError(answer.message ?? response.statusText);
    }
    if (!response.ok && response.status !== 409) throw new Error(response.statusText);
    const offset = response.headers.get("Upload-Offset");
    // An answer without an offset is a page of something else, such as the sign-in.
    if (offset === null) throw new RefusedError(this.zone.querySelector("[data-uploading]").dataset.failed);
    this.offset = Number(offset);
    used();
    return response;
  }

  async start() {
    running.add(this);
    while (running.has(this)) {
      try {
        await this.run();
        return this.finish();
      } catch (error) {
        if (error.name === "AbortError" && !running.has(this)) return;
        if (error instanceof RefusedError) return this.refuse(error.message);
        await this.rest();
      }
    }
  }

  async run() {
    if (!this.url) {
      const { name, size, lastModified } = this.file;
      const key = [location.pathname, this.input.name, name, size, lastModified].join("|");
      const facts = `filename ${encode(name)},key ${encode(key)}`;
      const response = await this.ask("POST", this.zone.dataset.uploads, {
        "Upload-Length": size,
        "Upload-Metadata": facts,
      });
      this.url = response.headers.get("Location");
    } else {
      await this.ask("HEAD", this.url);
    }
    this.tell("Sending");
    while (this.offset < this.file.size) {
      const piece = this.file.slice(this.offset, this.offset + PIECE);
      const type = "application/offset+octet-stream";
      await this.ask("PATCH", this.url, { "Content-Type": type, "Upload-Offset": this.offset }, piece);
      this.failures = 0;
      this.tell("Sending");
    }
  }

  /* Wait for the connection, for some time, or for a press on "Try again". */
  rest() {
    this.tell("Lost");
    this.again.hidden = false;
    const pause = PAUSES[Math.min(this.failures++, PAUSES.length - 1)];
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pause);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    }).then(() => {
      this.wake = () => {};
      this.again.hidden = true;
    });
  }

  wake() {}

  finish() {
    const field = document.createElement("input");
    Object.assign(field, {
      type: "hidden",
      name: `${this.zone.dataset.name}-ready`,
      value: this.url.split("/").at(-2),
    });
    this.row.append(field);
    this.tell("Ready");
    this.settle({ ready: true });
  }

  refuse(message) {
    this.words.textContent = message;
    this.bar.remove();
    this.again.remove();
    this.settle({ ready: false });
  }

  cancel() {
    const wasRunning = running.has(this);
    if (this.url) fetch(this.url, { method: "DELETE", headers: this.headers() }).catch(() => {});
    this.row.remove();
    this.settle({ ready: false });
    if (wasRunning) {
      this.request?.abort();
      this.wake();
    }
    this.input.focus();
  }

  settle(detail) {
    window.removeEventListener("online", this.online);
    running.delete(this);
    this.form.dispatchEvent(new CustomEvent("portal:transfer", { detail }));
  }
}

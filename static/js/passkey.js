/*
 * Passkeys. A button with data-passkey="address" fetches what to ask, asks the device, puts the
 * answer into the field "credential" of its form and sends the form. data-passkey-known="id" finds
 * what to ask in the JSON of that element; data-passkey-new="id" makes a new passkey from it.
 * Without WebAuthn nothing shows.
 */
import { each } from "./page.js";

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

function text(buffer) {
  const signs = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const withIds = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

function answerOf(credential) {
  const given = credential.response;
  const response = { clientDataJSON: text(given.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (given[part]) response[part] = text(given[part]);
  }
  if (given.getTransports) response.transports = given.getTransports();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

const known = (id) => JSON.parse(document.getElementById(id).textContent);

async function fetched(address) {
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}

function ask({ request_options: { publicKey } }) {
  publicKey.challenge = bytes(publicKey.challenge);
  publicKey.allowCredentials = withIds(publicKey.allowCredentials);
  return navigator.credentials.get({ publicKey });
}

function make(id, alone) {
  const { publicKey } = known(id).creation_options;
  publicKey.challenge = bytes(publicKey.challenge);
  publicKey.user.id = bytes(publicKey.user.id);
  publicKey.excludeCredentials = withIds(publicKey.excludeCredentials);
  const selection = publicKey.authenticatorSelection;
  selection.residentKey = alone ? "required" : "discouraged";
  selection.requireResidentKey = alone;
  if (alone) selection.userVerification = "required";
  return navigator.credentials.create({ publicKey });
}

async function press(button) {
  const { form } = button;
  const failed = document.querySelector("[data-passkey-failed]");
  failed.hidden = true;
  button.disabled = true;
  try {
    const { passkey, passkeyKnown, passkeyNew } = button.dataset;
    const credential = passkeyNew
      ? await make(passkeyNew, form.elements.passwordless.checked)
      : await ask(passkey ? await fetched(passkey) : known(passkeyKnown));
    form.elements.credential.value = JSON.stringify(answerOf(credential));
    form.submit();
  } catch {
    failed.hidden = false;
  } finally {
    button.disabled = false;
  }
}

if (window.PublicKeyCredential) {
  each("[data-passkey], [data-passkey-known], [data-passkey-new]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => press(button));
  });
  each("[data-passkey-missing]", (one) => {
    one.hidden = true;
  });
}

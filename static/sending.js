// Sending: a prompt stays in the composer, which is locked, until the message with its key is here.
// Whatever goes as a frame goes as a form, too, where there is no socket.

import { isBlocked, isOpen, send } from "./connection.js";
import { address, composer, field, isLive, keyField, refusal, say } from "./conversation.js";
import { edited } from "./drafts.js";
import { get } from "./parts.js";
import { toEnd } from "./reading.js";

const MOST_IN_FRAME = 15_000;

export function submitted(event) {
  const form = event.target;
  const [type, pk] = (event.submitter?.value ?? "").split(":");
  if (form === composer && type !== "stop") {
    submitPrompt(event);
  } else if (isOpen() && form.matches("#composer, #act")) {
    event.preventDefault();
    refusal.textContent = "";
    send({ type, pk: Number(pk), text: form.elements[`text-${pk}`]?.value });
  }
}

function submitPrompt(event) {
  if (isLive() || field.readOnly || !field.value.trim()) {
    event.preventDefault();
    say(isLive() ? "busy" : "");
    return;
  }
  toEnd();
  field.readOnly = true;
  if (goesAsForm()) return;
  event.preventDefault();
  refusal.textContent = "";
  sendPrompt();
}

function goesAsForm() {
  const isEditing = composer.querySelector(".editing");
  return !address || isBlocked || isEditing || field.value.length > MOST_IN_FRAME;
}

function sendPrompt() {
  send({ type: "ask", key: keyField.value, text: field.value });
}

export const isWaiting = () => field.readOnly && !goesAsForm();

export function sendWhatWaits() {
  if (isWaiting()) sendPrompt();
}

// Says whether there was something, which then leads to another page.
export function submitWhatWaits() {
  const isSubmitted = isWaiting() && !get(`m-${keyField.value}`);
  if (isSubmitted) composer.submit();
  return isSubmitted;
}

export function refuse(key, text) {
  refusal.textContent = text;
  if (key === keyField.value) field.readOnly = false;
}

// Once the message is here. The draft is emptied while locked: the server has done that, too.
export function unlockIfSent() {
  if (!field.readOnly || !get(`m-${keyField.value}`)) return;
  field.value = "";
  edited();
  field.readOnly = false;
}

// The page of a conversation: its elements, and what they tell. The document is the state.

import { isOnTouch } from "./keys.js";
import { get } from "./parts.js";

export const root = document.documentElement;
export const messages = get("messages");
export const composer = get("composer");
export const keyField = composer.elements.key;
export const field = get("text");
export const refusal = get("refusal");
export const address = document.querySelector(".page").dataset.socket;

const status = get("status");

export function isLive(message = messages.lastElementChild) {
  return ["queued", "streaming"].includes(message?.dataset.state);
}

export function say(name) {
  status.textContent = status.dataset[name] ?? "";
}

export function focusField() {
  if (!isOnTouch) field.focus({ preventScroll: true }); // on touch it would raise the keyboard
}

// Keys: what names one in `aria-keyshortcuts` is clicked, where its `data-only` says.

import { get } from "./parts.js";

const MODIFIERS = ["Control", "Meta", "Alt", "Shift"];
const OF_INPUT_METHOD = 229;

export const isOnTouch = matchMedia("(pointer: coarse) and (hover: none)").matches;

function pressed(event) {
  const name = nameOf(event);
  const found = document.querySelector(`[aria-keyshortcuts~="${CSS.escape(name)}"]`);
  if (!found || !event.target.matches(found.dataset.only ?? "*")) return;
  if (event.isComposing || event.keyCode === OF_INPUT_METHOD) return;
  if (isOnTouch && name === "Enter") return; // a new line
  event.preventDefault();
  if (!event.repeat) found.click();
}

// As in "Control+Shift+O": letters by their place, as Ctrl+K is to be that on any layout.
function nameOf(event) {
  const letter = (event.ctrlKey || event.metaKey) && /^Key(.)$/.exec(event.code)?.[1];
  const isNamed = letter || event.key.length > 1; // "?" needs Shift, and is no Shift+?
  const isHeld = (name) => event.getModifierState(name) && (name !== "Shift" || isNamed);
  return [...MODIFIERS.filter(isHeld), letter || event.key].join("+");
}

// In the overview a row's value selects what it stands for.
function chosen({ target }) {
  if (target.value) [...document.querySelectorAll(target.value)].at(-1)?.click();
}

get("shortcuts").addEventListener("click", chosen);
addEventListener("keydown", pressed);

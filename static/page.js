// What every page with the list of conversations beside it has: parts that are brought up to date, the list's news, and keys.

import { keepCookie } from "./person.js";

export const get = (id) => document.getElementById(id);
export const isOnTouch = matchMedia("(pointer: coarse) and (hover: none)").matches;
const isLarge = (block) => block.matches?.(".block") && block.querySelector(":nth-child(99)") && getSelection().isCollapsed;
const isReplaced = (old, fresh) => isLarge(old) && !old.replaceChildren(...fresh.childNodes); // morphing would take the square of time
const mustMorph = (old, fresh) => fresh.dataset?.same !== "" && !old.isEqualNode(fresh) && !isReplaced(old, fresh);
const mayGo = (node) => !node.classList?.contains("copy");
export const morph = (old, fresh) => Idiomorph.morph(old, fresh, { callbacks: { beforeNodeMorphed: mustMorph, beforeNodeRemoved: mayGo } });

export async function fetched(address) {
  const answer = await fetch(address).catch(() => null);
  return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

export async function renew(address) { // every part of this page that the fetched one has, too
  const parts = (await fetched(address))?.querySelectorAll("[data-part]") ?? [];
  for (const part of parts) if (get(part.id)) morph(get(part.id), part);
  return parts.length;
}

// The list: news of it come over the page's socket; where there is none, it is looked up.
const list = get("conversations");
let due = 0;

export function heard({ id, row }) {
  const link = list.querySelector(`a[href="/c/${id}/"]`);
  if (link && ["seen", "settled"].includes(row)) link.dataset.row = row;
  else lookUp();
}

export function lookUp() {
  clearTimeout(due);
  if (!document.hidden) due = setTimeout(renew, 250, list.dataset.address);
}

// Keys: what names one in `aria-keyshortcuts` is clicked, where `data-only` says. A row's value selects what it stands for.
function pressed(event) {
  const letter = (event.ctrlKey || event.metaKey) && /^Key(.)$/.exec(event.code)?.[1]; // Ctrl+K on any layout
  const isHeld = (name) => event.getModifierState(name) && (name !== "Shift" || letter || event.key.length > 1);
  const name = [...["Control", "Meta", "Alt", "Shift"].filter(isHeld), letter || event.key].join("+");
  const found = document.querySelector(`[aria-keyshortcuts~="${CSS.escape(name)}"]`);
  if (!found || !event.target.matches(found.dataset.only ?? "*")) return;
  if (event.isComposing || event.keyCode === 229 || (isOnTouch && name === "Enter")) return; // an input method's, or a new line
  event.preventDefault();
  if (!event.repeat) found.click();
}

keepCookie("zone", Intl.DateTimeFormat().resolvedOptions().timeZone, "/", 31536000);
list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
document.addEventListener("visibilitychange", lookUp);
if (!document.querySelector("[data-socket]")) setInterval(lookUp, 15000);
get("shortcuts").addEventListener("click", ({ target }) => target.value && [...document.querySelectorAll(target.value)].at(-1)?.click());
addEventListener("keydown", pressed);

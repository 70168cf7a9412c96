// What every page with the list of conversations beside it has: parts that are brought up to date, the list's news, and keys.

export const get = (id) => document.getElementById(id);
export const isOnTouch = matchMedia("(pointer: coarse) and (hover: none)").matches;

const careful = { callbacks: { beforeNodeMorphed: mustMorph, beforeNodeRemoved: (node) => !node.classList?.contains("copy") } };
export const morph = (old, fresh) => Idiomorph.morph(old, fresh, careful);

function mustMorph(old, fresh) {
  if (fresh.dataset?.same === "" || old.isEqualNode(fresh)) return false;
  if (!old.matches?.(".block:has(:nth-child(99))") || !getSelection().isCollapsed) return true;
  old.replaceChildren(...fresh.childNodes); // as morphing takes the square of the time for so many siblings
  return false;
}

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
  if (!link || !row || row === "live") return lookUp();
  link.querySelector(".wet, .unread")?.remove();
  if (row === "settled") link.append(get("unread").content.cloneNode(true));
}

export function lookUp() {
  clearTimeout(due);
  if (!document.hidden) due = setTimeout(renew, 250, list.dataset.address);
}

// Keys: an element that names one in `aria-keyshortcuts` is clicked, and `data-only` selects where that key is ours.
// Rows of the overview (_shortcuts.html) have in their value which other element they aim at: the last such one.
const elements = [...document.querySelectorAll("[aria-keyshortcuts]")];

function nameOf({ key, code, ctrlKey, metaKey, altKey, shiftKey }) { // by the key's place where letters differ: Ctrl+K on any layout
  const letter = (ctrlKey || metaKey) && /^Key(.)$/.exec(code)?.[1];
  const held = { Control: ctrlKey, Meta: metaKey, Alt: altKey, Shift: shiftKey && (letter || key.length > 1) };
  return [...Object.keys(held).filter((name) => held[name]), letter || key].join("+");
}

function pressed(event) {
  const name = nameOf(event);
  const found = elements.find((element) => element.matches(`[aria-keyshortcuts~="${CSS.escape(name)}"]`));
  if (!found || !event.target.matches(found.dataset.only ?? "*")) return;
  if (event.isComposing || event.keyCode === 229 || (isOnTouch && name === "Enter")) return; // an input method's, or a new line
  event.preventDefault();
  if (!event.repeat) found.click();
}

function chosen({ target }) {
  const aims = target.closest("[value]")?.value;
  const aim = aims && [...document.querySelectorAll(aims)].at(-1);
  if (aims) get("shortcuts").hidePopover();
  if (aim) aim[aim.matches("textarea") ? "focus" : "click"]();
}

list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
document.addEventListener("visibilitychange", lookUp);
if (!document.querySelector("[data-socket]")) setInterval(lookUp, 15000);
get("shortcuts").addEventListener("click", chosen);
addEventListener("keydown", pressed);

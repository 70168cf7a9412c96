// Parts of the document: found by their ids, and brought up to date from HTML that the server made.

export const get = (id) => document.getElementById(id);

// What is equal stays, and with it focus and selection.
export function morph(old, fresh) {
  const callbacks = { beforeNodeMorphed: mustMorph, beforeNodeRemoved: mayGo };
  Idiomorph.morph(old, fresh, { callbacks });
}

function mustMorph(old, fresh) {
  if (fresh.dataset?.same === "" || old.isEqualNode(fresh)) return false;
  if (!isLarge(old)) return true;
  old.replaceChildren(...fresh.childNodes); // morphing would take the square of time
  return false;
}

function isLarge(block) {
  return block.matches?.(".block:has(:nth-child(99))") && getSelection().isCollapsed;
}

const mayGo = (node) => !node.classList?.contains("copy");

export async function fetched(address) {
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// Every part of this page that the fetched one has, too; says how many those are.
export async function renew(address) {
  const parts = (await fetched(address))?.querySelectorAll("[data-part]") ?? [];
  for (const part of parts) {
    const old = get(part.id);
    if (old) morph(old, part);
  }
  return parts.length;
}

// Fragments: the server's HTML comes to its place. A block that is shown already is not parsed
// again, as a long answer that comes whole at its end would take long.

import { dress } from "./dressing.js";
import { get, morph } from "./parts.js";

const BLOCK = /<div class="block" id="([^"]+)[^]*?<\/div>/g;

// False if the fragment does not fit what stands here.
export function place({ id, into, html, append, at }) {
  const old = get(id);
  if (append) return lengthen(old, append, at);
  if (!html) old?.remove();
  else if (old) morph(old, html.replace(BLOCK, unlessShown));
  else if (get(into)) get(into).insertAdjacentHTML("beforeend", html);
  else return false;
  if (html) note(id, html);
  return true;
}

function unlessShown(block, id) {
  const isShown = get(id)?.shown === block;
  return isShown ? `<div class="block" id="${id}" data-same></div>` : block;
}

function note(id, html) {
  for (const [block, name] of html.matchAll(BLOCK)) get(name).shown = block;
  dress(get(id));
}

function lengthen(tail, text, at) {
  if (tail?.dataset.held !== String(at)) return false;
  const shown = tail.firstChild ?? tail.appendChild(new Text());
  shown.appendData(text); // not a thousand texts, which would be slow to replace
  tail.dataset.held = at + text.length;
  tail.closest(".block").shown = null;
  return true;
}

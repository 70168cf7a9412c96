// The draft: here at every key, on the server a second later.
// Its key goes with it, so that a prompt which is sent twice is still one message.

import { composer, field, keyField } from "./conversation.js";
import { tick } from "./dressing.js";
import { get } from "./parts.js";
import { person } from "./person.js";

const SOON_MS = 1000;
const KEY = "00000000-0000-4000-8000-000000000000";
const draft = `draft:${person}:${location.pathname}${location.search}`;
let due = 0;

export function recallDraft() {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith("draft:") && hasBecomeMessage(name)) localStorage.removeItem(name);
  }
  const kept = localStorage[draft];
  if (!kept) return;
  keyField.value = kept.slice(0, KEY.length);
  field.value = kept.slice(KEY.length);
}

function hasBecomeMessage(name) {
  return get(`m-${localStorage[name].slice(0, KEY.length)}`);
}

export function edited() {
  keyField.value = KEY.replace(/0/g, () => Math.trunc(Math.random() * 16).toString(16));
  if (field.value.trim()) localStorage[draft] = keyField.value + field.value;
  else localStorage.removeItem(draft);
  clearTimeout(due);
  due = 0;
  if (field.dataset.drafts && !field.readOnly) due = setTimeout(saveDraft, SOON_MS);
  tick();
}

export async function saveIfDue() {
  if (due) await saveDraft();
}

async function saveDraft() {
  due = 0;
  const text = field.value;
  const form = { method: "POST", body: new FormData(composer), keepalive: true };
  const answer = await fetch(field.dataset.drafts, form).catch(() => null);
  const isNewest = field.value === text; // else what stands here is newer than the server's
  if (answer?.status === 204 && isNewest) localStorage.removeItem(draft);
}

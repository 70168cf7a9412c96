// What only a browser can add to the server's HTML: local times, Copy, how much is written, and
// the seconds that are left to wait.

import { field, root, say } from "./conversation.js";
import { get } from "./parts.js";

const DONE_MS = 1500;
const count = get("count");
const lang = ofReader();

// The reader's own English or Russian, as numbers and times differ between countries.
function ofReader() {
  const own = navigator.languages.find((name) => name.startsWith(root.lang));
  const country = /-[A-Z]{2}$/.exec(navigator.language);
  return own ?? root.lang + (country ?? "");
}

export function dress(part) {
  for (const time of part.querySelectorAll("time")) {
    time.textContent = locally(new Date(time.dateTime));
  }
  for (const code of part.querySelectorAll("pre:not(:has(> .copy)) > code")) {
    code.after(get("copy-code").content.cloneNode(true));
  }
}

function locally(date) {
  const isToday = date.toDateString() === new Date().toDateString();
  const dateStyle = isToday ? undefined : "medium";
  return date.toLocaleString(lang, { dateStyle, timeStyle: "short" });
}

export function tick() {
  countCharacters();
  for (const { dataset } of document.querySelectorAll("[data-from]")) {
    dataset.left = inSeconds(Date.parse(dataset.from) - Date.now());
  }
}

function countCharacters() {
  const length = field.value.length;
  const max = Number(count.dataset.max);
  const isNear = max && length >= max * 0.8;
  const text = isNear ? `${length.toLocaleString(lang)} / ${max.toLocaleString(lang)}` : "";
  if (count.value !== text) count.value = text;
  count.toggleAttribute("data-over", max && length > max);
}

function inSeconds(milliseconds) {
  const left = Math.ceil(milliseconds / 1000);
  if (left <= 0 || left >= 100) return "";
  return left.toLocaleString(lang, { style: "unit", unit: "second" });
}

export async function copy({ target }) {
  const button = target.closest("[data-copy]");
  if (!button) return;
  await write(() => wanted(button));
  button.dataset.done = "";
  setTimeout(() => delete button.dataset.done, DONE_MS);
  say("copied");
}

async function wanted({ dataset, previousElementSibling: code }) {
  return dataset.copy ? (await fetch(dataset.copy)).text() : code.textContent;
}

// The text may come later, but the clipboard has to be asked for in the moment of the click.
async function write(text) {
  if (!navigator.clipboard) return writeTheOldWay(await text());
  await navigator.clipboard.write([new ClipboardItem({ "text/plain": text() })]);
}

function writeTheOldWay(text) { // the only one on plain http
  const put = (event) => {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  };
  addEventListener("copy", put, { once: true });
  document.execCommand("copy");
}

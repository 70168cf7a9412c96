// The page's side of a conversation: sends frames, moves HTML that the server rendered, follows the end, keeps the draft.
// The document is the state: there is no model beside it, and every word comes from the templates.

import { fetched, get, heard, isOnTouch, lookUp, morph, renew } from "./page.js";

const [messages, composer, field, status, refusal, connection, jump, count] =
  ["messages", "composer", "text", "status", "refusal", "connection", "jump", "count"].map(get);
const [{ key: keyField }, root, { socket: path }] = [composer.elements, document.documentElement, document.querySelector(".page").dataset];
const lang = navigator.languages.find((name) => name.startsWith(root.lang)) ?? root.lang;
const isLive = (message = messages.lastElementChild) => ["queued", "streaming"].includes(message?.dataset.state);
const pending = () => messages.querySelector("[data-state='pending']");
const hasArrived = (key) => ![undefined, "pending"].includes(get(`m-${key}`)?.dataset.state);
const say = (name) => { status.textContent = status.dataset[name] ?? ""; };
const focusField = () => isOnTouch || field.focus({ preventScroll: true }); // on touch it would raise the keyboard

// The draft: in the browser at every key, on the server a second later, so that it survives and is there on every device.
// Its key goes with it, so that a prompt sent twice is still one message. Plain http has no randomUUID.
const draft = `draft:${location.pathname}${location.search}`;
const newKey = () => "00000000-0000-4000-8000-000000000000".replace(/0/g, () => Math.trunc(Math.random() * 16).toString(16));
let due = 0;

function recallDraft() {
  for (const name of Object.keys(localStorage).filter((item) => item.startsWith("draft:")))
    if (get(`m-${localStorage[name].slice(0, 36)}`)) localStorage.removeItem(name); // it has become a message
  if (localStorage[draft]) [keyField.value, field.value] = [localStorage[draft].slice(0, 36), localStorage[draft].slice(36)];
  measure();
}

function edited() {
  keyField.value = newKey();
  localStorage[draft] = keyField.value + field.value;
  if (!field.value.trim()) localStorage.removeItem(draft);
  clearTimeout(due);
  due = field.dataset.drafts && !field.readOnly && setTimeout(saveDraft, 1000);
  measure();
}

async function saveDraft() {
  due = 0;
  const [body, text] = [new FormData(composer), field.value];
  const answer = await fetch(field.dataset.drafts, { method: "POST", body, keepalive: true }).catch(() => null);
  if (answer?.status === 204 && field.value === text) localStorage.removeItem(draft); // what stays there is newer than the server's
}

function measure() {
  const [length, max] = [field.value.length, Number(count.dataset.max)];
  count.hidden = !max || length < max * 0.8;
  count.toggleAttribute("data-over", length > max);
  if (!count.hidden) count.value = `${length.toLocaleString(lang)} / ${max.toLocaleString(lang)}`;
}

// Sending: a prompt is on its way until the message with its key has come back; meanwhile it stays in the composer.
const send = (frame) => isOpen() && socket.send(JSON.stringify(frame));

function submitted(event) {
  const [{ target: form }, [type, pk]] = [event, (event.submitter?.value ?? "").split(":")];
  const isPrompt = form === composer && type !== "stop";
  if (isPrompt && !mayAsk()) return event.preventDefault();
  if (isPrompt) showPending();
  const asForm = !path || isBlocked || type === "edit" || field.value.length > 15000; // which may not fit into a frame
  if (isPrompt ? asForm : !isOpen() || !form.matches("#composer, #act")) return;
  event.preventDefault();
  refusal.textContent = "";
  if (isPrompt) sendPrompt();
  else send({ type, pk: Number(pk), text: form.elements[`text-${pk}`]?.value });
}

function mayAsk() {
  say(isLive() ? "busy" : "");
  return field.value.trim() && !isLive() && !pending();
}

function showPending() {
  const copy = get("pending").content.firstElementChild.cloneNode(true);
  copy.id = `m-${keyField.value}`;
  copy.querySelector(".block").textContent = field.value;
  messages.append(copy);
  field.readOnly = true;
  focusField();
  toEnd();
}

function sendPrompt() {
  const { id } = pending();
  send({ type: "ask", key: keyField.value, text: field.value });
  setTimeout(() => pending()?.id === id && isOpen() && connect(), 8000); // a line may be dead without saying so
}

function refused({ key, text }) {
  if (pending()?.id === `m-${key}`) [field.readOnly] = [false, pending().remove()];
  refusal.textContent = text;
}

// Fragments: whatever arrived since the last picture is applied in order, then the page scrolls once.
// A block that is shown already is not parsed again, as that would hold a long answer up when it comes whole at its end.
const [waiting, missed, shown] = [[], new Set(), new Map()];
const BLOCKS = /(?=<div class="block")|(?<=<\/div>)(?=<\/div>)/;
const blockOf = (html) => /^<div class="block" id="([^"]+)/.exec(html)?.[1];
const unlessShown = (html) => (shown.get(blockOf(html)) === html ? `<div class="block" id="${blockOf(html)}" data-same></div>` : html);
const news = (last = messages.lastElementChild) => last?.dataset.author === "assistant" && last.id + (isLive() || last.dataset.state);
let [unacknowledged, told] = [0, news()];

function received({ data }) {
  const frame = JSON.parse(data);
  if (frame.type === "refused") refused(frame);
  if (frame.type === "list") heard(frame);
  if (frame.type !== "fragments") return;
  unacknowledged += data.length;
  if (waiting.push(frame) > 1) return;
  if (document.hidden) setTimeout(applyWaiting);
  else requestAnimationFrame(applyWaiting);
}

function applyWaiting() {
  const focused = document.activeElement;
  for (const frame of waiting.splice(0)) apply(frame);
  settle();
  if (focused !== field && !focused.checkVisibility()) focusField();
}

function apply({ pk, rev, fragments }) {
  try {
    fragments.forEach(place);
    missed.delete(pk);
  } catch { // it does not fit what stands here
    if (!missed.has(pk)) send({ type: "resend", pk });
    missed.add(pk);
  }
  if (unacknowledged > 32768 || !isLive()) [unacknowledged] = [0, send({ type: "ack", rev, pk })];
}

function place({ id, into, html, append, at }) {
  const old = get(id);
  if (append) return lengthen(old, append, at);
  if (!html) return old?.remove();
  if (old?.dataset.state === "pending") messages.append(old);
  if (old) morph(old, html.split(BLOCKS).map(unlessShown).join(""));
  else get(into).insertAdjacentHTML("beforeend", html);
  for (const part of html.split(BLOCKS)) if (blockOf(part)) shown.set(blockOf(part), part);
  dress(get(id));
}

function lengthen(tail, text, at) {
  if (Number(tail.dataset.held) !== at) throw new RangeError();
  tail.append(text);
  tail.normalize(); // into one text, as a thousand would be slow to replace
  tail.dataset.held = at + text.length;
  shown.delete(tail.closest(".block").id);
}

function settle() {
  if (field.readOnly && hasArrived(keyField.value)) [field.readOnly] = [false, (field.value = ""), edited()];
  keepUp();
  composer.toggleAttribute("data-live", isLive());
  if (!news() || news() === told) return;
  told = news();
  say(isLive() ? "live" : messages.lastElementChild.dataset.state);
  if (isLive()) return;
  if (document.hidden) document.title = `● ${document.title.replace("● ", "")}`;
  else send({ type: "look" });
}

// What only a browser can add to the server's HTML: local times, Copy, keys that scroll, the seconds left to wait.
const isToday = (date) => date.toDateString() === new Date().toDateString();
const locally = (date) => date.toLocaleString(lang, { dateStyle: isToday(date) ? undefined : "medium", timeStyle: "short" });

function dress(part) {
  const each = (selector, change) => part.querySelectorAll(selector).forEach(change);
  each("time", (time) => { time.textContent = locally(new Date(time.dateTime)); });
  each("pre:not(:has(> .copy)) > code", (code) => code.after(get("copy-code").content.firstElementChild.cloneNode(true)));
  countDown();
}

function countDown() {
  for (const { dataset } of document.querySelectorAll("[data-from]")) {
    const left = Math.ceil((Date.parse(dataset.from) - Date.now()) / 1000);
    dataset.left = left > 0 && left < 100 ? left.toLocaleString(lang, { style: "unit", unit: "second" }) : "";
  }
}

async function copy({ dataset, previousElementSibling: code }) {
  const text = async () => (dataset.copy ? (await fetch(dataset.copy)).text() : code.textContent);
  if (navigator.clipboard) await navigator.clipboard.write([new ClipboardItem({ "text/plain": text() })]);
  else copyTheOldWay(await text());
  dataset.done = "";
  setTimeout(() => delete dataset.done, 1500);
  say("copied");
}

function copyTheOldWay(text) { // the only one on plain http
  document.oncopy = (event) => event.preventDefault(event.clipboardData.setData("text/plain", text));
  document.execCommand("copy");
  document.oncopy = null;
}

// The end: followed while the reader is there, left at the first step away. A reader who comes back finds the place again.
let [isFollowing, lastTop] = [true, 0];
const toEnd = () => keepUp((isFollowing = true));
const holdStill = (element, top) => scrollBy(0, element.getBoundingClientRect().top - top);

function keepUp() {
  const isSelecting = !getSelection().isCollapsed && messages.contains(getSelection().anchorNode);
  if (isFollowing && !isSelecting && messages.firstChild) scrollTo(0, root.scrollHeight);
  watchReader();
}

function watchReader() {
  const [far, isUpwards] = [root.scrollHeight - innerHeight - scrollY, scrollY < lastTop - 1];
  lastTop = scrollY;
  if (far > 200 || (isUpwards && far > 4)) isFollowing = false;
  else if (far < 60 && !isUpwards) isFollowing = true;
  jump.hidden = isFollowing || far < 200;
  if (scrollY < 800 && !isFollowing) loadEarlier();
}

async function loadEarlier() {
  const [link, first] = [get("earlier"), messages.firstElementChild];
  if (!link || link.ariaBusy) return;
  link.ariaBusy = "true";
  const page = await fetched(link.href);
  if (!page) return link.removeAttribute("id"); // from now on a plain link
  const { top } = first.getBoundingClientRect();
  messages.prepend(...page.getElementById("messages").children);
  link.parentElement.replaceWith(...page.querySelectorAll(".beyond:has(#earlier)"));
  dress(messages);
  holdStill(first, top);
}

function keepPlace() { // in a cookie, so that its message is on the page next time, however far up it stands
  const top = [...messages.children].find((message) => message.getBoundingClientRect().bottom > 80);
  const place = top && !isFollowing ? `${top.dataset.pk}:${Math.round(top.getBoundingClientRect().top)}` : "";
  document.cookie = `place=${place};path=${location.pathname};samesite=lax;max-age=${place ? 31536000 : 0}`;
}

function recallPlace() {
  const [, pk, top] = /\bplace=(\d+):(-?\d+)/.exec(document.cookie) ?? [];
  const message = location.hash === "#end" ? null : messages.querySelector(`[data-pk="${pk}"]`);
  history.scrollRestoration = "manual";
  isFollowing = !message && !messages.querySelector(":target");
  if (message) holdStill(message, top);
  else keepUp();
}

// The connection: comes back by itself after everything but a plain no. Where sockets are blocked, the page is fetched instead.
const FINAL = [4401, 4404];
let [socket, again, banner, attempts, openedAt, hiddenAt, isBlocked] = [null, 0, 0, 0, 0, 0, false];
const isOpen = () => socket?.readyState === WebSocket.OPEN;
const report = (state) => { clearTimeout(banner); [banner, connection.dataset.state] = [0, state]; };

function connect() {
  clearTimeout(again);
  if (!path) return;
  if (socket) socket.onclose = socket.onmessage = null;
  socket?.close();
  const settled = [...messages.children].findLast((message) => message.dataset.pk > 0 && !isLive(message));
  socket = new WebSocket(`${location.origin.replace("http", "ws")}${path}?after=${settled?.dataset.pk ?? 0}&list=1`);
  Object.assign(socket, { onopen: opened, onmessage: received, onclose: closed });
}

function opened() {
  if (openedAt) lookUp(); // the list may have changed meanwhile
  [openedAt, isBlocked, unacknowledged] = [Date.now(), false, 0];
  missed.clear();
  report("");
  if (pending()) sendPrompt();
}

function closed({ code }) {
  if (FINAL.includes(code)) return [field.readOnly] = [false, report(code)];
  if (openedAt && Date.now() - openedAt > 5000) attempts = 0;
  banner ||= setTimeout(report, 5000, "lost");
  again = setTimeout(connect, isBlocked ? 3000 : Math.min(15000, 300 * 2 ** attempts++) * (0.5 + Math.random() / 2));
  if (!openedAt && attempts > 2) poll();
}

async function poll() {
  if (!(await renew(`?from=${messages.firstElementChild?.dataset.pk}`))) return;
  isBlocked = true;
  if (field.readOnly && !hasArrived(keyField.value)) return composer.submit(); // it waited for a socket
  report("");
  dress(messages);
  settle();
}

function lookedAt() {
  applyWaiting();
  if (document.hidden) hiddenAt = Date.now();
  else if (document.title.startsWith("● ")) [document.title] = [document.title.slice(2), send({ type: "look" })];
  if (Date.now() - hiddenAt > 60000) connect();
}

function clicked(event) {
  const button = event.target.closest("[data-copy], #reconnect, #jump, #earlier");
  if (button === jump) toEnd();
  else if (button?.id === "reconnect") connect();
  else if (button?.id === "earlier") loadEarlier(event.preventDefault());
  else if (button) copy(button);
}

recallDraft();
dress(document);
recallPlace();
const listeners = { submit: submitted, click: clicked, visibilitychange: lookedAt, online: connect, scroll: watchReader, resize: keepUp,
  pagehide: () => [keepPlace(), due && saveDraft()], pageshow: ({ persisted }) => persisted && location.reload() };
for (const [type, listener] of Object.entries(listeners)) addEventListener(type, listener);
field.addEventListener("input", edited);
setInterval(countDown, 1000);
focusField();
connect();

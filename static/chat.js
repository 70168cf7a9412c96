// The page's side of a conversation. The document is the state, all HTML and every word come from the server.

import { fetched, get, heard, isOnTouch, lookUp, morph, renew } from "./page.js";
import { beforeLeaving, keepCookie, person } from "./person.js";

const [messages, composer, field, status, refusal, connection, jump, count] =
  ["messages", "composer", "text", "status", "refusal", "connection", "jump", "count"].map(get);
const [{ key: keyField }, root, { socket: path }] = [composer.elements, document.documentElement, document.querySelector(".page").dataset];
const lang = navigator.languages.find((name) => name.startsWith(root.lang)) ?? root.lang + (/-[A-Z]{2}$/.exec(navigator.language) ?? "");
const isLive = (message = messages.lastElementChild) => ["queued", "streaming"].includes(message?.dataset.state);
const say = (name) => { status.textContent = status.dataset[name] ?? ""; };
const focusField = () => isOnTouch || field.focus({ preventScroll: true }); // on touch it would raise the keyboard

// The draft: here at every key, on the server a second later. Its key goes with it: a prompt sent twice is still one message.
const draft = `draft:${person}:${location.pathname}${location.search}`;
let due = 0;

function recallDraft() {
  for (const name of Object.keys(localStorage).filter((item) => item.startsWith("draft:")))
    if (get(`m-${localStorage[name].slice(0, 36)}`)) localStorage.removeItem(name); // it has become a message
  if (localStorage[draft]) [keyField.value, field.value] = [localStorage[draft].slice(0, 36), localStorage[draft].slice(36)];
}

function edited() {
  keyField.value = "00000000-0000-4000-8000-000000000000".replace(/0/g, () => Math.trunc(Math.random() * 16).toString(16));
  localStorage[draft] = keyField.value + field.value;
  if (!field.value.trim()) localStorage.removeItem(draft);
  clearTimeout(due);
  due = field.dataset.drafts && !field.readOnly && setTimeout(saveDraft, 1000);
  tick();
}

async function saveDraft() {
  due = 0;
  const [body, text] = [new FormData(composer), field.value];
  const answer = await fetch(field.dataset.drafts, { method: "POST", body, keepalive: true }).catch(() => null);
  if (answer?.status === 204 && field.value === text) localStorage.removeItem(draft); // what stays there is newer than the server's
}

// Sending: a prompt stays in the composer, which is locked, until the message with its key has come back.
const asForm = () => !path || isBlocked || composer.querySelector(".editing") || field.value.length > 15000; // too long for a frame
const sendPrompt = () => send({ type: "ask", key: keyField.value, text: field.value });

function submitted(event) {
  const [{ target: form }, [type, pk]] = [event, (event.submitter?.value ?? "").split(":")];
  const isPrompt = form === composer && type !== "stop";
  if (isPrompt && (isLive() || field.readOnly || !field.value.trim())) return event.preventDefault(say(isLive() ? "busy" : ""));
  if (isPrompt) [field.readOnly] = [true, toEnd()];
  if (isPrompt ? asForm() : !isOpen() || !form.matches("#composer, #act")) return;
  event.preventDefault();
  refusal.textContent = "";
  if (isPrompt) sendPrompt();
  else send({ type, pk: Number(pk), text: form.elements[`text-${pk}`]?.value });
}

// Fragments. A block that is shown already is not parsed again, as a long answer that comes whole at its end would take long.
const BLOCK = /<div class="block" id="([^"]+)[^]*?<\/div>/g;
const unlessShown = (block, id) => (get(id)?.shown === block ? `<div class="block" id="${id}" data-same></div>` : block);
const news = (last = messages.lastElementChild) => last?.dataset.author === "assistant" && last.id + (isLive() || last.dataset.state);
let [unacknowledged, told] = [0, news()];

function received({ data }) {
  const [{ type, key, text, fragments, pk, rev, ...row }, focused] = [JSON.parse(data), document.activeElement];
  dead = clearTimeout(dead);
  if (type === "list") heard(row);
  if (type === "refused") [refusal.textContent, field.readOnly] = [text, field.readOnly && key !== keyField.value];
  if (type !== "fragments") return;
  if (fragments.map(place).includes(false)) send({ type: "resend", pk });
  if ((unacknowledged += data.length) > 32768 || !isLive()) [unacknowledged] = [0, send({ type: "ack", rev, pk })];
  settle();
  if (!focused.checkVisibility()) focusField();
}

function place({ id, into, html, append, at }) { // false if it does not fit what stands here
  const old = get(id);
  if (append) return lengthen(old, append, at);
  if (!html) return old?.remove();
  if (!old && !get(into)) return false;
  if (old) morph(old, html.replace(BLOCK, unlessShown));
  else get(into).insertAdjacentHTML("beforeend", html);
  for (const [block, name] of html.matchAll(BLOCK)) get(name).shown = block;
  dress(get(id));
}

function lengthen(tail, text, at) {
  if (tail?.dataset.held !== String(at)) return false;
  (tail.firstChild ?? tail.appendChild(new Text())).appendData(text); // not a thousand texts, which would be slow to replace
  tail.dataset.held = at + text.length;
  tail.closest(".block").shown = null;
}

function settle() {
  if (field.readOnly && get(`m-${keyField.value}`)) [field.readOnly] = [false, (field.value = ""), edited()];
  keepUp();
  composer.toggleAttribute("data-live", isLive());
  if (!news() || news() === told) return;
  told = news();
  say(isLive() ? "live" : messages.lastElementChild.dataset.state);
  if (document.hidden && !isLive()) document.title = `● ${document.title.replace("● ", "")}`;
  else if (!isLive()) send({ type: "look" });
}

// What only a browser can add to the server's HTML: local times, Copy, how much is written, the seconds left to wait.
const isToday = (date) => date.toDateString() === new Date().toDateString();
const locally = (date) => date.toLocaleString(lang, { dateStyle: isToday(date) ? undefined : "medium", timeStyle: "short" });

function dress(part) {
  for (const time of part.querySelectorAll("time")) time.textContent = locally(new Date(time.dateTime));
  for (const code of part.querySelectorAll("pre:not(:has(> .copy)) > code")) code.after(get("copy-code").content.cloneNode(true));
}

function tick() {
  const [length, max] = [field.value.length, Number(count.dataset.max)];
  const text = max && length >= max * 0.8 ? `${length.toLocaleString(lang)} / ${max.toLocaleString(lang)}` : "";
  if (count.value !== text) count.value = text;
  count.toggleAttribute("data-over", max && length > max);
  for (const { dataset } of document.querySelectorAll("[data-from]")) {
    const left = Math.ceil((Date.parse(dataset.from) - Date.now()) / 1000);
    dataset.left = left > 0 && left < 100 ? left.toLocaleString(lang, { style: "unit", unit: "second" }) : "";
  }
}

async function copy({ target }) {
  const { dataset, previousElementSibling: code } = target.closest("[data-copy]") ?? {};
  if (!dataset) return;
  const text = async () => (dataset.copy ? (await fetch(dataset.copy)).text() : code.textContent);
  if (navigator.clipboard) await navigator.clipboard.write([new ClipboardItem({ "text/plain": text() })]);
  else copyTheOldWay(await text());
  dataset.done = "";
  setTimeout(() => delete dataset.done, 1500);
  say("copied");
}

function copyTheOldWay(text) { // the only one on plain http
  addEventListener("copy", (event) => event.preventDefault(event.clipboardData.setData("text/plain", text)), { once: true });
  document.execCommand("copy");
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
  if (scrollY < 800) loadEarlier();
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

function left() { // the place goes into a cookie, so that its message is on the page next time, however far up it stands
  const top = [...messages.children].find((message) => message.getBoundingClientRect().bottom > 80);
  const place = top && !isFollowing ? `${person}:${top.dataset.pk}:${Math.round(top.getBoundingClientRect().top)}` : "";
  keepCookie("place", place, location.pathname, place ? 31536000 : 0);
  if (due) saveDraft();
}

function recallPlace() {
  const [, pk, top] = new RegExp(`\\bplace=${person}:(\\d+):(-?\\d+)`).exec(document.cookie) ?? [];
  const message = location.hash === "#end" ? null : messages.querySelector(`[data-pk="${pk}"]`);
  history.scrollRestoration = "manual";
  isFollowing = !message && !messages.querySelector(":target");
  if (message) holdStill(message, top);
  else keepUp();
}

// The connection: comes back by itself after everything but a plain no. Where sockets are blocked, the page is fetched instead.
let [socket, again, dead, attempts, openedAt, isBlocked] = [null, 0, 0, 0, 0, false];
const isOpen = () => socket?.readyState === WebSocket.OPEN;

function send(frame) {
  if (isOpen()) socket.send(JSON.stringify(frame));
  if (frame.type !== "ack") dead ||= setTimeout(connect, 5000); // a line may be dead without saying so
}

function connect() {
  if (!path) return;
  [again, dead] = [again, dead].map(clearTimeout);
  if (socket) socket.onclose = socket.onmessage = null;
  socket?.close();
  const settled = [...messages.children].findLast((message) => !isLive(message));
  socket = new WebSocket(`${location.origin.replace("http", "ws")}${path}?after=${settled?.dataset.pk ?? 0}&list=1`);
  Object.assign(socket, { onopen: opened, onmessage: received, onclose: closed });
}

function opened() {
  if (openedAt) lookUp(); // the list may have changed meanwhile
  [openedAt, isBlocked, unacknowledged] = [Date.now(), false, 0];
  connection.dataset.state = "";
  if (field.readOnly && !asForm()) sendPrompt();
}

function closed({ code }) {
  connection.dataset.state = code;
  if (code === 4401 || code === 4404) return [field.readOnly] = [false];
  if (openedAt && Date.now() - openedAt > 5000) attempts = 0;
  again = setTimeout(connect, isBlocked ? 3000 : Math.min(15000, 300 * 2 ** attempts++) * (0.5 + Math.random() / 2));
  if (!openedAt && attempts > 2) poll();
}

async function poll() {
  if (!(await renew(`?from=${messages.firstElementChild?.dataset.pk}`))) return;
  if (field.readOnly && !asForm() && !get(`m-${keyField.value}`)) return composer.submit(); // it waited for a socket
  isBlocked = true;
  connection.dataset.state = "";
  dress(messages);
  settle();
}

function lookedAt() {
  if (document.hidden) return;
  document.title = document.title.replace("● ", "");
  send({ type: "look" });
}

function wokenUp() { // out of the browser's memory: a prompt that was sent from here is elsewhere by now
  if (field.readOnly) location.reload();
  else connect();
}

beforeLeaving(async () => due && saveDraft());
recallDraft();
dress(document);
recallPlace();
[document.onvisibilitychange, field.oninput, jump.onclick, connection.onclick] = [lookedAt, edited, toEnd, connect];
const clicked = (event) => (event.target.id === "earlier" ? loadEarlier(event.preventDefault()) : copy(event));
Object.assign(window, { onsubmit: submitted, onclick: clicked, onscroll: watchReader, onresize: keepUp, ononline: connect });
Object.assign(window, { onpagehide: left, onpageshow: ({ persisted }) => persisted && wokenUp() });
setInterval(tick, 200);
requestAnimationFrame(() => setTimeout(focusField)); // as arriving at the address's #end takes the focus away
connect();

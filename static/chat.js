// The page's side of a conversation: sends frames, moves HTML that the server rendered, follows the end, keeps the draft.
// The document is the state: there is no model beside it, and every word comes from the templates.

const get = (id) => document.getElementById(id);
const page = document.querySelector(".page");
const [messages, composer, field, status, refusal, connection, jump, count] =
  ["messages", "composer", "text", "status", "refusal", "connection", "jump", "count"].map(get);
const keyField = composer.elements.key;
const lang = navigator.languages.find((name) => name.startsWith(document.documentElement.lang)) ?? document.documentElement.lang;
const onTouch = matchMedia("(pointer: coarse) and (hover: none)").matches;
const LIVE = '[data-state="queued"], [data-state="streaming"]';
const isLive = () => Boolean(messages.lastElementChild?.matches(LIVE));
const say = (name) => { status.textContent = status.dataset[name] ?? ""; };

function stored(name, value) {
  try {
    if (value === undefined) return JSON.parse(localStorage.getItem(name));
    if (value) localStorage.setItem(name, JSON.stringify(value));
    else localStorage.removeItem(name);
  } catch { /* storage is off or full: then it lasts as long as the page */ }
  return null;
}

// The draft: text and key stay together, so that a prompt sent twice is still one message.

const draftName = `draft:${location.pathname}`;
const randomDigit = () => (crypto.getRandomValues(new Uint8Array(1))[0] & 15).toString(16);
const newKey = () => "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replaceAll("x", randomDigit); // randomUUID needs https
const keepDraft = () => stored(draftName, field.value.trim() && { text: field.value, key: keyField.value });

function recallDraft() {
  for (const name of [draftName, "draft:/"]) if (get(`m-${stored(name)?.key}`)) stored(name, null);
  const draft = stored(draftName);
  if (draft?.text && !field.value) [field.value, keyField.value] = [draft.text, draft.key];
  measure();
}

function edited() {
  keyField.value = newKey();
  keepDraft();
  measure();
}

function measure() {
  const [length, max] = [field.value.length, Number(count.dataset.max)];
  count.hidden = !max || length < max * 0.8;
  count.value = `${length.toLocaleString(lang)} / ${max.toLocaleString(lang)}`;
  count.toggleAttribute("data-over", length > max);
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

// Sending: a prompt stays in the outbox until the message with its key has come back.

const outbox = new Map();
const send = (frame) => { if (isOpen()) socket.send(JSON.stringify(frame)); };

function submitted(event) {
  const [type, pk] = (event.submitter?.value ?? "").split(":");
  if (event.target.matches(".starters")) fillIn(event, event.submitter.value);
  else if (event.target === composer && type !== "stop") ask(event, keyField.value, field.value);
  else if (["composer", "act"].includes(event.target.id) && isOpen()) act(event, pk ? { type, pk: Number(pk) } : { type });
}

function fillIn(event, text) {
  event.preventDefault();
  field.value = text;
  edited();
  field.focus();
}

function ask(event, key, text) {
  const asForm = !page.dataset.socket || isBlocked || text.length > 15000; // more might not fit into a frame
  const mayAsk = text.trim() && !isLive() && !outbox.has(key) && !("sent" in composer.dataset);
  if (!asForm || !mayAsk) event.preventDefault();
  if (isLive()) say("busy");
  if (!mayAsk) return;
  refusal.textContent = "";
  keepDraft();
  showPending(key, text);
  if (asForm) composer.dataset.sent = "";
  else entrust({ type: "ask", key, text });
}

function entrust(frame) {
  field.readOnly = true;
  outbox.set(frame.key, frame);
  send(frame);
  setTimeout(() => outbox.has(frame.key) && isOpen() && connect(), 8000); // a line may be dead without saying so
  if (!onTouch) field.focus();
}

function act(event, frame) {
  event.preventDefault();
  refusal.textContent = "";
  send(frame);
}

function showPending(key, text) {
  if (get(`m-${key}`)) return;
  const copy = get("pending").content.firstElementChild.cloneNode(true);
  copy.id = `m-${key}`;
  copy.querySelector(".block").textContent = text;
  messages.append(copy);
  toEnd();
}

function acknowledge(key) {
  const state = get(`m-${key}`)?.dataset.state;
  if (!state || state === "pending") return;
  outbox.delete(key);
  field.readOnly = false;
  if (keyField.value === key) field.value = "";
  edited();
}

function refused({ key, text, retry_after: seconds }) {
  if (get(`m-${key}`)?.dataset.state === "pending") get(`m-${key}`).remove();
  if (outbox.delete(key)) field.readOnly = false;
  refusal.textContent = text ?? "";
  refusal.dataset.from = seconds ? new Date(Date.now() + seconds * 1000).toISOString() : "";
  countDown();
}

// Fragments: whatever arrived since the last picture is applied in order, then the page scrolls once.

const waiting = [];
const missed = new Set();
let [isScheduled, unacknowledged, told] = [false, 0, ""];
const careful = { callbacks: {
  beforeNodeMorphed: (old, fresh) => !fresh.dataset?.same && !old.isEqualNode(fresh),
  beforeNodeRemoved: (node) => !node.classList?.contains("copy"),
} };

function received({ data }) {
  let frame;
  try { frame = JSON.parse(data); } catch { return; }
  if (frame?.type === "refused") refused(frame);
  if (frame?.type !== "fragments" || !Array.isArray(frame.fragments)) return;
  waiting.push(frame);
  unacknowledged += data.length;
  schedule();
}

function schedule() {
  if (isScheduled) return;
  isScheduled = true;
  if (document.hidden) setTimeout(applyWaiting);
  else requestAnimationFrame(applyWaiting);
}

function applyWaiting() {
  const deadline = performance.now() + 12;
  isScheduled = false;
  while (waiting.length && performance.now() < deadline) applyFrame(waiting.shift());
  settle();
  if (waiting.length) schedule();
}

function applyFrame({ pk, rev, fragments }) {
  try {
    for (const fragment of fragments) place(fragment, pk);
  } catch {
    resend(pk);
  }
  if (unacknowledged < 32768 && isLive()) return;
  send({ type: "ack", rev, pk });
  unacknowledged = 0;
}

function place({ id, into, html, append, at }, pk) {
  const old = get(id);
  if (typeof append === "string") return lengthen(old, append, at, pk);
  if (typeof html !== "string") return;
  if (!html) return old?.remove();
  if (old?.dataset.state === "pending") messages.append(old);
  if (old) Idiomorph.morph(old, withoutShown(html, old), careful);
  else if (get(into)) get(into).insertAdjacentHTML("beforeend", html);
  else return resend(pk);
  missed.delete(pk);
  get(id).html = html;
  dress(get(id));
}

function withoutShown(html, message) { // parsing again what stands there already would hold a long answer up
  const parts = [];
  let from = 0;
  for (const block of message.querySelectorAll(".block")) {
    const at = block.html ? html.indexOf(block.html, from) : -1;
    if (at < 0) continue;
    parts.push(html.slice(from, at), `<div class="block" id="${block.id}" data-same="yes"></div>`);
    from = at + block.html.length;
  }
  return parts.join("") + html.slice(from);
}

function lengthen(tail, text, at, pk) {
  if (Number(tail?.dataset.held) !== at) return resend(pk);
  tail.append(text);
  tail.dataset.held = at + text.length;
}

function resend(pk) {
  if (!missed.has(pk)) send({ type: "resend", pk });
  missed.add(pk);
}

function settle() {
  [...outbox.keys()].forEach(acknowledge);
  keepUp();
  const [last, live] = [messages.lastElementChild, isLive()];
  if (!live && document.activeElement?.value === "stop") field.focus();
  composer.toggleAttribute("data-live", live);
  const news = last?.dataset.author === "assistant" ? last.id + (live ? "live" : last.dataset.state) : told;
  if (news === told) return;
  told = news;
  say(live ? "live" : last.dataset.state);
  if (!live && document.hidden) document.title = `● ${document.title.replace(/^● /, "")}`;
}

// What only a browser can add to the server's HTML: local times, Copy on code, the seconds left to wait.

function dress(root) {
  for (const time of root.querySelectorAll("time")) tellLocally(time, new Date(time.dateTime));
  for (const code of root.querySelectorAll("pre:not(:has(> .copy)) > code")) code.after(get("copy-code").content.firstElementChild.cloneNode(true));
  for (const wide of root.querySelectorAll("pre > code, .block:has(> table)")) if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0; // keys scroll it
  countDown();
}

function tellLocally(time, date) {
  const isToday = date.toDateString() === new Date().toDateString();
  time.title = date.toLocaleString(lang, { dateStyle: "full", timeStyle: "short" });
  time.textContent = date.toLocaleString(lang, { dateStyle: isToday ? undefined : "medium", timeStyle: "short" });
}

function countDown() {
  for (const element of document.querySelectorAll("[data-from]")) {
    const left = Math.ceil((Date.parse(element.dataset.from) - Date.now()) / 1000);
    if (left > 0) element.dataset.left = left < 100 ? `${left} s` : `${Math.ceil(left / 60)} min`;
    else delete element.dataset.left;
  }
}

async function copy(button) {
  const message = button.closest(".message");
  const source = () => fetch(`${message.dataset.pk}.md`).then((answer) => (answer.ok ? answer.text() : message.querySelector(".body").innerText));
  await write(button.matches(".copy") ? button.parentElement.querySelector("code").textContent : source());
  button.dataset.done = "";
  setTimeout(() => delete button.dataset.done, 1500);
  say("copied");
}

async function write(text) {
  const blob = async () => new Blob([await text], { type: "text/plain" });
  if (navigator.clipboard) return navigator.clipboard.write([new ClipboardItem({ "text/plain": blob() })]);
  const plain = await text; // on plain http there is only the old way
  document.addEventListener("copy", (event) => { event.clipboardData.setData("text/plain", plain); event.preventDefault(); }, { once: true });
  document.execCommand("copy");
}

// The end: followed while the reader is there, left at the first step away. A reader who comes back finds the place again.

const placeName = `place:${location.pathname}`;
let [isFollowing, lastTop] = [true, 0];

function watchReader() {
  const [far, isUpwards] = [document.documentElement.scrollHeight - innerHeight - scrollY, scrollY < lastTop - 1];
  lastTop = scrollY;
  if (far > 200 || (isUpwards && far > 4)) isFollowing = false;
  else if (far < 60 && !isUpwards) isFollowing = true;
  jump.hidden = isFollowing || far < 200;
}

function keepUp() {
  const isSelecting = !getSelection().isCollapsed && messages.contains(getSelection().anchorNode);
  if (!isFollowing || isSelecting || !messages.childElementCount) return watchReader();
  scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
  lastTop = scrollY;
}

function toEnd(event) {
  event?.preventDefault();
  isFollowing = jump.hidden = true;
  keepUp();
}

function keepPlace() {
  const top = [...messages.children].find((message) => message.getBoundingClientRect().bottom > 80);
  stored(placeName, !isFollowing && top && { id: top.id, offset: top.getBoundingClientRect().top });
}

function recallPlace() {
  const place = stored(placeName);
  history.scrollRestoration = "manual";
  isFollowing = !get(place?.id) && !location.hash.startsWith("#m-");
  if (get(place?.id)) scrollTo(0, get(place.id).getBoundingClientRect().top + scrollY - place.offset);
  else keepUp();
}

// The connection: comes back by itself after everything but a plain no. Where sockets are blocked, the page is fetched instead.

const FINAL = { 4401: "signed-out", 4403: "forbidden", 4404: "gone" };
let [socket, again, banner, attempts, openedAt, hiddenAt, isBlocked] = [null, 0, 0, 0, 0, 0, false];
const isOpen = () => socket?.readyState === WebSocket.OPEN;

function connect() {
  clearTimeout(again);
  if (!page.dataset.socket) return;
  const former = socket;
  const own = socket = new WebSocket(`${location.origin.replace("http", "ws")}${page.dataset.socket}?after=${lastSettled()}`);
  former?.close();
  own.onopen = opened;
  own.onmessage = (event) => own === socket && received(event);
  own.onclose = ({ code }) => own === socket && closed(code);
}

function lastSettled() {
  return [...messages.children].findLast((message) => Number(message.dataset.pk) && !message.matches(LIVE))?.dataset.pk ?? 0;
}

function opened() {
  openedAt = Date.now();
  isBlocked = false;
  missed.clear();
  unacknowledged = 0;
  report("");
  outbox.forEach(send);
}

function report(state) {
  clearTimeout(banner);
  banner = 0;
  connection.dataset.state = state;
}

function closed(code) {
  if (code in FINAL) {
    field.readOnly = false;
    return report(FINAL[code]);
  }
  if (openedAt && Date.now() - openedAt > 5000) attempts = 0;
  banner ||= setTimeout(report, 5000, "lost");
  again = setTimeout(connect, isBlocked ? 3000 : Math.min(15000, 300 * 2 ** attempts) * (0.5 + Math.random() / 2));
  attempts += 1;
  if (!openedAt && attempts > 2) poll();
}

async function poll() {
  const answer = await fetch(location.href).catch(() => null);
  const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("messages");
  if (!fresh) return;
  report("");
  isBlocked = true;
  Idiomorph.morph(messages, fresh, careful);
  dress(messages);
  settle();
}

function seen() {
  if (document.hidden) { hiddenAt = Date.now(); return; }
  document.title = document.title.replace(/^● /, "");
  if (waiting.length) applyWaiting();
  if (Date.now() - hiddenAt > 60000) connect();
}

function pressed(event) {
  const isBreak = (event.shiftKey || event.altKey || onTouch) && !event.ctrlKey && !event.metaKey;
  if (event.key !== "Enter" || isBreak || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  composer.requestSubmit(composer.querySelector('[value="ask"]'));
}

recallDraft();
dress(document);
recallPlace();
if (!isLive()) told = messages.lastElementChild?.id + messages.lastElementChild?.dataset.state;
get("sidebar").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
document.addEventListener("submit", submitted);
document.addEventListener("click", ({ target }) => target.closest("[data-copy]") && copy(target.closest("[data-copy]")));
document.addEventListener("visibilitychange", seen);
field.addEventListener("input", edited);
field.addEventListener("keydown", pressed);
jump.addEventListener("click", toEnd);
get("reconnect").addEventListener("click", connect);
addEventListener("online", connect);
addEventListener("scroll", watchReader, { passive: true });
addEventListener("resize", keepUp);
addEventListener("pagehide", keepPlace);
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
setInterval(countDown, 1000);
if (!onTouch) field.focus({ preventScroll: true });
connect();

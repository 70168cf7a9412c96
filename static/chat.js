// The page's side of a conversation: sends frames, moves HTML the server rendered, follows the end, keeps the draft.
// What is shown is the state: there is no model beside the document, and every word comes from the templates.

const get = (id) => document.getElementById(id);
const page = document.querySelector(".page");
const [messages, composer, field, status, refusal, connection, jump, count] =
  ["messages", "composer", "text", "status", "refusal", "connection", "jump", "count"].map(get);
const LIVE = '[data-state="queued"], [data-state="streaming"]';
const FINAL = { 4401: "signed-out", 4403: "forbidden", 4404: "gone" };
const onTouch = matchMedia("(pointer: coarse) and (hover: none)").matches;
const say = (name) => { status.textContent = status.dataset[name] ?? ""; };

// The draft: text and key stay together, so that a prompt sent twice is still one message.

const draftName = `draft:${location.pathname}`;

function stored(name, value) {
  try {
    if (value === undefined) return JSON.parse(localStorage.getItem(name));
    if (value) localStorage.setItem(name, JSON.stringify(value));
    else localStorage.removeItem(name);
  } catch { /* storage is off or full: the draft then lives as long as the page */ }
  return null;
}

function newKey() { // crypto.randomUUID exists only on https and localhost
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function keepDraft() {
  stored(draftName, field.value.trim() ? { text: field.value, key: composer.elements.key.value } : null);
}

function recallDraft() {
  for (const name of [draftName, "draft:/"]) if (get(`m-${stored(name)?.key}`)) stored(name, null);
  const draft = stored(draftName);
  if (!draft?.text || field.value) return;
  field.value = draft.text;
  composer.elements.key.value = draft.key;
}

function edited() {
  composer.elements.key.value = newKey();
  keepDraft();
  measure();
}

function measure() {
  const max = Number(count.dataset.max);
  count.hidden = !max || field.value.length < max * 0.8;
  count.value = `${field.value.length.toLocaleString(document.documentElement.lang)} / ${max.toLocaleString(document.documentElement.lang)}`;
  count.toggleAttribute("data-over", field.value.length > max);
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

// Sending: the frame stays in the outbox until the message with its key has come back.

const outbox = new Map();

function submitted(event) {
  const form = event.target;
  if (form.matches(".starters")) return useStarter(event);
  if (form === composer && !page.dataset.socket) return askFirst(event);
  if (form === composer && event.submitter?.value === "stop") return act(event, { type: "stop" });
  if (form === composer) return ask(event);
  if (form.closest(".message")) return act(event, { type: event.submitter?.value, pk: Number(form.elements.pk.value) });
}

function useStarter(event) {
  event.preventDefault();
  field.value = event.submitter.value;
  edited();
  field.focus();
}

function askFirst(event) {
  if (!field.value.trim() || "sent" in composer.dataset) return event.preventDefault();
  composer.dataset.sent = "";
  keepDraft();
  showPending();
}

function ask(event) {
  if (field.value.length > 15000) return; // might not fit into a frame: the browser posts the form
  event.preventDefault();
  if (!field.value.trim() || field.readOnly) return;
  if ("live" in composer.dataset) return say("busy");
  field.readOnly = true;
  refusal.textContent = "";
  keepDraft();
  showPending();
  deliver({ type: "ask", key: composer.elements.key.value, text: field.value });
  if (!onTouch) field.focus();
}

function act(event, frame) {
  event.preventDefault();
  refusal.textContent = "";
  deliver(frame);
}

function showPending() {
  const id = `m-${composer.elements.key.value}`;
  if (get(id)) return;
  const copy = get("pending").content.firstElementChild.cloneNode(true);
  copy.id = id;
  copy.querySelector(".block").textContent = field.value;
  messages.append(copy);
  following = true;
  keepUp();
}

function deliver(frame) {
  if (frame.key || !isOpen()) outbox.set(frame.key ?? frame.type, frame);
  send(frame);
}

function send(frame) {
  if (isOpen()) socket.send(JSON.stringify(frame));
}

function flush() {
  for (const [name, frame] of outbox) {
    send(frame);
    if (!frame.key) outbox.delete(name);
  }
}

function acknowledge() {
  for (const key of outbox.keys()) {
    const message = get(`m-${key}`);
    if (!message || message.dataset.state === "pending") continue;
    outbox.delete(key);
    if (composer.elements.key.value === key) emptyComposer();
  }
}

function emptyComposer() {
  field.value = "";
  field.readOnly = false;
  edited();
}

function refused({ key, text, retry_after: seconds }) {
  const copy = get(`m-${key}`);
  if (copy?.dataset.state === "pending") copy.remove();
  if (key) outbox.delete(key);
  field.readOnly = outbox.has(composer.elements.key.value);
  refusal.textContent = text ?? "";
  if (seconds) refusal.dataset.from = new Date(Date.now() + seconds * 1000).toISOString();
  else delete refusal.dataset.from;
  countDown();
}

// Fragments: whatever arrived since the last frame on screen is applied in order, then the page scrolls once.

const waiting = [];
const missed = new Set();
let scheduled = false;
let unacknowledged = 0;

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
  if (scheduled) return;
  scheduled = true;
  if (document.hidden) setTimeout(applyWaiting);
  else requestAnimationFrame(applyWaiting);
}

function applyWaiting() {
  scheduled = false;
  const deadline = performance.now() + 12;
  let frame;
  while (performance.now() < deadline && (frame = waiting.shift())) applyFrame(frame);
  acknowledge();
  showState();
  keepUp();
  if (waiting.length) schedule();
}

function applyFrame({ pk, rev, fragments }) {
  try {
    for (const fragment of fragments) place(fragment, pk);
  } catch {
    resend(pk);
  }
  if (unacknowledged < 32768 && messages.lastElementChild?.matches(LIVE)) return;
  send({ type: "ack", rev, pk });
  unacknowledged = 0;
}

function place({ id, into, html, append, at }, pk) {
  const old = get(id);
  if (typeof append === "string") return lengthen(old, append, at, pk);
  if (typeof html !== "string") return;
  if (!html) return old?.remove();
  if (old?.dataset.state === "pending") messages.append(old);
  if (old) Idiomorph.morph(old, html, { callbacks: { beforeNodeMorphed: differs, beforeNodeRemoved: isOurs } });
  else if (get(into)) get(into).insertAdjacentHTML("beforeend", html);
  else return resend(pk);
  missed.delete(pk);
  dress(get(id));
}

const differs = (old, fresh) => !old.isEqualNode(fresh);
const isOurs = (node) => !node.classList?.contains("copy");

function lengthen(tail, text, at, pk) {
  if (Number(tail?.dataset.held) !== at) return resend(pk);
  tail.append(text);
  tail.dataset.held = at + text.length;
}

function resend(pk) {
  if (missed.has(pk)) return;
  missed.add(pk);
  send({ type: "resend", pk });
}

function showState() {
  const last = messages.lastElementChild;
  const live = Boolean(last?.matches(LIVE));
  if (live === "live" in composer.dataset) return;
  if (!live && document.activeElement?.value === "stop") field.focus();
  composer.toggleAttribute("data-live", live);
  say(live ? "live" : last?.dataset.state);
  if (!live && document.hidden) document.title = `● ${document.title.replace(/^● /, "")}`;
}

// What only a browser can add to the server's HTML: local times, Copy on code, seconds left to wait.

function dress(root) {
  const lang = document.documentElement.lang;
  for (const time of root.querySelectorAll("time[datetime]")) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    const today = date.toDateString() === new Date().toDateString();
    time.title = date.toLocaleString(lang, { dateStyle: "full", timeStyle: "short" });
    time.textContent = today ? date.toLocaleTimeString(lang, { timeStyle: "short" }) : date.toLocaleString(lang, { dateStyle: "medium", timeStyle: "short" });
  }
  for (const code of root.querySelectorAll("pre:not(:has(> .copy)) > code")) code.after(get("copy-code").content.firstElementChild.cloneNode(true));
  countDown();
}

function countDown() {
  for (const element of document.querySelectorAll("[data-from]")) {
    const left = Math.ceil((Date.parse(element.dataset.from) - Date.now()) / 1000);
    if (left > 0) element.dataset.left = left < 100 ? `${left} s` : `${Math.ceil(left / 60)} min`;
    else delete element.dataset.left;
  }
}

async function copy(button) {
  const source = button.dataset.copy ? get(button.dataset.copy) : button.parentElement.querySelector("code");
  await write(source.matches("code") ? source.textContent : source.innerText);
  const icon = button.querySelector("use");
  const plain = icon.getAttribute("href").replace("#done", "#copy");
  icon.setAttribute("href", plain.replace("#copy", "#done"));
  setTimeout(() => icon.setAttribute("href", plain), 1500);
  say("copied");
}

function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const put = (event) => { event.clipboardData.setData("text/plain", text); event.preventDefault(); };
  document.addEventListener("copy", put, { once: true });
  document.execCommand("copy"); // the only way on plain http
}

// The end: followed while the reader is there, left at the reader's first step away.

let following = true;
let lastTop = 0;
const away = () => document.documentElement.scrollHeight - innerHeight - scrollY;

function watchReader() {
  const up = scrollY < lastTop - 1;
  const far = away();
  lastTop = scrollY;
  if (far > 200 || (up && far > 4)) following = false;
  else if (far < 60 && !up) following = true;
  jump.hidden = following || far < 200;
}

function keepUp() {
  const selection = getSelection();
  if (!following || (!selection.isCollapsed && messages.contains(selection.anchorNode))) return watchReader();
  scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
  lastTop = scrollY;
}

function toEnd(event) {
  event?.preventDefault();
  following = true;
  jump.hidden = true;
  keepUp();
}

// The connection: comes back by itself after everything but a plain no.

let socket;
let attempts = 0;
let again;
let banner;
let hiddenAt = 0;
const isOpen = () => socket?.readyState === WebSocket.OPEN;

function connect() {
  clearTimeout(again);
  if (!page.dataset.socket) return;
  const own = new WebSocket(`${location.origin.replace(/^http/, "ws")}${page.dataset.socket}?after=${lastSettled()}`);
  socket?.close();
  socket = own;
  own.onopen = opened;
  own.onmessage = received;
  own.onclose = ({ code }) => own === socket && closed(code);
}

function lastSettled() {
  let last = messages.lastElementChild;
  while (last && (!last.dataset.pk || last.matches(LIVE))) last = last.previousElementSibling;
  return last?.dataset.pk ?? 0;
}

function opened() {
  clearTimeout(banner);
  banner = undefined;
  delete connection.dataset.state;
  missed.clear();
  unacknowledged = 0;
  flush();
}

function closed(code) {
  if (code in FINAL) {
    clearTimeout(banner);
    connection.dataset.state = FINAL[code];
    field.readOnly = false;
    return;
  }
  banner ??= setTimeout(() => { connection.dataset.state = "lost"; }, 5000);
  again = setTimeout(connect, Math.min(15000, 300 * 2 ** attempts) * (0.5 + Math.random() / 2));
  attempts += 1;
}

function seen() {
  if (document.hidden) { hiddenAt = Date.now(); return; }
  document.title = document.title.replace(/^● /, "");
  if (waiting.length) applyWaiting();
  if (Date.now() - hiddenAt > 60000) connect();
}

// Keys and clicks.

function pressed(event) {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
  if (!(event.ctrlKey || event.metaKey) && (event.shiftKey || event.altKey || onTouch)) return;
  event.preventDefault();
  composer.requestSubmit(composer.querySelector('[value="ask"]'));
}

function clicked({ target }) {
  const button = target.closest("[data-copy]");
  if (button) copy(button);
}

function start() {
  recallDraft();
  measure();
  dress(document);
  get("sidebar")?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  document.addEventListener("submit", submitted);
  document.addEventListener("click", clicked);
  document.addEventListener("visibilitychange", seen);
  field.addEventListener("input", edited);
  field.addEventListener("keydown", pressed);
  jump.addEventListener("click", toEnd);
  get("reconnect").addEventListener("click", connect);
  addEventListener("online", connect);
  addEventListener("scroll", watchReader, { passive: true });
  addEventListener("resize", keepUp);
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  setInterval(countDown, 1000);
  if (!onTouch) field.focus({ preventScroll: true });
  if (messages.childElementCount) keepUp();
  connect();
}

start();

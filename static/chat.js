// The page's side of a conversation: sends frames, moves HTML that the server rendered, follows the end, keeps the draft.
// The document is the state: there is no model beside it, and every word comes from the templates.

const get = (id) => document.getElementById(id);
const [messages, composer, field, status, refusal, connection, jump, count] =
  ["messages", "composer", "text", "status", "refusal", "connection", "jump", "count"].map(get);
const [keyField, path] = [composer.elements.key, document.querySelector(".page").dataset.socket];
const lang = navigator.languages.find((name) => name.startsWith(document.documentElement.lang)) ?? document.documentElement.lang;
const onTouch = matchMedia("(pointer: coarse) and (hover: none)").matches;
const isLive = (message = messages.lastElementChild) => ["queued", "streaming"].includes(message?.dataset.state);
const isPending = (key) => get(`m-${key}`)?.dataset.state === "pending";
const hasArrived = (key) => Boolean(get(`m-${key}`)) && !isPending(key);
const say = (name) => { status.textContent = status.dataset[name] ?? ""; };
const recall = (name) => JSON.parse(localStorage.getItem(name)) ?? {};
const store = (name, value) => (value ? localStorage.setItem(name, JSON.stringify(value)) : localStorage.removeItem(name));
const focusField = () => onTouch || field.focus({ preventScroll: true }); // on touch it would raise the keyboard

// The draft: text and key stay together, so that a prompt sent twice is still one message. Plain http has no randomUUID.
const draftName = `draft:${location.pathname}`;
const newKey = () => "00000000-0000-4000-8000-000000000000".replace(/0/g, () => Math.trunc(Math.random() * 16).toString(16));
const keepDraft = () => store(draftName, field.value.trim() && { text: field.value, key: keyField.value });
const edited = () => { keyField.value = newKey(); measure(); keepDraft(); };

function recallDraft() {
  for (const name of [draftName, "draft:/"]) if (hasArrived(recall(name).key)) store(name, null);
  const { text, key } = recall(draftName);
  if (text && (!field.value || "drafted" in field.dataset)) [field.value, keyField.value] = [text, key];
  measure();
}

function measure() {
  const [length, max] = [field.value.length, Number(count.dataset.max)];
  count.hidden = !max || length < max * 0.8;
  count.value = `${length.toLocaleString(lang)} / ${max.toLocaleString(lang)}`;
  count.toggleAttribute("data-over", length > max);
  if (!CSS.supports("field-sizing", "content")) field.rows = Math.min(8, field.value.split("\n").length);
}

// Sending: a prompt is on its way until the message with its key has come back; meanwhile it stays in the composer.
let onItsWay = null;
const send = (frame) => isOpen() && socket.send(JSON.stringify(frame));
const letGo = () => { onItsWay = null; field.readOnly = false; };

function submitted(event) {
  const [type, pk] = (event.submitter?.value ?? "").split(":");
  if (event.target === composer && type !== "stop") return ask(event, keyField.value, field.value);
  if (!["composer", "act"].includes(event.target.id) || !isOpen()) return;
  event.preventDefault();
  refusal.textContent = "";
  send(pk ? { type, pk: Number(pk) } : { type });
}

function ask(event, key, text) {
  const asForm = !path || isBlocked || composer.elements.action[0].value !== "ask" || text.length > 15000; // may not fit into a frame
  const mayAsk = text.trim() && !isLive() && !onItsWay;
  if (!asForm || !mayAsk) event.preventDefault();
  say(isLive() ? "busy" : "");
  if (!mayAsk) return;
  onItsWay = { type: "ask", key, text };
  field.readOnly = true;
  refusal.textContent = "";
  showPending(key, text);
  keepDraft();
  focusField();
  if (asForm) return;
  send(onItsWay);
  setTimeout(() => onItsWay?.key === key && isOpen() && connect(), 8000); // a line may be dead without saying so
}

function showPending(key, text) {
  const copy = get(`m-${key}`) ?? get("pending").content.firstElementChild.cloneNode(true);
  copy.id = `m-${key}`;
  copy.querySelector(".block").textContent = text;
  messages.append(copy);
  toEnd();
}

function refused({ key, text, retry_after: seconds }) {
  if (isPending(key)) get(`m-${key}`).remove();
  if (onItsWay?.key === key) letGo();
  refusal.textContent = text ?? "";
  refusal.dataset.from = seconds ? new Date(Date.now() + seconds * 1000).toISOString() : "";
  countDown();
}

// Fragments: whatever arrived since the last picture is applied in order, then the page scrolls once.
const [waiting, missed] = [[], new Set()];
let [unacknowledged, told] = [0, ""];
const resend = (pk) => missed.has(pk) || (missed.add(pk), send({ type: "resend", pk }));
const isNews = (old, fresh) => !fresh.dataset?.same && !old.isEqualNode(fresh);
const careful = { callbacks: { beforeNodeMorphed: isNews, beforeNodeRemoved: (node) => !node.classList?.contains("copy") } };

function received({ data }) {
  let frame;
  try { frame = JSON.parse(data); } catch { return; }
  if (frame?.type === "refused") refused(frame);
  if (frame?.type === "list") dispatchEvent(new CustomEvent("list", { detail: frame }));
  if (frame?.type !== "fragments" || !Array.isArray(frame.fragments) || !(frame.pk > 0)) return;
  unacknowledged += data.length;
  if (waiting.push(frame) > 1) return;
  if (document.hidden) setTimeout(applyWaiting);
  else requestAnimationFrame(applyWaiting);
}

function applyWaiting() {
  const focused = document.activeElement;
  for (const { pk, rev, fragments } of waiting.splice(0)) {
    try { for (const fragment of fragments) place(fragment, pk); } catch { resend(pk); }
    if (unacknowledged > 32768 || !isLive()) [unacknowledged] = [0, send({ type: "ack", rev, pk })];
  }
  settle();
  if (!focused.isConnected || !focused.checkVisibility()) focusField();
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

function lengthen(tail, text, at, pk) {
  if (Number(tail?.dataset.held) !== at) return resend(pk);
  tail.append(text);
  tail.dataset.held = at + text.length;
  tail.closest(".block").html = "";
}

function withoutShown(html, message) { // parsing again what stands there already would hold a long answer up
  let [rest, from] = ["", 0];
  for (const block of message.querySelectorAll(".block")) {
    const at = block.html ? html.indexOf(block.html, from) : -1;
    if (at < 0) continue;
    rest += `${html.slice(from, at)}<div class="block" id="${block.id}" data-same="yes"></div>`;
    from = at + block.html.length;
  }
  return rest + html.slice(from);
}

function settle() {
  const [last, live] = [messages.lastElementChild, isLive()];
  if (hasArrived(onItsWay?.key)) { field.value = ""; letGo(); edited(); }
  keepUp();
  composer.toggleAttribute("data-live", live);
  const news = last?.dataset.author === "assistant" ? last.id + (live ? "live" : last.dataset.state) : told;
  if (!last || news === told) return;
  told = news;
  say(live ? "live" : last.dataset.state);
  if (!live && document.hidden) document.title = `● ${document.title.replace("● ", "")}`;
}

// What only a browser can add to the server's HTML: local times, Copy on code, the seconds left to wait.
const isToday = (date) => date.toDateString() === new Date().toDateString();
const locally = (date) => date.toLocaleString(lang, { dateStyle: isToday(date) ? undefined : "medium", timeStyle: "short" });
const inUnits = (seconds) => {
  const [size, unit] = seconds < 100 ? [1, "second"] : seconds < 5400 ? [60, "minute"] : [3600, "hour"];
  return Math.ceil(seconds / size).toLocaleString(lang, { style: "unit", unit });
};

function dress(root) {
  const each = (selector, change) => root.querySelectorAll(selector).forEach(change);
  each("time", (time) => { time.textContent = locally(new Date(time.dateTime)); });
  each("pre:not(:has(> .copy)) > code", (code) => code.after(get("copy-code").content.firstElementChild.cloneNode(true)));
  each("pre > code, .block:has(> table)", (wide) => { if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0; }); // keys scroll it
  countDown();
}

function countDown() {
  for (const { dataset } of document.querySelectorAll("[data-from]")) {
    const left = Math.ceil((Date.parse(dataset.from) - Date.now()) / 1000);
    if (left > 0) dataset.left = inUnits(left);
    else delete dataset.left;
  }
}

async function copy(button, code, message) {
  const text = code ? code.textContent : fetch(`${message.dataset.pk}.md`).then((answer) => answer.text());
  const blob = async () => new Blob([await text], { type: "text/plain" });
  if (navigator.clipboard) await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob() })]);
  else copyTheOldWay(await text);
  button.dataset.done = "";
  setTimeout(() => delete button.dataset.done, 1500);
  say("copied");
}

function copyTheOldWay(text) { // the only one on plain http
  const put = (event) => { event.clipboardData.setData("text/plain", text); event.preventDefault(); };
  document.addEventListener("copy", put, { once: true });
  document.execCommand("copy");
}

// The end: followed while the reader is there, left at the first step away. A reader who comes back finds the place again.
let [isFollowing, lastTop] = [true, 0];
const placeName = `place:${location.pathname}`;
const toEnd = () => { isFollowing = jump.hidden = true; keepUp(); };
const holdStill = (element, top) => scrollBy({ top: element.getBoundingClientRect().top - top, behavior: "instant" });

function watchReader() {
  const [far, isUpwards] = [document.documentElement.scrollHeight - innerHeight - scrollY, scrollY < lastTop - 1];
  lastTop = scrollY;
  if (far > 200 || (isUpwards && far > 4)) isFollowing = false;
  else if (far < 60 && !isUpwards) isFollowing = true;
  jump.hidden = isFollowing || far < 200;
  if (scrollY < 800 && !isFollowing) loadEarlier();
}

function keepUp() {
  const isSelecting = !getSelection().isCollapsed && messages.contains(getSelection().anchorNode);
  if (!isFollowing || isSelecting || !messages.firstChild) return watchReader();
  scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
  lastTop = scrollY;
}

function keepPlace() {
  const top = [...messages.children].find((message) => message.getBoundingClientRect().bottom > 80);
  store(placeName, !isFollowing && top && { id: top.id, offset: top.getBoundingClientRect().top });
}

function recallPlace() {
  const { id, offset } = recall(placeName);
  history.scrollRestoration = "manual";
  isFollowing = !get(id) && !location.hash.startsWith("#m-");
  if (get(id)) holdStill(get(id), offset);
  else keepUp();
}

// Other pages of the site: earlier messages, and news where sockets are blocked.
async function fetched(address) {
  const answer = await fetch(address).catch(() => null);
  return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

async function loadEarlier() {
  const [link, first] = [get("earlier"), messages.firstElementChild];
  if (!link || link.ariaBusy) return;
  link.ariaBusy = "true";
  const page = await fetched(link.href);
  if (!page) return link.removeAttribute("id"); // from now on a plain link
  const { top } = first.getBoundingClientRect();
  messages.prepend(...page.getElementById("messages").children);
  dress(messages);
  link.parentElement.replaceWith(...page.querySelectorAll(".beyond:has(#earlier)"));
  holdStill(first, top);
}

async function poll() {
  const fresh = (await fetched(location.href))?.getElementById("messages");
  if (!fresh) return;
  report("");
  isBlocked = true;
  const first = Number(fresh.firstElementChild?.dataset.pk);
  fresh.prepend(...[...messages.children].filter((message) => message.dataset.pk < first).map((message) => message.cloneNode(true)));
  Idiomorph.morph(messages, fresh, careful);
  dress(messages);
  settle();
}

// The connection: comes back by itself after everything but a plain no. Where sockets are blocked, the page is fetched instead.
const FINAL = { 4401: "signed-out", 4403: "forbidden", 4404: "gone" };
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
  if (openedAt) dispatchEvent(new CustomEvent("list", { detail: {} })); // it may have changed meanwhile
  [openedAt, isBlocked, unacknowledged] = [Date.now(), false, 0];
  missed.clear();
  report("");
  if (onItsWay) send(onItsWay);
}

function closed({ code }) {
  if (code in FINAL) return letGo(), report(FINAL[code]);
  if (openedAt && Date.now() - openedAt > 5000) attempts = 0;
  banner ||= setTimeout(report, 5000, "lost");
  again = setTimeout(connect, isBlocked ? 3000 : Math.min(15000, 300 * 2 ** attempts++) * (0.5 + Math.random() / 2));
  if (!openedAt && attempts > 2) poll();
}

function seen() {
  applyWaiting();
  if (document.hidden) hiddenAt = Date.now();
  else document.title = document.title.replace("● ", "");
  if (Date.now() - hiddenAt > 60000) connect();
}

function pressed(event) {
  const isBreak = event.altKey || onTouch || event.shiftKey !== (composer.dataset.enter === "breaks");
  const isOurs = event.target === field && event.key === "Enter" && !event.isComposing && event.keyCode !== 229;
  if (!isOurs || (isBreak && !event.ctrlKey && !event.metaKey)) return;
  event.preventDefault();
  composer.requestSubmit(composer.elements.action[0]);
}

function clicked(event) {
  const button = event.target.closest("[data-copy], #reconnect, #jump, #earlier");
  if (button === jump) toEnd();
  else if (button?.id === "reconnect") connect();
  else if (button?.id === "earlier") loadEarlier(event.preventDefault());
  else if (button) copy(button, button.matches("pre > *") && button.parentElement.querySelector("code"), button.closest(".message"));
}

recallDraft();
dress(document);
recallPlace();
if (messages.lastElementChild && !isLive()) told = messages.lastElementChild.id + messages.lastElementChild.dataset.state;
get("sidebar").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
const listeners = { submit: submitted, click: clicked, input: edited, keydown: pressed, visibilitychange: seen, online: connect,
  scroll: watchReader, resize: keepUp, pagehide: keepPlace, pageshow: ({ persisted }) => persisted && location.reload() };
for (const [type, listener] of Object.entries(listeners)) addEventListener(type, listener);
setInterval(countDown, 1000);
focusField();
connect();

// The connection: it comes back by itself after everything but a plain no.

import { address, field, isLive, messages } from "./conversation.js";
import { get } from "./parts.js";

const SIGNED_OUT = 4401;
const GONE = 4404;
const SILENCE_MS = 5000;
const STEADY_MS = 5000;
const BLOCKED_MS = 3000;
const LONGEST_MS = 15_000;
const connection = get("connection");

let guest = {};
let socket = null;
let again = 0;
let dead = 0;
let attempts = 0;
let openedAt = 0;

// Whether something on the way lets no sockets through; then the page is fetched instead.
export let isBlocked = false;

// `received` gets each frame and its length, `opened` whether it was open before, `isWaiting`
// says whether something sent is still to be answered, and `blocked` is told that there is no
// getting through.
export function begin(handlers) {
  guest = handlers;
  connect();
}

export const isOpen = () => socket?.readyState === WebSocket.OPEN;

export function send(frame) {
  if (isOpen()) socket.send(JSON.stringify(frame));
  if (frame.type !== "ack") expectAnswer();
}

// A line may die without a word.
function expectAnswer() {
  dead ||= setTimeout(connect, SILENCE_MS);
}

export function connect() {
  if (!address) return;
  clearTimeout(again);
  noteAlive();
  if (socket) {
    socket.onclose = null;
    socket.onmessage = null;
    socket.close();
  }
  const settled = [...messages.children].findLast((message) => !isLive(message));
  const query = `after=${settled?.dataset.pk ?? 0}&list=1`;
  socket = new WebSocket(`${location.origin.replace("http", "ws")}${address}?${query}`);
  socket.onopen = opened;
  socket.onmessage = received;
  socket.onclose = closed;
}

function noteAlive() {
  clearTimeout(dead);
  dead = 0;
}

function received({ data }) {
  noteAlive();
  guest.received(JSON.parse(data), data.length);
  if (guest.isWaiting()) expectAnswer(); // it was no answer to what was sent
}

function opened() {
  const isAgain = openedAt > 0;
  openedAt = Date.now();
  isBlocked = false;
  connection.dataset.state = "";
  guest.opened(isAgain);
}

function closed({ code }) {
  connection.dataset.state = code;
  if (code === SIGNED_OUT || code === GONE) {
    field.readOnly = false;
    return;
  }
  if (openedAt && Date.now() - openedAt > STEADY_MS) attempts = 0;
  again = setTimeout(connect, isBlocked ? BLOCKED_MS : later());
  if (!openedAt && attempts > 2) guest.blocked();
}

function later() {
  const longest = Math.min(LONGEST_MS, 300 * 2 ** attempts);
  attempts += 1;
  return longest * (0.5 + Math.random() / 2);
}

export function doWithout() {
  isBlocked = true;
  connection.dataset.state = "";
}

connection.addEventListener("click", connect);
addEventListener("online", connect);

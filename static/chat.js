// The page's side of a conversation. All HTML and every word come from the server.

import { begin, connect, doWithout, send } from "./connection.js";
import { composer, field, focusField, isLive, messages, say } from "./conversation.js";
import { edited, recallDraft, saveIfDue } from "./drafts.js";
import { copy, dress, tick } from "./dressing.js";
import { place } from "./fragments.js";
import { heard, lookUp } from "./page.js";
import { renew } from "./parts.js";
import { beforeLeaving } from "./person.js";
import { keepPlace, keepUp, loadEarlier, recallPlace, watchReader } from "./reading.js";
import * as sending from "./sending.js";

const MOST_UNACKNOWLEDGED = 32_768;
const TICK_MS = 200;
const MARK = "● "; // in the title, of an answer that nobody has looked at yet
let unacknowledged = 0;
let told = news();

function received({ type, key, text, fragments, pk, rev, ...row }, length) {
  if (type === "list") heard(row);
  if (type === "refused") sending.refuse(key, text);
  if (type === "fragments") show(fragments, pk, rev, length);
}

function show(fragments, pk, rev, length) {
  const focused = document.activeElement;
  if (fragments.map(place).includes(false)) send({ type: "resend", pk });
  unacknowledged += length;
  if (unacknowledged > MOST_UNACKNOWLEDGED || !isLive()) {
    unacknowledged = 0;
    send({ type: "ack", rev, pk });
  }
  settle();
  if (!focused.checkVisibility()) focusField();
}

function settle() {
  sending.unlockIfSent();
  keepUp();
  composer.toggleAttribute("data-live", isLive());
  if (news() && news() !== told) tell();
}

// What is worth a word: that an answer begins, and how it ends.
function news() {
  const last = messages.lastElementChild;
  return last?.dataset.author === "assistant" && last.id + (isLive() || last.dataset.state);
}

function tell() {
  told = news();
  say(isLive() ? "live" : messages.lastElementChild.dataset.state);
  if (isLive()) return;
  if (document.hidden) document.title = MARK + document.title.replace(MARK, "");
  else send({ type: "look" });
}

function lookedAt() {
  if (document.hidden) return;
  document.title = document.title.replace(MARK, "");
  send({ type: "look" });
}

function opened(isAgain) {
  if (isAgain) lookUp(); // the list may have changed meanwhile
  unacknowledged = 0;
  sending.sendWhatWaits();
}

async function blocked() {
  if (!(await renew(`?from=${messages.firstElementChild?.dataset.pk}`))) return;
  if (sending.submitWhatWaits()) return;
  doWithout();
  dress(messages);
  settle();
}

function clicked(event) {
  if (event.target.id !== "earlier") {
    copy(event);
    return;
  }
  event.preventDefault();
  loadEarlier();
}

function left() {
  keepPlace();
  saveIfDue();
}

function cameBack({ persisted }) {
  if (!persisted) return;
  if (field.readOnly) location.reload(); // the prompt that was sent from here is elsewhere by now
  else connect();
}

recallDraft();
dress(document);
recallPlace();
beforeLeaving(saveIfDue);
field.addEventListener("input", edited);
document.addEventListener("visibilitychange", lookedAt);
addEventListener("submit", sending.submitted);
addEventListener("click", clicked);
addEventListener("scroll", watchReader);
addEventListener("resize", keepUp);
addEventListener("pagehide", left);
addEventListener("pageshow", cameBack);
setInterval(tick, TICK_MS);
requestAnimationFrame(() => setTimeout(focusField)); // arriving at #end takes the focus away
begin({ received, opened, blocked, isWaiting: sending.isWaiting });

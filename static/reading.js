// Reading: the end is followed while the reader is there, and left at the first step away.
// A reader who comes back finds the place again.

import { messages, root } from "./conversation.js";
import { dress } from "./dressing.js";
import { fetched, get } from "./parts.js";
import { keepCookie, person, YEAR_SECONDS } from "./person.js";

const NEAR_TOP = 800;
const NEAR_END = 60;
const FAR_FROM_END = 200;
const UNDER_HEADING = 80;
const jump = get("jump");
let isFollowing = true;
let lastTop = 0;

export function toEnd() {
  isFollowing = true;
  keepUp();
}

export function keepUp() {
  const selection = getSelection();
  const isSelecting = !selection.isCollapsed && messages.contains(selection.anchorNode);
  if (isFollowing && !isSelecting && messages.firstChild) scrollTo(0, root.scrollHeight);
  watchReader();
}

export function watchReader() {
  const far = root.scrollHeight - innerHeight - scrollY;
  const isUpwards = scrollY < lastTop - 1;
  lastTop = scrollY;
  if (far > FAR_FROM_END || (isUpwards && far > 4)) isFollowing = false;
  else if (far < NEAR_END && !isUpwards) isFollowing = true;
  jump.hidden = isFollowing || far < FAR_FROM_END;
  if (scrollY < NEAR_TOP) loadEarlier();
}

export async function loadEarlier() {
  const link = get("earlier");
  const first = messages.firstElementChild;
  if (!link || link.ariaBusy) return;
  link.ariaBusy = "true";
  const page = await fetched(link.href);
  if (!page) {
    link.removeAttribute("id"); // from now on a plain link
    return;
  }
  const { top } = first.getBoundingClientRect();
  messages.prepend(...page.getElementById("messages").children);
  link.parentElement.replaceWith(...page.querySelectorAll(".beyond:has(#earlier)"));
  dress(messages);
  holdStill(first, top);
}

function holdStill(element, top) {
  scrollBy(0, element.getBoundingClientRect().top - top);
}

// Into a cookie, so that its message is on the page next time, however far up it stands.
export function keepPlace() {
  const isShown = (message) => message.getBoundingClientRect().bottom > UNDER_HEADING;
  const message = isFollowing ? null : [...messages.children].find(isShown);
  if (!message) {
    keepCookie("place", "", location.pathname, 0);
    return;
  }
  const top = Math.round(message.getBoundingClientRect().top);
  keepCookie("place", `${person}:${message.dataset.pk}:${top}`, location.pathname, YEAR_SECONDS);
}

export function recallPlace() {
  const kept = new RegExp(`\\bplace=${person}:(\\d+):(-?\\d+)`).exec(document.cookie);
  const wanted = location.hash === "#end" ? null : kept;
  const message = wanted && messages.querySelector(`[data-pk="${wanted[1]}"]`);
  history.scrollRestoration = "manual";
  isFollowing = !message && !messages.querySelector(":target");
  if (message) holdStill(message, wanted[2]);
  else keepUp();
}

jump.addEventListener("click", toEnd);

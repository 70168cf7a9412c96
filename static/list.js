// The list of conversations beside a page: news of it come over the page's socket; where there is none, it is looked up.

const get = (id) => document.getElementById(id);
const current = () => get("conversations").querySelector("[aria-current]");
const EVERY = 15000;
let due = 0;

function heard({ detail: { id, row } }) {
  const link = get("conversations").querySelector(`a[href="/c/${id}/"]`);
  if (row === "live" || !row || !link) return soon();
  link.querySelector(".wet, .unread")?.remove();
  if (row === "seen") return;
  link.append(get("unread").content.cloneNode(true));
  look();
}

function look() { // whoever sees this page has seen its new answer
  if (document.hidden || !current()?.querySelector(".unread")) return;
  const body = new FormData(get("delete"));
  body.set("action", "look");
  fetch(get("delete").getAttribute("action"), { method: "POST", body, keepalive: true }).catch(() => {});
}

function soon() { due ||= setTimeout(refresh, 250); }

async function refresh() {
  due = 0;
  if (document.hidden) return;
  const answer = await fetch(get("conversations").dataset.from).catch(() => null);
  const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("conversations");
  if (!fresh) return;
  fresh.querySelector(`a[href="${location.pathname}"]`)?.setAttribute("aria-current", "page");
  Idiomorph.morph(get("conversations"), fresh);
  look();
  const title = current()?.querySelector(".title").textContent;
  if (title) document.querySelector(".top h1").textContent = title;
}

addEventListener("list", heard);
document.addEventListener("visibilitychange", soon);
if (!document.querySelector("[data-socket]")) setInterval(soon, EVERY);

// What every page with the list of conversations beside it has: keys, and news of the list, which
// come over the page's socket; without one it is looked up.

import "./keys.js";
import { get, renew } from "./parts.js";
import { keepCookie, YEAR_SECONDS } from "./person.js";

const SOON_MS = 250;
const WITHOUT_SOCKET_MS = 15_000;
const list = get("conversations");
let due = 0;

export function heard({ id, row }) {
  const link = list.querySelector(`a[href="/c/${id}/"]`);
  if (link && ["seen", "settled"].includes(row)) link.dataset.row = row;
  else lookUp();
}

export function lookUp() {
  clearTimeout(due);
  if (!document.hidden) due = setTimeout(renew, SOON_MS, list.dataset.address);
}

keepCookie("zone", Intl.DateTimeFormat().resolvedOptions().timeZone, "/", YEAR_SECONDS);
list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
document.addEventListener("visibilitychange", lookUp);
if (!document.querySelector("[data-socket]")) setInterval(lookUp, WITHOUT_SOCKET_MS);

// Whose page this is: what one person leaves in a browser is never shown to the next one.

export const person = document.querySelector("meta[name=person]").content; // "" for nobody
export const YEAR_SECONDS = 31_536_000;

const LEAVING = 'form[action$="/logout/"], form[data-leaves]';
const PATIENCE_MS = 2000;
let saveFirst = async () => {};

// What has to be saved before somebody signs out, as nothing of it is left here afterwards.
export function beforeLeaving(save) {
  saveFirst = save;
}

export function keepCookie(name, value, path, seconds) {
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `${name}=${value};path=${path};max-age=${seconds};samesite=lax${secure}`;
}

function forgetDrafts(isForgotten) {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith("draft:") && isForgotten(name)) localStorage.removeItem(name);
  }
}

// A session may just have ended: its drafts wait, and go when it is somebody else who signs in.
function arrive() {
  localStorage.person = person;
  if (person) forgetDrafts((name) => !name.startsWith(`draft:${person}:`));
}

async function leave(event) {
  const form = event.target;
  if (!form.matches(LEAVING)) return;
  event.preventDefault();
  await Promise.race([saveFirst(), new Promise((done) => setTimeout(done, PATIENCE_MS))]);
  forgetDrafts(() => true);
  localStorage.person = "";
  form.submit();
}

const isForeign = () => person && localStorage.person !== person;

function hideAndReload() {
  document.documentElement.hidden = true;
  location.reload();
}

const way = performance.getEntriesByType("navigation")[0]?.type;
if (way === "back_forward" && isForeign()) hideAndReload(); // an old copy out of the cache
else arrive();

addEventListener("pageshow", ({ persisted }) => {
  if (persisted && isForeign()) hideAndReload();
});
addEventListener("storage", ({ key, newValue }) => {
  if (key === "person" && newValue && isForeign()) hideAndReload();
});
addEventListener("submit", leave);

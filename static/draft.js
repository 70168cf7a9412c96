// The draft goes to the server a second after the last key, and when the page is left, so that it is there on every device.

const field = document.getElementById("text");
const name = `draft:${location.pathname}`;
let due;

async function save() {
  due = clearTimeout(due);
  const [body, text] = [new FormData(field.form), field.value];
  const answer = await fetch(field.dataset.drafts, { method: "POST", body, keepalive: true }).catch(() => null);
  if (answer?.status === 204 && field.value === text) localStorage.removeItem(name); // what stays there is newer than the server's
}

if (field.dataset.drafts) {
  field.addEventListener("input", () => { clearTimeout(due); due = setTimeout(save, 1000); });
  field.form.addEventListener("submit", () => { due = clearTimeout(due); });
  addEventListener("pagehide", () => due && save());
}

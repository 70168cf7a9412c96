// Keyboard shortcuts. The overview (_shortcuts.html) is their table, and each of its rows does what it says when clicked, too.

const overview = document.getElementById("shortcuts");
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const isTyping = (target) => target.matches("input, textarea, select");

function nameOf({ key, code, ctrlKey, metaKey, altKey, shiftKey }) { // by the key's place where letters differ: Ctrl+K on any layout
  const letter = (ctrlKey || metaKey) && /^Key(.)$/.exec(code)?.[1];
  const held = { Control: isMac ? metaKey : ctrlKey, Alt: altKey, Shift: shiftKey && (letter || key.length > 1) };
  return [...Object.keys(held).filter((name) => held[name]), letter || key].join("+");
}

function pressed(event) {
  const [name, { target }] = [nameOf(event), event];
  const row = document.querySelector(`[aria-keyshortcuts~="${CSS.escape(name)}"]`);
  const isTaken = { "?": isTyping(target), ArrowUp: target.id !== "text" || target.value, Escape: document.querySelector(":popover-open") };
  if (!row || isTaken[name] || event.isComposing || event.repeat) return;
  event.preventDefault();
  row.click();
}

function chosen({ target }) {
  const aims = target.closest("button")?.value;
  const aim = aims && [...document.querySelectorAll(aims)].at(-1);
  overview.hidePopover();
  if (aim) aim[isTyping(aim) ? "focus" : "click"]();
}

if (isMac) for (const key of overview.querySelectorAll("[data-mac]")) key.textContent = key.dataset.mac;
overview.addEventListener("click", chosen);
addEventListener("keydown", pressed);

// Short messages at the foot of the page, read out by screen readers.
import { byId, h } from "./dom.js";

const SHOWN = 9000;
const SHOWN_WITH_ACTION = 15000;

/** `action`: {name, run} puts a button beside the text. */
export function notice(text, { bad = false, action = null } = {}) {
  const note = h("p", { class: bad ? "bad" : "good" }, text);
  if (action) {
    note.append(" ", h("button", { type: "button", class: "small", onclick: () => { note.remove(); action.run(); } }, action.name));
  }
  const toasts = byId("toasts");
  while (toasts.children.length > 1) toasts.firstChild.remove();
  toasts.append(note);
  setTimeout(() => note.remove(), action ? SHOWN_WITH_ACTION : SHOWN);
}

export function noticeFault(fault) {
  const action = fault.status === 401 ? { name: "去登录", run: () => location.reload() } : null;
  notice([fault.message, fault.remedy].filter(Boolean).join("，"), { bad: true, action });
}

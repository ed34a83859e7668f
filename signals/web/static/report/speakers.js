// Who is who: names, sides, two that are one, two that were taken for each other.
import { bdi, byId, h } from "./dom.js";

export function createSpeakers(app) {
  const { store } = app;
  const open = byId("open-speakers");
  open.hidden = !store.view.may.correct || !store.view.report.speakers.length;
  open.addEventListener("click", () => byId("speakers").showModal());
  store.watch(() => {
    const { speakers } = store.view.report;
    const focused = document.activeElement?.dataset?.key;
    byId("speakers-body").replaceChildren(swapForm(store, speakers), ...speakers.map((speaker) => one(store, speaker, speakers)));
    if (focused && byId("speakers").open) byId("speakers").querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  });
}

function swapForm(store, speakers) {
  if (speakers.length < 2) return "";
  const choose = (name, chosen, label) => h("label", {}, label, h("select", { name }, speakers.map((s, place) => h("option", { value: s.id, selected: place === chosen }, s.name))));
  const swap = (event) => {
    event.preventDefault();
    const { first, second } = Object.fromEntries(new FormData(event.target));
    store.change({ kind: "swap_speakers", first, second }, "两位说话人已互换");
  };
  return h("form", { class: "speaker swap", onsubmit: swap }, h("h3", {}, "认反了？"), choose("first", 0, "这一位"), choose("second", 1, "与这一位"), h("button", { type: "submit", data: { key: "swap" } }, "互换"));
}

function one(store, speaker, speakers) {
  const turns = store.view.report.turns.filter((turn) => turn.speaker === speaker.id).length;
  const others = speakers.filter((other) => other.id !== speaker.id);
  return h(
    "section",
    { class: `speaker ${speaker.role}`, "aria-label": speaker.name },
    h("h3", {}, bdi(speaker.name), h("small", {}, ` ${turns} 段`)),
    nameForm(store, speaker),
    roles(store, speaker),
    others.length > 0 && mergeForm(store, speaker, others),
  );
}

function nameForm(store, speaker) {
  const rename = (event) => {
    event.preventDefault();
    const name = event.target.elements.name.value.trim();
    if (name) store.change({ kind: "rename_speaker", speaker: speaker.id, name }, `已改名为“${name}”`);
  };
  return h(
    "form",
    { class: "inline", onsubmit: rename },
    h("label", {}, "称呼", h("input", { name: "name", maxlength: 30, placeholder: "例如：陈总", autocomplete: "off" })),
    h("button", { type: "submit", data: { key: `name:${speaker.id}` } }, "改名"),
  );
}

function roles(store, speaker) {
  const choice = (role, name) =>
    h("label", { class: "check" }, h("input", { type: "radio", name: `role-${speaker.id}`, value: role, checked: speaker.role === role, data: { key: `role:${speaker.id}:${role}` }, onchange: () => store.change({ kind: "set_role", speaker: speaker.id, role }, `${speaker.name}改为${name}`) }), name);
  return h("fieldset", {}, h("legend", {}, "身份"), choice("customer", "客户"), choice("manager", "客户经理"));
}

function mergeForm(store, speaker, others) {
  const merge = (event) => {
    event.preventDefault();
    const { into } = Object.fromEntries(new FormData(event.target));
    store.change({ kind: "merge_speakers", speaker: speaker.id, into }, `已并入${store.name(into)}`);
  };
  return h(
    "form",
    { class: "inline", onsubmit: merge },
    h("label", {}, "其实和这位是同一个人", h("select", { name: "into" }, others.map((other) => h("option", { value: other.id }, other.name)))),
    h("button", { type: "submit", data: { key: `merge:${speaker.id}` } }, "合并"),
  );
}

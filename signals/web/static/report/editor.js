// The panel under a turn: who said it, what was said, which signals it carries. One is open at a time.
import { byId, clock, h } from "./dom.js";
import { toCharacters } from "./marking.js";
import { offsetIn } from "./paint.js";

export class Editor {
  #turn = null;
  #panel = null;
  #selected = null; // {turn, start, end, text}: the words that were last selected

  constructor(app, transcript) {
    this.app = app;
    this.transcript = transcript;
    document.addEventListener("selectionchange", () => this.#remember());
  }

  get isOpen() {
    return this.#turn !== null;
  }

  toggle(turn) {
    if (this.#turn === turn) this.close();
    else this.open(turn);
  }

  open(turn) {
    if (!this.app.store.view.may.correct || !this.transcript.element(turn)) return;
    this.close();
    this.#turn = turn;
    this.#place();
    this.#panel.querySelector("select, textarea, button").focus();
  }

  close() {
    if (this.#turn === null) return;
    const button = this.#button();
    this.#panel?.remove();
    this.#turn = this.#panel = null;
    button?.setAttribute("aria-expanded", "false");
    button?.focus({ preventScroll: true });
  }

  /** After the turns were drawn anew: the panel belongs under its turn again. */
  drawn(elements) {
    this.#selected = null; // its place may have moved
    if (this.#turn === null) return;
    if (!elements.some((e) => Number(e.dataset.turn) === this.#turn)) this.#turn = this.#panel = null;
    else this.#place();
  }

  #button() {
    return this.transcript.element(this.#turn)?.querySelector(".edit");
  }

  #place() {
    const focused = this.#panel?.contains(document.activeElement) ? document.activeElement.name || document.activeElement.dataset.key : null;
    this.#panel?.remove();
    const turn = this.app.store.turns.get(this.#turn);
    const unsaved = this.#unsaved();
    this.#panel = this.#build(turn);
    if (unsaved !== null) this.#panel.querySelector("textarea").value = unsaved;
    this.transcript.element(this.#turn).append(this.#panel);
    this.#button()?.setAttribute("aria-expanded", "true");
    if (focused) this.#panel.querySelector(`[name="${CSS.escape(focused)}"], [data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  /** Words that were typed and not saved: they outlive a correction made elsewhere. */
  #unsaved() {
    const area = this.#panel?.querySelector("textarea");
    return area && area.value !== area.dataset.given ? area.value : null;
  }

  #build(turn) {
    const name = `${clock(turn.start)} 这段话`;
    return h(
      "div",
      { class: "editor", role: "group", "aria-label": `改正 ${name}`, onkeydown: (event) => { if (event.key === "Escape") { event.stopPropagation(); this.close(); } } },
      this.#whoForm(turn),
      this.#textForm(turn),
      this.#labelForms(turn),
      h("p", { class: "editor-end" }, h("button", { type: "button", class: "small", data: { key: "close" }, onclick: () => this.close() }, "完成")),
    );
  }

  #whoForm(turn) {
    const { store } = this.app;
    const speakers = store.view.report.speakers.map((s) => h("option", { value: s.id, selected: s.id === turn.speaker }, s.name));
    return h(
      "label",
      {},
      "说话人",
      h("select", { name: "speaker", onchange: (event) => store.change({ kind: "assign_turn", turn: turn.index, speaker: event.target.value }, `这段话改归${store.name(event.target.value)}`) }, speakers),
    );
  }

  #textForm(turn) {
    const area = h("textarea", { name: "text", rows: Math.min(6, Math.ceil(turn.text.length / 34) + 1), maxlength: 2000, data: { given: turn.text } });
    area.value = turn.text;
    const save = async () => {
      const text = area.value.trim();
      if (!text || text === turn.text) return;
      area.dataset.given = area.value;
      const taken = await this.app.store.change({ kind: "fix_text", turn: turn.index, text }, "文字已改正");
      if (!taken) area.dataset.given = turn.text;
    };
    return h(
      "form",
      { onsubmit: (event) => { event.preventDefault(); save(); } },
      h("label", {}, "说的是", area),
      h("button", { type: "submit", class: "small", data: { key: "save-text" } }, "保存文字"),
    );
  }

  #labelForms(turn) {
    const { store } = this.app;
    const offered = store.view.catalogue.labels.filter((label) => label.said_by === turn.role && label.audible);
    if (!offered.length) return h("p", { class: "hint" }, "先指定这位说话人是客户还是客户经理，才能标信号。");
    const standing = (store.hitsOf.get(turn.index) || []).filter((hit) => !["rejected", "observed"].includes(hit.status));
    const there = new Set(standing.map((hit) => hit.label));
    const free = offered.filter((label) => !there.has(label.id));
    return [standing.map((hit) => this.#changeForm(turn, hit, free)), free.length > 0 && this.#addForm(turn, free)];
  }

  #changeForm(turn, hit, free) {
    const { store } = this.app;
    const change = (event) => {
      const to = store.label(event.target.value);
      store.change({ kind: "change_hit", turn: turn.index, label: hit.label, to: to.id }, `“${hit.name}”改为“${to.name}”`);
    };
    return h("label", {}, `“${hit.name}”改为`, h("select", { name: `change-${hit.label}`, onchange: change }, h("option", { value: "" }, "不改"), grouped(free)));
  }

  #addForm(turn, free) {
    const { store } = this.app;
    const add = (event) => {
      const label = store.label(event.target.value);
      const part = this.#selected?.turn === turn.index ? this.#selected : null;
      const span = part ? { start: part.start, end: part.end } : {};
      store.change({ kind: "add_hit", turn: turn.index, label: label.id, ...span }, `已添加“${label.name}”`);
    };
    return h(
      "div",
      {},
      h("label", {}, "添加信号或标签", h("select", { name: "add", onchange: add }, h("option", { value: "" }, "请选择"), grouped(free))),
      h("p", { class: "hint", id: "selected-words" }, this.#selectedText(turn)),
    );
  }

  #selectedText(turn) {
    const part = this.#selected?.turn === turn.index ? this.#selected : null;
    return part ? `将标在“${part.text}”上` : "在上面的原话里选中几个字，信号就标在那几个字上；不选则标整段";
  }

  #remember() {
    const selection = getSelection();
    if (selection.isCollapsed || !selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    const said = range.startContainer.parentElement?.closest(".said");
    if (!said || !said.contains(range.endContainer)) return;
    const turn = this.app.store.turns.get(Number(said.closest(".turn").dataset.turn));
    const [start, end] = [[range.startContainer, range.startOffset], [range.endContainer, range.endOffset]].map(([node, at]) => toCharacters(turn.text, offsetIn(said, node, at)));
    this.#selected = { turn: turn.index, start, end, text: range.toString() };
    if (this.#turn === turn.index) byId("selected-words")?.replaceChildren(this.#selectedText(turn));
  }
}

function grouped(labels) {
  const kinds = new Map();
  for (const label of labels) kinds.set(label.kind_name, [...(kinds.get(label.kind_name) || []), label]);
  return [...kinds].map(([kind, members]) => h("optgroup", { label: kind }, members.map((label) => h("option", { value: label.id }, label.name))));
}

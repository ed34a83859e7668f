// The transcript: follows the sound, a click on a word goes there, corrections open in place.
import { bdi, byId, clock, h } from "./dom.js";
import { hitChip, moment } from "./hits.js";
import { markedText, placedWords } from "./marking.js";
import { Editor } from "./editor.js";
import { Paint, offsetIn } from "./paint.js";

const HELD = 4000; // ms without following after the reader has scrolled
const HERE = 0.05; // seconds: a turn that was sought is the current one

export class Transcript {
  #shown = new Map(); // turn index → {element, made}
  #now = null;
  #heldUntil = 0;

  constructor(app) {
    this.app = app;
    this.list = byId("turns");
    this.paint = new Paint();
    this.editor = new Editor(app, this);
    app.store.watch(() => this.#draw());
    app.player.addEventListener("time", () => this.#follow());
    for (const name of ["wheel", "touchmove"]) addEventListener(name, () => { this.#heldUntil = performance.now() + HELD; }, { passive: true });
    this.list.addEventListener("click", (event) => this.#clicked(event));
    byId("only-hits").addEventListener("change", () => this.#filter());
  }

  element(turn) {
    return this.#shown.get(turn)?.element;
  }

  /** Index of the turn at the current time. */
  get current() {
    return this.#now;
  }

  /** Scrolls to a turn and marks it for a moment. */
  reveal(turn, smooth = true) {
    const element = this.element(turn);
    if (!element) return;
    element.hidden = false;
    scrollTo(element, smooth);
    element.classList.remove("flash");
    requestAnimationFrame(() => element.classList.add("flash"));
  }

  /** The turn before or after the current one. */
  neighbour(step) {
    const turns = this.app.store.view.report.turns;
    const place = turns.findIndex((t) => t.index === this.#now);
    return turns[Math.min(turns.length - 1, Math.max(0, place + step))];
  }

  #draw() {
    const { store } = this.app;
    const { turns } = store.view.report;
    const focused = document.activeElement?.dataset?.key;
    const kept = new Map();
    const elements = turns.map((turn) => {
      const made = JSON.stringify([turn.text, turn.speaker, store.name(turn.speaker), turn.role, store.hitsOf.get(turn.index)]);
      const before = this.#shown.get(turn.index);
      const element = before && before.made === made ? before.element : this.#turn(turn);
      kept.set(turn.index, { element, made });
      return element;
    });
    this.#shown = kept;
    this.editor.drawn(elements);
    this.#put(elements);
    byId("no-turns").hidden = turns.length > 0;
    this.#filter();
    this.#mark(this.#now);
    if (focused && document.activeElement === document.body) this.#refocus(focused);
  }

  // One by one: a list that is emptied for a moment loses the reader's place on the page.
  #put(elements) {
    const before = [...this.list.children];
    if (before.length !== elements.length) this.list.replaceChildren(...elements);
    else elements.forEach((element, place) => { if (before[place] !== element) before[place].replaceWith(element); });
  }

  #refocus(key) {
    const [, turn] = key.split(":");
    const same = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    (same || document.querySelector(`[data-key="edit:${CSS.escape(turn)}"]`))?.focus({ preventScroll: true });
  }

  #turn(turn) {
    const { app } = this;
    const { store } = app;
    const hits = store.hitsOf.get(turn.index) || [];
    const standing = hits.filter((hit) => hit.status !== "rejected");
    const head = h(
      "p",
      { class: "turn-head" },
      moment(app, turn.start, clock(turn.start), store.name(turn.speaker), turn.index),
      h("span", { class: `who ${turn.role}` }, bdi(store.name(turn.speaker))),
      store.view.may.correct &&
        h("button", { type: "button", class: "quiet small edit", data: { key: `edit:${turn.index}` }, "aria-expanded": "false", "aria-label": `改正 ${clock(turn.start)} ${store.name(turn.speaker)}的话`, onclick: () => this.editor.toggle(turn.index) }, "改正"),
    );
    return h(
      "li",
      { class: `turn ${turn.role}`, id: `turn-${turn.index}`, data: { turn: turn.index } },
      head,
      h("p", { class: "said", lang: "zh-CN" }, markedText(turn, standing)),
      hits.length > 0 && h("ul", { class: "plain hits" }, hits.map((hit) => hitChip(app, hit))),
    );
  }

  #filter() {
    const only = byId("only-hits").checked;
    const { store } = this.app;
    for (const [index, { element }] of this.#shown) {
      const wanted = (store.hitsOf.get(index) || []).some((hit) => hit.status !== "rejected" && store.isMark(hit));
      element.hidden = only && !wanted;
    }
  }

  // A click on a word goes to its time; one that only ends a selection does not.
  #clicked(event) {
    const said = event.target.closest(".said");
    if (!said || !getSelection().isCollapsed) return;
    const turn = this.app.store.turns.get(Number(said.closest(".turn").dataset.turn));
    const place = offsetAt(said, event);
    const word = place === null ? null : placedWords(turn).find((w) => w.start <= place && place < w.end);
    this.app.player.seek(word ? word.word.start : turn.start);
  }

  #follow() {
    const { player, store } = this.app;
    const { turns } = store.view.report;
    let low = 0;
    for (let high = turns.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (turns[middle].start <= player.time + HERE) low = middle + 1;
      else high = middle;
    }
    const turn = turns[low - 1];
    this.#paintWord(turn);
    if (this.#now === (turn ? turn.index : null)) return;
    this.#mark(turn ? turn.index : null);
    if (turn && player.playing && this.#mayScroll()) scrollTo(this.element(turn.index), true);
  }

  #mayScroll() {
    const reading = this.list.getBoundingClientRect().top < innerHeight * 0.6;
    return byId("follow").checked && reading && !this.editor.isOpen && performance.now() > this.#heldUntil;
  }

  #mark(index) {
    this.list.querySelector(".turn.now")?.classList.remove("now");
    this.list.querySelector("[aria-current]")?.removeAttribute("aria-current");
    this.#now = index;
    const element = this.element(index);
    element?.classList.add("now");
    element?.setAttribute("aria-current", "true");
  }

  #paintWord(turn) {
    const { time, playing } = this.app.player;
    const word = playing && turn && placedWords(turn).find((w) => w.word.start <= time && time < w.word.end);
    this.paint.show("word-now", word ? [[this.element(turn.index).querySelector(".said"), word.start, word.end]] : []);
  }
}

const calm = matchMedia("(prefers-reduced-motion:reduce)");

function scrollTo(element, smooth) {
  element.scrollIntoView({ block: "center", behavior: smooth && !calm.matches ? "smooth" : "auto" });
}

/** Which character of `said` was clicked, null when that can't be told. */
function offsetAt(said, event) {
  let node;
  let offset;
  if (document.caretPositionFromPoint) {
    const place = document.caretPositionFromPoint(event.clientX, event.clientY);
    [node, offset] = place ? [place.offsetNode, place.offset] : [];
  } else if (document.caretRangeFromPoint) {
    const range = document.caretRangeFromPoint(event.clientX, event.clientY);
    [node, offset] = range ? [range.startContainer, range.startOffset] : [];
  }
  return node && said.contains(node) ? offsetIn(said, node, offset) : null;
}

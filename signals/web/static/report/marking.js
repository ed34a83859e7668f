// Text cut where its marking changes: words that carried a hit, words that the recogniser doubts.
import { h, percent } from "./dom.js";

const UNSURE = 0.35; // as in the written report

/** Where the words of a turn are in its text: [{start, end, word}], words that are not there left out. */
export function placedWords(turn) {
  const placed = [];
  let at = 0;
  for (const word of turn.words) {
    const text = word.text.trim();
    const found = text ? turn.text.indexOf(text, at) : -1;
    if (found < 0) continue;
    at = found + text.length;
    placed.push({ start: found, end: at, word });
  }
  return placed;
}

// The service counts characters, browsers count UTF-16 units; they differ beyond the basic plane only.
const astral = /[\u{10000}-\u{10ffff}]/u;

export function toUnits(text, characters) {
  return astral.test(text) ? Array.from(text).slice(0, characters).join("").length : characters;
}

export function toCharacters(text, units) {
  return astral.test(text) ? Array.from(text.slice(0, units)).length : units;
}

/** `text` from `from` on as nodes, with the evidence of `hits` marked; `turn` gives the doubts. */
export function markedText(turn, hits, from = 0, to = turn.text.length) {
  const kinds = new Array(turn.text.length).fill("");
  for (const hit of hits) {
    for (const span of hit.evidence) {
      const [start, end] = [toUnits(turn.text, span.start), toUnits(turn.text, span.end)];
      kinds.fill(hit.kind, start, Math.min(end, kinds.length));
    }
  }
  const doubts = new Array(turn.text.length).fill(null);
  for (const { start, end, word } of placedWords(turn)) if (word.probability < UNSURE) doubts.fill(word.probability, start, end);
  const nodes = [];
  for (let at = from; at < to; ) {
    let end = at + 1;
    while (end < to && kinds[end] === kinds[at] && doubts[end] === doubts[at]) end += 1;
    nodes.push(piece(turn.text.slice(at, end), kinds[at], doubts[at]));
    at = end;
  }
  return nodes;
}

function piece(text, kind, doubt) {
  const content = doubt === null ? text : h("span", { class: "unsure", title: `识别把握 ${percent(doubt)}` }, text);
  return kind ? h("mark", { class: kind }, content) : content;
}

/** A hit's words, its evidence marked where they are part of the turn's text. */
export function quote(store, hit) {
  const turn = store.turns.get(hit.turn);
  const said = hit.quote || (hit.note ? `（现场看到）${hit.note}` : "（现场看到）");
  const at = turn ? turn.text.indexOf(said) : -1;
  const isSeen = hit.status === "observed" || !hit.quote;
  if (at < 0 || isSeen) return h(isSeen ? "span" : "q", { class: "quote" }, said);
  return h("q", { class: "quote" }, markedText({ ...turn, words: [] }, [hit], at, at + said.length));
}

// A label on a turn: what it is, how sure, who says so, and what one can do about it.
import { clock, h, icon, likely, percent } from "./dom.js";

const LEAD = 1; // seconds
const ACTED = "confirmed added changed observed";

/** A button that plays a moment; without sound it leads to the place in the transcript. */
export function moment(app, time, text, what = "", turn = null) {
  const plays = Boolean(app.player.audio);
  return h(
    "button",
    { type: "button", class: "play", "aria-label": `${plays ? "播放" : "看"} ${text}${what ? ` ${what}` : ""}`, onclick: () => app.go(time, turn) },
    plays && h("span", { "aria-hidden": "true" }, "▶"),
    text,
  );
}

/** Where a hit is played from: a little before its words. */
export const start = (hit) => Math.max(0, hit.start - LEAD);

export const hitMoment = (app, hit) => moment(app, start(hit), clock(hit.start), hit.name, hit.turn);

export const chip = (store, label, ...more) => {
  const found = store.label(label);
  return h("span", { class: `chip ${found.kind}` }, icon(found.kind), found.name, ...more);
};

/** How the hit came to be: the model's probability, or a person's word. */
function standing(hit) {
  const model = hit.machine_score === null ? "" : `；模型给出 ${likely(hit.machine_score)}`;
  if (hit.status === "machine") {
    return h("span", { class: "score", title: `模型给出的概率；达到 ${percent(hit.threshold)} 才算` }, likely(hit.score));
  }
  return h("span", { class: `score by-hand ${hit.status}`, title: `${hit.status_name}${model}` }, hit.status_name);
}

/** The chip of a hit with its buttons, for those who may correct. */
export function hitChip(app, hit) {
  const { store } = app;
  const name = store.label(hit.label).name;
  const key = `hit:${hit.turn}:${hit.label}:${hit.status === "observed" ? hit.correction : ""}`;
  const parts = [chip(store, hit.label, standing(hit))];
  if (store.view.may.correct) parts.push(...buttons(app, hit, name, key));
  return h("li", { class: `hit ${hit.kind} ${hit.status}`, data: { hit: key } }, parts);
}

function buttons(app, hit, name, key) {
  const where = { turn: hit.turn, label: hit.label };
  const act = (mark, says, run, pressed) =>
    h("button", { type: "button", class: `judge ${pressed || ""}`, "aria-label": `${says}：${name}`, title: says, data: { key: `${key}:${says}` }, onclick: run }, mark);
  const judge = (verdict, done) => () => app.store.change({ kind: "judge_hit", ...where, verdict }, done);
  if (hit.status === "rejected") return [act("恢复", "恢复", () => app.store.undo(hit.correction))];
  if (hit.status === "observed") return [act("✗", "撤销这条现场记录", () => app.store.undo(hit.correction))];
  const reject = act("✗", "不是这个信号", judge("rejected", `已否定“${name}”`));
  if (ACTED.includes(hit.status)) return [reject];
  return [act("✓", "确认", judge("confirmed", `已确认“${name}”`)), reject];
}

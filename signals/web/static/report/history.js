// What people corrected: who, when, and back again.
import { bdi, byId, clock, h, moment as when } from "./dom.js";

export function showHistory(app) {
  const { store } = app;
  store.watch(() => {
    const { corrections, may } = store.view;
    const standing = corrections.filter((c) => !c.undone).length;
    byId("tab-history").querySelector(".count").textContent = standing || "";
    const panel = byId("panel-history");
    const held = panel.contains(document.activeElement);
    panel.replaceChildren(
      h("h3", { class: "sr" }, "修改"),
      h("p", { class: "hint" }, corrections.length ? "最近的在上面。机器的原结果一直保留，撤销后就恢复。" : may.correct ? "还没有修改。在逐句记录里确认或否定信号、改正文字和说话人，都会记在这里。" : "还没有修改。"),
      h("ol", { class: "plain history" }, corrections.slice().reverse().map((c) => entry(store, c, may.correct))),
    );
    if (held) panel.focus({ preventScroll: true });
  });
}

function entry(store, correction, mayUndo) {
  return h(
    "li",
    { class: correction.undone ? "undone" : "" },
    h("p", {}, bdi(said(store, correction.change))),
    h("p", { class: "hint" }, bdi(correction.by), ` ${when(correction.at)}`, correction.undone && "　已撤销"),
    mayUndo && !correction.undone && h("button", { type: "button", class: "small", data: { key: `undo:${correction.id}` }, onclick: () => store.undo(correction.id) }, "撤销"),
  );
}

const ROLE = { customer: "客户", manager: "客户经理" };

/** A correction in words. */
function said(store, change) {
  const name = (speaker) => store.name(speaker);
  const label = (id) => store.label(id)?.name || id;
  const turn = store.turns.get(change.turn);
  const place = turn ? clock(turn.start) : "";
  switch (change.kind) {
    case "rename_speaker": return `说话人改名为“${change.name}”`;
    case "set_role": return `${name(change.speaker)}改为${ROLE[change.role]}`;
    case "swap_speakers": return `互换 ${name(change.first)} 与 ${name(change.second)}`;
    case "merge_speakers": return `把 ${name(change.speaker)} 并入 ${name(change.into)}`;
    case "assign_turn": return `${place} 这段话改归 ${name(change.speaker)}`;
    case "fix_text": return `${place} 文字改为“${change.text}”`;
    case "judge_hit": return `${place} ${change.verdict === "confirmed" ? "确认" : "否定"}“${label(change.label)}”`;
    case "change_hit": return `${place} “${label(change.label)}”改为“${label(change.to)}”`;
    case "add_hit": return `${place} 添加“${label(change.label)}”`;
    case "observe": return `${clock(change.time)} 现场看到“${label(change.label)}”${change.note ? `：${change.note}` : ""}`;
    default: return change.kind;
  }
}

// When proposing was right, what became of it, and what else the verdict rests on.
import { bdi, byId, circled, clock, h, judged, lasting, percent } from "./dom.js";
import { chip, hitMoment, moment } from "./hits.js";
import { quote } from "./marking.js";

const SHOWN = 3; // pieces of evidence of a window

export function showWindows(app) {
  const { store } = app;
  store.watch(() => {
    const { closing } = store.view.report;
    byId("tab-windows").querySelector(".count").textContent = closing.windows.length;
    byId("panel-windows").replaceChildren(
      h("h3", { class: "sr" }, "成交时机"),
      h("p", { class: "hint" }, judged(), ` 准备度到 ${percent(closing.threshold)} 就可以提出`),
      ...(closing.windows.length ? closing.windows.map((window, place) => one(app, window, place)) : [h("p", {}, "这场会谈里没有成交时机。")]),
      ...group("提得过早", closing.premature, (early) => [early.proposal, `当时准备度 ${percent(early.readiness)}`], app),
      ...group("还没有回应的顾虑", closing.open_objections, (hit) => [hit, ""], app),
      ...stages(app, closing.stages),
    );
  });
}

function one(app, window, place) {
  return h(
    "article",
    { class: `moment ${window.outcome}` },
    h("h4", {}, `${circled(place + 1)} ${window.outcome_name}`),
    h("p", { class: "when" }, moment(app, window.start, `${clock(window.start)}–${clock(window.end)}`, `第 ${place + 1} 个时机`), ` 最高准备度 ${percent(window.peak.value)}`),
    h("p", { class: "small-title" }, "依据"),
    evidence(app, window.evidence),
    h("p", { class: "small-title" }, window.outcome === "taken" ? "宜用的说法" : "该怎么说"),
    h("p", { class: "strategy" }, h("strong", {}, window.advice.strategy_name), h("small", {}, bdi(window.advice.reason))),
    h("blockquote", { class: "say" }, bdi(window.advice.line)),
    window.advice.preconditions.length > 0 && h("ul", { class: "before" }, window.advice.preconditions.map((p) => h("li", {}, bdi(p)))),
    window.proposal && [
      h("p", { class: "small-title" }, `客户经理的提法${window.seconds_to_proposal === null ? "" : `（时机出现后 ${lasting(window.seconds_to_proposal)}）`}`),
      h("p", {}, hitLine(app, window.proposal)),
    ],
  );
}

/** The strongest at once, the others on demand. */
function evidence(app, hits) {
  const list = (some) => h("ul", { class: "plain quotes" }, some.map((hit) => h("li", {}, hitLine(app, hit))));
  const others = hits.slice(SHOWN);
  return [list(hits.slice(0, SHOWN)), others.length > 0 && h("details", { class: "others" }, h("summary", {}, `另外 ${others.length} 条依据`), list(others))];
}

const hitLine = (app, hit) => [hitMoment(app, hit), chip(app.store, hit.label), quote(app.store, hit)];

function group(title, members, take, app) {
  if (!members.length) return [];
  const line = (member) => {
    const [hit, more] = take(member);
    return h("li", {}, hitLine(app, hit), more && h("small", {}, ` ${more}`));
  };
  return [h("h4", { class: "group-title" }, title), h("ul", { class: "plain quotes" }, members.map(line))];
}

function stages(app, spans) {
  if (!spans.length) return [];
  const named = (span) => app.store.view.catalogue.stages.find((s) => s.number === span.stage);
  return [
    h("h4", { class: "group-title" }, "客户心理的阶段 ", judged()),
    h("ol", { class: "plain stages" }, spans.map((span) => h("li", {}, moment(app, span.start, clock(span.start), span.name), h("strong", {}, ` ${span.stage} ${span.name}`), h("small", {}, ` ${named(span)?.meaning || ""}`)))),
  ];
}

/** All signals and objections by label, then the manager's proposals. */
export function showSignals(app) {
  const { store } = app;
  store.watch(() => {
    const wanted = store.marks;
    byId("tab-signals").querySelector(".count").textContent = store.signals.length;
    const groups = store.view.catalogue.labels.map((label) => [label, wanted.filter((hit) => hit.label === label.id)]).filter(([, hits]) => hits.length);
    byId("panel-signals").replaceChildren(
      h("h3", { class: "sr" }, "信号"),
      h("p", { class: "hint" }, judged(), " 客户的信号与异议，客户经理的成交建议"),
      ...(groups.length ? groups.map(([label, hits]) => labelGroup(app, label, hits)) : [h("p", {}, "没有听到购买信号，也没有听到异议。")]),
    );
  });
}

function labelGroup(app, label, hits) {
  return h(
    "section",
    { class: "label-group" },
    h("h4", {}, chip(app.store, label.id), h("span", { class: "count" }, ` ${hits.length} 次`)),
    h("p", { class: "hint" }, label.meaning),
    h("ul", { class: "plain quotes" }, hits.map((hit) => h("li", {}, hitMoment(app, hit), quote(app.store, hit)))),
    label.action && h("p", { class: "action" }, h("strong", {}, "怎么做："), label.action),
  );
}

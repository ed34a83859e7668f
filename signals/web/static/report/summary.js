// The five lines that matter: the verdict and why, what to say, the three strongest signals, what to do next.
import { bdi, byId, h, judged, svg } from "./dom.js";
import { chip, hitMoment } from "./hits.js";
import { quote } from "./marking.js";

const SAY = { propose_now: "现在这样说", taken: "当时宜用", missed: "补提时这样说", not_yet: "成熟后这样说" };
const GLYPH = {
  taken: "M13 23l6.5 6.5L32 16",
  missed: "M15 15l14 14M29 15L15 29",
  propose_now: "M12 22h19M23.5 14l8 8-8 8",
  not_yet: "M22 12v11l7 4",
};

export function showSummary(app) {
  const { store } = app;
  store.watch(() => {
    const { summary, warnings } = store.view.report;
    const section = byId("summary");
    section.className = `card summary ${summary.verdict}`;
    section.replaceChildren(
      verdict(store, summary),
      h(
        "div",
        { class: "lines" },
        h("div", { class: "line" }, h("h3", {}, summary.advice ? SAY[summary.verdict] : "怎么提出"), advice(store, summary.advice)),
        h("div", { class: "line" }, h("h3", {}, "客户最强的信号"), strongest(app, summary.strongest)),
        h("div", { class: "line" }, h("h3", {}, "下一步"), steps(summary.next_steps)),
      ),
      ...(warnings.length ? [h("div", { class: "warn" }, h("h3", {}, "请注意"), h("ul", {}, warnings.map((w) => h("li", {}, bdi(w.message)))))] : []),
    );
  });
}

function verdict(store, summary) {
  const standing = store.view.corrections.filter((c) => !c.undone).length;
  return h(
    "div",
    { class: "verdict" },
    svg("svg", { class: "seal", width: 44, height: 44, viewBox: "0 0 44 44", "aria-hidden": "true" }, svg("circle", { class: "disc", cx: 22, cy: 22, r: 21 }), svg("path", { class: "glyph", d: GLYPH[summary.verdict] })),
    h(
      "div",
      {},
      h("h2", { id: "h-summary" }, summary.verdict_name, " ", judged(), standing > 0 && h("span", { class: "badge corrected", title: "结论随修改重新判断" }, `含 ${standing} 处人工修改`)),
      h("p", { class: "reason" }, bdi(summary.reason)),
    ),
  );
}

function advice(store, given) {
  if (!given) return h("p", {}, "还不到提出成交的时候，先不推荐话术。");
  const strategy = store.view.catalogue.strategies.find((s) => s.id === given.strategy);
  return [
    h("p", { class: "strategy" }, h("strong", {}, given.strategy_name), strategy && h("small", {}, strategy.when)),
    h("blockquote", { class: "say" }, bdi(given.line)),
    given.preconditions.length > 0 && h("ul", { class: "before" }, given.preconditions.map((p) => h("li", {}, bdi(p)))),
  ];
}

function strongest(app, hits) {
  if (!hits.length) return h("p", {}, "没有听到购买信号。");
  return h(
    "ol",
    { class: "plain quotes" },
    hits.map((hit) => h("li", {}, hitMoment(app, hit), chip(app.store, hit.label), quote(app.store, hit))),
  );
}

function steps(given) {
  if (!given.length) return h("p", {}, "没有待办。");
  return h("ol", { class: "steps" }, given.map((step) => h("li", {}, bdi(step))));
}

// How the talk went (measured), the manager's questions and craft (judged), and how the report was made.
import { bdi, byId, clock, h, judged, lasting, measured, percent, svg } from "./dom.js";
import { chip, hitMoment, moment } from "./hits.js";
import { quote } from "./marking.js";

export function showTalk(app) {
  const { store } = app;
  store.watch(() => {
    const { talk, times_estimated: estimated, hits } = store.view.report;
    const craft = store.view.catalogue.labels.filter((label) => label.kind === "craft").map((label) => [label, hits.filter((hit) => hit.label === label.id)]).filter(([, found]) => found.length);
    byId("panel-talk").replaceChildren(
      h("h3", { class: "sr" }, "谈话"),
      h("h4", {}, "谁说了多少 ", measured(estimated)),
      bars(talk.speakers.map((s) => [bdi(store.name(s.speaker)), s.share, percent(s.share), `${lasting(s.seconds)}，${s.turns} 段，最长连续 ${lasting(s.longest_monologue)}`, s.role])),
      h(
        "dl",
        { class: "figures" },
        figure("客户说完后的等待（中位数）", talk.patience === null ? "无法计算" : lasting(talk.patience)),
        figure("每分钟换人", `${talk.switches_per_minute.toFixed(1)} 次`),
        figure("无人说话", lasting(talk.silence_seconds)),
      ),
      h("h4", {}, "提问方式 ", judged()),
      questions(talk.questions),
      ...(craft.length ? [h("h4", {}, "沟通技巧 ", judged()), ...craft.map(([label, found]) => craftGroup(app, label, found))] : []),
    );
  });
}

function bars(rows) {
  if (!rows.length) return h("p", {}, "没有可统计的谈话。");
  const bar = ([name, share, value, more, kind]) =>
    h(
      "li",
      {},
      h("span", { class: "bar-name" }, name),
      svg("svg", { class: "bar", width: "100%", height: 10, "aria-hidden": "true" }, svg("rect", { class: "track", width: "100%", height: 10, rx: 3 }), svg("rect", { class: `fill ${kind}`, width: `${(share * 100).toFixed(1)}%`, height: 10, rx: 3 })),
      h("span", { class: "bar-value" }, value),
      more && h("small", {}, more),
    );
  return h("ul", { class: "plain bars" }, rows.map(bar));
}

function questions(counts) {
  const most = Math.max(1, ...counts.map((q) => q.count));
  return bars(counts.map((q) => [q.name, q.count / most, `${q.count} 次`, "", "manager"]));
}

const figure = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));

function craftGroup(app, label, hits) {
  const caution = ["over_promise", "taboo"].includes(label.id);
  return h(
    "details",
    { class: caution ? "caution" : "", open: caution },
    h("summary", {}, chip(app.store, label.id), h("span", { class: "count" }, ` ${hits.length} 次`)),
    h("p", { class: "hint" }, label.meaning),
    h("ul", { class: "plain quotes" }, hits.map((hit) => h("li", {}, hitMoment(app, hit), quote(app.store, hit)))),
  );
}

export function showMaking(app) {
  const { store } = app;
  store.watch(() => {
    const { report } = store.view;
    byId("making-body").replaceChildren(
      h(
        "dl",
        { class: "making" },
        row(measured(), "从录音或文字稿直接量得：时间、时长、占比、次数。"),
        row(judged(), "由模型推断：谁是客户经理、信号、成交准备度、时机、策略、心理阶段；可能有误，请以原话和声音为准。人改过的地方都有标记，改动记在“修改”里。"),
        row("来源", [bdi(report.source.name), report.source.audio ? `（${report.source.audio.container} / ${report.source.audio.codec}，${report.source.audio.sample_rate} Hz）` : "（文字稿，没有录音）"]),
        row("说话人", report.source.separated_by_name),
        report.coverage && row("覆盖", [`检测到说话声 ${lasting(report.coverage.speech_seconds)}，其中 ${percent(report.coverage.ratio)} 得到了文字 `, measured(), gaps(app, report.coverage.gaps)]),
        row("去掉的文字", report.removed.length ? h("ul", { class: "plain" }, report.removed.map((r) => h("li", {}, moment(app, r.start, clock(r.start)), " ", bdi(r.text), h("small", {}, ` ${r.reason_name}`)))) : "没有"),
        row(["步骤 ", measured()], h("ul", { class: "plain" }, report.stages.map((stage) => h("li", {}, `${stage.display_name}　`, h("small", {}, bdi([stage.version && `版本 ${stage.version}`, ...Object.values(stage.parameters), stage.reused ? "沿用上次的结果" : `用时 ${lasting(stage.seconds)}`].filter(Boolean).join("，"))))))),
        row("程序版本", report.program_version),
      ),
    );
  });
}

const row = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));

function gaps(app, found) {
  if (!found.length) return null;
  return h("p", {}, "有人说话而没有文字，值得一听：", found.map((gap) => moment(app, gap.start, clock(gap.start))));
}

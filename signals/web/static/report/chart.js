// Readiness and the eight stages over time (ECharts), on the waveform's time axis.
import { byId, circled, clock, percent } from "./dom.js";
import { colour } from "./waveform.js";

const { echarts } = window;
const READINESS = 130;
const STAGES = 128;
const NARROW = 640;

export function createChart(app) {
  const { store, player, axis } = app;
  const box = byId("chart");
  const chart = echarts.init(box, null, { renderer: "canvas" });
  const draw = () => {
    const narrow = innerWidth < NARROW;
    chart.setOption(options(store, axis, narrow, gutter(), box.clientWidth), { notMerge: true });
    box.setAttribute("aria-label", described(store));
  };
  store.watch(draw);
  axis.addEventListener("range", draw);
  chart.getZr().on("click", (event) => {
    const [time] = chart.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]);
    if (time >= 0 && time <= player.duration) app.go(time, null, { keep: true });
  });
  new ResizeObserver(() => { chart.resize(); draw(); }).observe(box);
  matchMedia("(prefers-color-scheme:dark)").addEventListener("change", draw);
  return chart;
}

/** Pixels left and right of the time axis, from the style sheet, so that waveform, charts and playhead agree. */
export function gutter() {
  const style = getComputedStyle(byId("axis"));
  return { left: parseFloat(style.getPropertyValue("--left")), right: parseFloat(style.getPropertyValue("--right")) };
}

function options(store, axis, narrow, { left, right }, width) {
  const { closing } = store.view.report;
  const { stages } = store.view.catalogue;
  const [ink, soft, line, paper] = ["ink", "soft", "line", "paper"].map(colour);
  const text = { color: soft, fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily };
  const time = { type: "value", min: axis.from, max: axis.to, axisLine: { lineStyle: { color: line } }, splitLine: { show: false }, axisTick: { show: false } };
  const second = 26 + READINESS;
  return {
    animation: false,
    textStyle: text,
    grid: [
      { left, right, top: 14, height: READINESS - 14 },
      { left, right, top: second, height: STAGES },
    ],
    axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: soft }, label: { show: false } },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: paper, borderColor: line, padding: [8, 12],
      textStyle: { color: ink, fontSize: 13 },
      formatter: (points) => tip(store, points),
    },
    xAxis: [
      { ...time, gridIndex: 0, axisLabel: { show: false } },
      { ...time, gridIndex: 1, interval: step(axis.to - axis.from, narrow ? 4 : 9), axisLabel: { ...text, formatter: clock, showMaxLabel: false } },
    ],
    yAxis: [
      { gridIndex: 0, min: 0, max: 1, interval: 0.5, axisLabel: { ...text, formatter: percent }, splitLine: { lineStyle: { color: line } } },
      {
        gridIndex: 1, type: "category", data: stages.map((s) => `${s.number}`), boundaryGap: true, axisTick: { show: false }, axisLine: { show: false },
        axisLabel: { ...text, fontSize: 11, interval: 0, formatter: (number) => (narrow ? number : `${number} ${stages[number - 1].name}`) },
        splitLine: { show: true, lineStyle: { color: line } },
      },
    ],
    series: [readiness(closing, (axis.to - axis.from) / (width - left - right)), early(closing), mind(closing)],
  };
}

// `perPixel`: seconds. A window that is too narrow for its outcome shows its number only.
function readiness(closing, perPixel) {
  const label = (window, place) => `${circled(place + 1)}${window.end - window.start > 60 * perPixel ? ` ${window.outcome_name}` : ""}`;
  return {
    id: "readiness", name: "准备度", type: "line", xAxisIndex: 0, yAxisIndex: 0, symbol: "none", silent: true,
    data: closing.readiness.map((point) => [point.time, point.value]),
    lineStyle: { color: colour("curve"), width: 2 }, areaStyle: { color: colour("curve"), opacity: 0.08 },
    markLine: {
      silent: true, symbol: "none", lineStyle: { color: colour("premature"), type: "dashed" },
      label: { formatter: "可提出", position: "insideEndTop", color: colour("premature"), fontSize: 11 },
      data: [{ yAxis: closing.threshold }],
    },
    markArea: {
      silent: true,
      label: { position: "insideBottom", fontSize: 12, fontWeight: 600 },
      data: closing.windows.map((window, place) => [
        { name: label(window, place), xAxis: window.start, label: { color: colour(window.outcome) }, itemStyle: { color: colour(window.outcome), opacity: 0.14 } },
        { xAxis: window.end },
      ]),
    },
  };
}

/** Proposals that came too early. */
function early(closing) {
  return {
    id: "early", name: "提得过早", type: "scatter", xAxisIndex: 0, yAxisIndex: 0, symbol: "diamond", symbolSize: 12, silent: true,
    itemStyle: { color: colour("paper"), borderColor: colour("premature"), borderWidth: 2 },
    data: closing.premature.map((p) => [p.proposal.start, p.readiness]),
  };
}

function mind(closing) {
  const data = closing.stages.flatMap((span) => [[span.start, span.stage - 1], [span.end, span.stage - 1]]);
  return {
    id: "stages", name: "阶段", type: "line", xAxisIndex: 1, yAxisIndex: 1, symbol: "none", silent: true, data,
    lineStyle: { color: colour("stage"), width: 5, cap: "round", join: "round" },
  };
}

function tip(store, points) {
  const time = points[0].axisValue;
  return [clock(time), ...at(store, time)].join("\n");
}

/** Readiness and stage at a time, in words. */
export function at(store, time) {
  const { readiness: curve, stages } = store.view.report.closing;
  const words = [];
  const after = curve.findIndex((point) => point.time > time);
  if (curve.length) {
    const [a, b] = after < 0 ? [curve.at(-1), curve.at(-1)] : [curve[Math.max(0, after - 1)], curve[after]];
    const part = b.time > a.time ? Math.min(1, Math.max(0, (time - a.time) / (b.time - a.time))) : 0;
    words.push(`准备度 ${percent(a.value + (b.value - a.value) * part)}`);
  }
  const span = stages.find((s) => s.start <= time && time < s.end);
  if (span) words.push(`阶段 ${span.stage} ${span.name}`);
  return words;
}

function described(store) {
  const { closing, summary } = store.view.report;
  const windows = closing.windows.map((w, place) => `时机${place + 1}：${clock(w.start)} 到 ${clock(w.end)}，${w.outcome_name}，最高 ${percent(w.peak.value)}`);
  const stages = closing.stages.map((s) => `${clock(s.start)} ${s.name}`);
  return `成交准备度与购买心理阶段。${summary.verdict_name}。${windows.join("；") || "没有成交时机"}。阶段：${stages.join("，") || "无"}`;
}

/** A round number of seconds, so that at most `most` labels stand on the axis. */
function step(duration, most) {
  return [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].find((s) => duration / s <= most) || 7200;
}

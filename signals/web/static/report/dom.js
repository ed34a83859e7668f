// Elements from data. Text is always set as text: nothing that was said in a meeting is ever read as HTML.

export const byId = (id) => document.getElementById(id);

const SVG = "http://www.w3.org/2000/svg";

/** An element. `given`: attributes; `on…` keys are listeners, `data` a map of data attributes, false and null are left out. */
export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  fill(element, given);
  append(element, children);
  return element;
}

export function svg(tag, given = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  fill(element, given);
  append(element, children);
  return element;
}

function fill(element, given) {
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "data") Object.assign(element.dataset, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

/** Names from files and people may be written from right to left. */
export const bdi = (text) => h("bdi", {}, text);

// One shape a kind, so that colour is never the only difference.
const SHAPES = {
  verbal: ["circle", { r: 6 }],
  behaviour: ["rect", { x: -5.5, y: -5.5, width: 11, height: 11, rx: 2 }],
  expression: ["path", { d: "M0-7.5L2-2.4 7.4-2 3.2 1.4 4.6 6.8 0 3.8-4.6 6.8-3.2 1.4-7.4-2-2-2.4Z" }],
  objection: ["path", { d: "M-7-5.5H7L0 7Z" }],
  closing: ["path", { d: "M0-7.5L7.5 0 0 7.5-7.5 0Z" }],
  other: ["circle", { r: 4 }],
};

export function icon(kind) {
  const [tag, shape] = SHAPES[kind] || SHAPES.other;
  return svg(
    "svg",
    { class: "icon", width: 14, height: 14, viewBox: "-8 -8 16 16", "aria-hidden": "true" },
    svg(tag, { class: `m ${SHAPES[kind] ? kind : "other"}`, ...shape }),
  );
}

const MEASURED = "从录音或文字稿直接量得：时间、时长、占比、次数";
const ESTIMATED = "文字稿没有时间，按文字长度估算";
const JUDGED = "由模型推断，可能有误，请以原话和声音为准";

export const measured = (estimated = false) =>
  h("span", { class: `badge ${estimated ? "estimated" : "measured"}`, title: estimated ? ESTIMATED : MEASURED }, estimated ? "估算" : "实测");
export const judged = () => h("span", { class: "badge judged", title: JUDGED }, "判断");

const two = (number) => String(number).padStart(2, "0");

/** 02:03, or 1:02:03 from an hour on. */
export function clock(seconds) {
  const whole = Math.floor(Math.max(0, seconds));
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** Seconds of "3:20" or "1:02:03"; null for anything else. */
export function seconds(text) {
  const parts = text.trim().replaceAll("：", ":").split(":");
  if (parts.length > 3 || !parts.every((part) => /^\d{1,4}(\.\d+)?$/.test(part))) return null;
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** A length of time as people say it: 4.2 秒, 3 分 20 秒, 1 小时 5 分. */
export function lasting(given) {
  const value = Math.max(0, given);
  if (value < 9.95 && Math.round(value * 10) % 10) return `${value.toFixed(1)} 秒`;
  const whole = Math.round(value);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours) return `${hours} 小时 ${minutes} 分`;
  if (minutes) return rest ? `${minutes} 分 ${rest} 秒` : `${minutes} 分钟`;
  return `${rest} 秒`;
}

export const percent = (share) => `${Math.round(Math.min(1, Math.max(0, share)) * 100)}%`;

/** A model's probability: never called certain. */
export const likely = (score) => (score >= 0.995 ? ">99%" : percent(score));

/** ①, ② … ⑳, then (21). */
export const circled = (number) => (number >= 1 && number <= 20 ? String.fromCharCode(0x245f + number) : `(${number})`);

export const moment = (iso) =>
  new Intl.DateTimeFormat("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false }).format(new Date(iso));

// What stands around the report: the facts, the meeting's details, the tabs, the menu of downloads.
import { bdi, byId, h, icon, judged, lasting, measured } from "./dom.js";
import { notice } from "./notices.js";

export function showFacts(app) {
  const { store } = app;
  store.watch(() => {
    const { meeting, report } = store.view;
    byId("title").replaceChildren(bdi(meeting.title));
    document.title = `${meeting.title} · 会谈成交分析`;
    const fact = (name, value) => value && h("div", {}, h("dt", {}, name), h("dd", {}, value));
    const length = [lasting(Math.floor(report.duration)), report.times_estimated ? "（估算）" : ""].join("");
    byId("facts").replaceChildren(
      ...[fact("客户", meeting.client && bdi(meeting.client)), fact("日期", meeting.met_on), fact("参会人", meeting.attendees && bdi(meeting.attendees)), fact("时长", length), fact("客户经理", [bdi(meeting.owner), `（${meeting.unit}）`]), fact("来源", bdi(meeting.file_name))].filter(Boolean),
    );
    byId("legend").replaceChildren(...legend(store));
    byId("axis-hint").replaceChildren(measured(report.times_estimated), " 声音和说话的起止　", judged(), " 谁说的、信号、时机、准备度、阶段　点图上任一处，就", store.view.audio ? "跳到那一刻" : "跳到那段话");
    byId("wave-name").textContent = store.view.audio ? "" : "谁在说";
  });
}

function legend(store) {
  const swatch = (kind, name) => h("li", {}, h("span", { class: `swatch ${kind}`, "aria-hidden": "true" }), name);
  const roles = new Set(store.view.report.turns.map((turn) => turn.role));
  const kinds = new Map(store.marks.map((hit) => [hit.kind, hit.kind_name]));
  const outcomes = new Map(store.view.report.closing.windows.map((w) => [w.outcome, `时机·${w.outcome_name}`]));
  return [
    ...[["manager", "客户经理"], ["customer", "客户"], ["unknown", "角色未知"]].filter(([role]) => roles.has(role)).map(([role, name]) => swatch(role, name)),
    ...[...kinds].map(([kind, name]) => h("li", {}, icon(kind), name)),
    ...[...outcomes].map(([outcome, name]) => swatch(outcome, name)),
  ];
}

export function createDetails(app) {
  const { store } = app;
  const button = byId("edit-details");
  const dialog = byId("details");
  const form = byId("details-form");
  byId("actions").hidden = false;
  button.hidden = !store.view.may.change;
  button.addEventListener("click", () => {
    for (const name of ["title", "client", "client_kind", "met_on", "attendees"]) form.elements[name].value = store.view.meeting[name] || "";
    dialog.showModal();
  });
  byId("details-cancel").addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await store.changeMeeting(Object.fromEntries(new FormData(form)))) {
      dialog.close();
      notice("会谈信息已保存");
    }
  });
}

export function createTabs() {
  const tabs = [...byId("tabs").querySelectorAll("[role=tab]")];
  const select = (tab) => {
    for (const other of tabs) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      byId(other.getAttribute("aria-controls")).hidden = !chosen;
    }
  };
  for (const [place, tab] of tabs.entries()) {
    tab.addEventListener("click", () => select(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(place + step + tabs.length) % tabs.length];
      select(next);
      next.focus();
    });
  }
}

export function createMenu() {
  const menu = byId("downloads");
  if (!menu) return;
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  menu.querySelector("ul").addEventListener("click", () => { menu.open = false; });
}

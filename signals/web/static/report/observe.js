// What only the people in the room saw, logged at a time while the recording plays on.
import { byId, clock, h, icon, seconds } from "./dom.js";
import { notice } from "./notices.js";

export function createObserve(app) {
  const { store, player } = app;
  const form = byId("observe");
  const time = byId("observe-time");
  const open = byId("open-observe");
  open.hidden = !store.view.may.correct;

  const show = (visible) => {
    form.hidden = !visible;
    open.setAttribute("aria-expanded", String(visible));
    if (visible) {
      time.value = clock(player.time);
      form.querySelector("#observe-labels button")?.focus();
    } else open.focus();
  };
  const move = (by) => { time.value = clock(Math.min(player.duration, Math.max(0, (seconds(time.value) ?? player.time) + by))); };

  const log = async (label) => {
    const when = seconds(time.value);
    if (when === null || when > player.duration) {
      notice(`时间请写成 分:秒，不超过 ${clock(player.duration)}`, { bad: true });
      time.focus();
      return;
    }
    const note = byId("observe-note").value.trim();
    const taken = await store.change({ kind: "observe", label: label.id, time: when, note }, `已记下 ${clock(when)} ${label.name}`);
    if (taken) byId("observe-note").value = "";
  };

  const seen = store.view.catalogue.labels.filter((label) => ["behaviour", "expression"].includes(label.kind));
  const button = (label) => h("button", { type: "button", title: label.meaning, onclick: () => log(label) }, icon(label.kind), label.name);
  const often = seen.filter((label) => !label.audible || label.id === "materials_review");
  byId("observe-labels").replaceChildren(...often.map(button));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("keydown", (event) => { if (event.key === "Escape") show(false); });
  open.addEventListener("click", () => show(form.hidden));
  byId("observe-close").addEventListener("click", () => show(false));
  byId("observe-back").addEventListener("click", () => move(-2));
  byId("observe-on").addEventListener("click", () => move(2));
  app.toggleObserve = () => { if (store.view.may.correct) show(form.hidden); };
}

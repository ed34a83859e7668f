// The bar at the foot: plays, seeks, tells where we are; without sound it leads from signal to signal.
import { byId, clock } from "./dom.js";
import { at } from "./chart.js";
import { start } from "./hits.js";

const PLAY = "M7 4l11 7-11 7z";
const PAUSE = "M6 4h4v14H6zM13 4h4v14h-4z";

export function createDock(app) {
  const { player, store, axis } = app;
  const seek = byId("seek");
  const dock = byId("dock");
  dock.hidden = false;
  new ResizeObserver(() => document.documentElement.style.setProperty("--dock", `${dock.offsetHeight}px`)).observe(dock);
  dock.classList.toggle("silent", !player.audio);
  seek.max = player.duration;
  byId("whole").textContent = clock(player.duration);
  byId("toggle").addEventListener("click", () => player.toggle());
  byId("next-signal").addEventListener("click", () => app.nextSignal());
  byId("previous-signal").addEventListener("click", () => app.previousSignal());
  byId("rate").addEventListener("change", (event) => { player.audio.playbackRate = Number(event.target.value); });
  seek.addEventListener("input", () => player.seek(Number(seek.value)));
  for (const id of ["toggle", "rate"]) byId(id).hidden = !player.audio;
  dock.querySelector(".follow").hidden = !player.audio;

  const moved = () => {
    const { time } = player;
    seek.value = time;
    seek.setAttribute("aria-valuetext", clock(time));
    byId("now").textContent = clock(time);
    byId("caption").textContent = at(store, time).join("　");
    const place = axis.place(time);
    byId("playhead").hidden = place < 0 || place > 1;
    byId("playhead").style.left = `calc(var(--left) + (100% - var(--left) - var(--right)) * ${place})`;
  };
  player.addEventListener("time", moved);
  player.addEventListener("state", () => {
    byId("glyph").setAttribute("d", player.playing ? PAUSE : PLAY);
    byId("toggle").setAttribute("aria-label", player.playing ? "暂停" : "播放");
  });
  player.addEventListener("broken", () => {
    byId("sound-fault").hidden = false;
    byId("sound-fault").textContent = "放不出录音。请刷新页面；仍然不行，请联系管理员。";
  });
  axis.addEventListener("range", moved);
  store.watch(moved);
}

/** The signal after or before the current place, null when there is none. */
export function signalFrom(store, time, forward) {
  const found = store.signals.filter((hit) => (forward ? start(hit) > time + 0.2 : start(hit) < time - 1.5));
  return (forward ? found[0] : found.at(-1)) || null;
}

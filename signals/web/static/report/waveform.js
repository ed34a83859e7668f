// The sound's outline with who speaks, the signals and the closing windows on it (wavesurfer.js).
import { ask } from "./api.js";
import { createZoom } from "./axis.js";
import { byId, icon } from "./dom.js";

const { WaveSurfer } = window;
const HEIGHT = 96;
const HEIGHT_SILENT = 44;
const JOINED = 1.5; // seconds: pauses of one speaker's that are not worth a gap

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Draws the waveform into #wave; resolves when its regions can be drawn too. */
export async function createWaveform(app) {
  const { store, player, axis } = app;
  const sound = player.audio ? store.view.audio : null;
  const outline = sound ? await ask(sound.peaks_url) : { duration: player.duration, peaks: [0, 0] };
  const regions = WaveSurfer.Regions.create();
  const surfer = WaveSurfer.create({
    container: byId("wave"),
    cspNonce: byId("report").dataset.nonce,
    ...(sound ? { media: player.audio } : {}),
    peaks: [outline.peaks.length ? outline.peaks : [0, 0]],
    duration: outline.duration || player.duration || 1,
    height: sound ? HEIGHT : HEIGHT_SILENT,
    waveColor: colour("wave"),
    progressColor: colour("wave-played"),
    cursorWidth: 0,
    normalize: true,
    plugins: [regions],
  });
  surfer.on("interaction", (time) => { if (!sound) player.seek(time); });
  surfer.on("scroll", (from, to) => axis.show(from, to));
  createZoom(app, (level) => {
    surfer.zoom((level * byId("wave").clientWidth) / surfer.getDuration());
    const width = axis.duration / level;
    const from = Math.min(axis.duration - width, Math.max(0, player.time - width / 2));
    surfer.setScrollTime(from);
    axis.show(from, from + width);
  });
  const draw = () => drawRegions(store, regions);
  surfer.on("ready", () => store.watch(draw));
  matchMedia("(prefers-color-scheme:dark)").addEventListener("change", () => {
    surfer.setOptions({ waveColor: colour("wave"), progressColor: colour("wave-played") });
  });
  return surfer;
}

function drawRegions(store, regions) {
  regions.clearRegions();
  const fixed = { drag: false, resize: false };
  for (const [place, span] of speaking(store.view.report.turns).entries()) {
    regions.addRegion({ ...fixed, id: `speaker ${span.role} s${place}`, start: span.start, end: span.end, color: `var(--${span.role}-region)` });
  }
  for (const [place, window] of store.view.report.closing.windows.entries()) {
    const region = regions.addRegion({ ...fixed, id: `window ${window.outcome} w${place}`, start: window.start, end: window.end, color: `var(--${window.outcome})` });
    Object.assign(region.element.style, { top: "0", height: "7px", zIndex: "2" });
  }
  for (const [place, hit] of store.marks.entries()) {
    const mark = icon(hit.kind);
    mark.style.cssText = `position:absolute;left:-8px;bottom:1px;overflow:visible;fill:var(--${hit.kind});stroke:var(--paper);stroke-width:1.5`;
    const region = regions.addRegion({ ...fixed, id: `signal ${hit.kind} h${place}`, start: hit.start, color: `var(--${hit.kind})`, content: mark });
    Object.assign(region.element.style, { top: "45%", height: "55%", borderLeftWidth: "1px" });
  }
}

/** Turns of one speaker that follow each other closely, as one stretch. */
function speaking(turns) {
  const spans = [];
  for (const turn of turns) {
    const last = spans.at(-1);
    if (last && last.speaker === turn.speaker && turn.start - last.end < JOINED) last.end = Math.max(last.end, turn.end);
    else spans.push({ speaker: turn.speaker, role: turn.role, start: turn.start, end: turn.end });
  }
  return spans.filter((span) => span.end > span.start);
}

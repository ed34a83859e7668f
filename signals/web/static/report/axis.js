// The stretch of the meeting that waveform, charts and playhead show: all of it, or a part when zoomed in.
import { byId } from "./dom.js";

const MOST = 32;
const LONG = 120; // seconds from which zooming is offered

export class Axis extends EventTarget {
  level = 1;

  constructor(duration) {
    super();
    this.duration = duration || 1;
    this.from = 0;
    this.to = this.duration;
  }

  show(from, to) {
    this.from = Math.max(0, from);
    this.to = Math.min(this.duration, to);
    this.dispatchEvent(new Event("range"));
  }

  /** Where a time is, 0..1 from left to right; outside of it when it isn't shown. */
  place(time) {
    return (time - this.from) / (this.to - this.from || 1);
  }
}

/** The two buttons; `zoom(level)` is the waveform's, which tells the axis what it shows then. */
export function createZoom(app, zoom) {
  const { axis } = app;
  byId("zoom").hidden = axis.duration < LONG;
  const step = (by) => {
    axis.level = Math.min(MOST, Math.max(1, axis.level * by));
    byId("zoom-out").disabled = axis.level === 1;
    byId("zoom-in").disabled = axis.level === MOST;
    zoom(axis.level);
  };
  byId("zoom-in").addEventListener("click", () => step(2));
  byId("zoom-out").addEventListener("click", () => step(0.5));
}

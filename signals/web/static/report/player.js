// Where we are in the meeting: the recording's own place, or a cursor where there is no recording.

export class Player extends EventTarget {
  #cursor = 0;
  #frame = 0;

  /** `audio`: the element, null for a transcript without sound. `duration` in seconds. */
  constructor(audio, duration) {
    super();
    this.audio = audio;
    this.duration = duration;
    if (!audio) return;
    audio.addEventListener("play", () => this.#state());
    audio.addEventListener("pause", () => this.#state());
    audio.addEventListener("ended", () => this.#state());
    for (const name of ["timeupdate", "seeking", "seeked"]) audio.addEventListener(name, () => this.#moved());
    audio.addEventListener("error", () => this.dispatchEvent(new Event("broken")));
  }

  get time() {
    return this.audio ? this.audio.currentTime : this.#cursor;
  }

  get playing() {
    return Boolean(this.audio) && !this.audio.paused && !this.audio.ended;
  }

  seek(time) {
    const place = Math.min(Math.max(0, time), this.duration);
    if (this.audio) this.audio.currentTime = place;
    this.#cursor = place;
    this.#moved();
    this.dispatchEvent(new Event("sought"));
  }

  play() {
    if (this.audio) this.audio.play().catch(() => this.dispatchEvent(new Event("broken")));
  }

  toggle() {
    if (this.playing) this.audio.pause();
    else this.play();
  }

  #state() {
    this.dispatchEvent(new Event("state"));
    cancelAnimationFrame(this.#frame);
    const step = () => {
      this.#moved();
      if (this.playing) this.#frame = requestAnimationFrame(step);
    };
    step();
  }

  #moved() {
    this.dispatchEvent(new Event("time"));
  }
}

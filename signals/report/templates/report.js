"use strict";
(() => {
  const id = (name) => document.getElementById(name);
  const LEAD_IN = 2;
  const audio = id("audio");
  const timeline = id("timeline");
  const list = id("turns");
  const turns = Array.from(document.querySelectorAll(".turn"));
  const starts = turns.map((turn) => Number(turn.dataset.start));
  const jumps = turns.filter((turn) => turn.dataset.jump !== undefined)
    .map((turn) => ({ turn, time: Number(turn.dataset.jump) }))
    .sort((a, b) => a.time - b.time);
  const duration = timeline ? Number(timeline.dataset.duration) : 0;
  let current = null;
  let chosen = -1; // place in jumps that N or P went to last; -1 once the user seeks elsewhere
  let expected = -1; // where our own jump set the sound, to tell it from the user's seeking

  const clock = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    const two = (n) => String(n).padStart(2, "0");
    const minutes = Math.floor(whole / 60);
    const rest = two(whole % 60);
    return minutes >= 60 ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}` : `${two(minutes)}:${rest}`;
  };

  // The turn that is spoken at a time: the last one that has begun.
  const turnAt = (time) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= time + 0.05) low = middle + 1;
      else high = middle;
    }
    return low ? turns[low - 1] : null;
  };

  // Scrolls only the transcript's own box, so that the page stays where the reader is.
  const scrollTo = (turn) => {
    if (list.scrollHeight <= list.clientHeight) return;
    const box = list.getBoundingClientRect();
    const at = turn.getBoundingClientRect();
    if (at.top < box.top + 40 || at.bottom > box.bottom - 40) list.scrollTop += at.top - box.top - box.height / 3;
  };

  const show = (time) => {
    if (timeline && duration > 0) {
      const x = `${Math.min(100, (100 * time) / duration)}%`;
      const head = id("playhead");
      head.setAttribute("x1", x);
      head.setAttribute("x2", x);
      head.setAttribute("visibility", "visible");
    }
    if (audio) {
      id("now").textContent = clock(time);
      id("seek").value = String(time);
      id("seek").setAttribute("aria-valuetext", clock(time));
    }
    const turn = turnAt(time);
    if (turn === current) return;
    if (current) {
      current.classList.remove("now");
      current.removeAttribute("aria-current");
    }
    current = turn;
    if (!turn) return;
    turn.classList.add("now");
    turn.setAttribute("aria-current", "true");
    if (audio) {
      id("caption").textContent = `${turn.querySelector(".name").textContent}：${turn.querySelector(".text").textContent}`;
      if (id("follow").checked) scrollTo(turn);
    }
  };

  const play = () => { audio.play().catch(() => { /* the error event tells the user */ }); };

  const seek = (time, start) => {
    const at = Math.max(0, time);
    expected = at;
    audio.currentTime = at;
    show(at);
    if (start) play();
  };

  const goTo = (step) => {
    if (!jumps.length) return;
    if (chosen < 0) {
      const now = audio ? audio.currentTime : -1;
      const next = jumps.findIndex((jump) => jump.time > now + 0.05);
      const upcoming = next < 0 ? jumps.length : next;
      chosen = step > 0 ? upcoming : upcoming - 1;
    } else {
      chosen += step;
    }
    chosen = Math.min(jumps.length - 1, Math.max(0, chosen));
    const { turn, time } = jumps[chosen];
    turns.forEach((other) => other.classList.toggle("chosen", other === turn));
    if (turn.hidden) reset();
    if (audio) seek(time - LEAD_IN, true);
    else turn.scrollIntoView({ block: "center" });
    scrollTo(turn);
    id("found").textContent = `信号 ${chosen + 1} / ${jumps.length}`;
  };

  const query = id("search");
  const only = id("only");
  const filter = () => {
    const wanted = query.value.trim().toLowerCase();
    const found = window.CSS && CSS.highlights ? new Highlight() : null;
    let count = 0;
    for (const turn of turns) {
      const text = turn.querySelector(".text");
      const fits = (!wanted || text.textContent.toLowerCase().includes(wanted)) && (!only.checked || turn.dataset.jump !== undefined);
      turn.hidden = !fits;
      if (!fits) continue;
      count += 1;
      if (wanted && found) mark(text, wanted, found);
    }
    if (found) CSS.highlights.set("found", found);
    id("found").textContent = wanted || only.checked ? (count ? `${count} 段` : "没有找到") : "";
  };
  const reset = () => { query.value = ""; only.checked = false; filter(); };

  // Marks what was searched for, without touching the page's own elements.
  const mark = (element, wanted, found) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.data.toLowerCase();
      if (text.length !== node.data.length) continue;
      for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + wanted.length);
        found.add(range);
      }
    }
  };

  const pick = (element) => {
    const label = element.closest("#timeline") && element.getAttribute("aria-label");
    if (label) id("picked").textContent = label;
  };

  document.addEventListener("click", (event) => {
    const target = event.target;
    const timed = target.closest("[data-time]");
    if (timed) {
      pick(timed);
      if (audio) {
        event.preventDefault();
        chosen = -1;
        seek(Number(timed.dataset.time) - Number(timed.dataset.lead || 0), true);
      }
      return;
    }
    if (!audio || !duration) return;
    if (target.closest("#timeline")) {
      const box = timeline.getBoundingClientRect();
      chosen = -1;
      seek((duration * Math.min(box.width, Math.max(0, event.clientX - box.left))) / box.width, true);
      return;
    }
    const text = target.closest(".text");
    if (text && String(window.getSelection()) === "") {
      chosen = -1;
      seek(Number(text.closest(".turn").dataset.start), true);
    }
  });

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target === query) {
      if (event.key === "Escape") reset();
      return;
    }
    if (["SELECT", "TEXTAREA"].includes(target.tagName)) return;
    const key = event.key.toLowerCase();
    if (key === "n") goTo(1);
    else if (key === "p") goTo(-1);
    else if (key === " " && audio && !target.closest("button, a, summary, input, audio")) {
      event.preventDefault();
      if (audio.paused) play();
      else audio.pause();
    }
  });

  if (list) {
    query.addEventListener("input", filter);
    only.addEventListener("change", filter);
    id("next").addEventListener("click", () => goTo(1));
    id("previous").addEventListener("click", () => goTo(-1));
    filter(); // a browser may have kept the fields from before a reload
  }
  if (!audio) return;

  audio.controls = false;
  audio.hidden = true;
  id("deck").hidden = false;
  document.body.classList.add("playable");
  const sign = () => {
    const name = audio.paused ? "播放" : "暂停";
    id("toggle").setAttribute("aria-label", name);
    id("glyph").setAttribute("d", audio.paused ? "M7 4l11 7-11 7z" : "M7 4v14M15 4v14");
  };
  audio.addEventListener("play", sign);
  audio.addEventListener("pause", sign);
  audio.addEventListener("timeupdate", () => show(audio.currentTime));
  audio.addEventListener("seeking", () => {
    if (Math.abs(audio.currentTime - expected) > 0.5) chosen = -1;
  });
  audio.addEventListener("loadedmetadata", () => {
    if (!Number.isFinite(audio.duration)) return;
    id("seek").max = String(audio.duration);
    id("whole").textContent = clock(audio.duration);
  });
  audio.addEventListener("error", () => { id("fault").hidden = false; });
  if (audio.error) id("fault").hidden = false;
  id("toggle").addEventListener("click", () => (audio.paused ? play() : audio.pause()));
  id("skip-on").addEventListener("click", () => goTo(1));
  id("skip-back").addEventListener("click", () => goTo(-1));
  id("seek").addEventListener("input", () => seek(Number(id("seek").value), false));
  id("rate").addEventListener("change", () => { audio.playbackRate = Number(id("rate").value); });
})();

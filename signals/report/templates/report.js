"use strict";
(function () {
  const audio = document.getElementById("audio");
  const turns = Array.from(document.querySelectorAll(".turn"));
  const hits = turns.filter((turn) => turn.classList.contains("hit"));
  const cursor = document.getElementById("cursor");
  const timeline = document.getElementById("timeline");
  const follow = document.getElementById("follow");
  const left = Number(timeline.dataset.left);
  const right = Number(timeline.dataset.right);
  const duration = Math.max(1, Number(timeline.dataset.duration));
  let chosen = -1;
  let current = null;

  function turnAt(time) {
    let found = null;
    for (const turn of turns) {
      if (Number(turn.dataset.start) <= time + 0.05) found = turn;
      else break;
    }
    return found;
  }

  function go(time, play) {
    if (audio) {
      audio.currentTime = Math.max(0, time);
      if (play) audio.play().catch(() => {});
      show(time);
    } else {
      const turn = turnAt(time);
      if (turn) turn.scrollIntoView({ block: "center" });
      show(time);
    }
  }

  function show(time) {
    const x = left + (right - left) * Math.min(1, time / duration);
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    const turn = turnAt(time);
    if (turn === current) return;
    if (current) current.classList.remove("now");
    if (turn) {
      turn.classList.add("now");
      if (audio && !audio.paused && follow && follow.checked && inTranscript()) turn.scrollIntoView({ block: "center" });
    }
    current = turn;
  }

  function inTranscript() {
    const box = document.getElementById("transcript").getBoundingClientRect();
    return box.top < window.innerHeight && box.bottom > 0;
  }

  function choose(step) {
    if (!hits.length) return;
    chosen = Math.min(hits.length - 1, Math.max(0, chosen + step));
    turns.forEach((turn) => turn.classList.remove("chosen"));
    const turn = hits[chosen];
    turn.classList.add("chosen");
    turn.scrollIntoView({ block: "center" });
    turn.focus({ preventScroll: true });
    if (audio) go(Number(turn.dataset.start) - 2, true);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-t]");
    if (button) {
      event.preventDefault();
      go(Number(button.dataset.t), true);
      return;
    }
    if (event.target.closest("#timeline")) {
      const box = timeline.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * timeline.viewBox.baseVal.width;
      if (x >= left) go(((x - left) / (right - left)) * duration, true);
      return;
    }
    const said = event.target.closest(".said");
    if (said && audio && !String(window.getSelection())) go(Number(said.parentElement.dataset.start), true);
  });

  document.addEventListener("keydown", (event) => {
    const tag = event.target.tagName;
    if (event.ctrlKey || event.metaKey || event.altKey || tag === "TEXTAREA" || (tag === "INPUT" && event.target.type === "search")) return;
    const key = event.key.toLowerCase();
    if (key === "n") choose(1);
    else if (key === "p") choose(-1);
    else if (audio && key === " " && !["BUTTON", "SUMMARY", "AUDIO", "INPUT"].includes(tag)) {
      event.preventDefault();
      if (audio.paused) audio.play().catch(() => {}); else audio.pause();
    } else if (audio && tag !== "AUDIO" && key === "arrowleft") go(audio.currentTime - 5, !audio.paused);
    else if (audio && tag !== "AUDIO" && key === "arrowright") go(audio.currentTime + 5, !audio.paused);
  });

  const search = document.getElementById("search");
  const only = document.getElementById("only");
  function filter() {
    const wanted = search.value.trim().toLowerCase();
    let count = 0;
    for (const turn of turns) {
      const text = turn.querySelector(".said").textContent.toLowerCase();
      const fits = (!wanted || text.includes(wanted)) && (!only.checked || turn.classList.contains("hit"));
      turn.hidden = !fits;
      if (fits) count += 1;
    }
    document.getElementById("found").textContent = wanted || only.checked ? count + " 段" : "";
  }
  search.addEventListener("input", filter);
  only.addEventListener("change", filter);

  if (audio) {
    audio.addEventListener("timeupdate", () => show(audio.currentTime));
    document.getElementById("next").addEventListener("click", () => choose(1));
    document.getElementById("previous").addEventListener("click", () => choose(-1));
  }
})();

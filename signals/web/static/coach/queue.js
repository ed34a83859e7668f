// The queue by keys: each moment plays with five seconds of lead-in and is decided by one key.
const LEAD_IN = 5;
const TAIL = 2;
const list = document.getElementById("moments");

if (list) {
  const csrf = document.body.dataset.csrf;
  const items = [...list.children];
  const panel = document.getElementById("listen");
  const sound = document.getElementById("sound");
  const fetched = new Map();
  let place = -1;
  let until = Infinity;

  const say = (text, bad) => {
    const note = document.createElement("p");
    note.textContent = text;
    note.className = bad ? "bad" : "good";
    document.getElementById("toasts").append(note);
    setTimeout(() => note.remove(), 6000);
  };

  const post = async (path, fields) => {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "X-CSRF-Token": csrf, Accept: "text/html, application/json" },
      body: new URLSearchParams(fields),
    });
    if (answer.ok) return answer;
    let text = "操作没有成功，请刷新页面后再试";
    try { text = (await answer.json()).error.message; } catch { /* an error page, not JSON */ }
    say(text, true);
    return null;
  };

  const words = (item) => {
    if (!fetched.has(item)) {
      fetched.set(item, fetch(item.dataset.path).then((answer) => (answer.ok ? answer.text() : "<p class=\"fault\">这个时刻已经不在了，可能被别的修改去掉了。</p>")));
    }
    return fetched.get(item);
  };

  const play = (from, to) => {
    const { audio } = items[place].dataset;
    if (!audio) return;
    if (!sound.src.endsWith(audio)) sound.src = audio;
    until = to;
    sound.currentTime = Math.max(0, from);
    sound.play().catch(() => { /* the browser waits for the first key or click */ });
  };

  const choose = async (next, { silent } = {}) => {
    if (next < 0 || next >= items.length || next === place) return;
    if (place >= 0) items[place].removeAttribute("aria-current");
    place = next;
    const item = items[place];
    item.setAttribute("aria-current", "true");
    item.scrollIntoView({ block: "nearest" });
    sound.pause();
    if (!silent) play(Number(item.dataset.start) - LEAD_IN, Number(item.dataset.end) + TAIL);
    const text = await words(item);
    if (items[place] !== item) return;
    panel.innerHTML = text;
    if (items[place + 1]) words(items[place + 1]);
  };

  const decide = async (decision) => {
    const item = items[place];
    if (!item) return;
    if (!(await post(`${item.dataset.path}/decision`, { decision }))) return;
    item.dataset.decision = decision;
    item.classList.remove("accepted", "rejected");
    if (decision) item.classList.add(decision);
    fetched.delete(item);
    if (!decision) { panel.innerHTML = await words(item); return; }
    if (place + 1 < items.length) choose(place + 1);
    else if (document.getElementById("more")) location.assign(document.getElementById("more").href);
    else say("这一页听完了");
  };

  const acts = {
    next: () => choose(place + 1),
    back: () => choose(place - 1),
    play: () => {
      if (!sound.paused) { sound.pause(); return; }
      until = Infinity;
      if (sound.src) sound.play();
      else play(Number(items[place].dataset.start) - LEAD_IN, Infinity);
    },
    accept: () => decide("accepted"),
    reject: () => decide("rejected"),
    undo: () => decide(""),
    keep: () => { const form = document.getElementById("keep"); form.hidden = !form.hidden; if (!form.hidden) form.elements.title.focus(); },
    comment: () => document.getElementById("comment-text")?.focus(),
    open: () => { location.assign(items[place].dataset.report); },
    dispute: async () => { if (await post(`${items[place].dataset.path}/dispute`, {})) say("已记下，教练会再听一遍"); },
  };
  const keys = { j: "next", k: "back", " ": "play", a: "accept", r: "reject", u: "undo", c: "comment", l: "keep", o: "open" };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter" && event.target.closest("#comment")) { event.target.form.requestSubmit(); return; }
    if (event.key === "Escape" && event.target.closest("#comment, #keep")) { event.target.blur(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    if (event.key === " " && event.target.closest("button, a") && !event.target.closest(".moment")) return;
    event.preventDefault();
    acts[act]();
  });
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) choose(items.indexOf(item));
  });
  panel.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act) { acts[act](); return; }
    const seek = event.target.closest("[data-seek]");
    if (seek) play(Number(seek.dataset.seek), Infinity);
  });
  panel.addEventListener("submit", async (event) => {
    event.preventDefault();
    const item = items[place];
    if (event.target.id === "keep") {
      if (!(await post("/coach/clips", new FormData(event.target)))) return;
      event.target.hidden = true;
      say("已收进案例库");
      return;
    }
    const answer = await post(`${item.dataset.path}/comment`, { text: event.target.elements.text.value });
    if (!answer) return;
    fetched.delete(item);
    panel.innerHTML = await answer.text();
    say("评论已保存");
  });
  sound.addEventListener("timeupdate", () => { if (sound.currentTime >= until) { sound.pause(); until = Infinity; } });
  choose(0, { silent: true });
}

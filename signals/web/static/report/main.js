// The report page: loads the view and puts its parts together.
import { byId } from "./dom.js";
import { Store } from "./store.js";
import { Axis } from "./axis.js";
import { Player } from "./player.js";
import { Transcript } from "./transcript.js";
import { createWaveform } from "./waveform.js";
import { createChart } from "./chart.js";
import { createDock, signalFrom } from "./dock.js";
import { start } from "./hits.js";
import { createSearch } from "./search.js";
import { createObserve } from "./observe.js";
import { createSpeakers } from "./speakers.js";
import { createKeys } from "./keys.js";
import { createDetails, createMenu, createTabs, showFacts } from "./frame.js";
import { showSummary } from "./summary.js";
import { showSignals, showWindows } from "./windows.js";
import { showMaking, showTalk } from "./talk.js";
import { showHistory } from "./history.js";
import { notice, noticeFault } from "./notices.js";

async function load() {
  const store = await Store.load(byId("report").dataset.meeting);
  const sound = store.view.audio && store.view.may.play ? byId("audio") : null;
  if (sound) sound.src = store.view.audio.url;
  const app = { store, player: new Player(sound, store.view.report.duration), axis: new Axis(store.view.report.duration) };
  byId("loading").hidden = true;
  byId("content").hidden = false;

  app.go = (time, turn = null, { keep = false } = {}) => {
    app.player.seek(time);
    if (app.player.audio && !keep) app.player.play();
    if (!app.player.audio) app.transcript.reveal(turn ?? app.transcript.current);
  };
  const toSignal = (forward) => {
    const hit = signalFrom(store, app.player.time, forward);
    if (!hit) {
      notice(store.signals.length ? (forward ? "后面没有信号了" : "前面没有信号了") : "这场会谈里没有信号");
      return;
    }
    app.player.seek(app.player.audio ? start(hit) : hit.start);
    app.transcript.reveal(hit.turn);
  };
  app.nextSignal = () => toSignal(true);
  app.previousSignal = () => toSignal(false);

  app.transcript = new Transcript(app);
  for (const part of [showFacts, showSummary, showWindows, showSignals, showTalk, showHistory, showMaking]) part(app);
  for (const part of [createTabs, createMenu, createDetails, createSearch, createSpeakers, createDock, createObserve, createKeys, createChart]) part(app);
  await createWaveform(app);
  document.body.dataset.ready = "true";
}

load().catch((fault) => {
  if (!("remedy" in fault)) throw fault;
  byId("loading").textContent = `${fault.message}，${fault.remedy}`;
  noticeFault(fault);
});

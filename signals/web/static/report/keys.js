// The keyboard, where no field or button is being used.
import { byId } from "./dom.js";

const FIELDS = "input, select, textarea, button, a, summary, dialog, audio, [role=tab]";
const STEP = 5;

export function createKeys(app) {
  const { player, store, transcript } = app;
  const help = byId("help");
  byId("open-help").addEventListener("click", () => help.showModal());
  help.classList.toggle("reader", !store.view.may.correct);

  const toTurn = (step) => {
    const turn = transcript.neighbour(step);
    if (!turn) return;
    player.seek(turn.start);
    transcript.reveal(turn.index);
  };
  const actions = {
    " ": () => player.toggle(),
    ArrowLeft: () => player.seek(player.time - STEP),
    ArrowRight: () => player.seek(player.time + STEP),
    ArrowUp: () => toTurn(-1),
    ArrowDown: () => toTurn(1),
    n: () => app.nextSignal(),
    p: () => app.previousSignal(),
    e: () => { if (transcript.current !== null) { transcript.reveal(transcript.current); transcript.editor.open(transcript.current); } },
    o: () => app.toggleObserve(),
    "/": () => byId("search").focus(),
    "?": () => help.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const inField = event.target.closest("input, select, textarea");
    if ((event.ctrlKey || event.metaKey) && key === "z" && !event.shiftKey && !inField) {
      event.preventDefault();
      if (store.view.corrections.some((c) => !c.undone) && store.view.may.correct) store.undo();
      return;
    }
    if (event.ctrlKey || event.metaKey || !(key in actions)) return;
    // Letters are free on buttons and links; space and arrows are theirs.
    if (event.target.closest(/^[a-z/?]$/.test(key) ? "input:not([type=checkbox], [type=range]), select, textarea" : FIELDS)) return;
    event.preventDefault();
    actions[key]();
  });
}

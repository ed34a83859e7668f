// Finding words in the transcript.
import { byId } from "./dom.js";

export function createSearch(app) {
  const { store, transcript } = app;
  const field = byId("search");
  let places = [];
  let at = -1;

  const show = () => {
    const spans = (list) => list.map(({ turn, start, end }) => [transcript.element(turn).querySelector(".said"), start, end]);
    transcript.paint.show("found", spans(places));
    transcript.paint.show("found-now", at < 0 ? [] : spans([places[at]]));
    byId("found").textContent = !field.value.trim() ? "" : places.length ? `${at + 1} / ${places.length}` : "没有找到";
    for (const id of ["found-previous", "found-next"]) byId(id).hidden = places.length < 2;
  };

  const find = () => {
    const wanted = field.value.trim().toLowerCase();
    places = [];
    for (const turn of wanted ? store.view.report.turns : []) {
      const text = turn.text.toLowerCase();
      for (let start = text.indexOf(wanted); start >= 0; start = text.indexOf(wanted, start + wanted.length)) {
        places.push({ turn: turn.index, start, end: start + wanted.length });
      }
    }
    at = places.length ? 0 : -1;
  };

  const step = (by) => {
    if (!places.length) return;
    at = (at + by + places.length) % places.length;
    show();
    transcript.reveal(places[at].turn);
  };

  field.addEventListener("input", () => {
    find();
    show();
    if (at >= 0) transcript.reveal(places[at].turn, false);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") { field.value = ""; find(); show(); field.blur(); }
  });
  byId("found-previous").addEventListener("click", () => step(-1));
  byId("found-next").addEventListener("click", () => step(1));
  store.watch(() => { if (field.value) { find(); show(); } });
}

// The view of the meeting that everybody looks at, and the only way to change it.
import { ask } from "./api.js";
import { notice, noticeFault } from "./notices.js";
import { percent } from "./dom.js";

const SIGNAL_KINDS = new Set(["verbal", "behaviour", "expression"]);
const BESIDE = new Set(["objection", "closing"]); // what a reader looks for beside the signals

export class Store {
  #listeners = [];
  #queue = Promise.resolve();

  constructor(meeting, view) {
    this.meeting = `/api/v1/meetings/${meeting}`;
    this.#take(view);
  }

  static async load(meeting) {
    return new Store(meeting, await ask(`/api/v1/meetings/${meeting}/view`));
  }

  /** Calls `listener` now and after every change. */
  watch(listener) {
    this.#listeners.push(listener);
    listener();
  }

  label(id) {
    return this.labels.get(id);
  }

  name(speaker) {
    const found = this.speakers.get(speaker);
    return found ? found.name : speaker;
  }

  isSignal(hit) {
    return SIGNAL_KINDS.has(hit.kind);
  }

  isMark(hit) {
    return this.isSignal(hit) || BESIDE.has(hit.kind);
  }

  /** Sends one correction; resolves to whether it was taken. Corrections go out one after the other. */
  change(change, done) {
    return this.#send(() => ask(`${this.meeting}/corrections`, "POST", change), done, true);
  }

  undo(id = null) {
    return this.#send(() => ask(`${this.meeting}/corrections/undo`, "POST", id === null ? {} : { id }), "已撤销", false);
  }

  async changeMeeting(details) {
    try {
      this.view.meeting = await ask(this.meeting, "PATCH", details);
      this.#tell();
      return true;
    } catch (fault) {
      noticeFault(fault);
      return false;
    }
  }

  #send(request, done, undoable) {
    const sent = this.#queue.then(async () => {
      document.body.classList.add("busy");
      try {
        const before = this.view.report;
        this.#take(await request());
        this.#tell();
        const last = this.view.corrections.at(-1);
        const action = undoable && last ? { name: "撤销", run: () => this.undo(last.id) } : null;
        notice(`${done}。${outcome(before, this.view.report)}`, { action });
        return true;
      } catch (fault) {
        if (!("remedy" in fault)) throw fault;
        noticeFault(fault);
        return false;
      } finally {
        document.body.classList.remove("busy");
      }
    });
    this.#queue = sent.catch(() => {});
    return sent;
  }

  #take(view) {
    this.view = view;
    this.labels = new Map(view.catalogue.labels.map((label) => [label.id, label]));
    this.speakers = new Map(view.report.speakers.map((speaker) => [speaker.id, speaker]));
    this.turns = new Map(view.report.turns.map((turn) => [turn.index, turn]));
    this.hitsOf = new Map();
    for (const hit of view.hits) {
      if (!this.hitsOf.has(hit.turn)) this.hitsOf.set(hit.turn, []);
      this.hitsOf.get(hit.turn).push(hit);
    }
    this.marks = view.report.hits.filter((hit) => this.isMark(hit));
    this.signals = view.hits.filter((hit) => this.isSignal(hit) && hit.status !== "rejected");
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }
}

const highest = (report) => Math.max(0, ...report.closing.readiness.map((point) => point.value));

/** What a correction did to the judgement, in one sentence. */
function outcome(before, after) {
  if (before.summary.verdict !== after.summary.verdict) return `结论改为：${after.summary.verdict_name}`;
  const [was, is] = [percent(highest(before)), percent(highest(after))];
  if (was !== is) return `最高准备度 ${was} → ${is}，结论不变：${after.summary.verdict_name}`;
  if (before.closing.windows.length !== after.closing.windows.length) return `成交时机 ${before.closing.windows.length} → ${after.closing.windows.length} 个`;
  return `结论不变：${after.summary.verdict_name}`;
}

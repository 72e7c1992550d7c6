// Holds the state that Python sent last and the operations that it has not acknowledged yet.
import { Link } from "./link.js";
import { drawingOf, withAnswer } from "./state.js";

const stores = new Map();  // by project, as long as the tab: what was not acknowledged when the page was left goes on
const palettes = new Map();
const peeks = new Map();
const BEHIND = 400;  // milliseconds after which an inspector that waits for its layer cannot be worked any more
const MOST = 200;  // operations that travel together
const QUIET = 250, AWAY = 3000;  // milliseconds without an operation, and after a click elsewhere, until the rest of the page follows

function unusedName() {  // crypto.randomUUID exists on https and localhost alone
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function storeOf(project) {
  if (!stores.has(project)) stores.set(project, new EditorStore(project));
  return stores.get(project);
}

class EditorStore {
  updates = 0;
  state = null;
  pending = [];
  notice = "";
  view = null;  // Canvas or Outline, once the user has chosen
  viewport = null;
  #project;
  #applied = 0;  // number of the last operation that Python has; in `state`, too
  #mount = unusedName();  // Python tells by it whose numbers these are
  #number = 0;
  #listeners = new Set();
  #picture = null;  // what the canvas shows: another object only if that is another
  #willSend = false;
  #greeting = null;
  #setStateValue = null;
  #streamlitHas = -1;  // the moment up to which the rest of the page is drawn, or will be
  #quiet = 0;
  #isBehind = false;  // the inspector: another layer was selected, and Python has not said what is to be shown of it
  #awayUntil = 0;
  #asked = 0;
  #link = new Link(() => this.#waiting(), {
    answered: (state, sent) => this.#answered(state, sent), unknown: () => this.#unknown(), notice: (words) => this.#say(words),
  });

  constructor(project) {
    this.#project = project;
    addEventListener("pagehide", () => this.pending.length && this.#link.postLast());
  }

  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  get sent() {  // how many operations so far
    return this.#number;
  }
  snapshot = () => this.state;
  picture = () => this.#picture;
  noticed = () => this.notice;
  isBehind = () => this.#isBehind;

  get palette() {
    return palettes.get(this.state.paletteVersion);
  }
  peekOf = (id) => peeks.get(this.state.drawing.peek[id]) ?? null;

  // From Streamlit: always whole.
  receive(data, setStateValue) {
    this.#setStateValue = setStateValue;
    const isOther = this.#link.lead(new URL(data.link, document.baseURI).href);
    this.#streamlitHas = isOther ? data.moment : Math.max(this.#streamlitHas, data.moment);
    if (isOther && this.state) this.state = { ...this.state, moment: -1 };  // of a server that is gone
    this.#take(data);
    this.#link.post();
  }

  #take(data) {
    if (data.project !== this.#project) return;  // the tab has opened another one meanwhile
    if (data.palette) palettes.set(data.palette.version, data.palette);
    for (const [mark, peek] of Object.entries(data.peeks ?? {})) peeks.set(mark, peek);
    if (data.mount === this.#mount) this.#applied = Math.max(this.#applied, data.applied);
    this.pending = this.pending.filter((operation) => operation.number > this.#applied);
    if (!this.state) this.state = { ...data, drawing: drawingOf(data) };
    else if (data.moment >= this.state.moment) this.state = withAnswer(this.state, data);
    if (this.state.applied !== this.#applied) this.state = { ...this.state, applied: this.#applied };
    const { drawing, selected } = this.state;
    if (this.#picture?.drawing !== drawing || this.#picture.selected !== selected) this.#picture = { drawing, selected };
    this.updates += 1;
    if (this.#isBehind) this.#lookBehind();
    this.#greet();
    this.#tell();
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }

  // Python thought that this browser had something; it is asked for it once.
  #greet() {
    const { paletteVersion, version, drawing } = this.state;
    const missing = [...(this.palette ? [] : [paletteVersion]), ...(drawing.version === version ? [] : [version]), ...Object.values(drawing.peek).filter((mark) => !peeks.has(mark))];
    if (!missing.length || this.#greeting === missing.join()) return;
    this.#greeting = missing.join();
    this.send({ op: "hello" });
  }

  // Gives the operation's number. Several of one tick travel together; each stays in the queue until it is acknowledged.
  send = (operation) => {
    this.pending = [...this.pending, { ...operation, number: ++this.#number }];
    if (operation.op === "select") setTimeout(() => this.#lookBehind(), BEHIND);
    clearTimeout(this.#quiet);
    if (this.#willSend) return this.#number;
    this.#willSend = true;
    queueMicrotask(() => {
      this.#willSend = false;
      this.#link.post();
    });
    return this.#number;
  };

  #waiting() {
    if (!this.pending.length) return null;
    const { paletteVersion, drawing } = this.state, marks = new Set(Object.values(drawing.peek));
    return {
      mount: this.#mount, project: this.#project, version: drawing.version, palette: this.palette ? paletteVersion : null,
      peeks: [...marks].filter((mark) => peeks.has(mark)), operations: this.pending.slice(0, MOST),
    };
  }

  // True if there is more to send at once; what Python has not taken waits a while.
  #answered(state, sent) {
    this.#take(state);
    this.#whenQuiet(Math.max(QUIET, this.#awayUntil - performance.now()));
    return !this.pending.length || this.pending[0].number > sent.operations.at(-1).number;
  }

  // Something else on the page was clicked: Streamlit would forget a click on a link for a message that comes before its page.
  giveWay = () => {
    this.#awayUntil = performance.now() + AWAY;
    this.#whenQuiet(AWAY);
  };

  #lookBehind() {
    const isBehind = this.awaits("select").length > 0;
    if (isBehind === this.#isBehind) return;
    this.#isBehind = isBehind;
    this.#tell();
  }

  #whenQuiet(wait = QUIET) {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      if (!this.#setStateValue || this.pending.length || this.state.moment <= this.#streamlitHas) return;
      this.#streamlitHas = this.state.moment;
      this.#setStateValue("seen", this.state.moment);
    }, wait);
  }

  // Streamlit draws the page again, and with it comes a new address.
  #unknown() {
    this.#asked += 1;
    this.#setStateValue?.("seen", -this.#asked);  // never a value that it has
    return this.#setStateValue !== null;
  }

  #say(words) {
    if (words === this.notice) return;
    this.notice = words;
    this.#tell();
  }

  close(setStateValue) {
    if (this.#setStateValue === setStateValue) this.#setStateValue = null;
  }

  // Operations of these kinds under way: what the user sees already must not jump back meanwhile.
  awaits(...kinds) {
    return this.pending.filter((operation) => kinds.includes(operation.op));
  }
}

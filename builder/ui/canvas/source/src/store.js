// Holds the state that Python sent last and the operations that it has not acknowledged yet.
const palettes = new Map();
const peeks = new Map();
const viewports = new Map();
const left = new Map();  // by project: what a canvas had not seen acknowledged when the user left its page
const PATIENCE = 2500;  // milliseconds after which what is not acknowledged is sent again

function unusedName() {  // crypto.randomUUID exists on https and localhost alone
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function afterPaint(act) {
  requestAnimationFrame(() => setTimeout(act));
}

export class CanvasStore {
  updates = 0;
  state = null;
  pending = [];
  #mount = unusedName();  // numbers start again with each mount: Python tells them apart by this name
  #number = 0;
  #listeners = new Set();
  #willSend = false;
  #attempt = 0;
  #reminder = 0;
  #setStateValue = null;

  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  snapshot = () => this.state;

  get palette() {
    return palettes.get(this.state.paletteVersion);
  }
  peekOf = (id) => peeks.get(this.state.peek[id]) ?? null;

  get viewport() {
    return viewports.get(this.state?.project);
  }
  set viewport(viewport) {
    viewports.set(this.state.project, viewport);
  }

  receive(data, setStateValue) {
    this.#setStateValue = setStateValue;
    if (!this.state && left.has(data.project)) this.#takeUp(data);
    if (data.palette) palettes.set(data.palette.version, data.palette);
    for (const [mark, peek] of Object.entries(data.peeks)) peeks.set(mark, peek);
    if (data.mount === this.#mount) this.pending = this.pending.filter((operation) => operation.number > data.applied);
    this.state = data;
    this.updates += 1;
    if (data.more) {  // the rest of the page waits until this is seen
      afterPaint(() => this.#post());
      this.#remind();  // a tab in the background paints nothing
    }
    if (!this.palette || !Object.values(data.peek).every((mark) => peeks.has(mark))) this.send({ op: "hello" });  // Python thought that this browser had them
    for (const listener of this.#listeners) listener();
  }

  // Several operations of one tick travel together; each stays in the queue until it is acknowledged.
  send(operation) {
    this.pending = [...this.pending, { ...operation, number: ++this.#number }];
    if (this.#willSend) return;
    this.#willSend = true;
    queueMicrotask(() => {
      this.#willSend = false;
      this.#post();
    });
  }

  // Again and again until Python has it: Streamlit may break off for another click, and the server may be away.
  #post() {
    const palette = this.palette ? this.state.paletteVersion : null, marks = [...new Set(Object.values(this.state.peek))];
    this.#attempt += 1;
    this.#setStateValue("ops", { mount: this.#mount, attempt: this.#attempt, palette, peeks: marks.filter((mark) => peeks.has(mark)), operations: this.pending });
    this.#remind();
  }

  #remind() {
    clearTimeout(this.#reminder);
    this.#reminder = setTimeout(() => (this.pending.length || this.state.more) && this.#post(), PATIENCE);
  }

  close() {
    clearTimeout(this.#reminder);
    if (this.pending.length) left.set(this.state.project, { mount: this.#mount, number: this.#number, pending: this.pending });
  }

  // Python knows by name and number which of them it has carried out meanwhile.
  #takeUp(data) {
    const { mount, number, pending } = left.get(data.project);
    left.delete(data.project);
    [this.#mount, this.#number, this.pending] = [mount, number, pending];
    queueMicrotask(() => this.#post());
  }

  // Operations of these kinds under way: what the user sees already must not jump back meanwhile.
  awaits(...kinds) {
    return this.pending.filter((operation) => kinds.includes(operation.op));
  }
}

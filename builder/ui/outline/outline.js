// Lists the model as text. Operations wait in a numbered queue until Python says that it has applied them.
const instances = new WeakMap();
const HINT = "Arrow keys move, Enter selects, Shift with arrows selects several. A adds a layer, Delete removes, " +
  "Alt with arrows moves it, Ctrl+D duplicates, Ctrl+C and Ctrl+V copy and paste, Ctrl+G groups.";

export default function ({ data, parentElement, setStateValue }) {
  let outline = instances.get(parentElement);
  if (!outline) instances.set(parentElement, (outline = new Outline(parentElement.querySelector(".outline"))));
  outline.send = (queue) => setStateValue("ops", queue);
  outline.show(data);
  return () => instances.delete(parentElement);
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

class Outline {
  constructor(root) {
    const mount = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    Object.assign(this, { root, mount, number: 0, queue: [], selected: [], current: null });
    root.addEventListener("keydown", (event) => this.pressed(event));
  }

  show(data) {
    if (data.mount === this.mount) this.queue = this.queue.filter(({ number }) => number > data.applied);
    this.data = data;
    if (!this.queue.length) this.follow(data.selected);
    this.draw();
    if (data.more) requestAnimationFrame(() => setTimeout(() => this.post()));  // the rest of the page waits until this is seen
  }

  // What is new is selected by Python, and the focus goes with it.
  follow(selected) {
    if (selected.length && selected.join() !== this.selected.join()) this.current = selected[0];
    this.selected = selected;
  }

  ask(op, fields = {}) {
    this.queue.push({ number: ++this.number, op, ...fields });
    this.post();
  }

  post() {
    this.attempt = (this.attempt ?? 0) + 1;
    this.send({ mount: this.mount, attempt: this.attempt, operations: [...this.queue] });
  }

  // --- drawing

  // Only what has changed: a list of layers that is made anew forgets what the user is typing to find one.
  draw() {
    const drawn = JSON.stringify([this.data.rows, this.data.palette, this.selected, this.current]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const focus = this.root.getRootNode().activeElement;
    const held = this.root.contains(focus) ? { ...focus.dataset } : null;
    this.ids = this.data.rows.flatMap((row) => [row.id, ...(row.members ?? []).map(({ id }) => id)]);
    if (!this.ids.includes(this.current)) this.current = this.selected[0] ?? this.ids[0];
    const hint = element("p", { class: "faint", id: "outline_hint" }, this.ids.length ? HINT : "The model has no layers yet.");
    const list = element("ol", { "aria-label": "Layers of the model, in order", "aria-describedby": "outline_hint" }, ...this.data.rows.map((row) => this.item(row)));
    this.root.replaceChildren(hint, ...(this.ids.length ? [list] : [this.actions("input")]));
    if (held?.part) ((held.part !== "row" && this.find(held.part, held.id)) || this.find("row", this.current))?.focus();
  }

  find(part, id) {
    return this.root.querySelector(`[data-part="${part}"][data-id="${CSS.escape(id ?? "")}"]`);
  }

  item(row) {
    const selected = this.isSelected(row);
    const button = element("button", {
      class: row.members ? "row group" : "row", "data-part": "row", "data-id": row.id, "aria-label": row.name,
      "aria-pressed": selected, tabindex: row.id === this.current ? 0 : -1,
    }, ...this.texts(row));
    button.addEventListener("click", (event) => this.select(row.id, event.ctrlKey || event.metaKey || event.shiftKey));
    const alone = selected && !row.members && this.selected.length === 1;
    const members = row.members ? element("ol", { "aria-label": row.name }, ...row.members.map((member) => this.item(member))) : null;
    return element("li", {}, button, alone ? this.actions(row.id) : null, members);
  }

  texts(row) {
    const text = (name, words) => (words ? element("span", { class: name }, words) : null);
    if (row.members) return [text("kind", row.kind), text("faint", row.repeat > 1 ? `× ${row.repeat}` : "")];
    return [
      text("kind", row.kind), text("faint", row.id), text("faint", row.takes), text("shape", row.shape),
      text("faint size", row.size), text(`problem ${row.severity}`, row.problem),
    ];
  }

  actions(id) {
    const kinds = element("select", { "data-part": "kinds", "data-id": id, "aria-label": `Layer to add after ${id}` },
      ...this.data.palette.map(([family, items]) =>
        element("optgroup", { label: family }, ...items.map(([kind, label]) => element("option", { value: kind }, label)))));
    if (this.kind) kinds.value = this.kind;
    kinds.addEventListener("change", () => (this.kind = kinds.value));
    kinds.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // the focus moves to a row, which Enter would press
      this.add(id, kinds.value);
    });
    const bar = element("div", { class: "actions", role: "group", "aria-label": `Actions for ${id}` },
      kinds, this.action("add", "Add", `Add after ${id}`, id, () => this.add(id, kinds.value)));
    if (this.ids.includes(id)) bar.append(
      this.action("up", "Move up", `Move up ${id}`, id, () => this.ask("shift", { id, by: -1 })),
      this.action("down", "Move down", `Move down ${id}`, id, () => this.ask("shift", { id, by: 1 })),
      this.action("duplicate", "Duplicate", `Duplicate ${id}`, id, () => this.ask("duplicate", { ids: [id] })),
      this.action("remove", "Delete", `Delete ${id}`, id, () => this.remove([id])));
    return bar;
  }

  action(part, text, name, id, act) {
    const button = element("button", { "data-part": part, "data-id": id, "aria-label": name }, text);
    button.addEventListener("click", act);
    return button;
  }

  // --- what the user does

  isSelected(row) {
    return (row.members ?? [row]).every(({ id }) => this.selected.includes(id));
  }

  layersOf(id) {
    const group = this.data.rows.find((row) => row.id === id && row.members);
    return group ? group.members.map((member) => member.id) : [id];
  }

  select(id, more) {
    const layers = this.layersOf(id), had = layers.every((layer) => this.selected.includes(layer));
    this.current = id;
    if (!more) this.selected = layers;
    else this.selected = had ? this.selected.filter((layer) => !layers.includes(layer)) : [...new Set([...this.selected, ...layers])];
    this.draw();
    this.ask("select", { ids: this.selected });
  }

  add(after, kind) {
    this.focusRow(this.current);
    this.ask("add", { kind, after });
  }

  remove(ids) {
    const layers = this.ids.filter((id) => !id.startsWith("@")), left = layers.filter((id) => !ids.includes(id));
    this.focusRow(left[Math.min(layers.indexOf(ids[0]), left.length - 1)]);
    this.ask("remove", { ids });
  }

  move(step, more) {
    const next = this.ids[Math.max(0, Math.min(this.ids.length - 1, this.ids.indexOf(this.current) + step))];
    if (more && !this.layersOf(next).every((id) => this.selected.includes(id))) this.select(next, true);
    this.focusRow(next);
  }

  focusRow(id) {
    this.find("row", this.current)?.setAttribute("tabindex", -1);
    this.current = id;
    const row = this.find("row", id);
    row?.setAttribute("tabindex", 0);
    row?.focus();
  }

  openKinds() {
    if (this.selected.length !== 1 || this.selected[0] !== this.current) this.select(this.current);
    this.find("kinds", this.current)?.focus();
  }

  pressed(event) {
    if (event.target.dataset.part !== "row") return;
    const here = this.layersOf(this.current), chosen = here.every((id) => this.selected.includes(id)) ? this.selected : here;
    const shift = (by) => here.length === 1 && this.ask("shift", { id: this.current, by });
    const alone = {
      ArrowDown: () => (event.altKey ? shift(1) : this.move(1, event.shiftKey)),
      ArrowUp: () => (event.altKey ? shift(-1) : this.move(-1, event.shiftKey)),
      Home: () => this.focusRow(this.ids[0]), End: () => this.focusRow(this.ids.at(-1)),
      Delete: () => this.remove(chosen), Backspace: () => this.remove(chosen), a: () => this.openKinds(),
    };
    const withControl = {
      d: () => this.ask("duplicate", { ids: chosen }), c: () => this.ask("copy", { ids: chosen }), x: () => this.ask("cut", { ids: chosen }),
      v: () => this.ask("paste", { after: here.at(-1) }), g: () => this.ask("group", { ids: chosen }),
    };
    const act = (event.ctrlKey || event.metaKey ? withControl : alone)[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }
}

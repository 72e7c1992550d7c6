// What is selected, where the focus is, and what can be done in the outline.
import { useCallback, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { read } from "./model.js";
import { rowsOf } from "./rows.js";

export function useOutline(store, root) {
  const { drawing, selected: told } = useSyncExternalStore(store.subscribe, store.picture);
  const rows = useMemo(() => rowsOf(read(drawing, store.peekOf)), [drawing]);
  const flat = useMemo(() => rows.flatMap((row) => [row, ...(row.members ?? [])]), [rows]);
  const [selected, setSelected] = useState(told), [current, setCurrent] = useState(told[0] ?? null);
  const held = useRef(null);  // part and id of what has the focus

  if (told !== selected && !store.pending.length && told.join() !== selected.join()) {  // what is new is selected by Python, and the focus goes with it
    setSelected(told);
    if (told.length) setCurrent(told[0]);
  }
  const ids = flat.map((row) => row.id);
  const layers = flat.filter((row) => !row.isEnd && !row.members).map((row) => row.id);
  const here = ids.includes(current) ? current : ids.find((id) => id === selected[0]) ?? ids[layers.length ? 1 : 0];

  const find = (part, id) => root.current.querySelector(`[data-part="${part}"][data-id="${CSS.escape(id)}"]`);
  const latest = useRef(null);
  latest.current = { flat, ids, layers, selected, current: here };
  useLayoutEffect(() => {  // a row that is gone, or has moved, has lost the focus; a row that is new gets it
    const focus = root.current.getRootNode().activeElement, wanted = held.current;
    if (!wanted) return;
    const element = (wanted.part !== "row" && find(wanted.part, wanted.id)) || find("row", here);
    if (element && element !== focus) element.focus();
  });

  const hold = (part, id) => {
    held.current = { part, id };
    find(part, id)?.focus();
  };
  const act = useMemo(() => actionsOf({ store, latest, setSelected, setCurrent, hold }), [store]);
  const onFocus = useCallback((event) => {
    const { part, id } = event.target.dataset;
    held.current = part ? { part, id } : null;
    if (part === "row") setCurrent(id);
  }, []);
  const onBlur = useCallback((event) => { if (!event.currentTarget.contains(event.relatedTarget) && document.hasFocus()) held.current = null; }, []);
  return { rows, layers, selected, current: here, act, onFocus, onBlur };
}

// `hold` puts the focus there, now or with the next drawing.
function actionsOf({ store, latest, setSelected, setCurrent, hold }) {
  const ask = (op, fields = {}) => store.send({ op, ...fields });
  const layersOf = (id) => latest.current.flat.find((row) => row.id === id)?.members?.map((member) => member.id) ?? [id];
  const choose = (ids) => {
    setSelected(latest.current.selected = ids);
    ask("select", { ids });
  };
  const goTo = (id) => {
    setCurrent(latest.current.current = id);
    hold("row", id);
  };
  const select = (id, more) => {
    const { selected } = latest.current, layers = layersOf(id), had = layers.every((layer) => selected.includes(layer));
    setCurrent(latest.current.current = id);
    if (!more) choose(layers);
    else choose(had ? selected.filter((layer) => !layers.includes(layer)) : [...new Set([...selected, ...layers])]);
  };
  const remove = (ids) => {
    const { layers } = latest.current, left = layers.filter((id) => !ids.includes(id));
    if (left.length) goTo(left[Math.min(layers.indexOf(ids[0]), left.length - 1)]);
    ask("remove", { ids });
  };
  const add = (after, kind) => {
    goTo(latest.current.current);
    ask("add", { kind, after });
  };
  const move = (step, more) => {
    const { ids, current, selected, layers } = latest.current;
    const next = ids[Math.max(0, Math.min(ids.length - 1, ids.indexOf(current) + step))], inside = layersOf(next);
    if (more && inside.every((id) => layers.includes(id)) && !inside.every((id) => selected.includes(id))) select(next, true);
    goTo(next);
  };
  const openKinds = (id) => {
    const { selected, layers } = latest.current;
    if (id.startsWith("@")) return;
    if ((selected.length !== 1 || selected[0] !== id) && layers.length) select(id);
    hold("kinds", id);
  };
  const shift = (id, by) => ask("shift", { id, by });

  const pressed = (event) => {
    const { current: id, selected, layers } = latest.current;
    const inside = layersOf(id).filter((layer) => layers.includes(layer)), isOne = inside.length === 1 && inside[0] === id;
    const chosen = inside.length && inside.every((layer) => selected.includes(layer)) ? selected.filter((layer) => layers.includes(layer)) : inside;
    const withChosen = (act) => chosen.length && act(chosen);
    const alone = {
      ArrowDown: () => (event.altKey ? isOne && shift(id, 1) : move(1, event.shiftKey)),
      ArrowUp: () => (event.altKey ? isOne && shift(id, -1) : move(-1, event.shiftKey)),
      Home: () => goTo(layers[0] ?? id), End: () => goTo(layers.at(-1) ?? id),
      Delete: () => withChosen(remove), Backspace: () => withChosen(remove), a: () => openKinds(id),
    };
    const withControl = {
      d: () => withChosen((ids) => ask("duplicate", { ids })), c: () => withChosen((ids) => ask("copy", { ids })), x: () => withChosen((ids) => ask("cut", { ids })),
      v: () => ask("paste", { after: inside.at(-1) ?? (id === "input" ? id : null) }), g: () => withChosen((ids) => ask("group", { ids })),
    };
    const act = (event.ctrlKey || event.metaKey ? withControl : alone)[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return false;
    event.preventDefault();
    act();
    return true;
  };
  return { select, add, remove, shift, duplicate: (id) => ask("duplicate", { ids: [id] }), pressed };
}

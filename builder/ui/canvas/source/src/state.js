// Merges what Python sends into what is known: a model or selection that has not changed stays the same object, and is not drawn again.
const DRAWN = ["size", "families", "kinds", "nodes", "groups", "problems", "input", "answer", "peek"];

const same = (one, other) => one === other || JSON.stringify(one) === JSON.stringify(other);
const kept = (old, now) => (same(old, now) ? old : now);

// All that is drawn from the model.
export function drawingOf(data, old = null) {
  const drawing = Object.fromEntries(DRAWN.map((name) => [name, data[name]]));
  if (old) drawing.families = kept(old.families, drawing.families);
  return { ...drawing, version: data.version };
}

// An answer to what has the model already comes without it; `drawing.version` is not `version` then if that was another model.
export function withAnswer(old, data) {
  const isKnown = !data.nodes || (data.version === old.drawing.version && !Object.keys(data.peeks ?? {}).some((mark) => Object.values(old.drawing.peek).includes(mark)));
  return {
    ...old, ...data, drawing: isKnown ? old.drawing : drawingOf(data, old.drawing),
    selected: kept(old.selected, data.selected), inspector: kept(old.inspector, data.inspector),
  };
}

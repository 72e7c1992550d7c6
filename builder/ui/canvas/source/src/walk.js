// Which node an arrow key leads to: along the wires up and down, to the nearest beside it left and right.
export function neighbour(model, boxes, id, key) {
  if (key === "ArrowDown") return nearest(boxes, id, model.wires.filter((wire) => wire.source === id).map((wire) => wire.target));
  if (key === "ArrowUp") return nearest(boxes, id, model.wires.filter((wire) => wire.target === id).map((wire) => wire.source));
  return beside(boxes, id, key === "ArrowRight" ? 1 : -1);
}

function nearest(boxes, id, others) {
  const here = boxes.get(id);
  const far = (other) => Math.hypot(boxes.get(other).x - here.x, boxes.get(other).y - here.y);
  return [...new Set(others)].sort((one, other) => far(one) - far(other))[0] ?? null;
}

function beside(boxes, id, way) {
  const here = boxes.get(id);
  const found = [...boxes.entries()].filter(([other, box]) => other !== id && (box.x - here.x) * way > here.width / 2 && Math.abs(box.y - here.y) < here.height * 2);
  const far = ([, box]) => Math.abs(box.x - here.x) + 3 * Math.abs(box.y - here.y);
  return found.sort((one, other) => far(one) - far(other))[0]?.[0] ?? null;
}

// What is seen at first: all of it if that can be read, else the beginning.
const READABLE = 0.6, MARGIN = 28, TOOLS = 56;

export function firstViewport(boxes, width, height) {
  const all = [...boxes.values()];
  const left = Math.min(...all.map((box) => box.x)), right = Math.max(...all.map((box) => box.x + box.width));
  const top = Math.min(...all.map((box) => box.y)), bottom = Math.max(...all.map((box) => box.y + box.height));
  const fitting = Math.min((width - 2 * MARGIN) / (right - left), (height - MARGIN - TOOLS) / (bottom - top), 1);
  const zoom = fitting >= READABLE ? fitting : Math.max(READABLE, Math.min(0.85, (width - 2 * MARGIN) / (right - left)));
  return { x: width / 2 - ((left + right) / 2) * zoom, y: TOOLS - top * zoom, zoom };
}

// What is seen: at first all of it if that can be read, else the beginning; later wherever something new is.
const READABLE = 0.7, MARGIN = 28, TOOLS = 56;
const EDGE = 16, BELOW = 40, FARTHEST = 0.08;  // below a node its problem is told

export function firstViewport(boxes, width, height) {
  const { left, right, top, bottom } = boundsOf([...boxes.values()]);
  const fitting = Math.min((width - 2 * MARGIN) / (right - left), (height - MARGIN - TOOLS) / (bottom - top), 1);
  const zoom = fitting >= READABLE ? fitting : Math.max(READABLE, Math.min(0.85, (width - 2 * MARGIN) / (right - left)));
  return { x: width / 2 - ((left + right) / 2) * zoom, y: TOOLS - top * zoom, zoom };
}

// `view` moved just as far as these boxes need to be seen, smaller only if they do not fit; `view` itself if they are seen.
// `covered` is what the overview hides at the bottom right.
export function viewportWith(boxes, view, pane, covered) {
  const { left, right, top, bottom } = boundsOf(boxes);
  const room = { left: EDGE, right: pane.width - EDGE, top: TOOLS, bottom: pane.height - BELOW };
  const fitting = Math.min((room.right - room.left) / (right - left), (room.bottom - room.top) / (bottom - top));
  const zoom = Math.max(FARTHEST, Math.min(view.zoom, fitting));
  const middle = { x: (left + right) / 2, y: (top + bottom) / 2 };  // stays where it is while the picture gets smaller
  const x = view.x + middle.x * (view.zoom - zoom), y = view.y + middle.y * (view.zoom - zoom);
  let dx = inward(left * zoom + x, right * zoom + x, room.left, room.right), dy = inward(top * zoom + y, bottom * zoom + y, room.top, room.bottom);
  const sideways = right * zoom + x + dx - (room.right - covered.width), upward = bottom * zoom + y + dy - (room.bottom - covered.height);
  if (covered.width && sideways > 0 && upward > 0) {
    if (sideways <= upward && left * zoom + x + dx - sideways >= room.left) dx -= sideways;
    else if (top * zoom + y + dy - upward >= room.top) dy -= upward;
  }
  return dx || dy || zoom !== view.zoom ? { x: x + dx, y: y + dy, zoom } : view;
}

// How far a piece from `low` to `high` has to go to lie between `least` and `most`; its beginning counts if it is too long.
function inward(low, high, least, most) {
  if (low < least) return least - low;
  return high > most ? Math.max(most - high, least - low) : 0;
}

function boundsOf(boxes) {
  return {
    left: Math.min(...boxes.map((box) => box.x)), right: Math.max(...boxes.map((box) => box.x + box.width)),
    top: Math.min(...boxes.map((box) => box.y)), bottom: Math.max(...boxes.map((box) => box.y + box.height)),
  };
}

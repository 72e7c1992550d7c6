// Finds a way for every wire that no node hides: straight down, with one bend, or along a lane at the side.
const STUB = 24;      // a wire leaves and enters upright for so many pixels
const CLEARANCE = 10;
const LANE = 12;      // between two lanes side by side

// `boxes`: Map of id to {x, y, width, height}. Gives a Map of wire id to corner points [[x, y], …].
export function routes(wires, boxes) {
  const all = [...boxes.entries()].map(([id, box]) => ({ id, left: box.x, right: box.x + box.width, top: box.y, bottom: box.y + box.height }));
  all.sort((one, other) => one.top - other.top);
  const lanes = [], found = new Map();
  const ends = wires.filter((wire) => boxes.has(wire.source) && boxes.has(wire.target)).map((wire) => endsOf(wire, boxes));
  ends.sort((one, other) => Math.abs(one.ty - one.sy) - Math.abs(other.ty - other.sy));  // short wires take the inner lanes
  for (const end of ends) found.set(end.wire.id, route(end, all, lanes));
  return found;
}

function endsOf(wire, boxes) {
  const source = boxes.get(wire.source), target = boxes.get(wire.target);
  return { wire, sx: source.x + source.width / 2, sy: source.y + source.height, tx: target.x + target.width / 2, ty: target.y };
}

function route({ wire, sx, sy, tx, ty }, boxes, lanes) {
  const others = between(boxes, Math.min(sy, ty), Math.max(sy, ty)).filter((box) => box.id !== wire.source && box.id !== wire.target);
  if (ty - sy >= 2 * STUB - 8) {
    if (Math.abs(sx - tx) < 1 && isFree(others, sx, sy, ty)) return [[sx, sy], [tx, ty]];
    const low = ty - STUB, high = sy + STUB;
    if (isFree(others, sx, sy, low)) return [[sx, sy], [sx, low], [tx, low], [tx, ty]];
    if (isFree(others, tx, high, ty)) return [[sx, sy], [sx, high], [tx, high], [tx, ty]];
  }
  const x = lane(sx, tx, sy + STUB, ty - STUB, [...others, ...boxes.filter((box) => box.id === wire.source || box.id === wire.target)], lanes);
  return [[sx, sy], [sx, sy + STUB], [x, sy + STUB], [x, ty - STUB], [tx, ty - STUB], [tx, ty]];
}

function between(boxes, top, bottom) {
  return boxes.filter((box) => box.bottom > top - STUB && box.top < bottom + STUB);
}

const isFree = (boxes, x, top, bottom) => !boxes.some((box) => hits(box, x, top, bottom));
const hits = (box, x, top, bottom) => x > box.left - CLEARANCE && x < box.right + CLEARANCE && box.bottom > top && box.top < bottom;

// The nearest upright way past all nodes and all lanes taken, at the right or at the left.
function lane(sx, tx, sy, ty, boxes, lanes) {
  const top = Math.min(sy, ty), bottom = Math.max(sy, ty);
  const right = firstFree(Math.max(sx, tx) + LANE, 1, top, bottom, boxes, lanes);
  const left = firstFree(Math.min(sx, tx) - LANE, -1, top, bottom, boxes, lanes);
  const detour = (x) => Math.abs(x - sx) + Math.abs(x - tx);
  const x = detour(left) < detour(right) ? left : right;
  lanes.push({ x, top, bottom });
  return x;
}

function firstFree(x, way, top, bottom, boxes, lanes) {
  for (;;) {
    const box = boxes.find((box) => hits(box, x, top, bottom));
    // A hair less than a lane: rounding must not keep the way where it is.
    const taken = lanes.find((lane) => Math.abs(lane.x - x) < LANE - 0.01 && lane.bottom > top && lane.top < bottom);
    if (box) x = way > 0 ? box.right + CLEARANCE + 6 : box.left - CLEARANCE - 6;
    else if (taken) x = taken.x + way * LANE;
    else return x;
  }
}

// SVG path through the corners, each rounded.
export function pathOf(points, radius = 10) {
  let path = `M${points[0].join(" ")}`;
  for (let at = 1; at < points.length - 1; at += 1) {
    const [before, here, after] = [points[at - 1], points[at], points[at + 1]];
    const bend = Math.min(radius, distance(before, here) / 2, distance(here, after) / 2);
    path += `L${towards(here, before, bend)}Q${here.join(" ")} ${towards(here, after, bend)}`;
  }
  return `${path}L${points.at(-1).join(" ")}`;
}

const distance = ([ax, ay], [bx, by]) => Math.hypot(ax - bx, ay - by);

function towards(from, to, length) {
  const whole = distance(from, to) || 1;
  return from.map((value, at) => Math.round((value + ((to[at] - value) * length) / whole) * 10) / 10).join(" ");
}

// Where the tensor's shape is written: beside the last upright piece, or on the lane of a wire that has one.
export function labelPlace(points) {
  const upright = points.slice(1).map((point, at) => [points[at], point]).filter(([[ax], [bx]]) => Math.abs(ax - bx) < 1);
  const [[x, from], [, to]] = upright.length > 2 ? upright[1] : upright.at(-1) ?? [points[0], points[0]];
  return { x, y: (from + to) / 2, length: Math.abs(to - from) };
}

// Makes React Flow's nodes and edges, the same object again wherever nothing has changed, so that nothing is redrawn.
import { spoken } from "./model.js";
import { labelPlace, pathOf, routes } from "./routes.js";
import { shapeText } from "./words.js";

export const NO_TAB = { tabIndex: -1 };
export const TAB = { tabIndex: 0 };
const FRAME_SIDE = 26, FRAME_TOP = 36, FRAME_BOTTOM = 20;

const marked = (key, value) => (key === "group" || key === "peek" ? undefined : value);  // a peek has its mark

// `old` are the nodes so far, given back themselves if nothing has changed; `keeps` tells which of them stay where
// the user has put them, `selected` is a Set or null.
export function nodesOf(units, size, old, keeps, selected) {
  const before = new Map(old.map((node) => [node.id, node]));
  const nodes = units.map((unit) => {
    const last = before.get(unit.id), mark = last?.data === unit ? last.mark : JSON.stringify(unit, marked);
    const position = last && keeps(last) ? last.position : { x: unit.x, y: unit.y };
    const isSelected = selected ? (unit.members.length ? unit.members : [unit.id]).every((id) => selected.has(id)) : Boolean(last?.selected);
    const moved = !last || last.position.x !== position.x || last.position.y !== position.y;
    if (last?.mark === mark && !moved && Boolean(last.selected) === isSelected) return last;
    if (last?.mark === mark) return { ...last, position, selected: isSelected };
    return { ...nodeOf(unit, size, mark), position, selected: isSelected, dragging: last?.dragging };
  });
  return nodes.length === old.length && nodes.every((node, at) => node === old[at]) ? old : nodes;
}

function nodeOf(unit, [width, height], mark) {
  const isEnd = unit.type === "end";
  return {
    id: unit.id, type: unit.type, data: unit, mark, width, height, measured: { width, height }, handles: handles(unit, width, height),
    draggable: !isEnd, ariaLabel: spoken(unit), domAttributes: NO_TAB,
  };
}

// Known beforehand, so that the wires of nodes off the screen can be drawn too.
function handles(unit, width, height) {
  const dot = { width: 10, height: 10, x: width / 2 - 5 };
  return [
    { ...dot, type: "target", position: "top", y: -5 },
    { ...dot, type: "source", position: "bottom", y: height - 5 },
  ];
}

// `old` itself if every node is where it was.
export function boxesOf(nodes, old) {
  const isSame = ({ id, position: { x, y } }) => {
    const box = old.get(id);
    return box && box.x === x && box.y === y;
  };
  if (old?.size === nodes.length && nodes.every(isSame)) return old;
  return new Map(nodes.map((node) => [node.id, { ...node.position, width: node.width, height: node.height }]));
}

// Frames around the groups that are not folded; they stand behind everything else.
export function framesOf(groups, boxes) {
  return groups.filter((group) => !group.folded).map((group) => {
    const inside = group.members.map((node) => boxes.get(node.id)).filter(Boolean);
    const left = Math.min(...inside.map((box) => box.x)) - FRAME_SIDE, top = Math.min(...inside.map((box) => box.y)) - FRAME_TOP;
    const width = Math.max(...inside.map((box) => box.x + box.width)) + FRAME_SIDE - left;
    const height = Math.max(...inside.map((box) => box.y + box.height)) + FRAME_BOTTOM - top;
    return {
      id: `frame:${group.id}`, type: "frame", data: group, position: { x: left, y: top }, width, height, measured: { width, height },
      zIndex: -1, selectable: false, focusable: false, connectable: false, dragHandle: ".frame-head", style: { pointerEvents: "none" },
      ariaLabel: `Group ${group.title}`,
    };
  });
}

// The ways of all wires; `old` itself if neither a node nor a wire has moved.
export function waysOf(wires, boxes, old) {
  const mark = wires.map((wire) => `${wire.id}>${wire.source}>${wire.target}`).join("|");
  if (old?.mark === mark && old.boxes === boxes) return old;
  const ways = new Map();
  for (const [id, points] of routes(wires, boxes)) ways.set(id, { points, path: pathOf(points), place: labelPlace(points) });
  return { mark, boxes, ways };
}

// `old` are the edges so far, given back themselves if nothing has changed.
export function edgesOf(wires, ways, old, selected) {
  const before = new Map(old.map((edge) => [edge.id, edge])), edges = [];
  for (const wire of wires) {
    const way = ways.get(wire.id);
    if (!way) continue;
    const label = shapeText(wire.shape), isSelected = selected.has(wire.id);
    const mark = `${way.path}|${label}|${wire.source}|${wire.target}|${isSelected}`;
    const last = before.get(wire.id);
    edges.push(last?.mark === mark ? last : {
      id: wire.id, type: "wire", source: wire.source, target: wire.target, selected: isSelected, mark,
      data: { ...way, label, from: wire.from, to: wire.to },
      selectable: wire.to !== null, focusable: false, ariaLabel: `Wire from ${wire.source} to ${wire.target.replace("@", "")}, ${label}`,
    });
  }
  return edges.length === old.length && edges.every((edge, at) => edge === old[at]) ? old : edges;
}

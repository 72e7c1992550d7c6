// The nodes and wires on the screen: Python's state, with what the user is moving and selecting at this moment.
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { applyNodeChanges } from "@xyflow/react";
import { boxesOf, edgesOf, framesOf, nodesOf, TAB, waysOf } from "./elements.js";
import { read } from "./model.js";

const membersChosen = (nodes) => nodes.filter((node) => node.selected).flatMap((node) => (node.data.members.length ? node.data.members : [node.id]));
const rounded = ({ x, y }) => [Math.round(x), Math.round(y)];

export function useFlow(store) {
  const picture = useSyncExternalStore(store.subscribe, store.picture);
  const { drawing, selected } = picture;
  const model = useMemo(() => read(drawing, store.peekOf), [drawing]);
  const [nodes, setNodes] = useState(() => nodesOf(model.units, drawing.size, [], () => false, new Set(selected)));
  const [selectedWires, setSelectedWires] = useState(() => new Set());
  const [current, setCurrent] = useState(null);  // the one node that Tab reaches
  const latest = useRef(nodes);
  latest.current = nodes;
  const told = useRef(null);  // what is selected here as Python knows it: not what stands in a folded group
  told.current ??= membersChosen(nodes).join();
  const marquee = useRef(false);
  const [arrived, setArrived] = useState(() => selected.slice(0, 1));  // what was selected elsewhere: by Python, or in the outline

  const [seen, setSeen] = useState(picture);
  if (seen !== picture) {  // while rendering, so that no effect meets the new state with the old nodes
    setSeen(picture);
    const moved = new Set(store.awaits("move").flatMap((operation) => Object.keys(operation.positions)));
    const own = store.awaits("select").length > 0;
    if (!own) {
      const here = new Set(membersChosen(nodes));
      if (!selected.every((id) => here.has(id))) setArrived(selected);
    }
    const next = nodesOf(model.units, drawing.size, nodes, (node) => node.dragging || moved.has(node.id), own ? null : new Set(selected));
    if (!own) told.current = membersChosen(next).join();
    setNodes(next);
    if (seen.drawing !== drawing && selectedWires.size) setSelectedWires(new Set([...selectedWires].filter((id) => model.wires.some((wire) => wire.id === id))));
  }

  const tellSelection = useCallback((now) => {
    const ids = membersChosen(now);
    if (marquee.current || ids.join() === told.current) return;
    told.current = ids.join();
    store.send({ op: "select", ids });
  }, [store]);
  useEffect(() => tellSelection(nodes), [nodes]);

  const lastBoxes = useRef(null), lastWays = useRef(null), drawnEdges = useRef([]);
  const boxes = lastBoxes.current = useMemo(() => boxesOf(nodes, lastBoxes.current), [nodes]);
  const frames = useMemo(() => framesOf(model.groups, boxes), [model, boxes]);
  const edges = useMemo(() => {
    lastWays.current = waysOf(model.wires, boxes, lastWays.current);
    drawnEdges.current = edgesOf(model.wires, lastWays.current.ways, drawnEdges.current, selectedWires);
    return drawnEdges.current;
  }, [model, boxes, selectedWires]);

  // Python hears of a selection before the browser draws it, and works meanwhile.
  const onNodesChange = useCallback((changes) => {
    const ofFrames = changes.filter((change) => change.type === "position" && change.position && change.id.startsWith("frame:"));
    const others = changes.filter((change) => change.type !== "remove" && !change.id?.startsWith("frame:"));
    const changed = (before) => ofFrames.reduce((after, change) => withFrameMoved(after, change, frames), applyNodeChanges(others, before));
    if (others.length && others.every((change) => change.type === "select")) tellSelection(latest.current = changed(latest.current));
    setNodes(changed);
  }, [frames, tellSelection]);
  const onEdgesChange = useCallback((changes) => setSelectedWires((before) => withWiresSelected(before, changes)), []);

  const tellMoved = useCallback((ids) => {
    const positions = Object.fromEntries(latest.current.filter((node) => ids.includes(node.id) && node.draggable).map((node) => [node.id, rounded(node.position)]));
    if (Object.keys(positions).length) store.send({ op: "move", positions });
  }, [store]);

  const select = useCallback((choose) => {
    const chosen = (before) => before.map((node) => (Boolean(node.selected) === choose(node) ? node : { ...node, selected: choose(node) }));
    tellSelection(latest.current = chosen(latest.current));
    setSelectedWires((before) => (before.size ? new Set() : before));
    setNodes(chosen);
  }, [tellSelection]);
  const shift = useCallback((ids, dx, dy) => setNodes((before) => before.map((node) => (
    ids.includes(node.id) && node.draggable ? { ...node, position: { x: node.position.x + dx, y: node.position.y + dy } } : node))), []);

  const first = nodes.find((node) => node.selected)?.id ?? nodes[0].id;
  const stop = model.byId.has(current) ? current : first;
  const lastStop = useRef(null);
  const drawnNodes = useMemo(() => [...frames, ...nodes.map((node) => (node.id === stop ? lastStop.current = reached(node, lastStop.current) : node))], [frames, nodes, stop]);
  const onSelectionStart = useCallback(() => { marquee.current = true; }, []);
  const onSelectionEnd = useCallback(() => { marquee.current = false; tellSelection(latest.current); }, [tellSelection]);
  return {
    drawing, picture, model, nodes, boxes, edges, drawnNodes, latest, selectedWires, arrived, current: stop, setCurrent, select, shift, tellMoved,
    handlers: { onNodesChange, onEdgesChange, onSelectionStart, onSelectionEnd },
  };
}

// The node that Tab reaches; the same object again if it has not changed.
function reached(node, last) {
  return last?.of === node ? last : { ...node, domAttributes: TAB, of: node };
}

// Whoever drags a frame drags what is in it.
function withFrameMoved(nodes, change, frames) {
  const frame = frames.find((one) => one.id === change.id);
  if (!frame) return nodes;
  const dx = change.position.x - frame.position.x, dy = change.position.y - frame.position.y;
  const inside = new Set(frame.data.members.map((node) => node.id));
  if (!dx && !dy) return nodes;
  return nodes.map((node) => (inside.has(node.id) ? { ...node, position: { x: node.position.x + dx, y: node.position.y + dy }, dragging: change.dragging } : node));
}

function withWiresSelected(before, changes) {
  const after = new Set(before);
  for (const change of changes.filter((one) => one.type === "select")) change.selected ? after.add(change.id) : after.delete(change.id);
  return after.size === before.size && [...after].every((id) => before.has(id)) ? before : after;
}

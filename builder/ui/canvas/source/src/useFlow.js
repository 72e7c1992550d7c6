// The nodes and wires on the screen: Python's state, with what the user is moving and selecting at this moment.
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { applyNodeChanges } from "@xyflow/react";
import { boxesOf, edgesOf, framesOf, nodesOf, TAB } from "./elements.js";
import { read } from "./model.js";

const membersChosen = (nodes) => nodes.filter((node) => node.selected).flatMap((node) => (node.data.members.length ? node.data.members : [node.id]));
const rounded = ({ x, y }) => [Math.round(x), Math.round(y)];

export function useFlow(store) {
  const state = useSyncExternalStore(store.subscribe, store.snapshot);
  const model = useMemo(() => read(state, store.peekOf), [state]);
  const [nodes, setNodes] = useState(() => nodesOf(model.units, state.size, [], () => false, new Set(state.selected)));
  const [selectedWires, setSelectedWires] = useState(() => new Set());
  const [current, setCurrent] = useState(null);  // the one node that Tab reaches
  const latest = useRef(nodes);
  latest.current = nodes;
  const told = useRef(state.selected.join());
  const marquee = useRef(false);
  const [arrived, setArrived] = useState(() => state.selected.slice(0, 1));  // what was selected elsewhere: by Python, or in the outline

  const [seen, setSeen] = useState(model);
  if (seen !== model) {  // while rendering, so that no effect meets the new state with the old nodes
    setSeen(model);
    const moved = new Set(store.awaits("move").flatMap((operation) => Object.keys(operation.positions)));
    const own = store.awaits("select").length > 0;
    if (!own) {
      told.current = state.selected.join();
      const here = new Set(membersChosen(nodes));
      if (!state.selected.every((id) => here.has(id))) setArrived(state.selected);
    }
    setNodes(nodesOf(model.units, state.size, nodes, (node) => node.dragging || moved.has(node.id), own ? null : new Set(state.selected)));
    setSelectedWires(new Set([...selectedWires].filter((id) => model.wires.some((wire) => wire.id === id))));
  }

  const tellSelection = useCallback(() => {
    const ids = membersChosen(latest.current);
    if (marquee.current || ids.join() === told.current) return;
    told.current = ids.join();
    store.send({ op: "select", ids });
  }, [store]);
  const selectedKey = nodes.filter((node) => node.selected).map((node) => node.id).join();
  useEffect(tellSelection, [selectedKey]);

  const placeKey = nodes.map((node) => `${node.position.x} ${node.position.y}`).join();
  const boxes = useMemo(() => boxesOf(nodes), [placeKey, model]);
  const frames = useMemo(() => framesOf(model.groups, boxes), [boxes]);
  const drawnEdges = useRef(new Map());
  const edges = useMemo(() => {
    drawnEdges.current = edgesOf(model.wires, boxes, drawnEdges.current, selectedWires);
    return [...drawnEdges.current.values()];
  }, [boxes, selectedWires]);

  const onNodesChange = useCallback((changes) => {
    const ofFrames = changes.filter((change) => change.type === "position" && change.position && change.id.startsWith("frame:"));
    const others = changes.filter((change) => change.type !== "remove" && !change.id?.startsWith("frame:"));
    setNodes((before) => ofFrames.reduce((after, change) => withFrameMoved(after, change, frames), applyNodeChanges(others, before)));
  }, [frames]);
  const onEdgesChange = useCallback((changes) => setSelectedWires((before) => withWiresSelected(before, changes)), []);

  const tellMoved = useCallback((ids) => {
    const positions = Object.fromEntries(latest.current.filter((node) => ids.includes(node.id) && node.draggable).map((node) => [node.id, rounded(node.position)]));
    if (Object.keys(positions).length) store.send({ op: "move", positions });
  }, [store]);

  const select = useCallback((choose) => {
    setSelectedWires(new Set());
    setNodes((before) => before.map((node) => (Boolean(node.selected) === choose(node) ? node : { ...node, selected: choose(node) })));
  }, []);
  const shift = useCallback((ids, dx, dy) => setNodes((before) => before.map((node) => (
    ids.includes(node.id) && node.draggable ? { ...node, position: { x: node.position.x + dx, y: node.position.y + dy } } : node))), []);

  const first = nodes.find((node) => node.selected)?.id ?? nodes[0].id;
  const stop = model.byId.has(current) ? current : first;
  const drawnNodes = useMemo(() => [...frames, ...nodes.map((node) => (node.id === stop ? { ...node, domAttributes: TAB } : node))], [frames, nodes, stop]);
  const onSelectionStart = useCallback(() => { marquee.current = true; }, []);
  const onSelectionEnd = useCallback(() => { marquee.current = false; tellSelection(); }, [tellSelection]);
  return {
    state, model, nodes, boxes, edges, drawnNodes, latest, selectedWires, arrived, current: stop, setCurrent, select, shift, tellMoved,
    handlers: { onNodesChange, onEdgesChange, onSelectionStart, onSelectionEnd },
  };
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
  return after;
}

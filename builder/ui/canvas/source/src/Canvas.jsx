// The canvas: palette at the left, the graph in the middle, tools above it.
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Background, MarkerType, MiniMap, ReactFlow, useStore } from "@xyflow/react";
import { CanvasContext } from "./context.js";
import { Frame } from "./Frame.jsx";
import { Help } from "./Help.jsx";
import { Merge } from "./Merge.jsx";
import { EndNode, FoldedNode, LayerNode } from "./nodes.jsx";
import { Palette } from "./Palette.jsx";
import { savePicture } from "./picture.js";
import { Toolbar } from "./Toolbar.jsx";
import { useActions } from "./useActions.js";
import { useDrop } from "./useDrop.js";
import { useFlow } from "./useFlow.js";
import { useKeys } from "./useKeys.js";
import { canConnect, useMerge } from "./useMerge.js";
import { firstViewport } from "./viewport.js";
import { Wire } from "./Wire.jsx";

const nodeTypes = { layer: LayerNode, folded: FoldedNode, end: EndNode, frame: Frame };
const edgeTypes = { wire: Wire };
const defaultEdgeOptions = { markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14, color: "context-stroke" } };
const PALETTE = 196, NARROW = 600;  // pixels; below these the palette is closed at first
const FAR = 0.62;  // zoom below which nodes show only what can still be read
const MORE = ["Shift", "Control", "Meta"];
const isTouch = matchMedia("(pointer: coarse)").matches;

// `room` is the width and height that it has at first.
export const Canvas = memo(({ store, room, palette }) => {
  const flow = useFlow(store);
  const flowRef = useRef(null), searchRef = useRef(null), focusWanted = useRef(false);
  const [viewport] = useState(() => store.viewport ?? firstViewport(flow.boxes, room.width - (room.width >= NARROW ? PALETTE : 0), room.height));
  const isFar = useStore((view) => view.transform[2] < FAR);
  const [isActive, setActive] = useState(false);
  const [isPaletteShown, showPalette] = useState(room.width >= NARROW);
  const [isHelpShown, showHelp] = useState(false);
  const [editing, setEditing] = useState(null);
  const [said, say] = useState("");
  const wantFocus = () => { focusWanted.current = flowRef.current.contains(flowRef.current.getRootNode().activeElement); };
  const actions = useActions({ store, flow, flowRef, searchRef, setEditing, showHelp, showPalette, say, wantFocus });
  const merge = useMerge({ flow, actions, say });
  const { onKeyDown, link } = useKeys({ flow, actions, connect: merge.connect, say });
  const send = useCallback((operation) => store.send(operation), [store]);
  const drop = useDrop(flowRef, flow, send);
  const latest = useRef(null);
  latest.current = { actions, flow };

  useEffect(() => {  // after an edit by key the focus goes on with what it made
    const chosen = flow.nodes.find((node) => node.selected) ?? flow.nodes.find((node) => node.id === flow.current);
    const lost = isActive && !flowRef.current.contains(flowRef.current.getRootNode().activeElement);
    if (chosen && !store.pending.length && !editing && (focusWanted.current || lost)) {
      focusWanted.current = false;
      actions.focus(chosen.id);
    }
  }, [flow.picture]);
  useEffect(() => {  // what an edit has made, or was chosen elsewhere on the page, is brought into sight
    const ids = new Set(flow.arrived);
    actions.show(flow.model.units.filter((unit) => unit.members.some((id) => ids.has(id))).map((unit) => unit.id));
  }, [flow.arrived]);

  const focusFlow = useCallback(() => {
    focusWanted.current = store.pending.length > 0;  // the node may get another name, and with it another element
    latest.current.actions.focus(latest.current.flow.current);
  }, [store]);
  const selectMembers = useCallback((group) => {
    const ids = new Set(group.members.map((node) => node.id));
    latest.current.flow.select((node) => ids.has(node.id));
  }, []);
  const still = useMemo(() => ({  // the same with each drawing, so that React Flow does not draw itself anew
    onConnect: ({ source, target }) => merge.connect(source, target),
    onNodeDragStop: (event, node, dragged) => requestAnimationFrame(() => (
      latest.current.flow.tellMoved(node.id.startsWith("frame:") ? node.data.members.map((one) => one.id) : dragged.map((one) => one.id)))),
    onSelectionDragStop: (event, dragged) => requestAnimationFrame(() => latest.current.flow.tellMoved(dragged.map((one) => one.id))),
    onMoveEnd: (event, viewport) => { store.viewport = viewport; },
    onPaneClick: () => flowRef.current.querySelector(".react-flow").focus(),
  }), [store, merge.connect]);
  const wireFrom = link?.from ?? merge.asked?.from;
  const context = useMemo(() => ({ send, wireFrom, editing, setEditing, focusFlow, selectMembers }), [send, wireFrom, editing, focusFlow, selectMembers]);
  const add = useCallback((kind) => latest.current.actions.add(kind), []);
  const closePalette = useCallback(() => showPalette(false), []);
  const onBlur = (event) => {
    if (event.currentTarget.contains(event.relatedTarget)) return;
    setActive(false);
    if (event.relatedTarget) focusWanted.current = false;
  };
  const onFocus = (event) => {
    setActive(true);
    const id = event.target.closest(".react-flow__node")?.dataset.id;
    if (id && !id.startsWith("frame:")) flow.setCurrent(id);
  };

  return (
    <CanvasContext.Provider value={context}>
      <div className="canvas" onKeyDown={onKeyDown}>
        {isPaletteShown && <Palette palette={palette} families={flow.drawing.families} onAdd={add} drop={drop} searchRef={searchRef} onClose={closePalette} />}
        <div className={`flow${isFar ? " far" : ""}${isActive ? " active" : ""}${link ? " links" : ""}`} ref={flowRef} onFocus={onFocus} onBlur={onBlur}>
          <ReactFlow
            nodes={flow.drawnNodes} edges={flow.edges} nodeTypes={nodeTypes} edgeTypes={edgeTypes} defaultEdgeOptions={defaultEdgeOptions} {...flow.handlers}
            {...still} isValidConnection={canConnect} connectionLineType="smoothstep" connectionRadius={36}
            defaultViewport={viewport} minZoom={0.08} maxZoom={2} onlyRenderVisibleElements disableKeyboardA11y deleteKeyCode={null} multiSelectionKeyCode={MORE}
            zoomOnScroll={isActive} preventScrolling={isActive} panOnDrag={isActive || !isTouch} zoomOnDoubleClick={false} selectNodesOnDrag={false} nodeDragThreshold={3}
            elevateNodesOnSelect={false} tabIndex={-1} aria-label="Model as a graph. Press question mark for the keys."
          >
            <Background gap={24} size={1.2} />
            <MiniMap pannable zoomable ariaLabel="Overview of the model" nodeClassName={miniClass} nodeBorderRadius={12} />
          </ReactFlow>
          {merge.asked && <Merge wire={merge.asked} flow={flow} onPick={merge.pick} onClose={merge.close} />}
          <Toolbar actions={actions} isPaletteShown={isPaletteShown} showPalette={showPalette} onPicture={(kind) => savePicture(kind, flow, flowRef.current)} />
          {flow.model.units.length === 2 && <p className="empty">The model is empty. Click a layer at the left, or drag it here.</p>}
        </div>
        {isHelpShown && <Help onClose={() => { showHelp(false); focusFlow(); }} />}
        <div className="spoken" role="status" aria-live="polite">{said}</div>
      </div>
    </CanvasContext.Provider>
  );
});

const miniClass = (node) => `mini ${node.type}${node.data.problem?.[0] === "error" ? " error" : ""}${node.type === "layer" ? ` family-${node.data.family % 13}` : ""}`;

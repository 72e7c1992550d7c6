// The whole editor: the bar, below it the graph or the outline, and the inspector at the right, or below where there is no room.
import { memo, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { ReactFlowProvider } from "@xyflow/react";
import { Bar } from "./Bar.jsx";
import { Canvas } from "./Canvas.jsx";
import { Inspector } from "./Inspector.jsx";
import { Outline } from "./Outline.jsx";
import { useUndoKeys } from "./useUndoKeys.js";

const NARROW = 700, OUTLINE_HEIGHT = 340, GAP = 12;  // pixels
const inspectorWidth = (width) => Math.round(Math.max(300, Math.min(0.3 * width, 420)));
const StillInspector = memo(Inspector);

// `width` is what there is at first.
export function Editor({ store, width }) {
  const state = useSyncExternalStore(store.subscribe, store.snapshot);
  const notice = useSyncExternalStore(store.subscribe, store.noticed);
  const isBehind = useSyncExternalStore(store.subscribe, store.isBehind);
  const root = useRef(null);
  const isNarrow = useIsNarrow(root, width);
  const [chosen, choose] = useState(store.view);
  const [room] = useState(() => ({ width: isNarrow ? width : width - inspectorWidth(width) - GAP, height: state.height }));
  const view = chosen ?? (isNarrow ? "Outline" : "Canvas");
  useUndoKeys(root, store);
  useEffect(() => {
    const isTyped = ({ type, key }) => type === "keydown" && key !== "Enter" && key !== " ";
    const giveWay = (event) => isTyped(event) || event.composedPath().includes(root.current) || store.giveWay();
    const events = ["pointerdown", "click", "keydown", "popstate"];
    for (const name of events) addEventListener(name, giveWay, { capture: true });
    return () => events.forEach((name) => removeEventListener(name, giveWay, { capture: true }));
  }, [store]);
  const show = useMemo(() => (name) => {
    store.view = name;
    choose(name);
  }, [store]);
  const height = isNarrow && view === "Outline" ? OUTLINE_HEIGHT : state.height;
  const { undo, redo, past, future, place } = state;

  return (
    <div className={`editor${isNarrow ? " narrow" : ""}`} ref={root}>
      <Bar view={view} show={show} undo={undo} redo={redo} past={past} future={future} place={place} notice={notice} send={store.send} />
      <div className="both" style={{ "--height": `${height}px` }}>
        <div className="view">
          {view === "Canvas" ? <ReactFlowProvider><Canvas store={store} room={room} palette={store.palette} /></ReactFlowProvider> : <Outline store={store} palette={store.palette} />}
        </div>
        <div className={`beside${isBehind ? " behind" : ""}`} inert={isBehind}>
          <StillInspector inspector={state.inspector} palette={store.palette} families={state.drawing.families} send={store.send} applied={state.applied} />
        </div>
      </div>
    </div>
  );
}

function useIsNarrow(root, width) {
  const [isNarrow, setNarrow] = useState(width > 0 && width < NARROW);
  useEffect(() => {
    const observer = new ResizeObserver(([{ contentRect }]) => contentRect.width && setNarrow(contentRect.width < NARROW));
    observer.observe(root.current);
    return () => observer.disconnect();
  }, [root]);
  return isNarrow;
}

// Brings nodes into sight, from wherever the picture is going at this moment.
import { useCallback, useRef } from "react";
import { useReactFlow } from "@xyflow/react";
import { viewportWith } from "./viewport.js";

export const quick = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200);

export function useSight(flowRef) {
  const { getViewport, setViewport } = useReactFlow();
  const goal = useRef({ view: null, until: 0 });
  return useCallback((boxes) => {
    const pane = flowRef.current, now = performance.now();
    if (!boxes.length || !pane) return;  // a field that closes because its node is gone
    const map = pane.querySelector(".react-flow__minimap");
    const covered = map ? { width: map.offsetWidth, height: map.offsetHeight } : { width: 0, height: 0 };
    const before = now < goal.current.until ? goal.current.view : getViewport();
    const view = viewportWith(boxes, before, { width: pane.clientWidth, height: pane.clientHeight }, covered);
    if (view === before) return;
    goal.current = { view, until: now + quick() };
    setViewport(view, { duration: quick(), interpolate: "linear" });  // its own way would zoom out in between
  }, [flowRef, getViewport, setViewport]);
}

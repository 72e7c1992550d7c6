// Where something from the palette falls: on a wire, on a node, or on the empty canvas.
import { useMemo, useRef } from "react";
import { useReactFlow } from "@xyflow/react";

export function useDrop(flowRef, flow, add) {
  const { screenToFlowPosition } = useReactFlow();
  const marked = useRef(null);
  const latest = useRef(null);
  latest.current = { flow, add };
  return useMemo(() => {
    const target = ({ x, y }) => {
      const found = flowRef.current.getRootNode().elementsFromPoint(x, y);
      if (!found.some((element) => element === flowRef.current) || found.some((element) => element.closest(".palette"))) return null;
      const node = found.map((element) => element.closest(".react-flow__node")).find((element) => element && !element.dataset.id.startsWith("frame:"));
      const edge = found.map((element) => element.closest(".react-flow__edge")).find(Boolean);
      return node ?? edge ?? flowRef.current;
    };
    const mark = (element) => {
      if (marked.current === element) return;
      marked.current?.removeAttribute("data-drop");
      element?.setAttribute("data-drop", "");
      marked.current = element;
    };
    const onto = (point, kind) => {
      const { flow, add } = latest.current, element = target(point);
      mark(null);
      if (!element) return;
      if (element === flowRef.current) {
        const { x, y } = screenToFlowPosition(point), [width, height] = flow.drawing.size;
        add({ op: "place", kind, position: [Math.round(x - width / 2), Math.round(y - height / 2)] });
      } else if (element.classList.contains("react-flow__edge")) {
        const { from, to } = flow.edges.find((edge) => edge.id === element.dataset.id).data;
        add(to === null ? { op: "add", kind, after: null } : { op: "insert", kind, source: from, target: to });
      } else {
        add({ op: "add", kind, after: lastMember(flow, element.dataset.id) });
      }
    };
    return { over: (point) => mark(point && target(point)), onto };
  }, [flowRef, screenToFlowPosition]);
}

// What a new layer stands behind: a node itself, the last layer of a folded group, nothing for the answer.
export function lastMember(flow, id) {
  const unit = flow.model.byId.get(id);
  return unit?.members.at(-1) ?? (id === "input" ? "input" : null);
}

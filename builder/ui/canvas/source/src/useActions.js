// Everything that can be done to the model, for the mouse, the keys and the toolbar alike.
import { useReactFlow } from "@xyflow/react";
import { lastMember } from "./useDrop.js";
import { quick, useSight } from "./useSight.js";

export function useActions({ store, flow, flowRef, searchRef, setEditing, showHelp, showPalette, say, wantFocus }) {
  const { fitView, zoomIn, zoomOut } = useReactFlow();
  const bringIntoSight = useSight(flowRef);
  const send = (operation) => store.send(operation);
  const edit = (operation) => {
    wantFocus();
    send(operation);
  };
  const units = () => flow.latest.current.filter((node) => node.selected);
  const chosen = () => units().flatMap((node) => node.data.members);
  const withChosen = (act) => (chosen().length ? act(chosen()) : say("Select a layer first."));
  const groupsChosen = () => flow.model.groups.filter((group) => group.members.some((node) => chosen().includes(node.id)));
  const after = () => {
    const last = units().at(-1);
    return last ? lastMember(flow, last.id) : null;
  };

  return {
    add: (kind) => send({ op: "add", kind, after: after() }),
    connect: (wire) => (wire.how === "replace" ? send : edit)({ op: "connect", ...wire }),
    disconnect: (source, target) => {
      const wire = flow.model.wires.find((one) => one.source === source && one.target === target);
      if (!wire) return say("There is no wire between them.");
      edit({ op: "remove", ids: [], wires: [[wire.from, wire.to]] });
      return say(`Disconnected ${source} from ${target}.`);
    },
    remove: () => {
      const wires = flow.edges.filter((edge) => flow.selectedWires.has(edge.id)).map((edge) => [edge.data.from, edge.data.to]);
      chosen().length || wires.length ? edit({ op: "remove", ids: chosen(), wires }) : say("Select a layer or a wire first.");
    },
    copy: () => withChosen((ids) => { send({ op: "copy", ids }); say(`Copied ${ids.length} ${ids.length === 1 ? "layer" : "layers"}.`); }),
    cut: () => withChosen((ids) => edit({ op: "cut", ids })),
    paste: () => edit({ op: "paste", after: after() }),
    duplicate: () => withChosen((ids) => edit({ op: "duplicate", ids })),
    undo: () => edit({ op: "undo" }),
    redo: () => edit({ op: "redo" }),
    group: () => withChosen((ids) => edit({ op: "group", ids })),
    ungroup: () => groupsChosen().forEach((group) => edit({ op: "ungroup", id: group.id })),
    arrange: () => edit({ op: "arrange" }),
    rename: (id) => flow.model.byId.get(id)?.type === "layer" && setEditing(id),
    nudge: (dx, dy) => {
      const ids = units().map((node) => node.id);
      flow.shift(ids, dx, dy);
      requestAnimationFrame(() => flow.tellMoved(ids));
    },
    help: () => showHelp(true),
    search: () => { showPalette(true); requestAnimationFrame(() => searchRef.current?.focus()); },
    fit: () => fitView({ padding: { top: "60px", bottom: "24px", x: "28px" }, maxZoom: 1, duration: quick() }),
    zoomIn: () => zoomIn({ duration: quick() }),
    zoomOut: () => zoomOut({ duration: quick() }),
    // Nodes off the screen are brought into sight; React Flow draws them only then.
    show: (ids) => {
      const isWhole = (node) => node.type === "frame" && node.data.members.every((member) => ids.includes(member.id));
      const frames = flow.drawnNodes.filter(isWhole).map((frame) => ({ ...frame.position, width: frame.width, height: frame.height }));
      bringIntoSight([...ids.map((id) => flow.boxes.get(id)).filter(Boolean), ...frames]);
    },
    focus(id) {
      flow.setCurrent(id);
      this.show([id]);
      const attempt = (left) => {
        const element = flowRef.current?.querySelector(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
        if (element) element.focus({ preventScroll: true });
        else if (left) requestAnimationFrame(() => attempt(left - 1));
      };
      attempt(30);
    },
    hasSelection: units().some((node) => node.data.members.length), hasGroup: groupsChosen().length > 0,
  };
}

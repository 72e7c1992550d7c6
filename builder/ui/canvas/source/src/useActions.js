// Everything that can be done to the model, for the mouse, the keys and the toolbar alike.
import { useReactFlow } from "@xyflow/react";
import { lastMember } from "./useDrop.js";

export const quick = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200);

export function useActions({ store, flow, flowRef, searchRef, setEditing, showHelp, showPalette, say, wantFocus }) {
  const { fitView, zoomIn, zoomOut, getViewport, setCenter } = useReactFlow();
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
  const firstMember = (id) => flow.model.byId.get(id).members[0];

  return {
    add: (kind) => send({ op: "add", kind, after: after() }),
    connect: (source, target) => edit({ op: "connect", source: lastMember(flow, source), target: firstMember(target) }),
    disconnect: (source, target) => {
      const wire = flow.model.wires.find((one) => one.source === source && one.target === target);
      wire ? edit({ op: "remove", ids: [], wires: [[wire.from, wire.to]] }) : say("There is no wire between them.");
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
    // A node off the screen is brought into sight; React Flow draws it only then.
    show: (id) => {
      const box = flow.boxes.get(id), view = getViewport(), pane = flowRef.current?.getBoundingClientRect();
      if (!box || !pane) return;  // a field that closes because its node is gone
      const left = box.x * view.zoom + view.x, top = box.y * view.zoom + view.y;
      const isSeen = left > 0 && top > 0 && left + box.width * view.zoom < pane.width && top + box.height * view.zoom < pane.height;
      if (!isSeen) setCenter(box.x + box.width / 2, box.y + box.height / 2, { zoom: view.zoom, duration: quick() });
    },
    focus(id) {
      flow.setCurrent(id);
      this.show(id);
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

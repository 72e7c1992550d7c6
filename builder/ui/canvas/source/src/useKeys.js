// The canvas without a mouse: every key that it knows.
import { useState } from "react";
import { canConnect } from "./useMerge.js";
import { neighbour } from "./walk.js";

const STEP = 20;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "Tab"]);

export function useKeys({ flow, actions, connect, say }) {
  const [link, setLink] = useState(null);

  const startLink = (id, removes) => {
    if (id === "@answer") return say("The answer follows the last layer by itself.");
    setLink({ from: id, removes });
    say(`${removes ? "Disconnecting" : "Connecting"} from ${id}. Move to the target and press Enter; Escape gives up.`);
  };
  const finishLink = (target) => {
    const { from, removes } = link;
    setLink(null);
    if (!canConnect({ source: from, target })) return say("A wire cannot lead there. Nothing has changed.");
    return removes ? actions.disconnect(from, target) : connect(from, target);
  };

  const withControl = {
    a: () => flow.select(() => true), c: actions.copy, x: actions.cut, v: actions.paste, d: actions.duplicate,
    z: (event) => (event.shiftKey ? actions.redo() : actions.undo()), y: actions.redo, g: (event) => (event.shiftKey ? actions.ungroup() : actions.group()),
  };
  const alone = {
    Delete: actions.remove, Backspace: actions.remove, "?": actions.help, "/": actions.search, f: actions.fit, "+": actions.zoomIn, "-": actions.zoomOut,
    F2: (event, id) => actions.rename(id),
    c: (event, id) => id && startLink(id, false), x: (event, id) => id && startLink(id, true),
    Enter: (event, id) => choose(event, id), " ": (event, id) => choose(event, id),
    Escape: () => { if (link) say("Gave up."); setLink(null); flow.select(() => false); },
  };
  const choose = (event, id) => {
    if (!id) return;
    if (link) return finishLink(id);
    flow.select((node) => (event.shiftKey || event.ctrlKey || event.metaKey ? (node.id === id) !== Boolean(node.selected) : node.id === id));
  };
  const arrow = (event, id) => {
    const [dx, dy] = ARROWS[event.key];
    if (event.altKey) return actions.nudge(dx * STEP, dy * STEP);
    const next = id ? neighbour(flow.model, flow.boxes, id, event.key) : flow.current;
    if (!next) return undefined;
    if (event.shiftKey) flow.select((node) => node.selected || node.id === id || node.id === next);
    return actions.focus(next);
  };
  const keyOf = (event) => (event.key.length === 1 ? event.key.toLowerCase() : event.key);
  const found = (event) => {
    if (event.key in ARROWS) return event.ctrlKey || event.metaKey ? null : arrow;
    if (event.ctrlKey || event.metaKey) return event.altKey ? null : withControl[keyOf(event)];
    return event.altKey ? null : alone[keyOf(event)];
  };

  // Streamlit listens for single letters on the page: none of those typed in here may reach it.
  const onKeyDown = (event) => {
    const isTyping = event.target.closest("input, dialog");
    const onButton = event.target.closest("button") && ["Enter", " "].includes(event.key);
    const act = isTyping || onButton ? null : found(event);
    if (act) {
      event.preventDefault();
      act(event, event.target.closest(".react-flow__node")?.dataset.id);
    }
    if (act || (!MODIFIERS.has(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey)) event.stopPropagation();
  };
  return { onKeyDown, link };
}

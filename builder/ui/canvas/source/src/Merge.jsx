// Asks what becomes of a wire to a layer whose inputs are all taken, where the wire ends.
import { useEffect, useLayoutEffect, useRef } from "react";
import { useViewport } from "@xyflow/react";
import { Icon } from "./icons.jsx";
import { shapeText } from "./words.js";

const WAYS = [
  ["replace", "swap", "Replace the input"],
  ["add", "sum", "Add both (Add)"],
  ["concat", "join", "Join both (Concat)"],
  [null, "close", "Cancel"],
];
const EDGE = 8, TOOLS = 52, GAP = 14;  // pixels kept free at the sides, at the tools, and between the wire's end and the menu

// `wire` has `source`, `target`, `unit` (the node on the canvas that has the target), `other` (the input that would give way), and `takes`.
export function Merge({ wire, flow, onPick, onClose }) {
  const menu = useRef(null), view = useViewport();
  const box = flow.boxes.get(wire.unit);
  useEffect(() => menu.current.querySelector("[role=menuitem]").focus({ preventScroll: true }), []);
  useEffect(() => {
    const outside = (event) => event.composedPath().includes(menu.current) || onClose();
    window.addEventListener("pointerdown", outside, true);
    return () => window.removeEventListener("pointerdown", outside, true);
  }, [onClose]);
  useLayoutEffect(() => {  // below the wire's end and beside the wire, at the side where there is room
    const { offsetWidth: width, offsetHeight: height, parentElement: pane, style } = menu.current;
    const within = (value, least, most) => Math.max(least, Math.min(value, most));
    const end = (box.x + box.width / 2) * view.zoom + view.x, most = pane.clientWidth - width - EDGE;
    style.left = `${within(end + GAP <= most ? end + GAP : end - GAP - width, EDGE, most)}px`;
    style.top = `${within(box.y * view.zoom + view.y + GAP, TOOLS, pane.clientHeight - height - EDGE)}px`;
  });
  return (
    <div className="merge" ref={menu} onKeyDown={(event) => go(event, menu.current, onClose)}
      onBlur={(event) => event.relatedTarget && !event.currentTarget.contains(event.relatedTarget) && onClose()}>
      <div className="merge-head" id="merge-head">
        <p><b>{wire.target}</b> {wire.takes === 1 ? "has an input already" : `has all ${wire.takes} inputs already`}</p>
        <dl>
          {[["Now", wire.other], ["New", wire.source]].map(([when, id]) => (
            <div key={when}><dt>{when}</dt><dd><b>{id}</b><span>{shapeText(flow.model.shapes.get(id) ?? null)}</span></dd></div>
          ))}
        </dl>
      </div>
      <div role="menu" aria-label="What the wire does" aria-describedby="merge-head">
        {WAYS.map(([how, icon, label]) => (
          <button key={label} type="button" role="menuitem" tabIndex={-1} onClick={() => (how ? onPick(how) : onClose(true))}><Icon name={icon} />{label}</button>
        ))}
      </div>
    </div>
  );
}

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

// None of these keys may reach the canvas, or Streamlit. Enter and Space press the button themselves.
function go(event, menu, onClose) {
  event.stopPropagation();
  const entries = [...menu.querySelectorAll("[role=menuitem]")], at = entries.indexOf(event.target), last = entries.length - 1;
  const step = event.key === "Tab" ? (event.shiftKey ? -1 : 1) : STEPS[event.key];
  const next = { Home: 0, End: last }[event.key] ?? (step && (at + step + entries.length) % entries.length);
  if (next !== undefined) entries[next].focus();
  if (event.key === "Escape") onClose(true);
  if (next !== undefined || event.key === "Escape") event.preventDefault();
}

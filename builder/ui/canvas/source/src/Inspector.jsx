// Everything about what is selected, as Python says it; each change is sent at once.
import { useLayoutEffect, useMemo, useRef } from "react";
import { Items } from "./items.jsx";
import { InspectorContext } from "./useValue.js";

// `send` gives the number of the operation, `applied` is the last number that `inspector` knows of: until then a field shows what was sent.
export function Inspector({ inspector, palette, families, send, applied = 0 }) {
  const root = useRef(null), held = useRef(null);
  const known = useMemo(() => ({ palette, families, send, applied }), [palette, families, send, applied]);
  useLayoutEffect(() => {  // what had the focus is gone: it stays in here
    if (held.current && !root.current.contains(held.current)) root.current.focus({ preventScroll: true });
  }, [inspector]);
  useLayoutEffect(() => {  // a layer that is renamed in here is no other
    if (!held.current || held.current === root.current) root.current.scrollTop = 0;
  }, [inspector.title]);
  return (
    <InspectorContext value={known}>
      <section ref={root} className="inspector" aria-label={inspector.title} tabIndex={-1} onKeyDown={keep}
        onFocus={(event) => { held.current = event.target; }} onBlur={() => { held.current = null; }}>
        <Items items={inspector.items} />
      </section>
    </InspectorContext>
  );
}

const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "Tab"]);
const IN_TEXT = new Set(["a", "c", "v", "x"]), WHILE_TYPING = new Set(["y", "z"]);

// Streamlit listens for single letters, the editor for Ctrl with others: those that edit a text stay in it.
function keep(event) {
  const key = event.key.toLowerCase(), isText = event.target.matches("input[type=text]");
  const isCommand = event.ctrlKey || event.metaKey;
  const isOfText = isText && (IN_TEXT.has(key) || ("typed" in event.target.dataset && WHILE_TYPING.has(key)));
  if (isCommand ? isOfText : !MODIFIERS.has(event.key)) event.stopPropagation();
}

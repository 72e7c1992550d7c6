// Everything that can be put on the canvas, by family, with search: a click inserts it, a drag drops it anywhere.
import { memo, useMemo, useRef, useState } from "react";
import { Icon } from "./icons.jsx";
import { familyNumber, matching } from "./matching.js";

const FAR = 6;  // pixels after which a press is a drag

export const Palette = memo(({ palette, families, onAdd, drop, searchRef, onClose }) => {
  const [wanted, setWanted] = useState("");
  const [closed, setClosed] = useState(() => new Set());
  const shown = useMemo(() => matching(palette?.families ?? [], wanted), [palette, wanted]);
  const ghost = usePaletteDrag(drop);
  const first = shown[0]?.items[0];
  const toggle = (family) => setClosed((before) => {
    const after = new Set(before);
    after.delete(family) || after.add(family);
    return after;
  });
  const onSearchKey = (event) => {
    if (event.key === "Enter" && wanted && first) onAdd(first[0]);
    if (event.key === "Escape") wanted ? setWanted("") : event.target.blur();
  };
  return (
    <section className="palette" aria-label="Layers to add">
      <div className="search">
        <Icon name="search" />
        <input ref={searchRef} type="search" aria-label="Search layers" placeholder="Search layers" value={wanted} onChange={(event) => setWanted(event.target.value)} onKeyDown={onSearchKey} />
        <button className="small" title="Hide the layers" aria-label="Hide the layers" onClick={onClose}><Icon name="close" /></button>
      </div>
      <div className="families" tabIndex={-1}>
        {shown.map(({ family, items }) => (
          <div key={family} className="family" style={{ "--family": `var(--family-${familyNumber(families, family)})` }}>
            <button className="family-name" aria-expanded={Boolean(wanted) || !closed.has(family)} onClick={() => toggle(family)}>{family}<Icon name="fold" /></button>
            {(wanted || !closed.has(family)) && (
              <div className="items">
                {items.map(([name, label, help]) => (
                  <button key={name} className="item" title={help} aria-label={`Add ${label}`} data-kind={name} {...ghost.handlers(name, label, onAdd)}>{label}</button>
                ))}
              </div>
            )}
          </div>
        ))}
        {!shown.length && <p>No layer has these words in its name, family or description.</p>}
      </div>
      {ghost.label && <div className="ghost" style={{ left: ghost.x, top: ghost.y }}>{ghost.label}</div>}
    </section>
  );
});

// Pointer events, not HTML's drag and drop: they work by touch too.
function usePaletteDrag(drop) {
  const [ghost, setGhost] = useState({ label: null, x: 0, y: 0 });
  const press = useRef(null);
  const end = () => { press.current = null; setGhost({ label: null, x: 0, y: 0 }); drop.over(null); };
  const handlers = (name, label, onAdd) => ({
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      press.current = { x: event.clientX, y: event.clientY, dragging: false };
      if (event.pointerType === "mouse") event.currentTarget.setPointerCapture(event.pointerId);  // a quick hand is over the next item before the drag begins
    },
    onPointerMove: (event) => {
      const start = press.current;
      if (!start) return;
      if (!start.dragging && Math.hypot(event.clientX - start.x, event.clientY - start.y) > FAR) {
        start.dragging = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }
      if (!start.dragging) return;
      const box = event.currentTarget.closest(".palette").getBoundingClientRect();
      setGhost({ label, x: event.clientX - box.left, y: event.clientY - box.top });
      drop.over({ x: event.clientX, y: event.clientY });
    },
    onPointerUp: (event) => {
      if (!press.current?.dragging) { press.current = null; return; }
      event.currentTarget.dataset.dragged = "yes";
      drop.onto({ x: event.clientX, y: event.clientY }, name);
      end();
    },
    onPointerCancel: end,
    onClick: (event) => {
      if (event.currentTarget.dataset.dragged) delete event.currentTarget.dataset.dragged;
      else onAdd(name);
    },
  });
  return { ...ghost, handlers };
}

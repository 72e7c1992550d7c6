// A button that opens everything that can be added, with search; what is picked goes after the node `after`.
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { Icon } from "./icons.jsx";
import { familyNumber, matching } from "./matching.js";
import { placeBy } from "./place.js";
import { useInspector } from "./useValue.js";

const WIDTH = 320, HEIGHT = 440;  // pixels, at most

export function AddMenu({ item }) {
  const { send } = useInspector();
  const id = useId(), button = useRef(null), box = useRef(null), [isOpen, setOpen] = useState(false);
  const place = () => placeBy(box.current, button.current, { width: box.current.offsetWidth || WIDTH, height: HEIGHT });
  const onBeforeToggle = (event) => {
    if (event.newState === "open") {
      setOpen(true);
      place();
    } else if (box.current.contains(box.current.getRootNode().activeElement)) button.current.focus({ preventScroll: true });
  };
  const onToggle = (event) => {
    setOpen(event.newState === "open");
    if (event.newState === "open") { place(); box.current.querySelector("input")?.focus(); }
  };
  const pick = (kind) => {
    box.current.hidePopover();
    send({ op: "add", kind, after: item.after });
  };
  useEffect(() => {
    if (!isOpen) return undefined;
    const onScroll = (event) => box.current.contains(event.composedPath()[0]) || place();
    window.addEventListener("scroll", onScroll, true);
    window.addEventListener("resize", place);
    return () => { window.removeEventListener("scroll", onScroll, true); window.removeEventListener("resize", place); };
  }, [isOpen]);
  return (
    <>
      <button ref={button} type="button" className="add" popoverTarget={id} aria-haspopup="dialog"><Icon name="add" />{item.label}</button>
      <div ref={box} id={id} className="add-menu" popover="auto" role="dialog" aria-label={item.label} onBeforeToggle={onBeforeToggle} onToggle={onToggle}>
        {isOpen && <Menu onPick={pick} />}
      </div>
    </>
  );
}

const MOVES = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

// The focus stays in the search; the arrows go through what it finds.
function Menu({ onPick }) {
  const { palette, families } = useInspector();
  const listId = useId(), list = useRef(null), [wanted, setWanted] = useState(""), [at, setAt] = useState(-1);
  const shown = useMemo(() => matching(palette?.families ?? [], wanted), [palette, wanted]);
  const kinds = useMemo(() => shown.flatMap(({ items }) => items.map(([name]) => name)), [shown]);
  const current = kinds[at < 0 && wanted.trim() ? 0 : at], optionId = (kind) => `${listId}${kinds.indexOf(kind)}`;
  useEffect(() => { if (current) list.current.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }); }, [current]);
  const onKeyDown = (event) => {
    const from = kinds.indexOf(current), last = kinds.length - 1;
    if (event.key in MOVES) {
      event.preventDefault();
      const next = from + MOVES[event.key], isOne = Math.abs(MOVES[event.key]) === 1;
      setAt(isOne && (next < 0 || next > last) ? (next < 0 ? last : 0) : Math.max(0, Math.min(next, last)));
    }
    if (event.key !== "Enter" || !current) return;
    event.preventDefault();  // it would press the button that the focus goes back to
    onPick(current);
  };
  return (
    <>
      <div className="add-search">
        <Icon name="search" />
        <input ref={(input) => input?.setAttribute("autofocus", "")} type="text" role="combobox" aria-label="Search layers" placeholder="Search layers" autoComplete="off" spellCheck={false} enterKeyHint="done"
          aria-expanded="true" aria-controls={listId} aria-autocomplete="list" aria-activedescendant={current && optionId(current)}
          value={wanted} onChange={(event) => { setWanted(event.target.value); setAt(-1); }} onKeyDown={onKeyDown} />
      </div>
      <div ref={list} id={listId} className="add-list" role="listbox" aria-label="Layers" tabIndex={-1}>
        {shown.map(({ family, items }) => (
          <div key={family} role="group" aria-label={family} style={{ "--family": `var(--family-${familyNumber(families, family)})` }}>
            <p aria-hidden="true">{family}</p>
            {items.map(([name, label, help]) => (
              <div key={name} id={optionId(name)} role="option" aria-selected={name === current} aria-label={label} title={help} data-kind={name} onMouseDown={(event) => event.preventDefault()} onClick={() => onPick(name)}>
                <b>{label}</b><span>{help}</span>
              </div>
            ))}
          </div>
        ))}
      </div>
      {!shown.length && <p className="add-none" role="status">No layer has these words in its name, family or description.</p>}
    </>
  );
}

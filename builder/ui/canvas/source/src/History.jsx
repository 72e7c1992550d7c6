// Every step since the project was made, newest first; a click goes there.
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Icon } from "./icons.jsx";
import { shortened } from "./words.js";

const SHOWN = 20, EDGE = 8;  // steps each way; pixels kept free at the window's edge

export function History({ undo, past, future, place, send }) {
  const [isOpen, open] = useState(false);
  const box = useRef(null), opener = useRef(null);
  const isEmpty = !past.length && !future.length;
  const close = (goesBack = true) => {
    open(false);
    if (goesBack) opener.current.focus();
  };
  useLayoutEffect(() => {  // within the window
    if (isOpen) box.current.style.left = `${Math.min(0, document.documentElement.clientWidth - EDGE - box.current.getBoundingClientRect().right)}px`;
  }, [isOpen]);
  useEffect(() => {
    if (!isOpen) return undefined;
    box.current.querySelector(".now + li button, button").focus();
    const outside = (event) => event.composedPath().includes(box.current.parentElement) || open(false);
    window.addEventListener("pointerdown", outside, true);
    return () => window.removeEventListener("pointerdown", outside, true);
  }, [isOpen]);
  const onKeyDown = (event) => {
    if (event.key === "Escape" && isOpen) close();
    else if (!walk(event, box.current)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onBlur = (event) => event.relatedTarget && !event.currentTarget.contains(event.relatedTarget) && open(false);

  return (
    <div className="history" onKeyDown={onKeyDown} onBlur={onBlur}>
      <button type="button" ref={opener} aria-haspopup="dialog" aria-expanded={isOpen} aria-disabled={isEmpty} title="Every step, to go there" onClick={() => (isOpen ? close() : open(!isEmpty))}>
        <Icon name="history" />History<Icon name="fold" />
      </button>
      {isOpen && (
        <div className="history-box" ref={box} role="dialog" aria-label="History">
          <p>{place > SHOWN ? `The last ${SHOWN} of ${place} steps.` : "Every step since the project was made."} Click one to go there.</p>
          <ol>
            {stepsOf(undo, past, future, place).map(({ words, icon, to }) => (
              <li key={to} className={to === place ? "now" : undefined} aria-current={to === place ? "step" : undefined}>
                {to === place ? <><Icon name={icon} /><b>{words}</b></>
                  : <button type="button" title={words} onClick={() => { send({ op: "jump", place: to }); close(); }}><Icon name={icon} />{shortened(words, 60)}</button>}
              </li>
            ))}
          </ol>
        </div>
      )}
    </div>
  );
}

// Labels are told nearest first, of a long history not all: an undone step leads to what was called before it.
function stepsOf(undo, past, future, place) {
  const redone = future.slice(0, SHOWN).map((label, at) => ({ words: `Redo to: ${label}`, icon: "redo", to: place + at + 1 }));
  const undone = past.slice(0, SHOWN).map((_, at) => ({ words: at + 1 < place ? past[at + 1] : "The beginning", icon: "undo", to: place - at - 1 }));
  return [...redone.reverse(), { words: `Now: ${undo ?? "as it was made"}`, icon: "here", to: place }, ...undone.filter(({ words }) => words)];
}

function walk(event, box) {
  const entries = [...(box?.querySelectorAll("button") ?? [])], at = entries.indexOf(event.target), last = entries.length - 1;
  const to = { ArrowDown: at + 1, ArrowUp: Math.max(at - 1, 0), Home: 0, End: last }[event.key];
  if (to === undefined || !entries.length) return false;
  entries[Math.min(to, last)].focus();
  return true;
}

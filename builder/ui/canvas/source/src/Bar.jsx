// What is over the model: which view, undo and redo, the history, and what the user has to know.
import { memo, useRef } from "react";
import { History } from "./History.jsx";
import { Icon } from "./icons.jsx";
import { shortened } from "./words.js";

const VIEWS = [["Canvas", "graph"], ["Outline", "list"]];

export const Bar = memo(({ view, show, undo, redo, past, future, place, notice, send }) => (
  <div className="bar-above" onKeyDown={keepFromStreamlit}>
    <Views view={view} show={show} />
    <div className="steps">
      <Step name="Undo" label={undo} keys="Ctrl+Z" onClick={() => send({ op: "undo" })} />
      <Step name="Redo" label={redo} keys="Ctrl+Shift+Z" onClick={() => send({ op: "redo" })} />
      <History undo={undo} past={past} future={future} place={place} send={send} />
    </div>
    <p className="notice" role="status">{notice}</p>
  </div>
));

// Streamlit listens for single letters on the page: none of those typed in here may reach it.
function keepFromStreamlit(event) {
  if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
}

function Views({ view, show }) {
  const group = useRef(null);
  const onKeyDown = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const buttons = [...group.current.children], at = buttons.indexOf(event.target);
    buttons[(at + step + buttons.length) % buttons.length].focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="views" role="radiogroup" aria-label="View" ref={group} onKeyDown={onKeyDown}>
      {VIEWS.map(([name, icon]) => (
        <button key={name} type="button" role="radio" aria-checked={view === name} tabIndex={view === name ? 0 : -1} onClick={() => show(name)}>
          <Icon name={icon} />{name}
        </button>
      ))}
    </div>
  );
}

// Not `disabled` in HTML's way: the focus would be lost with the last step.
function Step({ name, label, keys, onClick }) {
  const words = label ? `${name}: ${label}` : name;
  return (
    <button type="button" className={name.toLowerCase()} aria-label={words} title={`${words} (${keys})`} aria-disabled={!label} onClick={() => label && onClick()}>
      <Icon name={name.toLowerCase()} /><span>{label ? `${name}: ${shortened(label, 32)}` : name}</span>
    </button>
  );
}

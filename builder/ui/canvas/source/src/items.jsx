// Draws what Python says about the selection: each kind of item by its own component.
import { useState } from "react";
import { AddMenu } from "./AddMenu.jsx";
import { Code } from "./Code.jsx";
import { Choice, Several, Switch, Words } from "./fields.jsx";
import { Icon } from "./icons.jsx";
import { NumberField } from "./NumberField.jsx";
import { useInspector } from "./useValue.js";

const open = new Set();  // titles of what the user has unfolded, for every selection in this tab

// One item is the same as before, whatever is selected, by its kind and label: it keeps the focus, and is not made anew.
export function Items({ items }) {
  const times = new Map();
  return items.map((item) => {
    const name = `${item.kind} ${item.label ?? item.title ?? (item.kind === "problem" ? item.text : "")}`, Draw = DRAWERS[item.kind];
    times.set(name, (times.get(name) ?? 0) + 1);
    return <Draw key={`${name} ${times.get(name)}`} item={item} />;
  });
}

const Heading = ({ item }) => <h3>{item.text}{item.name && <> <span>{item.name}</span></>}</h3>;
const Note = ({ item }) => <p className="note">{item.icon && <Icon name={item.icon} />}<span>{item.text}</span></p>;
const Text = ({ item }) => <p>{item.text}</p>;
const Flow = ({ item }) => <p className="passes"><span>{item.takes}</span> <span><Icon name="gives" /><span className="spoken">gives</span><b>{item.gives}</b></span></p>;
const Facts = ({ item }) => <p className="facts">{item.rows.map(([value, words]) => <span key={words}><b>{value}</b> {words}</span>)}</p>;

function Card({ item }) {
  return <section className="card" aria-label={item.title}><h4>{item.icon && <Icon name={item.icon} />}{item.title}</h4><Items items={item.items} /></section>;
}

function Problem({ item }) {
  const { send } = useInspector();
  const press = (event, op) => event.detail < 2 && send(op);  // a double click mends no second problem in its place
  return (
    <div className={`trouble ${item.severity}`}>
      <Icon name={item.severity} />
      <p><span className="spoken">{item.severity === "error" ? "Problem: " : "Warning: "}</span>{item.text}</p>
      {item.fixes?.length > 0 && (
        <div className="fixes">
          {item.fixes.map(({ label, op }, at) => <button key={label} type="button" className={at ? "plain" : "primary"} onClick={(event) => press(event, op)}>{!at && <Icon name="wrench" />}{label}</button>)}
        </div>
      )}
    </div>
  );
}

function Actions({ item }) {
  const { send } = useInspector();
  return (
    <div className="actions">
      <div>
        {item.items.map(({ label, icon, op, disabled, help }) => (
          <button key={label} type="button" title={help} aria-disabled={disabled || undefined} onClick={() => disabled || send(op)}>{icon && <Icon name={icon} />}{label}</button>
        ))}
      </div>
    </div>
  );
}

function More({ item }) {
  const [isOpen, setOpen] = useState(() => open.has(item.title));
  const toggle = (event) => {
    event.preventDefault();
    isOpen ? open.delete(item.title) : open.add(item.title);
    setOpen(!isOpen);
  };
  return (
    <details open={isOpen}>
      <summary onClick={toggle}><Icon name="unfold" />{item.title}</summary>
      {isOpen && <div className="more"><Items items={item.items} /></div>}
    </details>
  );
}

const DRAWERS = {
  heading: Heading, note: Note, text: Text, flow: Flow, facts: Facts, card: Card, problem: Problem, actions: Actions, add: AddMenu, more: More, code: Code,
  switch: Switch, choice: Choice, number: NumberField, words: Words, several: Several,
};

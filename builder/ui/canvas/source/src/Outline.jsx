// The model as text: everything that the graph shows and does, for screen readers, keyboards and thumbs.
import { memo, useRef } from "react";
import { useOutline } from "./useOutline.js";

const HINT = "Arrow keys move, Enter selects, Shift with arrows selects several. A adds a layer, Delete removes, "
  + "Alt with arrows moves it, Ctrl+D duplicates, Ctrl+C and Ctrl+V copy and paste, Ctrl+G groups.";
const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "Tab", "Escape"]);

export const Outline = memo(({ store, palette }) => {
  const root = useRef(null), kind = useRef(null);
  const { rows, layers, selected, current, act, onFocus, onBlur } = useOutline(store, root);
  const chosen = new Set(selected), only = selected.length === 1 ? selected[0] : null;

  // Streamlit listens for single letters on the page: none of those typed in here may reach it.
  const onKeyDown = (event) => {
    const isDone = event.target.dataset.part === "row" && act.pressed(event);
    if (isDone || (!MODIFIERS.has(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey)) event.stopPropagation();
  };
  const actions = (row) => <Actions id={row.id} isEnd={Boolean(row.isEnd)} families={palette?.families} kind={kind} act={act} />;
  const item = (row) => {
    const isSelected = (row.members ?? [row]).every(({ id }) => chosen.has(id));
    const hasActions = !row.members && row.id !== "@answer" && (only === row.id || (row.isEnd && !layers.length));
    return (
      <li key={row.id}>
        <Row row={row} mark={JSON.stringify(row, (key, value) => (key === "members" ? undefined : value))} isSelected={isSelected} isCurrent={row.id === current} select={act.select} />
        {hasActions && actions(row)}
        {row.members && <ol aria-label={row.name}>{row.members.map(item)}</ol>}
      </li>
    );
  };

  return (
    <div className="outline" ref={root} onKeyDown={onKeyDown} onFocus={onFocus} onBlur={onBlur}>
      <p className="faint" id="outline_hint">{layers.length ? HINT : "The model has no layers yet."}</p>
      <ol aria-label="Layers of the model, in order" aria-describedby="outline_hint">{rows.map(item)}</ol>
    </div>
  );
});

const Row = memo(({ row, isSelected, isCurrent, select }) => (
  <button type="button" className={row.isEnd ? "end" : row.members ? "row group" : "row"} data-part="row" data-id={row.id} aria-label={row.name} aria-pressed={isSelected}
    tabIndex={isCurrent ? 0 : -1} onClick={(event) => select(row.id, event.ctrlKey || event.metaKey || event.shiftKey)}>
    <span className="kind">{row.kind}</span>
    {row.isEnd ? <><span className="faint">{row.about}</span><span className="shape">{row.shape}</span></>
      : row.members ? row.repeat > 1 && <span className="faint">× {row.repeat}</span>
        : <Texts row={row} />}
  </button>
), (before, after) => before.mark === after.mark && before.isSelected === after.isSelected && before.isCurrent === after.isCurrent && before.select === after.select);

function Texts({ row }) {
  return (
    <>
      <span className="faint">{row.id}</span>
      {row.takes && <span className="faint">{row.takes}</span>}
      <span className="shape">{row.shape}</span>
      <span className="faint size">{row.size}</span>
      {row.problem && <span className={`problem ${row.severity}`}>{row.problem}</span>}
    </>
  );
}

// The list keeps what the user has picked, through every drawing and from one layer to the next.
const Actions = memo(({ id, isEnd, families, kind, act }) => {
  const kinds = useRef(null);
  const add = () => act.add(id, kinds.current.value);
  const onKeyDown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();  // the focus moves to a row, which Enter would press
    add();
  };
  const button = (part, text, name, onClick) => <button type="button" data-part={part} data-id={id} aria-label={name} onClick={onClick}>{text}</button>;
  return (
    <div className="actions" role="group" aria-label={`Actions for ${id}`}>
      <select ref={kinds} data-part="kinds" data-id={id} aria-label={`Layer to add after ${id}`} defaultValue={kind.current ?? undefined}
        onChange={(event) => { kind.current = event.target.value; }} onKeyDown={onKeyDown}>
        {families?.map(([family, items]) => (
          <optgroup key={family} label={family}>{items.map(([name, label]) => <option key={name} value={name}>{label}</option>)}</optgroup>
        ))}
      </select>
      {button("add", "Add", `Add after ${id}`, add)}
      {!isEnd && (
        <>
          {button("up", "Move up", `Move up ${id}`, () => act.shift(id, -1))}
          {button("down", "Move down", `Move down ${id}`, () => act.shift(id, 1))}
          {button("duplicate", "Duplicate", `Duplicate ${id}`, () => act.duplicate(id))}
          {button("remove", "Delete", `Delete ${id}`, () => act.remove([id]))}
        </>
      )}
    </div>
  );
});

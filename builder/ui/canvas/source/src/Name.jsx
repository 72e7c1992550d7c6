// The id of a node; F2 or a double click makes it a field.
import { useCanvas } from "./context.js";

export function Name({ id }) {
  const { editing, setEditing, send } = useCanvas();
  if (editing !== id) return <span className="name" title={`${id}: double click to rename`} onDoubleClick={() => setEditing(id)}>{id}</span>;
  const rename = (text) => text && text !== id && send({ op: "rename", id, name: text });
  return <Field value={id} label={`New name of ${id}`} pattern="[a-z][a-z0-9_]*" onDone={rename} />;
}

// A field in place of a text: Enter and leaving it take the value over, Escape does not.
export function Field({ value, label, onDone, ...input }) {
  const { setEditing, focusFlow } = useCanvas();
  const finish = (event, text) => {
    if (event.target.dataset.done) return;
    event.target.dataset.done = "yes";
    if (text !== null) onDone(text.trim());
    setEditing(null);
    if (event.type === "keydown") focusFlow();
  };
  const onKeyDown = (event) => {
    event.stopPropagation();
    if (event.key === "Enter") finish(event, event.target.value);
    if (event.key === "Escape") finish(event, null);
  };
  return (
    <input className="field nodrag nopan" aria-label={label} defaultValue={value} autoFocus onFocus={(event) => event.target.select()}
      onKeyDown={onKeyDown} onBlur={(event) => finish(event, event.target.value)} {...input} />
  );
}

// A number: typed, or stepped by the arrow keys and two buttons.
import { Icon } from "./icons.jsx";
import { Property } from "./Property.jsx";
import { read, stepped, written } from "./numbers.js";
import { useDraft, useValue } from "./useValue.js";

const STEPS = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

export function NumberField({ item }) {
  const field = useValue(item), [draft, type, forget] = useDraft(field);
  const text = draft ? draft.text : written(field.value, item), { number } = read(text, item);
  const finish = (left) => {
    if (!draft) return;
    const { number: typed, complaint } = read(draft.text, item);
    if (complaint) return type(draft.text, { left, complaint });
    forget();
    field.commit(typed);
  };
  const step = (by) => {
    forget();
    field.commit(stepped(number ?? field.value, by, item));
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter") finish(false);
    if (event.key === "Escape") forget();
    if (!(event.key in STEPS) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    step(STEPS[event.key] * (event.shiftKey ? 10 : 1));
  };
  const onChange = ({ target }) => type(target.value, { complaint: draft?.complaint && read(target.value, item).complaint });
  return (
    <Property item={item} complaint={draft?.complaint}>
      {(tied) => (
        <div className="number">
          <input {...tied} type="text" role="spinbutton" inputMode={item.whole ? "numeric" : "decimal"} autoComplete="off" value={text} data-typed={draft ? "" : undefined}
            placeholder={item.placeholder ?? (item.optional ? "automatic" : undefined)} aria-valuemin={item.min ?? undefined} aria-valuemax={item.max ?? undefined}
            aria-valuenow={number ?? undefined} aria-valuetext={text || item.placeholder || (item.optional ? "automatic" : "empty")}
            onChange={onChange} onKeyDown={onKeyDown} onBlur={() => finish(true)} onFocus={(event) => draft || event.target.select()} />
          <Step label={`Decrease ${item.label}`} icon="minus" disabled={number !== null && number <= (item.min ?? -Infinity)} onStep={() => step(-1)} />
          <Step label={`Increase ${item.label}`} icon="add" disabled={number !== null && number >= (item.max ?? Infinity)} onStep={() => step(1)} />
        </div>
      )}
    </Property>
  );
}

// For the mouse and the finger; a keyboard has its arrows. The focus stays where it is.
function Step({ label, icon, disabled, onStep }) {
  return (
    <button type="button" className="step" tabIndex={-1} aria-label={label} aria-disabled={disabled || undefined}
      onMouseDown={(event) => event.preventDefault()} onClick={() => disabled || onStep()}><Icon name={icon} /></button>
  );
}

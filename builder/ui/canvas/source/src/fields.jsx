// The fields of the inspector that hold no number.
import { Icon } from "./icons.jsx";
import { Picker } from "./Picker.jsx";
import { Property } from "./Property.jsx";
import { useDraft, useValue } from "./useValue.js";

const TAKES_IT = "Enter takes it, Escape gives it up.";

export function Switch({ item }) {
  const { value, commit } = useValue(item);
  return (
    <Property item={item}>
      {(tied) => <input {...tied} className="switch" type="checkbox" role="switch" checked={Boolean(value)} onChange={(event) => commit(event.target.checked)} />}
    </Property>
  );
}

export function Choice({ item }) {
  const field = useValue(item), picking = usePicking(field, field.commit);
  return (
    <Property item={item} note={picking.draft !== undefined && picking.draft !== field.value ? TAKES_IT : null}>
      {(tied) => <Picker {...tied} {...picking} options={item.options} value={field.value} placeholder={item.placeholder} />}
    </Property>
  );
}

// In the order in which they were added.
export function Several({ item }) {
  const field = useValue(item), { value: chosen, commit } = field;
  const picking = usePicking(field, (name) => commit([...chosen, name]));
  const rest = item.options.filter(([name]) => !chosen.includes(name)), labels = new Map(item.options);
  const remove = (event, name) => {  // before it goes: a neighbour takes the focus
    const entry = event.currentTarget.closest("li"), beside = entry.nextElementSibling ?? entry.previousElementSibling;
    (beside?.querySelector("button") ?? entry.closest(".property").querySelector("select")).focus();
    commit(chosen.filter((other) => other !== name));
  };
  return (
    <Property item={item} note={picking.draft === undefined ? null : TAKES_IT} stacked>
      {(tied) => (
        <>
          {chosen.length > 0 && (
            <ol className="chips">
              {chosen.map((name) => (
                <li key={name}><span>{labels.get(name) ?? name}</span><button type="button" aria-label={`Remove ${labels.get(name) ?? name}`} onClick={(event) => remove(event, name)}><Icon name="close" /></button></li>
              ))}
            </ol>
          )}
          <Picker {...tied} {...picking} options={rest} value={null} placeholder={chosen.length ? "Add…" : item.placeholder ?? "Add…"} />
        </>
      )}
    </Property>
  );
}

export function Words({ item }) {
  const field = useValue(item), [draft, type, forget] = useDraft(field);
  const finish = () => {
    if (!draft) return;
    forget();
    field.commit(draft.text);
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter") finish();
    if (event.key === "Escape") forget();
  };
  return (
    <Property item={item}>
      {(tied) => (
        <input {...tied} type="text" className="words" autoComplete="off" spellCheck={false} maxLength={item.maxLength} placeholder={item.placeholder} value={draft ? draft.text : field.value ?? ""}
          data-typed={draft ? "" : undefined} onChange={(event) => type(event.target.value)} onKeyDown={onKeyDown} onBlur={finish} />
      )}
    </Property>
  );
}

function usePicking(field, take) {
  const [draft, type, forget] = useDraft(field);
  return {
    draft: draft?.text,
    onBrowse: (name) => (name === undefined ? forget() : type(name)),
    onPick: (name) => { forget(); take(name); },
  };
}

// A list to pick from. By keyboard, picks on the way are not taken before Enter, or before the field is left.
import { useRef } from "react";
import { Icon } from "./icons.jsx";

const AT_ONCE = 100;  // milliseconds between a key and what it changes in a closed list

// `draft` is what the keyboard is at, or undefined; `onBrowse` tells of it, `onPick` takes.
export function Picker({ options, value, placeholder, draft, onBrowse, onPick, ...input }) {
  const key = useRef(-Infinity);
  const shown = draft === undefined ? value : draft, isListed = options.some(([name]) => name === shown);
  const onChange = (event) => {
    const [picked] = options.find(([name]) => String(name) === event.target.value);
    const isBrowsing = event.timeStamp - key.current < AT_ONCE;
    return isBrowsing ? onBrowse(picked) : onPick(picked);
  };
  const onKeyDown = (event) => {
    const isMove = event.key.startsWith("Arrow") || (event.key.length === 1 && event.key !== " ") || ["Home", "End", "PageUp", "PageDown"].includes(event.key);
    key.current = isMove && !event.altKey ? event.timeStamp : -Infinity;
    if (draft === undefined) return;
    if (event.key === "Enter") { event.preventDefault(); onPick(draft); }
    if (event.key === "Escape") onBrowse(undefined);
  };
  return (
    <div className="picker">
      <select {...input} value={isListed ? String(shown) : ""} className={isListed ? undefined : "unset"} data-typed={draft === undefined ? undefined : ""}
        onChange={onChange} onKeyDown={onKeyDown} onBlur={() => draft !== undefined && onPick(draft)}>
        {!isListed && <option value="" disabled hidden>{shown ?? placeholder ?? "Not set"}</option>}
        {options.map(([name, label]) => <option key={name} value={String(name)}>{label}</option>)}
      </select>
      <Icon name="fold" />
    </div>
  );
}

// What a field shows: what is being typed, else what was sent and is not answered yet, else Python's value.
import { createContext, useContext, useState } from "react";

export const InspectorContext = createContext(null);  // palette, families, send, applied
export const useInspector = () => useContext(InspectorContext);

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

// Drawn again for another layer, a field is told apart by what it would do: `of`.
export function useValue(item) {
  const { send, applied } = useInspector();
  const [sent, setSent] = useState(null);
  const of = JSON.stringify(item.op);
  const isAwaited = sent?.of === of && sent.number > applied;
  if (sent && !isAwaited) setSent(null);  // Python has answered
  const value = isAwaited ? sent.value : item.value;
  const commit = (next) => {
    if (same(next, value)) return;
    const number = send({ ...item.op, [item.as ?? "value"]: next });
    if (number) setSent({ of, value: next, number });
  };
  return { value, of, commit };
}

// Typing in progress; one that was left, as it cannot be taken, gives way to a new value.
export function useDraft({ of, value }) {
  const [draft, setDraft] = useState(null);
  const isLive = draft?.of === of && (!draft.left || same(draft.value, value));
  if (draft && !isLive) setDraft(null);
  const type = (text, more) => setDraft({ of, value, text, left: false, ...more });
  return [isLive ? draft : null, type, () => setDraft(null)];
}

// A wire that the user draws: to a layer with room at once, to a full one after the question what becomes of its input.
import { useCallback, useRef, useState } from "react";
import { ANSWER, INPUT } from "./model.js";
import { lastMember } from "./useDrop.js";

export const canConnect = ({ source, target }) => source !== target && target !== ANSWER && target !== INPUT;

// `send` sends an operation, `edit` too and lets the focus follow what it makes; `focus` goes to a node.
export function useMerge({ flow, actions, say }) {
  const [asked, ask] = useState(null);
  const latest = useRef(null);
  latest.current = { flow, actions, say, asked };

  const connect = useCallback((from, to) => {
    const { flow, actions, say } = latest.current, unit = flow.model.byId.get(to);
    const source = lastMember(flow, from), target = unit.members[0], { inputs, takes } = flow.model.taken.get(target);
    if (takes === null || inputs.length < takes) {
      actions.connect({ source, target });
      say(`Connected ${source} to ${target}.`);
    } else if (inputs.includes(source)) say(`${target} takes ${source} already.`);
    else {
      actions.show([unit.id]);
      ask({ from, source, target, unit: unit.id, other: inputs.at(-1), takes });
    }
  }, []);
  const pick = useCallback((how) => {
    const { actions, say, asked: { source, target, unit } } = latest.current;
    ask(null);
    actions.focus(unit);
    actions.connect({ source, target, how });
    say(how === "replace" ? `Connected ${source} to ${target}.` : `Merged ${source} into ${target}.`);
  }, []);
  const close = useCallback((goesBack = false) => {
    const { actions, say, asked } = latest.current;
    ask(null);
    say("Gave up. Nothing has changed.");
    if (goesBack && asked) actions.focus(asked.unit);
  }, []);
  const isThere = asked && flow.model.byId.has(asked.unit) && flow.model.taken.get(asked.target)?.inputs.includes(asked.other);
  return { asked: isThere ? asked : null, connect, pick, close };
}

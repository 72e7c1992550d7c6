// The frame around an open group, with its title, its repetition and what can be done with it.
import { memo } from "react";
import { useCanvas } from "./context.js";
import { Icon } from "./icons.jsx";
import { Field } from "./Name.jsx";

export const Frame = memo(({ data: group }) => {
  const { editing, setEditing, send, selectMembers } = useCanvas();
  const titleKey = `title:${group.id}`, repeatKey = `repeat:${group.id}`;
  const button = (label, icon, onClick) => (
    <button className="nodrag small" title={label} aria-label={`${label} ${group.title}`} onClick={onClick}><Icon name={icon} /></button>
  );
  return (
    <div className="frame">
      <div className="frame-head" onClick={() => selectMembers(group)}>
        {button("Fold", "fold", (event) => { event.stopPropagation(); send({ op: "fold", id: group.id, folded: true }); })}
        {editing === titleKey
          ? <Field value={group.title} label="Title of the group" maxLength={80} onDone={(title) => title && send({ op: "title", id: group.id, title })} />
          : <b title="Double click to rename" onDoubleClick={() => setEditing(titleKey)}>{group.title}</b>}
        {editing === repeatKey
          ? <Field value={group.repeat} label={`Repetitions of ${group.title}`} type="number" min={1} max={64} onDone={(text) => text && send({ op: "repeat", id: group.id, times: Number(text) })} />
          : <button className={`nodrag times${group.repeat > 1 ? " many" : ""}`} title="Repeat this group" aria-label={`Repeat ${group.title}, now ${group.repeat} times`}
              onClick={(event) => { event.stopPropagation(); setEditing(repeatKey); }}>×{group.repeat}</button>}
        {button("Ungroup", "ungroup", (event) => { event.stopPropagation(); send({ op: "ungroup", id: group.id }); })}
      </div>
    </div>
  );
});

// How a layer, a folded group and the two ends of the model look.
import { memo } from "react";
import { Handle, Position } from "@xyflow/react";
import { useCanvas } from "./context.js";
import { Icon } from "./icons.jsx";
import { Name } from "./Name.jsx";
import { compact, costWords, sizes } from "./words.js";

const familyStyle = (unit) => ({ "--family": `var(--family-${unit.family % 13})` });

function Shape({ shape, axes }) {
  if (!shape) return <div className="shape unknown">shape unknown</div>;
  return (
    <div className="shape">
      {sizes(shape).map((text, at) => <span key={at} className="axis"><b>{text}</b><i>{axes[at]}</i></span>)}
    </div>
  );
}

function Cost({ unit }) {
  return (
    <div className="cost" title={costWords(unit)}>
      <span>{unit.parameters ? `${compact(unit.parameters)} params` : "no params"}</span>
      <span>{unit.multiplyAdds ? `${compact(unit.multiplyAdds)} mult-adds` : ""}</span>
      <div className="bar"><div style={{ width: `${unit.share * 100}%` }} /></div>
    </div>
  );
}

function Peek({ peek }) {
  const most = Math.max(...(peek.histogram ?? [0]), 1);
  return (
    <div className="peek">
      {peek.picture?.startsWith("data:image/png;base64,") ? <img src={peek.picture} alt="" />
        : <div className="histogram">{peek.histogram?.map((value, at) => <i key={at} style={{ height: `${(value / most) * 100}%` }} />)}</div>}
      {peek.marks?.map((mark) => <em key={mark}>{mark}</em>)}
    </div>
  );
}

function Problem({ problem: [severity, text, number] }) {
  return (
    <div className={`problem ${severity}`} title={text}>
      <Icon name="warning" /><span>{text}</span>{number > 1 && <b>+{number - 1}</b>}
    </div>
  );
}

function Handles({ takes = true, gives = true }) {
  return (
    <>
      {takes && <Handle type="target" position={Position.Top} />}
      {gives && <Handle type="source" position={Position.Bottom} />}
    </>
  );
}

export const LayerNode = memo(({ data: unit }) => {
  const { wireFrom } = useCanvas();
  return (
    <div className={`unit layer${unit.problem ? ` has-${unit.problem[0]}` : ""}${wireFrom === unit.id ? " linking" : ""}`} style={familyStyle(unit)}>
      <div className="head"><b className="kind" title={unit.familyName}>{unit.label}</b><Name id={unit.id} /></div>
      <div className="summary" title={unit.summary}>{unit.summary}</div>
      <div className="middle"><Shape {...unit} />{unit.peek && <Peek peek={unit.peek} />}</div>
      <Cost unit={unit} />
      {unit.problem && <Problem problem={unit.problem} />}
      <Handles />
    </div>
  );
});

export const FoldedNode = memo(({ data: unit }) => {
  const { send } = useCanvas();
  return (
    <div className={`unit layer folded${unit.problem ? ` has-${unit.problem[0]}` : ""}`} style={familyStyle(unit)}>
      <div className="head">
        <b className="kind">{unit.label}</b>
        {unit.repeat > 1 && <span className="times">×{unit.repeat}</span>}
        <button className="nodrag small" tabIndex={-1} title="Unfold" aria-label={`Unfold ${unit.label}`} onClick={() => send({ op: "fold", id: unit.groupId, folded: false })}><Icon name="unfold" /></button>
      </div>
      <div className="summary" title={unit.summary}>{unit.summary}</div>
      <div className="middle"><Shape {...unit} /></div>
      <Cost unit={unit} />
      {unit.problem && <Problem problem={unit.problem} />}
      <Handles />
    </div>
  );
});

export const EndNode = memo(({ data: unit }) => (
  <div className={`unit end ${unit.id === "input" ? "first" : "last"}`}>
    <div className="head"><b className="kind"><Icon name={unit.id === "input" ? "enter" : "leave"} />{unit.label}</b></div>
    <div className="middle"><Shape {...unit} /></div>
    <div className="summary" title={unit.about}>{unit.about}</div>
    <Handles takes={unit.id !== "input"} gives={unit.id === "input"} />
  </div>
));


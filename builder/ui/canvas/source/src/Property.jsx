// A row of the inspector: a label with its help, a field, what is wrong with what was typed, and the way back to the default.
import { useId } from "react";
import { Icon } from "./icons.jsx";
import { Hint } from "./Hint.jsx";
import { useInspector } from "./useValue.js";

// `children` draws the field, given what ties it to its label, its help and its complaint.
export function Property({ item, complaint, note, stacked, children }) {
  const id = useId(), helpId = `${id}help`, labelId = `${id}label`, wordsId = `${id}words`;
  const described = [(complaint || note) && wordsId, item.help && helpId].filter(Boolean).join(" ");
  const [, name, unit] = /^(.*?)( \([^()]*\))?$/.exec(item.label);
  return (
    <div className={stacked ? "property stacked" : "property"}>
      <div className="property-label">
        <label id={labelId} htmlFor={id}>{name}{unit && <span>{unit}</span>}</label>
        {item.help && <Hint id={helpId} labelId={labelId} text={item.help} />}
      </div>
      <div className="property-field">
        {children({ id, "aria-describedby": described || undefined, "aria-invalid": complaint ? true : undefined })}
        {(complaint || note) && <p id={wordsId} className={complaint ? "complaint" : "aside"} role={complaint ? "alert" : "status"}>{complaint ?? note}</p>}
        {item.back && <Back back={item.back} fieldId={id} />}
      </div>
    </div>
  );
}

// It goes once it is pressed: a keyboard then goes on in the field.
function Back({ back, fieldId }) {
  const { send } = useInspector();
  const press = (event) => {
    if (event.detail === 0) event.currentTarget.getRootNode().getElementById(fieldId)?.focus();
    send(back.op);
  };
  return <button type="button" className="back" title={back.help} onClick={press}><Icon name="reset" />{back.label}</button>;
}

// A question mark that explains a field: to the mouse, to the keyboard, to a finger, and to screen readers by `id`.
import { useEffect, useRef } from "react";
import { Icon } from "./icons.jsx";
import { placeBy } from "./place.js";

const WAIT = 180, GRACE = 140;  // milliseconds until it shows under the mouse, and stays for the mouse to move onto it

export function Hint({ id, labelId, text }) {
  const button = useRef(null), tip = useRef(null), timer = useRef(0);
  const show = () => {
    clearTimeout(timer.current);
    if (tip.current.matches(":popover-open")) return;
    tip.current.showPopover();
    placeBy(tip.current, button.current, { width: tip.current.offsetWidth, height: tip.current.scrollHeight + 2 });
    window.addEventListener("scroll", hide, true);
    window.addEventListener("pointerdown", outside, true);
  };
  const hide = () => {
    clearTimeout(timer.current);
    window.removeEventListener("scroll", hide, true);
    window.removeEventListener("pointerdown", outside, true);
    if (tip.current?.matches(":popover-open")) tip.current.hidePopover();
  };
  const outside = (event) => event.composedPath().some((element) => element === button.current || element === tip.current) || hide();
  const soon = (act, wait) => (event) => {
    if (event.pointerType !== "mouse") return;
    clearTimeout(timer.current);
    timer.current = setTimeout(act, wait);
  };
  const onKeyDown = (event) => event.key === "Escape" && hide();
  useEffect(() => hide, []);
  return (
    <>
      <button ref={button} type="button" className="hint" aria-label="Help" aria-describedby={`${labelId} ${id}`} onClick={show} onFocus={(event) => event.target.matches(":focus-visible") && show()}
        onBlur={hide} onKeyDown={onKeyDown} onPointerEnter={soon(show, WAIT)} onPointerLeave={soon(hide, GRACE)}><Icon name="help" /></button>
      <span ref={tip} id={id} className="tip" popover="manual" role="tooltip" onPointerEnter={soon(show, 0)} onPointerLeave={soon(hide, GRACE)}>{text}</span>
    </>
  );
}

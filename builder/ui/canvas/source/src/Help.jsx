// What the keys do.
import { useEffect, useRef } from "react";
import { Icon } from "./icons.jsx";

const KEYS = [
  ["Arrows", "Go along the wires, and to the node beside"],
  ["Enter", "Select the node; with Shift one more"],
  ["Shift + arrows", "Select on the way"],
  ["C", "Connect: then go to the target and press Enter; one that has its input asks whether to merge"],
  ["X", "Take a wire away: then go to its target and press Enter"],
  ["/", "Search the layers; Enter adds the first one after the selection"],
  ["Del", "Delete the selection; what stood around it is joined"],
  ["Ctrl + C, X, V, D", "Copy, cut, paste, duplicate"],
  ["Ctrl + Z, Ctrl + Y", "Undo, redo"],
  ["Ctrl + G, Ctrl + Shift + G", "Group, ungroup"],
  ["Ctrl + A", "Select everything"],
  ["Alt + arrows", "Move the selection on the canvas"],
  ["F2", "Rename the node"],
  ["F, +, −", "Show everything, zoom in, zoom out"],
  ["Shift + drag", "Select all in a rectangle"],
  ["Mouse wheel", "Zoom, once the canvas was clicked; with Ctrl at any time"],
];

export function Help({ onClose }) {
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  return (
    <dialog ref={dialog} className="help" aria-label="Keys of the canvas" onClose={onClose} onClick={(event) => event.target === dialog.current && dialog.current.close()}>
      <header><b>Keys of the canvas</b><button className="small" aria-label="Close" onClick={() => dialog.current.close()}><Icon name="close" /></button></header>
      <dl>{KEYS.map(([keys, does]) => <div key={keys}><dt>{keys}</dt><dd>{does}</dd></div>)}</dl>
    </dialog>
  );
}

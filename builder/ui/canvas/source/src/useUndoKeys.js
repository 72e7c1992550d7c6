// Undo and redo by keys, wherever the focus is on the page; in a text that is being typed they are the browser's own.
import { useEffect } from "react";

const BUTTONS = new Set(["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit"]);

function isText(element) {
  return element.isContentEditable || element.matches("textarea") || (element.matches("input") && !BUTTONS.has(element.type));
}

function operationOf({ key, ctrlKey, metaKey, shiftKey, altKey }) {
  if (!(ctrlKey || metaKey) || altKey) return null;
  if (key.toLowerCase() === "z") return shiftKey ? "redo" : "undo";
  return key.toLowerCase() === "y" && !shiftKey ? "redo" : null;
}

// `root` is the editor: in its fields the keys are the browser's only as long as something typed there has not been sent;
// the inspector sees to that itself.
export function useUndoKeys(root, store) {
  useEffect(() => {
    let typed = null, sent = 0;
    const isForeignDialog = (one) => one.getAttribute?.("role") === "dialog" && !root.current?.contains(one);
    const onInput = (event) => { [typed, sent] = [event.composedPath()[0], store.sent]; };
    const onKeyDown = (event) => {
      const op = event.defaultPrevented ? null : operationOf(event), [target] = event.composedPath();
      if (!op || !(target instanceof Element) || event.composedPath().some(isForeignDialog)) return;
      const isOwn = root.current?.contains(target) && (target.closest(".inspector") || typed !== target || sent !== store.sent);
      if (isText(target) && !isOwn) return;
      event.preventDefault();
      store.send({ op });
    };
    document.addEventListener("input", onInput);
    document.addEventListener("keydown", onKeyDown);
    return () => {
      document.removeEventListener("input", onInput);
      document.removeEventListener("keydown", onKeyDown);
    };
  }, [root, store]);
}

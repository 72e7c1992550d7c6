// Source to read and to copy.
import { useEffect, useRef, useState } from "react";
import { Icon } from "./icons.jsx";

const SAID = 1600;  // milliseconds that it says so

export function Code({ item }) {
  const source = useRef(null), [copied, setCopied] = useState(false);
  useEffect(() => {
    const timer = copied && setTimeout(() => setCopied(false), SAID);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <figure className="code">
      {item.caption && <figcaption>{item.caption}</figcaption>}
      <pre><code ref={source}>{item.text}</code></pre>
      <button type="button" className="small" aria-label={item.caption ? `Copy: ${item.caption}` : "Copy"} title="Copy" onClick={async () => setCopied(await copy(item.text, source.current))}><Icon name={copied ? "check" : "copy"} /></button>
      <span className="spoken" role="status">{copied ? "Copied" : ""}</span>
    </figure>
  );
}

// The clipboard is there on https and localhost alone; elsewhere the text is at least selected.
async function copy(text, element) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(element);
    return document.execCommand("copy");
  }
}

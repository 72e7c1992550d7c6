// What Streamlit calls: draws the canvas once into its place and hands it every new state.
import { createRoot } from "react-dom/client";
import { ReactFlowProvider } from "@xyflow/react";
import flowStyles from "@xyflow/react/dist/base.css?inline";
import frameStyles from "./styles/frame.css?inline";
import nodeStyles from "./styles/node.css?inline";
import { Canvas } from "./Canvas.jsx";
import { CanvasStore } from "./store.js";

const drawn = new WeakMap();
let sheet;

// The element may lie in a shadow root: styles go to the root that it lies in, once for the page.
function adoptStyles(element) {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(`${flowStyles}\n${frameStyles}\n${nodeStyles}`);
  }
  const root = element.getRootNode();
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}

function mount(parentElement, data) {
  const element = parentElement.querySelector(".strata-canvas");
  element.style.height = `${data.height}px`;
  adoptStyles(element);
  const root = createRoot(element);
  const store = new CanvasStore();
  root.render(<ReactFlowProvider><Canvas store={store} room={element.getBoundingClientRect()} /></ReactFlowProvider>);
  const canvas = { element, store, root };
  drawn.set(parentElement, canvas);
  return canvas;
}

function unmount(parentElement) {
  drawn.get(parentElement)?.store.close();
  drawn.get(parentElement)?.root.unmount();
  drawn.delete(parentElement);
}

export default function draw({ data, parentElement, setStateValue }) {
  const canvas = drawn.get(parentElement) ?? mount(parentElement, data);
  canvas.element.style.height = `${data.height}px`;
  canvas.store.receive(data, setStateValue);
  canvas.element.dataset.updates = canvas.store.updates;
  return () => unmount(parentElement);
}

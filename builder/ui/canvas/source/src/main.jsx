// What Streamlit calls: draws the editor once into its place and hands it every new state.
import { createRoot } from "react-dom/client";
import flowStyles from "@xyflow/react/dist/base.css?inline";
import editorStyles from "./styles/editor.css?inline";
import frameStyles from "./styles/frame.css?inline";
import inspectorStyles from "./styles/inspector.css?inline";
import nodeStyles from "./styles/node.css?inline";
import outlineStyles from "./styles/outline.css?inline";
import { Editor } from "./Editor.jsx";
import { storeOf } from "./store.js";

const drawn = new WeakMap();
let sheet;

// The element may lie in a shadow root: styles go to the root that it lies in, once for the page.
function adoptStyles(element) {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync([flowStyles, frameStyles, nodeStyles, editorStyles, outlineStyles, inspectorStyles].join("\n"));
  }
  const root = element.getRootNode();
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}

function mount(parentElement, { data, setStateValue }) {
  const element = parentElement.querySelector(".strata-canvas"), store = storeOf(data.project), root = createRoot(element);
  const count = () => { element.dataset.updates = store.updates; };
  const editor = { store, root, setStateValue, stop: store.subscribe(count) };
  adoptStyles(element);
  store.receive(data, setStateValue);
  root.render(<Editor store={store} width={element.clientWidth} />);
  drawn.set(parentElement, editor);
  return editor;
}

function unmount(parentElement) {
  const editor = drawn.get(parentElement);
  if (!editor) return;
  editor.stop();
  editor.store.close(editor.setStateValue);
  editor.root.unmount();
  drawn.delete(parentElement);
}

export default function draw(component) {
  const { data, parentElement, setStateValue } = component, before = drawn.get(parentElement);
  if (before && before.store !== storeOf(data.project)) unmount(parentElement);
  const editor = drawn.get(parentElement);
  if (editor) {
    editor.setStateValue = setStateValue;
    editor.store.receive(data, setStateValue);
  } else mount(parentElement, component);
  return () => unmount(parentElement);
}

// What can be done with the selection and the whole picture.
import { Icon } from "./icons.jsx";

export function Toolbar({ actions, isPaletteShown, showPalette, onPicture }) {
  const button = (label, icon, act, { keys = "", disabled = false } = {}) => (
    <button type="button" title={keys ? `${label} (${keys})` : label} aria-label={label} disabled={disabled} onClick={act}><Icon name={icon} /></button>
  );
  const nothing = !actions.hasSelection;
  return (
    <div className="toolbar" role="toolbar" aria-label="Canvas">
      {!isPaletteShown && <div>{button("Show the layers", "layers", () => showPalette(true), { keys: "/" })}</div>}
      <div>
        {button("Group the selection", "group", actions.group, { keys: "Ctrl+G", disabled: nothing })}
        {button("Ungroup", "ungroup", actions.ungroup, { keys: "Ctrl+Shift+G", disabled: !actions.hasGroup })}
        {button("Duplicate", "copy", actions.duplicate, { keys: "Ctrl+D", disabled: nothing })}
        {button("Delete", "delete", actions.remove, { keys: "Del" })}
      </div>
      <div>
        {button("Arrange automatically", "arrange", actions.arrange)}
        {button("Zoom out", "minus", actions.zoomOut, { keys: "−" })}
        {button("Zoom in", "add", actions.zoomIn, { keys: "+" })}
        {button("Show everything", "fit", actions.fit, { keys: "F" })}
      </div>
      <div>
        <button type="button" title="Save as SVG" aria-label="Save as SVG" onClick={() => onPicture("svg")}><Icon name="picture" />SVG</button>
        <button type="button" title="Save as PNG" aria-label="Save as PNG" onClick={() => onPicture("png")}>PNG</button>
        {button("Keyboard help", "help", actions.help, { keys: "?" })}
      </div>
    </div>
  );
}

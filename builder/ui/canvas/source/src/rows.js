// The model as an ordered, indented list in words: the canvas for screen readers, keyboards and phones.
import { ANSWER, INPUT } from "./model.js";
import { counted, shapeText } from "./words.js";

// One entry for each layer in order between the two ends; a group is an entry of its own that holds its members.
export function rowsOf(model) {
  const entries = [];
  model.nodes.forEach((node, index) => {
    const entry = layerRow(model, node, index);
    if (!node.group) entries.push(entry);
    else {
      if (node.group.members[0] === node) entries.push(groupRow(node.group));
      entries.at(-1).members.push(entry);
    }
  });
  return [endRow(model.byId.get(INPUT)), ...entries, endRow(model.byId.get(ANSWER))];
}

function layerRow(model, { id, label, shape, parameters, problem }, index) {
  const [severity, words, number] = problem ?? ["", "", 0], text = shapeText(shape);
  const size = parameters ? counted(parameters, "parameter") : "no parameters";
  return {
    id, kind: label, shape: text, size, takes: takes(model, id, index), problem: words, severity,
    name: `${label} ${id}, ${text}, ${size}, ${number ? counted(number, "problem") : "no problems"}`,
  };
}

// What a layer takes, if that is not simply the layer above it.
function takes(model, id, index) {
  const { inputs } = model.taken.get(id), above = index ? model.nodes[index - 1].id : INPUT;
  if (inputs.length === 1 && inputs[0] === above) return "";
  return inputs.length ? `takes ${inputs.join(" and ")}` : "takes nothing yet";
}

function groupRow({ id, title, repeat, members }) {
  const times = repeat > 1 ? `, ${repeat} times` : "";
  return { id: `@${id}`, kind: title, repeat, members: [], name: `Group ${title}, ${counted(members.length, "layer")}${times}` };
}

function endRow({ id, label, shape, about }) {
  return { id, isEnd: true, kind: label, shape: shapeText(shape), about, name: `${label}, ${shapeText(shape)}, ${about}` };
}

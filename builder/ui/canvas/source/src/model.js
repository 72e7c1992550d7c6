// Reads the rows that Python sends: everything that stands on the canvas (units), the wires between, the groups.
import { costWords, shapeWords } from "./words.js";

export const INPUT = "input";
export const ANSWER = "@answer";

// `nodes` of what it gives are all layers in order.
export function read(state, peekOf) {
  const nodes = state.nodes.map((row) => ({ ...readNode(row, state), peekMark: state.peek[row[0]], peek: peekOf(row[0]) }));
  const groups = state.groups.map((group) => ({ ...group, members: nodes.slice(group.first, group.first + group.many) }));
  for (const group of groups) for (const node of group.members) node.group = group;
  addShares(nodes);
  const units = [endUnit(INPUT, "Input", state.input), ...shown(nodes), endUnit(ANSWER, "Answer", state.answer)];
  const shapes = new Map([[INPUT, state.input.shape], ...nodes.map((node) => [node.id, node.shape])]);
  const taken = new Map(nodes.map((node) => [node.id, { takes: node.takes, inputs: node.sources.map((at) => (at < 0 ? INPUT : nodes[at].id)) }]));
  return { nodes, units, groups, wires: wiresOf(nodes, state), byId: new Map(units.map((unit) => [unit.id, unit])), shapes, taken };
}

function readNode([id, kind, x, y, shape, parameters, multiplyAdds, sources], state) {
  const [label, family, summary, axes, takes] = state.kinds[kind];  // takes: how many inputs at most, null for any number
  const problem = state.problems[id] ?? null;
  return { type: "layer", id, label, family, familyName: state.families[family], summary, axes, x, y, shape, parameters, multiplyAdds, sources, takes, problem, members: [id] };
}

// To what is shown: whole percents, or less than one. So an edit of one layer changes no others.
const rounded = (share) => (share > 0 && share < 0.01 ? 0.005 : Math.round(share * 100) / 100);

function addShares(nodes) {
  const measure = nodes.some((node) => node.multiplyAdds) ? "multiplyAdds" : "parameters";
  const total = nodes.reduce((sum, node) => sum + node[measure], 0) || 1;
  for (const node of nodes) node.share = rounded(node[measure] / total);
}

function endUnit(id, label, { place: [x, y], shape, axes, about }) {
  return { type: "end", id, label, x, y, shape, axes, about, members: [], parameters: 0, multiplyAdds: 0, share: 0 };
}

function shown(nodes) {
  const units = [];
  for (const node of nodes) {
    if (!node.group?.folded) units.push(node);
    else if (node.group.members[0] === node) units.push(foldedUnit(node.group));
  }
  return units;
}

const sum = (nodes, name) => nodes.reduce((total, node) => total + node[name], 0);

function foldedUnit({ id, title, repeat, members, place }) {
  const last = members.at(-1);
  const worst = members.find((node) => node.problem?.[0] === "error") ?? members.find((node) => node.problem);
  return {
    type: "folded", id: `@${id}`, groupId: id, label: title, repeat, x: place[0], y: place[1], axes: last.axes, shape: last.shape,
    family: last.family, summary: members.map((node) => node.label).join(" → "), problem: worst ? [worst.problem[0], `${worst.id}: ${worst.problem[1]}`, 1] : null,
    parameters: sum(members, "parameters"), multiplyAdds: sum(members, "multiplyAdds"), share: sum(members, "share"), members: members.map((node) => node.id),
  };
}

const unitOf = (node) => (node.group?.folded ? `@${node.group.id}` : node.id);

function wiresOf(nodes, state) {
  const wires = [];
  nodes.forEach((node) => node.sources.forEach((at, slot) => {
    const from = at < 0 ? null : nodes[at];
    const source = from ? unitOf(from) : INPUT, target = unitOf(node);
    if (source === target) return;
    wires.push({ id: `${from?.id ?? INPUT}>${node.id}>${slot}`, source, target, from: from?.id ?? INPUT, to: node.id, shape: from ? from.shape : state.input.shape });
  }));
  const last = nodes.at(-1);
  wires.push({ id: "answer", source: last ? unitOf(last) : INPUT, target: ANSWER, from: null, to: null, shape: state.answer.shape });
  return wires;
}

// All that a node shows, in one sentence for a screen reader.
export function spoken(unit) {
  const words = [unit.type === "layer" ? `${unit.label}, ${unit.id}` : unit.label];
  if (unit.type === "folded") words.push(`folded group of ${unit.members.length} layers, repeated ${unit.repeat} times`);
  if (unit.summary && unit.type === "layer") words.push(unit.summary);
  words.push(`gives ${shapeWords(unit.shape, unit.axes)}`);
  if (unit.parameters || unit.multiplyAdds) words.push(costWords(unit));
  if (unit.about) words.push(unit.about);
  if (unit.problem) words.push(`${unit.problem[0]}: ${unit.problem[1]}`);
  for (const mark of unit.peek?.marks ?? []) words.push(mark);
  return words.join("; ");
}

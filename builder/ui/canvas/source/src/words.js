// Numbers and shapes as people read them.
const STEPS = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];

// As Python's `compact`: below 10,000 as it is, then with three digits and no zeros at the end.
export function compact(value) {
  if (value < 10_000) return count(value);
  const [size, letter] = STEPS.find(([step]) => value >= step * 0.9995);
  const amount = value / size;
  return `${amount < 99.95 ? Number(amount.toPrecision(3)) : Math.round(amount)} ${letter}`;
}

const written = new Intl.NumberFormat("en");  // made once: value.toLocaleString("en") makes one for each number
const count = (value) => (value < 1000 ? String(value) : written.format(value));
const size = (value) => (value === null ? "any" : count(value));

export function sizes(shape) {
  return shape.map(size);
}

export function shapeText(shape) {
  return shape ? sizes(shape).join(" × ") : "?";
}

// "64 channels × 28 height × 28 width", for a screen reader and the tooltip.
export function shapeWords(shape, axes) {
  return shape ? sizes(shape).map((text, at) => `${text} ${axes[at] ?? ""}`.trim()).join(" × ") : "unknown shape";
}

function percent(share) {
  if (share > 0 && share < 0.01) return "< 1 %";
  return `${Math.round(share * 100)} %`;
}

export function costWords(unit) {
  return `${count(unit.parameters)} parameters, ${count(unit.multiplyAdds)} multiply-adds for one example, ${percent(unit.share)} of the model's`;
}

// With its end cut off and marked if it is longer than so many signs.
export function shortened(text, longest) {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

// 1, row → "1 row".
export function counted(value, noun) {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

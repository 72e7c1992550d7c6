// Numbers and shapes as people read them.
const STEPS = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];

export function compact(value) {
  if (value < 1000) return String(value);
  const [size, letter] = STEPS.find(([step]) => value >= step * 0.9995);
  const amount = value / size;
  return `${amount < 99.95 ? amount.toPrecision(3) : Math.round(amount)} ${letter}`;
}

const size = (value) => (value === null ? "any" : value.toLocaleString("en"));

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

export function percent(share) {
  if (share > 0 && share < 0.01) return "< 1 %";
  return `${Math.round(share * 100)} %`;
}

export function costWords(unit) {
  return `${unit.parameters.toLocaleString("en")} parameters, ${unit.multiplyAdds.toLocaleString("en")} multiply-adds for one example, ${percent(unit.share)} of the model's`;
}

// Numbers as people write and read them in a field.

// As Python's %g: six digits, and powers of ten where it would be long.
function general(value) {
  const [digits, exponent] = value.toExponential(5).split("e"), power = Number(exponent);
  const short = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (power >= -4 && power < 6) return short(value.toFixed(5 - power));
  return `${short(digits)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

export function written(value, { whole }) {
  if (value === null || value === undefined) return "";
  return whole ? String(value) : general(value);
}

// {number} or {complaint}: a short sentence.
export function read(text, { whole, optional, min, max }) {
  const plain = text.replace(/[\s_]/g, "").replace("−", "-");
  if (!plain && optional) return { number: null };
  const point = /^[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(plain) ? plain.replaceAll(",", "") : plain.replace(",", ".");
  const number = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(point) ? Number(point) : NaN;
  if (!Number.isFinite(number) || (whole && !Number.isInteger(number))) return { complaint: whole ? "A whole number." : "A number." };
  return number < (min ?? -Infinity) || number > (max ?? Infinity) ? { complaint: bounds(min, max) } : { number };
}

function bounds(min, max) {
  if (isMissing(min)) return `At most ${told(max)}.`;
  return isMissing(max) ? `At least ${told(min)}.` : `From ${told(min)} to ${told(max)}.`;
}

// `by` clicks further, within the bounds; from nothing to the least.
export function stepped(number, by, { step, min, max }) {
  if (number === null) return min ?? 0;
  const next = Number((number + by * (step ?? 1)).toPrecision(12));
  return Math.max(min ?? -Infinity, Math.min(next, max ?? Infinity));
}

const isMissing = (bound) => bound === null || bound === undefined;
const told = (bound) => (Math.abs(bound) < 1 ? general(bound) : bound.toLocaleString("en", { maximumFractionDigits: 15 }));

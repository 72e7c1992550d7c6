// Finds layers by words of their name, family or description.

// With words wanted, the very name comes first, then names that begin with them, that hold them, and the others.
export function matching(families, wanted) {
  const text = wanted.trim().toLowerCase(), words = text.split(/\s+/).filter(Boolean);
  const fits = (family, [name, label, help]) => words.every((word) => `${label} ${name} ${family} ${help}`.toLowerCase().includes(word));
  const distance = ([, label]) => (label.toLowerCase() !== text) + !label.toLowerCase().startsWith(text) + !label.toLowerCase().includes(text);
  const nearest = (items) => (words.length ? items.toSorted((one, other) => distance(one) - distance(other)) : items);
  const found = families.map(([family, items]) => ({ family, items: nearest(items.filter((item) => fits(family, item))) })).filter(({ items }) => items.length);
  return words.length ? found.toSorted((one, other) => distance(one.items[0]) - distance(other.items[0])) : found;
}

export function familyNumber(families, family) {
  const at = families.indexOf(family);
  return at < 0 ? 12 : at % 13;
}

// Puts what lies over the page beside what it belongs to, within the window.
const EDGE = 8, GAP = 5;  // pixels kept free at the window's edges, and between the two

export function placeBy(box, anchor, { width, height }) {
  const { clientWidth, clientHeight } = document.documentElement, at = anchor.getBoundingClientRect();
  const below = clientHeight - at.bottom - GAP - EDGE, above = at.top - GAP - EDGE, isBelow = below >= Math.min(height, above);
  Object.assign(box.style, {
    left: `${Math.max(EDGE, Math.min(at.left, clientWidth - width - EDGE))}px`,
    top: isBelow ? `${at.bottom + GAP}px` : "auto",
    bottom: isBelow ? "auto" : `${clientHeight - at.top + GAP}px`,
    maxHeight: `${Math.min(height, isBelow ? below : above)}px`,
  });
}

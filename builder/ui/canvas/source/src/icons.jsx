// Drawn on a grid of 16 with one stroke.
const PATHS = {
  add: "M8 3v10M3 8h10",
  arrange: "M6 2h4v3H6zM2 11h4v3H2zM10 11h4v3h-4zM8 5v3M4 11V8h8v3",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M6 6h7v7H6zM3 10V3h7",
  delete: "M3 5h10M6 5V3h4v2M5 5l.6 8h4.8L11 5",
  enter: "M3 8h7M7 5l3 3-3 3M12 3v10",
  fit: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  fold: "M4 6l4 4 4-4",
  group: "M2 5V2h3M11 2h3v3M14 11v3h-3M5 14H2v-3M5 5h6v6H5z",
  help: "M6 6a2 2 0 1 1 2.6 1.9c-.5.2-.6.6-.6 1.3M8 11.8v.4",
  join: "M2.5 3.5h4.5v9H2.5zM9 3.5h4.5v9H9z",
  layers: "M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3",
  leave: "M2 8h8M7 5l3 3-3 3M13 3v10",
  minus: "M3 8h10",
  picture: "M2 3h12v10H2zM2 11l4-4 3 3 2-2 3 3M10.5 6h.1",
  search: "M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8M10 10l3 3",
  sum: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5.5v5M5.5 8h5",
  swap: "M3 5h9M9.5 2.5 12 5 9.5 7.5M13 11H4M6.5 8.5 4 11l2.5 2.5",
  unfold: "M6 4l4 4-4 4",
  ungroup: "M2 5V2h3M11 2h3v3M14 11v3h-3M5 14H2v-3M6 6l4 4M10 6l-4 4",
  warning: "M8 2.5 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.2",
};

export function Icon({ name }) {
  return <svg className="icon" viewBox="0 0 16 16" aria-hidden="true"><path d={PATHS[name]} /></svg>;
}

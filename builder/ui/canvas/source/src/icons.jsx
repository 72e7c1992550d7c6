// Drawn on a grid of 16 with one stroke.
const PATHS = {
  add: "M8 3v10M3 8h10",
  arrange: "M6 2h4v3H6zM2 11h4v3H2zM10 11h4v3h-4zM8 5v3M4 11V8h8v3",
  bookmark: "M4.5 2.5h7v11L8 10.5l-3.5 3zM8 4.8v3M6.5 6.3h3",
  check: "M3 8.5l3.2 3.2L13 4.8",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M6 6h7v7H6zM3 10V3h7",
  delete: "M3 5h10M6 5V3h4v2M5 5l.6 8h4.8L11 5",
  down: "M8 3v10M4 9l4 4 4-4",
  enter: "M3 8h7M7 5l3 3-3 3M12 3v10",
  error: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 5v3.4M8 10.8v.2",
  eye: "M1.5 8S3.9 3.8 8 3.8 14.5 8 14.5 8 12.1 12.2 8 12.2 1.5 8 1.5 8M8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6",
  fit: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  graph: "M5.5 2h5v3.5h-5zM1.5 10.5h5V14h-5zM9.5 10.5h5V14h-5zM8 5.5V8M4 10.5V8h8v2.5",
  here: "M4 3l8 5-8 5z",
  history: "M3 3v3.5h3.5M3.2 6.2A5.3 5.3 0 1 1 2.8 9M8 5.2V8l2 1.6",
  list: "M6 4h8M6 8h8M6 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1",
  redo: "M10 3l3.5 3.2L10 9.5M13.2 6.2H6.5a3.4 3.4 0 0 0 0 6.8H9",
  undo: "M6 3L2.5 6.2 6 9.5M2.8 6.2h6.7a3.4 3.4 0 0 1 0 6.8H7",
  fold: "M4 6l4 4 4-4",
  gives: "M3 8h10M9.5 4.5 13 8l-3.5 3.5",
  group: "M2 5V2h3M11 2h3v3M14 11v3h-3M5 14H2v-3M5 5h6v6H5z",
  help: "M6 6a2 2 0 1 1 2.6 1.9c-.5.2-.6.6-.6 1.3M8 11.8v.4",
  input: "M9 2.5h4.5v11H9M2 8h8M7 5l3 3-3 3",
  join: "M2.5 3.5h4.5v9H2.5zM9 3.5h4.5v9H9z",
  layers: "M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3",
  leave: "M2 8h8M7 5l3 3-3 3M13 3v10",
  minus: "M3 8h10",
  output: "M7 2.5H2.5v11H7M6 8h8M11 5l3 3-3 3",
  picture: "M2 3h12v10H2zM2 11l4-4 3 3 2-2 3 3M10.5 6h.1",
  reset: "M3 3v3.5h3.5M3.4 6.3A5 5 0 1 1 3 9",
  search: "M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8M10 10l3 3",
  sum: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5.5v5M5.5 8h5",
  swap: "M3 5h9M9.5 2.5 12 5 9.5 7.5M13 11H4M6.5 8.5 4 11l2.5 2.5",
  unfold: "M6 4l4 4-4 4",
  ungroup: "M2 5V2h3M11 2h3v3M14 11v3h-3M5 14H2v-3M6 6l4 4M10 6l-4 4",
  up: "M8 13V3M4 7l4-4 4 4",
  upload: "M8 10.5V2.5M5 5.5l3-3 3 3M2.5 10v3.5h11V10",
  warning: "M8 2.5 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.2",
  wrench: "M13.6 4.6 11.5 6.7 9.6 6.4 9.3 4.5l2.1-2.1a3.6 3.6 0 0 0-4.8 4.5L2.4 11a1.6 1.6 0 0 0 2.4 2.4l4.2-4.2a3.6 3.6 0 0 0 4.6-4.6",
};

// Python says the names that Streamlit has for them.
const MATERIAL = {
  arrow_downward: "down", arrow_upward: "up", bookmark_add: "bookmark", build: "wrench", content_copy: "copy", restart_alt: "reset", select_all: "group", upload_file: "upload", visibility: "eye",
};

export function Icon({ name }) {
  return <svg className="icon" viewBox="0 0 16 16" aria-hidden="true"><path d={PATHS[MATERIAL[name] ?? name]} /></svg>;
}

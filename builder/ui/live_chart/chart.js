// Draws one Plotly figure and updates it in place, so that zoom and legend survive live data.
const instances = new WeakMap();
let library;

function loadPlotly(address) {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(address, document.baseURI);
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { library = undefined; script.remove(); reject(new Error("no answer")); };
    document.head.append(script);
  });
  return library;
}

// "--st-primary-color" anywhere in a figure stands for the colour of that name: the theme's, or one of chart.css.
function withColors(value, style) {
  if (typeof value === "string") return /^--(st|strata)-/.test(value) ? style.getPropertyValue(value).trim() : value;
  if (Array.isArray(value)) return value.map((item) => withColors(item, style));
  if (value === null || typeof value !== "object") return value;
  if ("bdata" in value) return "base" in value ? unpacked(value) : value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withColors(item, style)]));
}

// Numbers that travelled as their distance to a base, which plotly.js does not know.
function unpacked({ base, bdata }) {
  const bytes = Uint8Array.from(atob(bdata), (letter) => letter.charCodeAt(0));
  return Float64Array.from(new Float32Array(bytes.buffer), (distance) => base + distance);
}

function dressed(layout, style) {
  const color = (name) => style.getPropertyValue(name).trim();
  const grid = { gridcolor: color("--st-border-color-light"), zeroline: false, linecolor: color("--st-border-color"), automargin: true };
  const { xaxis, yaxis, ...rest } = layout;
  return {
    font: { family: color("--st-font"), size: 12, color: color("--st-text-color") },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    colorway: color("--st-chart-categorical-colors").split(/,(?![^(]*\))/),
    margin: { l: 48, r: 12, t: 12, b: 40 }, hovermode: "x unified",
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",  // a finger scrolls the page until zoom is picked
    hoverlabel: { bgcolor: color("--st-secondary-background-color"), bordercolor: color("--st-border-color"), font: { color: color("--st-text-color") } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: color("--st-gray-color"), activecolor: color("--st-primary-color") },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
    ...withColors(rest, style),
    xaxis: { ...grid, ...withColors(xaxis ?? {}, style) },
    yaxis: { ...grid, ...withColors(yaxis ?? {}, style) },
  };
}

async function draw(instance) {
  const { plotly, traces, layout } = instance.data;
  const Plotly = await loadPlotly(plotly);
  if (!layout || instance.gone || instance.data.traces !== traces) return;
  if (instance.host._dragging) {  // a redraw would end the user's drag: wait for it
    if (!instance.waits) window.addEventListener("pointerup", () => setTimeout(() => { instance.waits = false; draw(instance); }), { once: true });
    instance.waits = true;
    return;
  }
  const style = getComputedStyle(instance.host);
  const config = { responsive: false, displaylogo: false, showTips: false, modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]] };
  const figure = [instance.host, withColors(traces, style), dressed(layout, style), config];
  try {
    await Plotly.react(...figure);
  } catch {  // what Plotly remembers of the last drawing is broken, as after a background tab: draw afresh
    Plotly.purge(instance.host);
    instance.host.replaceChildren();
    await Plotly.newPlot(...figure);
  }
  instance.host.dataset.updates = ++instance.updates;
  followView(instance);
}

// Tells Python to which part of the horizontal axis the user has zoomed, once they have stopped for a moment.
function followView(instance) {
  if (!("told" in instance.data)) return;
  instance.host.removeAllListeners("plotly_relayout");
  instance.host.on("plotly_relayout", () => tellSoon(instance));
  if (view(instance) !== instance.told) tellSoon(instance);  // the zoom went with an axis or a chart that was there before
}

function tellSoon(instance) {
  clearTimeout(instance.telling);
  instance.telling = setTimeout(() => {
    const now = view(instance);
    if (instance.gone || now === instance.told) return;
    instance.told = now;
    instance.setStateValue("view", JSON.parse(now));
  }, 150);
}

function view({ host }) {
  const { autorange, range: [low, high] } = host._fullLayout.xaxis;
  return JSON.stringify(autorange ? null : { low, high, revision: host._fullLayout.uirevision });
}

function mount(parentElement, data) {
  const host = parentElement.querySelector(".strata-chart");
  const instance = { host, updates: 0, gone: false, told: JSON.stringify(data.told ?? null) };
  instance.resizing = new ResizeObserver(() => host.clientWidth && host._fullLayout && window.Plotly.Plots.resize(host));
  instance.resizing.observe(host);
  instances.set(parentElement, instance);
  return instance;
}

function destroy(parentElement) {
  const instance = instances.get(parentElement);
  if (!instance) return;
  instance.gone = true;
  instance.resizing.disconnect();
  window.Plotly?.purge(instance.host);
  instances.delete(parentElement);
}

export default function ({ data, parentElement, setStateValue }) {
  const instance = instances.get(parentElement) ?? mount(parentElement, data);
  instance.host.style.height = `${data.layout?.height ?? 0}px`;
  Object.assign(instance, { data, setStateValue });
  draw(instance).catch((error) => { instance.host.textContent = `The chart could not be drawn (${error.message}). Reload the page.`; });
  return () => destroy(parentElement);
}

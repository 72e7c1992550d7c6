// The whole graph as a picture in the colours of the screen: SVG, or PNG with two pixels for one.
import { pathOf } from "./routes.js";
import { compact, shapeText, sizes } from "./words.js";

const NS = "http://www.w3.org/2000/svg";
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;  // XML has no place for these letters
const MARGIN = 32, LONGEST = 16_000;  // pixels a side that browsers can draw

export function savePicture(kind, flow, element) {
  const svg = draw(flow, colorsOf(element));
  const text = new XMLSerializer().serializeToString(svg);
  const blob = new Blob([text], { type: "image/svg+xml" });
  if (kind === "svg") download(blob, "model.svg");
  else rasterize(blob, Number(svg.getAttribute("width")), Number(svg.getAttribute("height")));
}

function rasterize(blob, width, height) {
  const image = new Image(), address = URL.createObjectURL(blob);
  image.onload = () => {
    const scale = Math.min(2, LONGEST / Math.max(width, height));
    const canvas = Object.assign(document.createElement("canvas"), { width: width * scale, height: height * scale });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(address);
    canvas.toBlob((png) => download(png, "model.png"), "image/png");
  };
  image.src = address;
}

function download(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// The theme's colours as the browser resolves them, by a probe that takes each as its own.
function colorsOf(element) {
  const probe = document.createElement("i");
  element.append(probe);
  const color = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const names = { page: "--page", card: "--card", line: "--line", text: "--ink", soft: "--soft", wire: "--wire", error: "--error", warning: "--warning", accent: "--accent" };
  const colors = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, color(name)]));
  colors.families = Array.from({ length: 13 }, (_, at) => color(`--family-${at}`));
  colors.font = getComputedStyle(element).fontFamily;
  probe.remove();
  return colors;
}

function shape(name, attributes, ...children) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.map((child) => (typeof child === "string" ? child.replace(CONTROL, "") : child)));
  return element;
}

function draw(flow, colors) {
  const frames = flow.drawnNodes.filter((node) => node.type === "frame");
  const all = [...frames, ...flow.nodes];
  const points = flow.edges.flatMap((edge) => edge.data.points);
  const left = Math.min(...all.map((node) => node.position.x), ...points.map(([x]) => x)) - MARGIN;
  const top = Math.min(...all.map((node) => node.position.y)) - MARGIN;
  const width = Math.max(...all.map((node) => node.position.x + node.width), ...points.map(([x]) => x + 90)) + MARGIN - left;
  const height = Math.max(...all.map((node) => node.position.y + node.height)) + MARGIN + 30 - top;
  const svg = shape("svg", { xmlns: NS, width, height, viewBox: `${left} ${top} ${width} ${height}`, "font-family": colors.font, "font-size": 12 });
  const arrow = shape("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, shape("path", { d: "M0 0L8 4L0 8z", fill: colors.wire }));
  svg.append(shape("defs", {}, arrow), shape("rect", { x: left, y: top, width, height, fill: colors.page }));
  svg.append(...frames.map((frame) => drawFrame(frame, colors)), ...flow.edges.map((edge) => drawWire(edge, colors)), ...flow.nodes.map((node) => drawNode(node, colors)));
  return svg;
}

function drawFrame({ position: { x, y }, width, height, data }, colors) {
  const title = data.repeat > 1 ? `${data.title}  ×${data.repeat}` : data.title;
  return shape("g", {},
    shape("rect", { x, y, width, height, rx: 14, fill: colors.soft, "fill-opacity": 0.06, stroke: colors.line, "stroke-dasharray": "5 4" }),
    shape("text", { x: x + 14, y: y + 22, fill: colors.soft, "font-weight": 600 }, title));
}

function drawWire({ data: { points, label, place } }, colors) {
  const wire = shape("g", {}, shape("path", { d: pathOf(points), fill: "none", stroke: colors.wire, "stroke-width": 1.6, "marker-end": "url(#arrow)" }));
  if (place.length >= 14) wire.append(shape("text", { x: place.x + 7, y: place.y + 4, fill: colors.soft, "font-size": 10.5 }, label));
  return wire;
}

const cut = (text, longest) => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);

function drawNode({ position: { x, y }, width, height, data: unit }, colors) {
  const family = unit.type === "end" ? colors.accent : colors.families[unit.family % 13];
  const stroke = unit.problem ? colors[unit.problem[0]] : colors.line;
  const text = (dx, dy, content, more = {}) => shape("text", { x: x + dx, y: y + dy, fill: colors.text, ...more }, content);
  const group = shape("g", {}, shape("rect", { x, y, width, height, rx: 10, fill: colors.card, stroke, "stroke-width": unit.problem ? 1.6 : 1 }),
    shape("rect", { x, y: y + 10, width: 4, height: height - 20, rx: 2, fill: family }));
  const label = unit.repeat > 1 ? `${unit.label}  ×${unit.repeat}` : unit.label;
  group.append(text(16, 24, label, { "font-weight": 650, "font-size": 14 }));
  if (unit.type === "layer") group.append(text(width - 12, 24, cut(unit.id, 18), { "text-anchor": "end", fill: colors.soft, "font-size": 11 }));
  group.append(text(16, 41, cut(unit.summary ?? unit.about ?? "", 36), { fill: colors.soft, "font-size": 11 }), ...drawShape(unit, x + 16, y + 62, colors));
  if (unit.type !== "end") group.append(...drawCost(unit, x, y, width, height, family, colors));
  if (unit.problem) group.append(text(2, height + 14, cut(unit.problem[1], 60), { fill: colors[unit.problem[0]], "font-size": 10.5 }));
  return group;
}

function drawShape(unit, x, y, colors) {
  if (!unit.shape) return [shape("text", { x, y, fill: colors.soft }, shapeText(unit.shape))];
  let at = x;
  return sizes(unit.shape).flatMap((size, number) => {
    const name = unit.axes[number] ?? "", here = at;
    at += Math.max(size.length * 8, name.length * 5) + 12;
    return [shape("text", { x: here, y, fill: colors.text, "font-weight": 600, "font-size": 13 }, size), shape("text", { x: here, y: y + 11, fill: colors.soft, "font-size": 9 }, name)];
  });
}

function drawCost(unit, x, y, width, height, family, colors) {
  const row = { y: y + height - 15, fill: colors.soft, "font-size": 10.5 };
  const bar = { x: x + 16, y: y + height - 9, height: 3, rx: 1.5 };
  return [
    shape("text", { ...row, x: x + 16 }, unit.parameters ? `${compact(unit.parameters)} parameters` : "no parameters"),
    shape("text", { ...row, x: x + width - 12, "text-anchor": "end" }, unit.multiplyAdds ? `${compact(unit.multiplyAdds)} mult-adds` : ""),
    shape("rect", { ...bar, width: width - 28, fill: colors.line }), shape("rect", { ...bar, width: (width - 28) * unit.share, fill: family }),
  ];
}

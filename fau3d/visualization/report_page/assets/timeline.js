// The timeline: one row a unit, above them expressions, valence, arousal and eyes; below the axis of time.
const plot = find("plot");
const [plotCanvas, plotTop] = plot.querySelectorAll("canvas");
const overview = find("overview");
const [overviewCanvas, overviewTop] = overview.querySelectorAll("canvas");
const AXIS = 28;

const layout = { left: 150, width: 0, height: 0, rows: [] };
const xOf = (time) => layout.left + ((time - state.view.from) / (state.view.to - state.view.from)) * layout.width;
const timeOf = (x) => state.view.from + ((x - layout.left) / layout.width) * (state.view.to - state.view.from);
const rowAt = (y) => layout.rows.find((row) => y >= row.y && y < row.y + row.height) ?? null;

function measure() {
  const full = plot.clientWidth;
  layout.left = full < 560 ? 62 : full < 820 ? 128 : 206;
  layout.width = Math.max(Math.floor(full - layout.left - 8), 20);
  let y = AXIS;
  layout.rows = shownRows().map((row) => {
    const placed = { ...row, y };
    y += row.height;
    return placed;
  });
  layout.height = y + 4;
}

function drawTimeline() {
  if (state.tab !== "timeline" || !plot.clientWidth) return;
  measure();
  const face = state.face, { left, width, height } = layout;
  const context = sharp(plotCanvas, plot.clientWidth, height);
  drawAxis(context, left, width, height);
  const columns = frameColumns(face, state.view, width);
  const validity = extremes(face.get("valid"), 0, columns);
  const seen = (x) => validity.has(x) && validity.high[x] === 1;
  for (const row of layout.rows) {
    drawLabel(context, row, left);
    drawRow(context, row, face, columns, seen);
  }
  hatchRuns(context, left, width, AXIS, height - AXIS - 4, (x) => !seen(x));
  if (!layout.rows.length) {
    context.fillStyle = css("--soft");
    context.fillText("No rows are chosen; choose some under Rows.", left, AXIS + 20);
  }
  drawOverview();
  drawCursor();
}

function drawAxis(context, left, width, height) {
  const { from, to } = state.view, step = axisStep(to - from, width, width < 500 ? 62 : 90);
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.textAlign = "center";
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + 1e-9; k++) {
    const x = Math.round(xOf(k * step)) + 0.5;
    context.fillStyle = css("--line");
    context.fillRect(x - 0.5, AXIS - 6, 1, height - AXIS + 2);
    context.fillStyle = css("--soft");
    if (x > left + 12 && x < left + width - 14) context.fillText(clockText(k * step, step < 0.1 ? 2 : step < 1 ? 1 : 0), x, 12);
  }
  context.textAlign = "left";
}

function drawLabel(context, row, left) {
  context.fillStyle = css("--line");
  context.fillRect(0, row.y + row.height - 1, layout.left + layout.width, 1);
  const middle = row.y + row.height / 2;
  const name = row.kind === "unit" ? row.name : left < 100 ? row.short ?? row.title : row.title;
  context.textBaseline = "middle";
  if (row.kind === "unit") {
    context.fillStyle = row.colour;
    context.fillRect(0, row.y + 3, 4, row.height - 7);
  }
  context.fillStyle = css("--ink");
  context.font = `600 ${left < 100 ? 11 : 12.5}px system-ui, sans-serif`;
  context.fillText(name.length > 9 && left < 100 ? name.slice(0, 8) + "…" : name, 10, middle);
  if (row.kind !== "unit" || left < 120) return;
  const start = 18 + Math.max(context.measureText(name).width, 40);
  context.font = "12px system-ui, sans-serif";
  context.fillStyle = css("--soft");
  let title = row.title;
  while (title.length > 2 && context.measureText(title).width > left - start - 6) title = title.slice(0, -2).trimEnd() + "…";
  if (left - start > 40) context.fillText(title, start, middle);
}

function drawRow(context, row, face, columns, seen) {
  const { left, width } = layout, top = row.y + 3, base = row.y + row.height - 4, size = base - top;
  if (row.kind === "strip") {
    drawStrip(context, left, width, top, size + 1, face, columns, true);
    hatchRuns(context, left, width, top, size + 1, (() => {
      const labels = labelColumns(face, columns);
      return (x) => !labels[x] && seen(x);
    })());
    return;
  }
  const source = row.kind === "unit" ? face.get("probability") : face.get(row.source);
  if (row.kind === "signed") return drawSigned(context, row, source, columns, seen);
  const scale = (value) => base - Math.min(Math.max(value / row.top, 0), 1) * size;
  let known = () => false;
  if (source) {
    const ends = extremes(source, row.column, columns);
    fillCurve(context, left, width, base, ends, scale, row.colour);
    known = ends.has;
  }
  if (row.kind === "unit") {
    const strength = face.get("intensity"), flags = extremes(face.get("occurrence"), row.column, columns);
    if (strength) {
      const ends = extremes(strength, row.column, columns);
      strokeCurve(context, left, width, ends, (value) => base - Math.min(value / 5, 1) * size, css("--line-curve"), 1);
      const before = known;
      known = (x) => before(x) || ends.has(x);
    }
    context.fillStyle = row.colour;
    runs(width, (x) => flags.has(x) && flags.high[x] === 1, (a, b) => context.fillRect(left + a, base, b - a, 3));
  }
  if (row.kind === "eyes" && face.get("closed")) {
    const flags = extremes(face.get("closed"), 0, columns);
    context.fillStyle = css("--negative");
    runs(width, (x) => flags.has(x) && flags.high[x] === 1, (a, b) => context.fillRect(left + a, base, Math.max(b - a, 2), 3));
    const before = known;
    known = (x) => before(x) || flags.has(x);
  }
  hatchRuns(context, left, width, top, size + 3, (x) => !known(x) && seen(x));
}

function drawSigned(context, row, source, columns, seen) {
  const { left, width } = layout, top = row.y + 3, base = row.y + row.height - 4, zero = (top + base) / 2;
  const scale = (value) => zero - Math.min(Math.max(value, -1), 1) * (base - zero);
  const ends = extremes(source, 0, columns);
  const half = (sign) => ({
    low: ends.low.map((value, x) => (sign > 0 ? Math.max(value, 0) : Math.min(ends.high[x], 0))),
    high: ends.high.map((value, x) => (sign > 0 ? Math.max(value, 0) : Math.min(ends.low[x], 0))),
    has: ends.has,
  });
  fillCurve(context, left, width, zero, half(1), scale, css("--positive"));
  fillCurve(context, left, width, zero, half(-1), scale, css("--negative"));
  context.fillStyle = css("--soft");
  context.fillRect(left, Math.round(zero), width, 1);
  hatchRuns(context, left, width, top, base - top + 3, (x) => !ends.has(x) && seen(x));
}

// The whole video in one strip: expressions, and above them how many units are present.
function drawOverview() {
  const face = state.face, { left, width } = layout, height = 44;
  const context = sharp(overviewCanvas, overview.clientWidth, height);
  const columns = frameColumns(face, { from: 0, to: duration }, width);
  const counts = unitCounts(face), most = counts.reduce((a, b) => Math.max(a, b), 1);
  context.fillStyle = css("--soft");
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.fillText(left < 100 ? "Video" : "Whole video", 10, height / 2);
  const strip = face.get("winning") ? 9 : 0;
  context.globalAlpha = 0.55;
  for (let x = 0; x < width; x++) {
    let high = 0;
    for (let i = columns.first[x]; i <= columns.last[x]; i++) high = Math.max(high, counts[i]);
    const size = (high / most) * (height - strip - 10);
    context.fillRect(left + x, height - strip - 3 - size, 1, size);
  }
  context.globalAlpha = 1;
  if (strip) drawStrip(context, left, width, height - strip, strip, face, columns, false);
  const validity = extremes(face.get("valid"), 0, columns);
  hatchRuns(context, left, width, 0, height, (x) => !(validity.has(x) && validity.high[x] === 1));
}
const countCache = new Map();
function unitCounts(face) {
  if (!countCache.has(face.id)) {
    const flags = face.get("occurrence"), counts = new Uint8Array(face.frames);
    face.units.forEach((unit, column) => {
      if (unit.main) for (let i = 0; i < face.frames; i++) if (flags.code(column, i) === 1) counts[i]++;
    });
    countCache.set(face.id, counts);
  }
  return countCache.get(face.id);
}

// What moves with time is on a canvas of its own: playing redraws nothing else.
function drawCursor() {
  if (state.tab !== "timeline" || !plot.clientWidth) return;
  const { left, width, height } = layout;
  const context = sharp(plotTop, plot.clientWidth, height);
  context.save();
  context.beginPath();
  context.rect(left - 7, 0, width + 14, height);
  context.clip();
  if (state.event) {
    drawEventMark(context, state.event);
  }
  if (state.hover && state.hover.where === "plot") {
    context.fillStyle = css("--soft");
    context.fillRect(Math.round(xOf(state.hover.time)), AXIS - 4, 1, height - AXIS);
  }
  const x = xOf(state.time);
  context.fillStyle = css("--cursor");
  context.fillRect(x - 0.75, AXIS - 8, 1.5, height - AXIS + 4);
  context.beginPath();
  context.moveTo(x - 6, AXIS - 10);
  context.lineTo(x + 6, AXIS - 10);
  context.lineTo(x, AXIS - 2);
  context.fill();
  context.restore();
  drawOverviewCursor();
  if (state.playing) return; // Nobody wants to hear every frame.
  plot.setAttribute("aria-valuemax", duration.toFixed(2));
  plot.setAttribute("aria-valuenow", state.time.toFixed(2));
  plot.setAttribute("aria-valuetext", describeMoment());
}
// A shade over all rows from onset to offset, and a frame around the event in its own row.
function drawEventMark(context, event) {
  const { left, width, height } = layout, right = left + width;
  const a = Math.max(xOf(event.onset), left), b = Math.min(xOf(event.offset + state.face.step), right);
  if (b < left || a > right) return;
  context.fillStyle = css("--shade");
  context.fillRect(a, AXIS - 4, Math.max(b - a, 2), height - AXIS);
  const name = { expression: "expression", blink: "eyes", closure: "eyes" }[event.kind] ?? event.name;
  const row = layout.rows.find((one) => one.name === name);
  if (!row) return;
  context.strokeStyle = css("--accent");
  context.lineWidth = 2;
  context.strokeRect(a, row.y + 1, Math.max(b - a, 2), row.height - 3);
}
function drawOverviewCursor() {
  const { left, width } = layout, height = 44, at = (time) => left + (time / duration) * width;
  const context = sharp(overviewTop, overview.clientWidth, height);
  const [a, b] = [at(state.view.from), at(state.view.to)];
  context.fillStyle = css("--card");
  context.globalAlpha = 0.62;
  context.fillRect(left, 0, a - left, height);
  context.fillRect(b, 0, left + width - b, height);
  context.globalAlpha = 1;
  if (b - a < width - 1) {
    context.strokeStyle = css("--accent");
    context.lineWidth = 1.5;
    context.strokeRect(a + 0.75, 1, Math.max(b - a - 1.5, 3), height - 2);
  }
  context.fillStyle = css("--cursor");
  context.fillRect(at(state.time) - 0.75, 0, 1.5, height);
}
function describeMoment() {
  const face = state.face, frame = face.at(state.time);
  const parts = [`${state.time.toFixed(2)} seconds`];
  if (!face.isValid(frame)) return [...parts, "no face"].join(", ");
  const label = face.get("winning")?.word(frame);
  if (label) parts.push(label);
  const present = unitsAt(face, frame).filter((entry) => entry.present === 1 && entry.unit.main);
  parts.push(present.length ? present.map((entry) => entry.unit.name).join(" ") : "no unit present");
  return parts.join(", ");
}

on("view rows face theme size tab", drawTimeline);
on("time hover event playing", drawCursor);

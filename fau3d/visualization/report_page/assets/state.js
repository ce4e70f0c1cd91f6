// What is shown now, and who wants to know when it changes.
const state = {
  face: faces[0],
  time: faces[0].start,
  hover: null, // { time, row } under the pointer
  view: { from: 0, to: duration },
  rows: new Map(), // face id -> set of the names of rows that are shown
  event: null,
  playing: false,
  tab: "timeline",
};

const listeners = {};
function on(names, listener) {
  for (const name of names.split(" ")) (listeners[name] ??= []).push(listener);
}
// Listeners run once before the next picture, however often something changed until then.
const pending = new Set();
let scheduled = false;
function emit(...names) {
  for (const name of names) for (const listener of listeners[name] ?? []) pending.add(listener);
  if (!scheduled) {
    scheduled = true;
    requestAnimationFrame(flush);
  }
}
function flush() {
  scheduled = false;
  const run = [...pending];
  pending.clear();
  for (const listener of run) listener();
}

const shortestView = () => Math.min(duration, Math.max(8 * state.face.step, 0.2));
function setView(from, to) {
  const span = Math.min(Math.max(to - from, shortestView()), duration);
  const middle = (from + to) / 2;
  let start = middle - span / 2;
  start = Math.min(Math.max(start, 0), duration - span);
  state.view = { from: start, to: start + span };
  emit("view");
}
function zoom(factor, around = (state.view.from + state.view.to) / 2) {
  const { from, to } = state.view;
  const span = Math.min(Math.max((to - from) * factor, shortestView()), duration);
  const start = around - ((around - from) / (to - from)) * span;
  setView(start, start + span);
}
function pan(seconds) {
  const { from, to } = state.view;
  const shift = Math.min(Math.max(seconds, -from), duration - to);
  setView(from + shift, to + shift);
}
function showTime(time) {
  const { from, to } = state.view;
  if (time >= from && time <= to) return;
  setView(time - (to - from) * 0.15, time + (to - from) * 0.85);
}

// Which rows a face can have, in their order.
function allRows(face) {
  const rows = [];
  if (face.get("winning")) rows.push({ name: "expression", kind: "strip", title: "Expression", short: "Named", height: 30 });
  if (face.get("valence")) {
    rows.push({ name: "valence", kind: "signed", title: "Valence", source: "valence", column: 0, height: 34 });
  }
  if (face.get("arousal")) {
    rows.push({ name: "arousal", kind: "curve", title: "Arousal", source: "arousal", column: 0, top: 1, colour: "#cc79a7", height: 28 });
  }
  if (face.get("openness") || face.get("closed")) {
    rows.push({ name: "eyes", kind: "eyes", title: "Eyes open", short: "Eyes", source: "openness", column: 0, top: 1, colour: "#56b4e9", height: 30 });
  }
  face.units.forEach((unit, column) =>
    rows.push({ name: unit.name, kind: "unit", title: unit.title, unit, column, top: 1, colour: unit.colour, height: 30 }));
  return rows;
}
function presentRows(face) {
  return new Set(allRows(face).filter((row) => row.kind !== "unit" || (row.unit.main && face.share(row.column) > 0))
    .map((row) => row.name));
}
function shownRows(face = state.face) {
  if (!state.rows.has(face.id)) state.rows.set(face.id, presentRows(face));
  const chosen = state.rows.get(face.id);
  return allRows(face).filter((row) => chosen.has(row.name));
}

const frameNumber = (time) => Math.round(time * payload.fps);
function unitsAt(face, frame) {
  if (!face.isValid(frame)) return [];
  const probability = face.get("probability"), intensity = face.get("intensity"), flags = face.get("occurrence");
  return face.units.map((unit, column) => ({
    unit,
    column,
    probability: probability.value(column, frame),
    intensity: intensity ? intensity.value(column, frame) : NaN,
    present: flags.code(column, frame),
  }));
}

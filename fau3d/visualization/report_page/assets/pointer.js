// Pointer and wheel on the timeline: hover, click to go there, drag to move, wheel and pinch to zoom.
const tip = find("tip");

function hideTip() {
  tip.hidden = true;
  if (state.hover) {
    state.hover = null;
    emit("hover");
  }
}
function placeTip(event) {
  tip.hidden = false;
  const box = tip.getBoundingClientRect(), margin = 14;
  let x = event.clientX + margin, y = event.clientY + margin;
  if (x + box.width > innerWidth - 6) x = Math.max(event.clientX - box.width - margin, 6);
  if (y + box.height > innerHeight - 6) y = Math.max(event.clientY - box.height - margin, 6);
  tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
}
function fillTip(title, time, lines, note) {
  const list = make("dl");
  for (const [name, value] of lines) list.append(make("dt", { text: name }), make("dd", { text: value }));
  const when = make("span", { className: "when", text: `${clockText(time)} · frame ${frameNumber(time)}` });
  tip.replaceChildren(make("b", { text: title }), when, list, ...(note ? [make("span", { className: "when", text: note })] : []));
}

// What the tip says about a row at a time.
function tipFor(row, time) {
  const face = state.face, frame = face.at(time);
  const title = row ? (row.kind === "unit" && row.title ? `${row.name} · ${row.title}` : row.title || row.name) : "";
  if (!face.isValid(frame)) return [title || "No face", time, [], "No valid face here: nothing is known."];
  const exact = face.time[frame], lines = [], at = (kind, digits = 2) => number(face.get(kind)?.value(0, frame) ?? NaN, digits);
  if (!row) return ["", exact, [], ""];
  if (row.kind === "unit") {
    const entry = unitsAt(face, frame)[row.column];
    lines.push(["Probability", number(entry.probability)]);
    if (face.get("intensity")) lines.push(["Intensity (0 to 5)", number(entry.intensity)]);
    lines.push(["Present", entry.present === 1 ? "yes" : entry.present === 0 ? "no" : "–"]);
  } else if (row.kind === "strip") {
    lines.push(["Named", face.get("winning").word(frame) || "–"]);
    for (const [name, score] of bestScores(face, frame).slice(0, 3)) lines.push([name, number(score)]);
  } else if (row.kind === "eyes") {
    if (face.get("openness")) lines.push(["Openness (0 to 1)", at("openness")]);
    const code = face.get("closed")?.code(0, frame);
    if (code !== undefined) lines.push(["Closed", code === 1 ? "yes" : code === 0 ? "no" : "–"]);
  } else {
    lines.push([row.kind === "signed" ? "Valence (−1 to 1)" : "Arousal (0 to 1)", at(row.source)]);
  }
  return [title, exact, lines, ""];
}
function bestScores(face, frame) {
  const scores = face.get("scores");
  if (!scores || !face.isValid(frame)) return [];
  return face.expressions.map((name, column) => [name, scores.value(column, frame)])
    .filter(([, score]) => Number.isFinite(score)).sort((a, b) => b[1] - a[1]);
}

const pointers = new Map();
let drag = null;
function localX(event, element) { return event.clientX - element.getBoundingClientRect().left; }
function localY(event, element) { return event.clientY - element.getBoundingClientRect().top; }

plot.addEventListener("pointerdown", (event) => {
  if (event.button > 0) return;
  hideTip();
  pointers.set(event.pointerId, localX(event, plot));
  const x = localX(event, plot);
  if (pointers.size === 1) {
    drag = { x, view: { ...state.view }, moved: false, scrub: localY(event, plot) < AXIS && x >= layout.left, touch: event.pointerType === "touch" };
    if (drag.scrub) goTo(timeOf(x));
  } else if (pointers.size === 2) {
    const [a, b] = [...pointers.values()];
    drag = { pinch: Math.max(Math.abs(a - b), 10), middle: timeOf((a + b) / 2), span: state.view.to - state.view.from, moved: true };
  }
  if (!drag?.touch) plot.setPointerCapture(event.pointerId);
});
plot.addEventListener("pointermove", (event) => {
  const x = localX(event, plot);
  if (pointers.has(event.pointerId)) pointers.set(event.pointerId, x);
  if (drag) return dragged(x);
  if (event.pointerType === "touch") return;
  hoverPlot(event, x);
});
function dragged(x) {
  if (drag.pinch) {
    if (pointers.size < 2) return;
    const [a, b] = [...pointers.values()];
    const span = Math.min((drag.span * drag.pinch) / Math.max(Math.abs(a - b), 10), duration);
    const place = ((a + b) / 2 - layout.left) / layout.width;
    return setView(drag.middle - place * span, drag.middle + (1 - place) * span);
  }
  if (Math.abs(x - drag.x) > 4) drag.moved = true;
  if (drag.scrub) return goTo(timeOf(Math.min(Math.max(x, layout.left), layout.left + layout.width)));
  if (!drag.moved) return;
  plot.classList.add("dragging");
  const shift = ((drag.x - x) / layout.width) * (drag.view.to - drag.view.from);
  const limited = Math.min(Math.max(shift, -drag.view.from), duration - drag.view.to);
  setView(drag.view.from + limited, drag.view.to + limited);
}
function hoverPlot(event, x) {
  const row = rowAt(localY(event, plot));
  if (x < layout.left || x > layout.left + layout.width || !row) {
    if (x < layout.left && row?.unit?.muscles) {
      tip.replaceChildren(make("b", { text: `${row.name} · ${row.title}` }), make("span", { className: "when", text: row.unit.muscles }));
      return placeTip(event);
    }
    return hideTip();
  }
  state.hover = { time: timeOf(x), row: row.name, where: "plot" };
  fillTip(...tipFor(row, state.hover.time));
  placeTip(event);
  emit("hover");
}
plot.addEventListener("pointerup", (event) => {
  const x = localX(event, plot), row = rowAt(localY(event, plot));
  pointers.delete(event.pointerId);
  if (drag && !drag.moved && !drag.scrub && x >= layout.left) {
    goTo(timeOf(Math.min(x, layout.left + layout.width - 0.01)));
    if (event.pointerType === "touch" && row) {
      fillTip(...tipFor(row, timeOf(x)));
      placeTip(event);
      setTimeout(hideTip, 2500);
    }
  }
  if (!pointers.size) drag = null;
  plot.classList.remove("dragging");
});
plot.addEventListener("pointercancel", (event) => {
  pointers.delete(event.pointerId);
  drag = null;
  plot.classList.remove("dragging");
});
plot.addEventListener("pointerleave", () => { if (!drag) hideTip(); });

function wheelOn(element, always) {
  element.addEventListener("wheel", (event) => {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
    const span = state.view.to - state.view.from;
    const onAxis = always || localY(event, element) < AXIS;
    if (!sideways && !onAxis && !event.ctrlKey && !event.metaKey) return; // The page scrolls.
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : 1;
    if (sideways) return pan((((event.deltaX || event.deltaY) * unit) / layout.width) * span);
    const around = element === plot ? timeOf(localX(event, plot)) : overviewTime(event);
    zoom(Math.exp(Math.min(Math.max(event.deltaY * unit, -120), 120) * 0.004), Math.min(Math.max(around, 0), duration));
  }, { passive: false });
}
wheelOn(plot, false);
wheelOn(overview, true);

const overviewTime = (event) => ((localX(event, overview) - layout.left) / layout.width) * duration;
let overviewGrip = null;
overview.addEventListener("pointerdown", (event) => {
  const time = overviewTime(event), { from, to } = state.view;
  const whole = to - from > duration * 0.999;
  overview.setPointerCapture(event.pointerId);
  overviewGrip = whole ? { scrub: true } : { shift: time >= from && time <= to ? time - (from + to) / 2 : 0 };
  moveOverview(event);
});
function moveOverview(event) {
  if (!overviewGrip) return;
  const time = overviewTime(event), half = (state.view.to - state.view.from) / 2;
  if (overviewGrip.scrub) return goTo(Math.min(Math.max(time, 0), duration));
  const middle = Math.min(Math.max(time - overviewGrip.shift, half), duration - half);
  setView(middle - half, middle + half);
}
overview.addEventListener("pointermove", moveOverview);
for (const name of ["pointerup", "pointercancel"]) overview.addEventListener(name, () => { overviewGrip = null; });

find("zoom-in").addEventListener("click", () => zoom(0.5, state.time));
find("zoom-out").addEventListener("click", () => zoom(2, state.time));
find("zoom-fit").addEventListener("click", () => setView(0, duration));

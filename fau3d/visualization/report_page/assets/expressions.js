// The tab of expressions: shares of the time, the plane of valence and arousal, scores over time.
const scoresPlot = find("scores");
const [scoresCanvas, scoresTop] = scoresPlot.querySelectorAll("canvas");
const [planeCanvas, planeTop] = find("plane").querySelectorAll("canvas");
const SCORE_ROW = 24;
const scores = { left: 150, width: 0, rows: [] };

// Seconds of each label, most first.
const shareCache = new Map();
function labelShares(face) {
  if (!shareCache.has(face.id)) {
    const winning = face.get("winning"), seconds = new Map();
    let total = 0;
    for (let i = 0; winning && i < face.frames; i++) {
      const label = winning.word(i), span = face.until(i) - face.time[i];
      if (!label) continue;
      const entry = seconds.get(label) ?? { label, seconds: 0, first: i };
      entry.seconds += span;
      total += span;
      seconds.set(label, entry);
    }
    const list = [...seconds.values()].sort((a, b) => b.seconds - a.seconds);
    shareCache.set(face.id, list.map((entry) => ({ ...entry, share: entry.seconds / total })));
  }
  return shareCache.get(face.id);
}

function drawShares() {
  if (state.tab !== "expressions") return;
  const face = state.face, list = labelShares(face), box = find("shares");
  find("share-card").hidden = !face.get("winning");
  const most = list[0]?.share ?? 1;
  box.replaceChildren(...list.map(({ label, seconds, share, first }) => {
    const fill = make("i");
    fill.style.width = `${(100 * share) / most}%`;
    fill.style.background = colourOf(label);
    const line = make("button", { type: "button", className: "share", title: `${number(seconds)} s; click for the first` },
      make("span", { text: label }), make("span", { className: "track" }, fill), make("span", { className: "percent", text: percent(share) }));
    line.addEventListener("click", () => goTo(face.time[first]));
    return line;
  }));
  if (!list.length) box.append(make("p", { className: "hint", text: "No frame has a name." }));
}

// The plane on one of its two canvases: its size, and the places of values; null where there is nothing to draw.
function planeOn(canvas) {
  const valence = state.face.get("valence"), arousal = state.face.get("arousal");
  find("plane-card").hidden = !valence || !arousal;
  if (state.tab !== "expressions" || !valence || !arousal) return null;
  const box = find("plane"), width = box.clientWidth, height = box.clientHeight, edge = 24;
  const context = sharp(canvas, width, height);
  canvas.style.height = "";
  const x = (value) => edge + ((value + 1) / 2) * (width - 2 * edge);
  const y = (value) => height - edge - value * (height - 2 * edge);
  return { context, width, height, edge, x, y, valence, arousal };
}
function drawPlane() {
  const plane = planeOn(planeCanvas), face = state.face;
  if (!plane) return;
  const { context, width, height, edge, x, y, valence, arousal } = plane;
  context.strokeStyle = css("--line");
  context.strokeRect(edge, edge, width - 2 * edge, height - 2 * edge);
  context.fillStyle = css("--line");
  context.fillRect(x(0), edge, 1, height - 2 * edge);
  context.fillStyle = css("--soft");
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.fillText("unpleasant", edge, height - edge / 2);
  context.textAlign = "right";
  context.fillText("pleasant", width - edge, height - edge / 2);
  context.textAlign = "center";
  context.fillText("stirred", width / 2, edge / 2);
  context.fillText("calm", width / 2, height - edge / 2);
  context.textAlign = "left";
  const winning = face.get("winning"), stride = Math.max(Math.floor(face.frames / 6000), 1);
  context.globalAlpha = 0.55;
  for (let i = 0; i < face.frames; i += stride) {
    const [v, a] = [valence.value(0, i), arousal.value(0, i)];
    if (!Number.isFinite(v + a)) continue;
    const label = winning?.word(i);
    context.fillStyle = label ? colourOf(label) : css("--soft");
    context.beginPath();
    context.arc(x(v), y(a), 2.6, 0, 7);
    context.fill();
  }
  context.globalAlpha = 1;
  drawPlaneCursor();
}
function drawPlaneCursor() {
  const plane = planeOn(planeTop);
  if (!plane) return;
  const { context, x, y, valence, arousal } = plane;
  const frame = state.face.at(state.time), v = valence.value(0, frame), a = arousal.value(0, frame);
  find("plane-text").textContent = `At the cursor: valence ${number(v)}, arousal ${number(a)}. Every dot is a frame.`;
  if (!Number.isFinite(v + a)) return;
  context.strokeStyle = css("--cursor");
  context.lineWidth = 3;
  context.beginPath();
  context.arc(x(v), y(a), 7, 0, 7);
  context.stroke();
}

function drawScores() {
  if (state.tab !== "expressions") return;
  const face = state.face, packed = face.get("scores");
  find("scores-card").hidden = !packed;
  if (!packed) return;
  const full = scoresPlot.clientWidth;
  scores.left = full < 560 ? 106 : 168;
  scores.width = Math.max(full - scores.left - 8, 20);
  scores.rows = face.expressions.map((name, column) => ({ name, column, best: packed.highest(column) }))
    .sort((a, b) => (Number.isFinite(b.best) ? b.best : -9) - (Number.isFinite(a.best) ? a.best : -9));
  const height = AXIS + scores.rows.length * SCORE_ROW + 4;
  const context = sharp(scoresCanvas, full, height);
  const columns = frameColumns(face, { from: 0, to: duration }, scores.width);
  const validity = extremes(face.get("valid"), 0, columns);
  const seen = (x) => validity.has(x) && validity.high[x] === 1;
  const step = axisStep(duration, scores.width);
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.fillStyle = css("--soft");
  for (let k = 0; k * step < duration; k++) context.fillText(clockText(k * step, step < 1 ? 1 : 0), scores.left + ((k * step) / duration) * scores.width + 2, 14);
  scores.rows.forEach((row, i) => {
    const top = AXIS + i * SCORE_ROW, ends = extremes(packed, row.column, columns);
    context.fillStyle = colourOf(row.name);
    context.fillRect(0, top + 2, 4, SCORE_ROW - 4);
    context.fillStyle = css(Number.isFinite(row.best) ? "--ink" : "--soft");
    context.fillText(row.name, 10, top + SCORE_ROW / 2);
    context.fillStyle = css("--row");
    context.fillRect(scores.left, top + 2, scores.width, SCORE_ROW - 4);
    const heat = css("--heat");
    let start = 0;
    const shade = (x) => (ends.has(x) ? Math.round(20 * Math.min(Math.max(ends.high[x], 0), 1)) : -1);
    for (let x = 1; x <= scores.width; x++) {
      if (x < scores.width && shade(x) === shade(start)) continue;
      if (shade(start) > 0) {
        context.fillStyle = `rgba(${heat}, ${shade(start) / 20})`;
        context.fillRect(scores.left + start, top + 2, x - start, SCORE_ROW - 4);
      }
      start = x;
    }
    hatchRuns(context, scores.left, scores.width, top + 2, SCORE_ROW - 4, (x) => !ends.has(x) && seen(x));
  });
  hatchRuns(context, scores.left, scores.width, AXIS, height - AXIS - 4, (x) => !seen(x));
  drawScoresCursor();
}
function drawScoresCursor() {
  if (state.tab !== "expressions" || !scores.rows.length) return;
  const height = AXIS + scores.rows.length * SCORE_ROW + 4;
  const context = sharp(scoresTop, scoresPlot.clientWidth, height);
  context.fillStyle = css("--cursor");
  context.fillRect(scores.left + (state.time / duration) * scores.width - 0.75, AXIS - 8, 1.5, height - AXIS + 4);
}
const scoresTime = (event) => ((localX(event, scoresPlot) - scores.left) / scores.width) * duration;
scoresPlot.addEventListener("click", (event) => {
  const time = scoresTime(event);
  if (time >= 0 && time <= duration) goTo(time);
});
scoresPlot.addEventListener("pointermove", (event) => {
  const row = scores.rows[Math.floor((localY(event, scoresPlot) - AXIS) / SCORE_ROW)], time = scoresTime(event);
  if (!row || time < 0 || time >= duration || event.pointerType === "touch") return hideTip();
  const face = state.face, frame = face.at(time);
  if (!face.isValid(frame)) fillTip(row.name, time, [], "No valid face here: nothing is known.");
  else fillTip(row.name, face.time[frame], [["Score", number(face.get("scores").value(row.column, frame))], ["Named", face.get("winning")?.word(frame) || "–"]]);
  placeTip(event);
});
scoresPlot.addEventListener("pointerleave", hideTip);

on("face theme tab size", drawShares);
on("face theme tab size", drawPlane);
on("time", drawPlaneCursor);
on("face theme tab size", drawScores);
on("time", drawScoresCursor);

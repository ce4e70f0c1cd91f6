// Drawing of values over time. What is drawn costs what the picture has columns, not what the video has frames.

// A canvas that is as sharp as the screen; gives its context, in CSS pixels.
function sharp(canvas, width, height) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2.5);
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.lineWidth = 1;
  return context;
}

// The frames that each pixel column shows: from first[x] to last[x], none where last < first.
function frameColumns(face, view, width) {
  const first = new Int32Array(width), last = new Int32Array(width);
  const perPixel = (view.to - view.from) / width;
  let frame = Math.max(face.before(view.from), 0);
  for (let x = 0; x < width; x++) {
    const from = view.from + x * perPixel, to = from + perPixel;
    while (frame < face.frames && face.until(frame) <= from) frame++;
    let end = frame;
    while (end < face.frames && face.time[end] < to) end++;
    first[x] = frame;
    last[x] = end - 1;
  }
  return { first, last, width };
}

// The lowest and highest value of each pixel column; low > high where there is none.
function extremes(packed, column, columns) {
  const low = new Float32Array(columns.width), high = new Float32Array(columns.width);
  const codes = packed.codes, start = column * packed.frames, missing = packed.missing;
  for (let x = 0; x < columns.width; x++) {
    let least = 65536, most = -1;
    for (let i = start + columns.first[x], end = start + columns.last[x]; i <= end; i++) {
      const code = codes[i];
      if (code === missing) continue;
      if (code < least) least = code;
      if (code > most) most = code;
    }
    low[x] = most < 0 ? 1 : packed.low + packed.step * least;
    high[x] = most < 0 ? 0 : packed.low + packed.step * most;
  }
  return { low, high, has: (x) => low[x] <= high[x] };
}

// Calls back with (from, to) of each run of columns for which `test` holds.
function runs(width, test, back) {
  let start = -1;
  for (let x = 0; x <= width; x++) {
    const is = x < width && test(x);
    if (is && start < 0) start = x;
    if (!is && start >= 0) {
      back(start, x);
      start = -1;
    }
  }
}

let hatchPattern = null;
function hatch(context) {
  if (!hatchPattern) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 14;
    const brush = tile.getContext("2d");
    brush.strokeStyle = css("--hatch");
    brush.lineWidth = 1.6;
    brush.beginPath();
    for (const shift of [-14, -7, 0, 7, 14]) {
      brush.moveTo(shift, 14);
      brush.lineTo(shift + 14, 0);
    }
    brush.stroke();
    hatchPattern = context.createPattern(tile, "repeat");
    hatchPattern.setTransform(new DOMMatrix().scale(0.6));
  }
  return hatchPattern;
}
function hatchRuns(context, left, width, top, height, test) {
  runs(width, test, (a, b) => {
    context.fillStyle = css("--row");
    context.fillRect(left + a, top, b - a, height);
    context.fillStyle = hatch(context);
    context.fillRect(left + a, top, b - a, height);
  });
}

// Rectangles of equal neighbours are joined: they are drawn many times faster than one path with an edge a column.
function columnRectangles(context, left, from, to, topOf, bottomOf) {
  const half = (y) => Math.round(2 * y) / 2;
  for (let a = from; a < to; ) {
    const top = half(topOf(a)), bottom = half(bottomOf(a));
    let b = a + 1;
    while (b < to && half(topOf(b)) === top && half(bottomOf(b)) === bottom) b++;
    context.fillRect(left + a, Math.min(top, bottom), b - a, Math.abs(bottom - top));
    a = b;
  }
}

// A filled curve: firm up to the lowest value of a column, light up to the highest. `scale` gives y of a value.
function fillCurve(context, left, width, base, ends, scale, colour) {
  context.fillStyle = colour;
  for (const [values, alpha] of [[ends.high, 0.38], [ends.low, 0.55]]) {
    context.globalAlpha = alpha;
    runs(width, ends.has, (a, b) => columnRectangles(context, left, a, b, (x) => scale(values[x]), () => base));
  }
  context.globalAlpha = 1;
}

// A line through lowest and highest values; each column reaches to the one before, so that none stands alone.
function strokeCurve(context, left, width, ends, scale, colour, thickness) {
  context.fillStyle = colour;
  runs(width, ends.has, (a, b) => {
    const top = (x) => scale(x > a ? Math.max(ends.high[x], ends.low[x - 1]) : ends.high[x]) - thickness / 2;
    const bottom = (x) => scale(x > a ? Math.min(ends.low[x], ends.high[x - 1]) : ends.low[x]) + thickness / 2;
    columnRectangles(context, left, a, b, top, bottom);
  });
}

// The label that most frames of a pixel column have, '' where none has one.
function labelColumns(face, columns) {
  const winning = face.get("winning"), labels = new Array(columns.width).fill("");
  const counts = new Uint32Array(winning.words.length);
  for (let x = 0; x < columns.width; x++) {
    let most = 0;
    counts.fill(0);
    for (let i = columns.first[x]; i <= columns.last[x]; i++) {
      const code = winning.codes[i];
      if (code === winning.missing || ++counts[code] <= most) continue;
      most = counts[code];
      labels[x] = winning.words[code];
    }
  }
  return labels;
}
function drawStrip(context, left, width, top, height, face, columns, withText) {
  const labels = labelColumns(face, columns);
  for (let a = 0; a < width; ) {
    let b = a + 1;
    while (b < width && labels[b] === labels[a]) b++;
    const label = labels[a];
    if (label) {
      context.fillStyle = colourOf(label);
      context.fillRect(left + a, top, b - a, height);
      if (withText && b - a > 34) drawStripText(context, label, left + a, top, b - a, height);
    }
    a = b;
  }
}
function drawStripText(context, label, left, top, width, height) {
  context.save();
  context.beginPath();
  context.rect(left, top, width - 2, height);
  context.clip();
  context.font = "600 12px system-ui, sans-serif";
  context.textBaseline = "middle";
  const room = width - 10;
  let text = label;
  while (text.length > 3 && context.measureText(text).width > room) text = text.slice(0, -2).trimEnd() + "…";
  if (context.measureText(text).width > room) return context.restore();
  context.fillStyle = isState(label) ? (label === "neutral" ? css("--ink") : label === "mixed" ? css("--card") : "#10151b") : inkOn(colourOf(label));
  context.fillText(text, left + 7, top + height / 2 + 0.5);
  context.restore();
}

// Round seconds for the marks of an axis, about `wanted` pixels apart.
function axisStep(span, width, wanted = 90) {
  const rough = (span * wanted) / width;
  const nice = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  return nice.find((step) => step >= rough) ?? 7200;
}

// The report's values. Arrays are decoded when they are first wanted, so that the page opens at once.
const payload = JSON.parse(document.getElementById("payload").textContent);

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

// Values as codes: value = low + step * code; the highest code means missing.
class Packed {
  constructor(spec, frames) {
    const bytes = bytesOf(spec.data);
    this.codes = spec.bits === 16 ? new Uint16Array(bytes.buffer, 0, bytes.length / 2) : bytes;
    this.missing = spec.bits === 16 ? 65535 : 255;
    this.low = spec.low;
    this.step = spec.step;
    this.frames = frames;
    this.words = spec.words;
  }
  code(column, frame) { return this.codes[column * this.frames + frame]; }
  // NaN where there is no value: missing is never a number.
  value(column, frame) {
    if (frame < 0) return NaN;
    const code = this.code(column, frame);
    return code === this.missing ? NaN : this.low + this.step * code;
  }
  word(frame) {
    if (frame < 0) return "";
    const code = this.code(0, frame);
    return code === this.missing ? "" : this.words[code];
  }
  highest(column) {
    let best = -1;
    const start = column * this.frames;
    for (let i = start; i < start + this.frames; i++) {
      const code = this.codes[i];
      if (code !== this.missing && code > best) best = code;
    }
    return best < 0 ? NaN : this.low + this.step * best;
  }
}

class Face {
  constructor(spec) {
    this.spec = spec;
    this.id = spec.id;
    this.frames = spec.frames;
    this.units = spec.units;
    this.expressions = spec.expressions;
    this.decoded = {};
    this.shares = [];
    this.time = new Float64Array(bytesOf(spec.time).buffer);
    const steps = [];
    for (let i = 1; i < this.frames; i++) steps.push(this.time[i] - this.time[i - 1]);
    this.step = steps.length ? steps.sort((a, b) => a - b)[steps.length >> 1] : 1 / payload.fps;
    this.start = this.time[0];
    this.end = this.time[this.frames - 1] + this.step;
    this.events = spec.events.map(([kind, name, onset, apex, offset, peak], index) =>
      ({ kind, name, onset, apex, offset, peak, index, duration: offset - onset + this.step }));
  }
  // Decoded values of a kind, or null where the report has none.
  get(kind) {
    if (!this.spec[kind]) return null;
    return (this.decoded[kind] ??= new Packed(this.spec[kind], this.frames));
  }
  // Until when a frame is shown; a step of more than one and a half usual ones is a gap.
  until(frame) {
    if (frame + 1 >= this.frames) return this.end;
    const next = this.time[frame + 1];
    return next - this.time[frame] > 1.5 * this.step ? this.time[frame] + this.step : next;
  }
  // The last frame that begins at or before a time, -1 before the first.
  before(time) {
    let low = 0, high = this.frames;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time[middle] <= time) low = middle + 1; else high = middle;
    }
    return low - 1;
  }
  // The frame that is shown at a time, -1 where there is none.
  at(time) {
    const frame = this.before(time + 1e-6);
    return frame >= 0 && time < this.until(frame) ? frame : -1;
  }
  isValid(frame) { return frame >= 0 && this.get("valid").code(0, frame) === 1; }
  // Share of the frames with a value that show a unit.
  share(column) {
    return (this.shares[column] ??= this.countShare(column));
  }
  countShare(column) {
    const flags = this.get("occurrence");
    let shown = 0, known = 0;
    for (let i = 0; i < this.frames; i++) {
      const code = flags.code(column, i);
      if (code !== 255) { known++; shown += code; }
    }
    return known ? shown / known : NaN;
  }
}

const faces = payload.faces.map((spec) => new Face(spec));
const duration = Math.max(...faces.map((face) => face.end));

const number = (value, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits) : "–");
const signed = (value) => (Math.abs(value) < 0.005 ? "0.00" : value.toFixed(2).replace("-", "−"));
const percent = (share) => (Number.isFinite(share) ? `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %` : "–");
function clockText(time, digits = 2) {
  const seconds = Math.max(time, 0), minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(digits).padStart(digits ? 3 + digits : 2, "0")}`;
}

// Builds an element; text is always set as text, so that no name can become markup.
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "text") element.textContent = value;
    else if (name in element && name !== "style") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}
const find = (id) => document.getElementById(id);

const STATE_COLOURS = { neutral: "--neutral", mixed: "--mixed", unnamed: "--unnamed" };
function isState(label) { return label in STATE_COLOURS; }
function colourOf(label) {
  return isState(label) ? css(STATE_COLOURS[label]) : payload.colours[label] ?? "#969696";
}
let cssCache = {};
function css(name) {
  return (cssCache[name] ??= getComputedStyle(document.documentElement).getPropertyValue(name).trim());
}
function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255);
  return 0.299 * r + 0.587 * g + 0.114 * b > 0.52 ? "#10151b" : "#ffffff";
}

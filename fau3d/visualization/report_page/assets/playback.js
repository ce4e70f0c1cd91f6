// The video and its clock. Without a video the clock runs by itself, so that the page still plays.
const video = find("video");
let hasVideo = false;
let speed = 1;
let lastTick = 0;

const ICONS = {
  play: "M8 5v14l11-7z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  sound: "M4 9v6h4l5 5V4L8 9zM16 8a5 5 0 0 1 0 8z",
  muted: "M4 9v6h4l5 5V4L8 9zM16 9l5 6M21 9l-5 6",
  sun: "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM11 1h2v4h-2zM11 19h2v4h-2zM1 11h4v2H1zM19 11h4v2h-4zM4 5.4 5.4 4 8.2 6.8 6.8 8.2zM15.8 17.2l1.4-1.4 2.8 2.8-1.4 1.4zM4 18.6l2.8-2.8 1.4 1.4L5.4 20zM15.8 6.8 18.6 4 20 5.4l-2.8 2.8z",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
};
function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg"), path = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  if (name === "muted") path.setAttribute("stroke", "currentColor");
  svg.append(path);
  return svg;
}

function setUpVideo() {
  const [height, width] = payload.shape;
  const screen = find("screen"), note = find("no-video");
  const lose = (text) => {
    hasVideo = false;
    video.hidden = true;
    screen.style.aspectRatio = "";
    note.hidden = false;
    note.textContent = text;
    find("mute").hidden = true;
    emit("time");
  };
  if (!payload.video) return lose("This report has no video. The timelines play without it.");
  hasVideo = true;
  screen.style.aspectRatio = `${width} / ${height}`;
  screen.style.maxHeight = "52vh";
  video.addEventListener("error", () => lose(`The video “${payload.video}” cannot be played: it must lie beside this page, in a format that this browser knows. The timelines play without it.`));
  video.addEventListener("ended", () => setPlaying(false));
  video.addEventListener("loadedmetadata", () => goTo(state.time));
  video.addEventListener("click", () => setPlaying(!state.playing));
  // Encoded piece by piece: a name is a path beside the page, never an address.
  video.src = payload.video.split("/").map(encodeURIComponent).join("/");
}

// Go to a time; the video goes to the frame that is shown then, a little after its begin so that rounding
// does not give the one before.
function goTo(time, follow = true) {
  const face = state.face, frame = face.at(Math.min(Math.max(time, 0), duration - 1e-6));
  state.time = Math.min(Math.max(time, 0), duration - 1e-6);
  if (frame >= 0) state.time = face.time[frame];
  if (hasVideo && video.readyState > 0) {
    const target = state.time + (frame >= 0 ? 0.3 * (face.until(frame) - face.time[frame]) : 0);
    if (Math.abs(video.currentTime - target) > 1e-4) video.currentTime = target;
  }
  if (follow) showTime(state.time);
  emit("time");
}
function stepFrames(count) {
  setPlaying(false);
  const face = state.face;
  const frame = Math.min(Math.max(face.before(state.time + 1e-6) + count, 0), face.frames - 1);
  goTo(face.time[frame]);
}
function setPlaying(playing) {
  if (playing && state.time >= duration - 1.5 * state.face.step) goTo(0);
  state.playing = playing;
  if (hasVideo) {
    if (playing) video.play().catch(() => setPlaying(false)); else video.pause();
    video.playbackRate = speed;
  }
  if (playing) {
    lastTick = performance.now();
    requestAnimationFrame(tick);
  }
  emit("playing", "time");
}
function tick(now) {
  if (!state.playing) return;
  if (hasVideo) state.time = Math.min(video.currentTime, duration);
  else state.time += (Math.max(now - lastTick, 0) / 1000) * speed;
  lastTick = now;
  if (state.time >= duration - 1e-3) {
    state.time = duration - 1e-6;
    if (!hasVideo) setPlaying(false);
  }
  if (!drag) showTime(state.time);
  emit("time");
  if (state.playing) requestAnimationFrame(tick);
}

function drawTransport() {
  const button = find("play");
  button.replaceChildren(icon(state.playing ? "pause" : "play"));
  button.setAttribute("aria-label", state.playing ? "Pause" : "Play");
}
function drawClock() {
  find("clock").replaceChildren(`${clockText(state.time)} / ${clockText(duration, 0)}`, make("small", { text: `frame ${frameNumber(state.time)}` }));
}

// Where several faces are, so that it can be seen which is which.
function drawBoxes() {
  const canvas = find("boxes"), [rows, columns] = payload.shape;
  canvas.hidden = !hasVideo || faces.length < 2 || !faces.some((face) => face.spec.box);
  if (canvas.hidden) return;
  const width = canvas.clientWidth, height = canvas.clientHeight, scale = Math.min(width / columns, height / rows);
  const left = (width - columns * scale) / 2, top = (height - rows * scale) / 2;
  const context = sharp(canvas, width, height);
  canvas.style.height = "";
  context.font = "600 13px system-ui, sans-serif";
  context.textBaseline = "middle";
  for (const face of faces) {
    const frame = face.at(state.time), box = face.get("box");
    const [x, y, w, h] = [0, 1, 2, 3].map((column) => (box ? scale * box.value(column, frame) : NaN));
    if (!Number.isFinite(x + y + w + h)) continue;
    const chosen = face === state.face, colour = chosen ? "#56b4e9" : "#ffffff", text = `face ${face.id}`;
    context.strokeStyle = colour;
    context.lineWidth = chosen ? 2.5 : 1.2;
    context.strokeRect(left + x, top + y, w, h);
    context.fillStyle = colour;
    context.fillRect(left + x, Math.max(top + y - 20, 0), context.measureText(text).width + 12, 20);
    context.fillStyle = "#10151b";
    context.fillText(text, left + x + 6, Math.max(top + y - 20, 0) + 10.5);
  }
}

// The card under the video: what the face shows at the cursor.
function drawNow() {
  const face = state.face, frame = face.at(state.time), card = find("now");
  const wanted = `${face.id} ${frame} ${document.documentElement.dataset.theme}`;
  if (card.dataset.shows === wanted) return;
  card.dataset.shows = wanted;
  if (!face.isValid(frame)) {
    card.replaceChildren(make("h2", { text: "No valid face" }), make("p", { className: "none", text: "Nothing is known about this moment." }));
    return;
  }
  const parts = [], label = face.get("winning")?.word(frame);
  if (face.get("winning")) {
    const dot = make("span", { className: "dot" });
    dot.style.background = label ? colourOf(label) : "transparent";
    parts.push(make("h2", {}, dot, label || "no name"));
  }
  const pair = make("div", { className: "pair" });
  for (const [kind, name] of [["valence", "valence"], ["arousal", "arousal"], ["openness", "eyes open"]]) {
    if (face.get(kind)) pair.append(make("span", {}, `${name} `, make("b", { text: number(face.get(kind).value(0, frame)) })));
  }
  if (pair.childNodes.length) parts.push(pair);
  const strongest = unitsAt(face, frame).filter((entry) => entry.unit.main && Number.isFinite(entry.probability))
    .sort((a, b) => b.present - a.present || b.probability - a.probability).slice(0, 5);
  for (const { unit, probability, intensity, present } of strongest) {
    const bar = make("i");
    bar.style.width = `${100 * probability}%`;
    bar.style.background = unit.colour;
    parts.push(make("div", { className: present === 1 ? "line" : "line absent", title: unit.title }, make("b", { text: unit.name }),
      make("div", { className: "meter" }, bar), make("span", { text: number(probability) }),
      make("span", { text: face.get("intensity") ? number(intensity, 1) : "", title: "intensity, 0 to 5" })));
  }
  card.replaceChildren(...parts);
}

find("play").addEventListener("click", () => setPlaying(!state.playing));
find("back").addEventListener("click", () => stepFrames(-1));
find("forth").addEventListener("click", () => stepFrames(1));
find("speed").addEventListener("change", (event) => {
  speed = Number(event.target.value);
  if (hasVideo) video.playbackRate = speed;
});
find("mute").addEventListener("click", () => {
  video.muted = !video.muted;
  find("mute").setAttribute("aria-pressed", video.muted);
  find("mute").replaceChildren(icon(video.muted ? "muted" : "sound"));
});
on("playing", drawTransport);
on("time", drawClock);
on("time face size", drawBoxes);
on("time face theme", drawNow);

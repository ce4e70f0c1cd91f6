// Tabs, theme, keys, and the first picture.
const TABS = ["timeline", "events", "expressions", "together", "about"];

function chooseTab(name, focus = false) {
  state.tab = name;
  for (const tab of TABS) {
    const button = find(`tab-${tab}`), is = tab === name;
    button.setAttribute("aria-selected", is);
    button.tabIndex = is ? 0 : -1;
    find(`panel-${tab}`).hidden = !is;
    if (is && focus) button.focus();
  }
  hideTip();
  emit("tab");
}
TABS.forEach((name, i) => {
  const button = find(`tab-${name}`);
  button.addEventListener("click", () => chooseTab(name));
  button.addEventListener("keydown", (event) => {
    const goal = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: TABS.length - 1 }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    chooseTab(TABS[(goal + TABS.length) % TABS.length], true);
  });
});

// The browser's wish, unless this page was told otherwise; a file may not be allowed to remember.
const wish = matchMedia("(prefers-color-scheme: dark)");
function remembered() {
  try { return localStorage.getItem("fau3d-theme"); } catch { return null; }
}
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  cssCache = {};
  hatchPattern = null;
  const next = theme === "dark" ? "light" : "dark";
  find("theme").replaceChildren(icon(theme === "dark" ? "sun" : "moon"));
  find("theme").setAttribute("aria-label", `Switch to ${next} colours`);
  find("theme").title = `Switch to ${next} colours (T)`;
  emit("theme");
}
function switchTheme() {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  try { localStorage.setItem("fau3d-theme", theme); } catch { /* not remembered */ }
  setTheme(theme);
}
find("theme").addEventListener("click", switchTheme);
wish.addEventListener("change", () => { if (!remembered()) setTheme(wish.matches ? "dark" : "light"); });

document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (target.matches("input:not([type=checkbox]), select, textarea")) return;
  // A button that has the focus keeps its space key; a tab is open as soon as it has the focus.
  if (event.key === " " && target.closest("button:not([role=tab]), summary, a, input")) return;
  const span = state.view.to - state.view.from;
  const actions = {
    " ": () => setPlaying(!state.playing),
    ArrowLeft: () => (event.shiftKey ? goTo(state.time - 1) : stepFrames(-1)),
    ArrowRight: () => (event.shiftKey ? goTo(state.time + 1) : stepFrames(1)),
    Home: () => goTo(0),
    End: () => goTo(duration),
    "+": () => zoom(0.5, state.time),
    "=": () => zoom(0.5, state.time),
    "-": () => zoom(2, state.time),
    0: () => setView(0, duration),
    "[": () => pan(-span / 4),
    "]": () => pan(span / 4),
    t: switchTheme,
    Escape: () => { find("rows-choice").open = false; hideTip(); },
  };
  const action = actions[event.key];
  if (!action) return;
  if (event.key !== "Escape") event.preventDefault();
  action();
});

// Who clicks a button with the mouse can go on with the keys of the page.
document.addEventListener("click", (event) => {
  if (event.detail > 0) event.target.closest?.("button:not([role=tab]), summary, input[type=checkbox]")?.blur();
});

function drawHead() {
  // A long file name breaks after its own marks rather than anywhere.
  find("source").replaceChildren(...payload.source.split(/(?<=[_\-.\/])/).flatMap((part) => [part, make("wbr")]));
  const parts = [`${clockText(duration, 0)} min`, `${number(payload.fps, 2).replace(/\.?0+$/, "")} fps`, faces.length === 1 ? "1 face" : `${faces.length} faces`, payload.model];
  find("facts").textContent = parts.filter(Boolean).join(" · ");
  find("face-choice").hidden = faces.length < 2;
  for (const face of faces) find("face").append(make("option", { value: face.id, text: String(face.id) }));
}
find("face").addEventListener("change", (event) => {
  state.face = faces.find((face) => String(face.id) === event.target.value);
  setView(state.view.from, state.view.to);
  emit("face", "time", "event");
});
function drawStatistics() {
  const lines = state.face.spec.statistics, list = find("statistics");
  find("glance").hidden = !lines.length;
  list.replaceChildren();
  for (const [label, value, why] of lines) {
    list.append(make("dt", { text: label }), make("dd", { className: "value", text: value }));
    if (why) list.append(make("dd", { className: "why", text: why }));
  }
}
on("face", drawStatistics);
addEventListener("resize", () => emit("size"));
new ResizeObserver(() => emit("size")).observe(find("panels"));

drawHead();
setUpVideo();
find("mute").replaceChildren(icon("sound"));
setTheme(remembered() ?? (wish.matches ? "dark" : "light"));
if (matchMedia("(max-width: 860px)").matches) find("glance").open = false;
emit("face", "rows", "time", "playing", "tab");
flush();
// For scripts that look at the page: what it shows, and where on the screen that is.
window.fau3dReport = { state, faces, goTo, layout, xOf, ready: performance.now() };

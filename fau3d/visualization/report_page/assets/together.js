// The tab of units that go together.
function drawTogether() {
  if (state.tab !== "together") return;
  const table = state.face.spec.together, matrix = find("matrix");
  find("together-measure").textContent = table ? table.measure : "This report has no table of units that go together.";
  matrix.parentElement.parentElement.hidden = !table;
  for (const id of ["together-all", "together-sides"]) find(id).parentElement.hidden = !table;
  if (!table) return;
  const every = find("together-all").checked, sides = find("together-sides").checked;
  find("together-sides-label").hidden = !table.names.some(isOneSide);
  const kept = table.names.map((_, i) => i).filter((i) => (every || occurs(table, i)) && (sides || !isOneSide(table.names[i])));
  const head = make("tr", {}, make("td", { className: "self" }), ...kept.map((i) => make("th", { scope: "col", text: table.names[i] })));
  const rows = kept.map((i) => make("tr", {}, make("th", { scope: "row", text: table.names[i] }), ...kept.map((j) => pairCell(table, i, j))));
  matrix.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
  if (!kept.length) matrix.replaceChildren(make("caption", { text: "No unit occurs." }));
  find("together-readout").textContent = "";
  drawPairs(table, sides);
}
const isOneSide = (name) => state.face.units.some((unit) => unit.name === name && !unit.main);
// A unit that never varies has no value with any other.
function occurs(table, i) {
  const column = state.face.units.findIndex((unit) => unit.name === table.names[i]);
  if (column >= 0 && !(state.face.share(column) > 0)) return false;
  return table.values[i].some((value, j) => j !== i && value !== null);
}
function colourOfPair(cell, value) {
  const strength = Math.min(Math.abs(value), 1), dark = document.documentElement.dataset.theme === "dark";
  const [r, g, b] = value >= 0 ? (dark ? [86, 180, 233] : [0, 114, 178]) : (dark ? [230, 159, 0] : [213, 94, 0]);
  cell.style.background = `rgba(${r}, ${g}, ${b}, ${0.06 + 0.94 * strength})`;
  if (strength > 0.6) cell.style.color = dark || value < 0 ? "#08121a" : "#ffffff";
}
function pairCell(table, i, j) {
  if (i === j) return make("td", { className: "self" });
  const value = table.values[i][j], cell = make("td");
  if (value === null) cell.className = "none";
  else {
    cell.textContent = signed(value).replace("0.", ".");
    colourOfPair(cell, value);
  }
  const text = `${pairName(table.names[i])} and ${pairName(table.names[j])}: ${value === null ? "not defined" : signed(value)}`;
  cell.title = text;
  cell.addEventListener("pointerenter", () => { find("together-readout").textContent = text; });
  return cell;
}
function pairName(name) {
  const title = unitTitle(name);
  return title ? `${name} (${title})` : name;
}
function drawPairs(table, sides) {
  const pairs = [];
  table.names.forEach((name, i) => {
    if (!sides && isOneSide(name)) return;
    for (let j = 0; j < i; j++) {
      if (!sides && isOneSide(table.names[j])) continue;
      const values = [table.values[i][j], table.values[j][i]].filter((value) => value !== null);
      // A side and the whole of one unit go together by what they are.
      const same = name.replace(/_[LR]$/, "") === table.names[j].replace(/_[LR]$/, "");
      if (values.length && !same) pairs.push([values.reduce((a, b) => a + b) / values.length, table.names[j], name]);
    }
  });
  pairs.sort((a, b) => Math.abs(b[0]) - Math.abs(a[0]));
  find("pairs").replaceChildren(...pairs.slice(0, 10).map(([value, first, second]) => make("li", {},
    make("b", { text: `${first} + ${second}` }), make("b", { text: signed(value) }),
    make("small", { text: [unitTitle(first), unitTitle(second)].filter(Boolean).join(" with ") }))));
}
for (const id of ["together-all", "together-sides"]) find(id).addEventListener("change", drawTogether);
on("face theme tab", drawTogether);

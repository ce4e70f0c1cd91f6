// Which rows the timeline shows.
const rowsSearch = find("rows-search");

function drawRowChoice() {
  const face = state.face, shown = new Set(shownRows(face).map((row) => row.name)), all = allRows(face);
  find("rows-count").textContent = `${shown.size} of ${all.length}`;
  const words = rowsSearch.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const list = find("rows-list"), focused = document.activeElement?.dataset?.row;
  list.replaceChildren();
  for (const row of all) {
    const text = `${row.name} ${row.title} ${row.unit?.region ?? ""}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const box = make("input", { type: "checkbox", checked: shown.has(row.name) });
    box.dataset.row = row.name;
    box.addEventListener("change", () => chooseRow(row.name, box.checked));
    list.append(make("label", {}, box, make("b", { text: row.kind === "unit" ? row.name : row.title }),
      make("span", { text: row.kind === "unit" ? row.title : "" }),
      make("em", { text: row.kind === "unit" ? percent(face.share(row.column)) : "" })));
    if (focused === row.name) box.focus();
  }
  if (!list.childNodes.length) list.append(make("p", { className: "hint", text: "No row has such a name." }));
}
function chooseRow(name, is) {
  const chosen = state.rows.get(state.face.id);
  if (is) chosen.add(name); else chosen.delete(name);
  emit("rows");
}
function chooseRows(names) {
  state.rows.set(state.face.id, new Set(names));
  emit("rows");
}
rowsSearch.addEventListener("input", drawRowChoice);
find("rows-present").addEventListener("click", () => chooseRows(presentRows(state.face)));
find("rows-all").addEventListener("click", () => chooseRows(allRows(state.face).map((row) => row.name)));
find("rows-none").addEventListener("click", () => chooseRows([]));
document.addEventListener("pointerdown", (event) => {
  const card = find("rows-choice");
  if (card.open && !card.contains(event.target)) card.open = false;
});
on("rows face", drawRowChoice);

function drawLegend() {
  const face = state.face, marks = [["fill", "probability, 0 to 1"]];
  if (face.get("intensity")) marks.push(["stroke", "intensity, 0 to 5"]);
  marks.push(["present", "present"], ["hatched", "no valid face or no value"]);
  find("legend").replaceChildren(...marks.map(([name, text]) => make("li", {}, make("i", { className: name }), text)));
  const regions = new Map(face.units.filter((unit) => unit.region).map((unit) => [unit.region, unit.colour]));
  find("regions").replaceChildren(...[...regions].map(([region, colour]) => {
    const dot = make("span", { className: "dot" });
    dot.style.background = colour;
    return make("li", {}, dot, region);
  }));
}
on("face", drawLegend);

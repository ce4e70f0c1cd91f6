// The list of events: sorted, filtered, clickable.
const COLUMNS = [
  { key: "kind", title: "Kind", small: true },
  { key: "name", title: "Name" },
  { key: "onset", title: "Onset", seconds: true },
  { key: "apex", title: "Apex", seconds: true, small: true },
  { key: "offset", title: "Offset", seconds: true, small: true },
  { key: "duration", title: "Length" },
  { key: "peak", title: "Peak" },
];
const KIND_TITLES = { unit: "Units", expression: "Expressions", blink: "Blinks", closure: "Closures" };
const CHUNK = 300;
const eventList = { sort: "onset", down: false, kinds: null, limit: CHUNK };
const eventsSearch = find("events-search");

function unitTitle(name) { return state.face.units.find((unit) => unit.name === name)?.title ?? ""; }
// One side of a unit that is there as a whole: it says the same again.
function isSide(event) {
  return event.kind === "unit" && state.face.units.some((unit) => unit.name === event.name && !unit.main);
}
function chosenEvents() {
  const words = eventsSearch.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const found = state.face.events.filter((event) => {
    if (eventList.kinds && event.kind !== eventList.kinds) return false;
    if (!find("events-sides").checked && isSide(event)) return false;
    const text = `${event.kind} ${event.name} ${unitTitle(event.name)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const sign = eventList.down ? -1 : 1, key = eventList.sort;
  const order = (a, b) => {
    if (typeof a[key] === "string") return sign * a[key].localeCompare(b[key], "en", { numeric: true });
    return (a[key] === null) - (b[key] === null) || sign * (a[key] - b[key]);
  };
  return found.sort((a, b) => order(a, b) || a.onset - b.onset);
}

function drawEvents() {
  if (state.tab !== "events") return;
  drawEventHead();
  drawEventKinds();
  const found = chosenEvents(), body = find("events").tBodies[0];
  find("events-sides-label").hidden = !state.face.events.some(isSide);
  const count = state.face.events.length;
  find("events-count").textContent = found.length === count ? `${count} events` : `${found.length} of ${count} events`;
  body.replaceChildren(...found.slice(0, eventList.limit).map(eventRow));
  if (!found.length) body.append(make("tr", {}, make("td", { colSpan: COLUMNS.length, text: count ? "No event is like that." : "There are no events." })));
  const more = find("events-more"), rest = found.length - eventList.limit;
  more.hidden = rest <= 0;
  more.textContent = `Show ${Math.min(rest, CHUNK)} more of ${rest}`;
}
function eventRow(event) {
  const dot = make("i", { className: "dot" });
  const unit = state.face.units.find((one) => one.name === event.name);
  dot.style.background = event.kind === "expression" ? colourOf(event.name) : unit?.colour ?? "#56b4e9";
  const button = make("button", { type: "button", "aria-label": `Go to ${event.name} at ${clockText(event.onset)}` }, dot, event.name,
    make("span", { className: "hide-small", text: unit?.title ?? "" }));
  const row = make("tr", { className: state.event === event ? "chosen" : "" });
  for (const column of COLUMNS) {
    const cell = make("td", { className: column.small ? "hide-small" : "" });
    if (column.key === "name") cell.append(button);
    else if (column.key === "kind") cell.append(make("span", { className: "kind", text: event.kind }));
    else if (column.seconds) cell.textContent = clockText(event[column.key]);
    else cell.textContent = column.key === "duration" ? `${number(event.duration)} s` : number(event.peak ?? NaN);
    row.append(cell);
  }
  row.dataset.event = event.index;
  row.addEventListener("click", () => chooseEvent(event, row));
  return row;
}
// The row itself is marked, not drawn anew: who came by keyboard stays where they are.
function chooseEvent(event, row) {
  for (const other of find("events").querySelectorAll("tr.chosen")) other.classList.remove("chosen");
  row.classList.add("chosen");
  state.event = event;
  if (event.kind === "unit" && state.face.units.some((unit) => unit.name === event.name)) {
    shownRows(state.face);
    chooseRow(event.name, true);
  }
  goTo(event.apex);
  const span = state.view.to - state.view.from;
  if (event.onset < state.view.from || event.offset > state.view.to) {
    const middle = (event.onset + event.offset) / 2, half = Math.max(span, 1.3 * event.duration) / 2;
    setView(middle - half, middle + half);
  }
  emit("event");
}
function drawEventHead() {
  const head = find("events").tHead;
  if (!head.rows.length) {
    const row = head.insertRow();
    for (const column of COLUMNS) {
      const button = make("button", { type: "button", text: column.title });
      button.addEventListener("click", () => {
        eventList.down = eventList.sort === column.key ? !eventList.down : ["duration", "peak"].includes(column.key);
        eventList.sort = column.key;
        drawEvents();
      });
      row.append(make("th", { scope: "col", className: column.small ? "hide-small" : "" }, button));
    }
  }
  [...head.rows[0].cells].forEach((cell, i) => {
    const is = COLUMNS[i].key === eventList.sort;
    cell.setAttribute("aria-sort", is ? (eventList.down ? "descending" : "ascending") : "none");
  });
}
function drawEventKinds() {
  const box = find("events-kinds");
  const kinds = Object.keys(KIND_TITLES).filter((kind) => state.face.events.some((event) => event.kind === kind));
  const wanted = `${state.face.id} ${kinds.join(" ")}`;
  if (box.dataset.kinds !== wanted) {
    box.dataset.kinds = wanted;
    box.replaceChildren(...[null, ...kinds].map((kind) => {
      const chip = make("button", { type: "button", className: "quiet chip", text: kind ? KIND_TITLES[kind] : "All" });
      chip.addEventListener("click", () => {
        eventList.kinds = kind;
        eventList.limit = CHUNK;
        drawEvents();
      });
      chip.kind = kind;
      return chip;
    }));
  }
  for (const chip of box.children) chip.setAttribute("aria-pressed", chip.kind === eventList.kinds);
}
eventsSearch.addEventListener("input", () => {
  eventList.limit = CHUNK;
  drawEvents();
});
find("events-sides").addEventListener("change", drawEvents);
find("events-more").addEventListener("click", () => {
  eventList.limit += CHUNK;
  drawEvents();
});
on("face theme tab", drawEvents);
on("face", () => {
  eventList.kinds = null;
  state.event = null;
});

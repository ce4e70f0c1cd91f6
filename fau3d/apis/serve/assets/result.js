"use strict";
// Draws a finished analysis. Every text goes in as text, never as HTML.

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

const bytes = (size) => size >= 1e6 ? `${+(size / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(size / 1e3))} kB`;
const seconds = (value) => value === null ? "" : `${value.toFixed(2)} s`;
const percent = (value) => value === null ? "" : `${Math.round(100 * value)} %`;

function drawing(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Attributes of SVG instead of style: the page's policy forbids styles in elements.
function bar(share, colour) {
  const cell = element("td", undefined, "meter");
  const box = drawing("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
  box.append(drawing("rect", { width: 100 * (share || 0), height: 10, fill: colour }));
  cell.append(box);
  return cell;
}

function unitRow(unit, image) {
  const row = element("tr");
  const name = element("th");
  name.scope = "row";
  const dot = drawing("svg", { viewBox: "0 0 9 9", class: "dot", "aria-hidden": "true" });
  dot.append(drawing("rect", { width: 9, height: 9, fill: unit.colour }));
  name.append(dot, element("b", unit.name), element("small", unit.title));
  const value = image ? unit.peak : unit.share;
  if (!unit.share) row.className = "off";
  row.append(name, bar(value, unit.colour), element("td", percent(value), "number"));
  if (image) row.append(element("td", unit.share ? "yes" : "no"));
  else row.append(element("td", unit.peak === null ? "" : `${percent(unit.peak)} at ${seconds(unit.when)}`, "number peak"));
  row.append(element("td", unit.intensity === null ? "" : unit.intensity.toFixed(1), "number"));
  return row;
}

function fillUnits(section, result) {
  const image = result.image;
  if (!result.faces.length) {
    section.replaceChildren(element("h2", "No face was found"), element("p",
      "Faces should be upright, lit and not too small."));
    return;
  }
  const head = image ? ["Unit", "", "Probability", "There", "Intensity"] : ["Unit", "", "Of the time", "Most sure", "Strongest"];
  const classes = image ? ["", "", "number", "", "number"] : ["", "", "number", "number peak", "number"];
  const line = element("tr");
  head.forEach((text, n) => line.append(element("th", text, classes[n])));
  section.querySelector("thead").append(line);
  section.querySelector(".explain").textContent = image
    ? "How sure the model is of each unit, whether it takes it to be there, and how strong it is (0 to 5)."
    : "Share of the frames in which each unit is there, when the model was most sure of it, and its strongest intensity (0 to 5).";
  const choice = section.querySelector(".faces select");
  const sides = section.querySelector(".sides");
  result.faces.forEach((face, n) => choice.append(new Option(`${face.id} (${face.frames} ${face.frames === 1 ? "frame" : "frames"})`, n)));
  choice.parentElement.hidden = result.faces.length < 2;
  sides.parentElement.hidden = result.faces[0].units.every((unit) => unit.main);
  const fill = () => {
    const units = result.faces[choice.value].units.filter((unit) => unit.main || sides.checked);
    const key = image ? "peak" : "share";
    const order = [...units].sort((a, b) => (b.share > 0) - (a.share > 0) || b[key] - a[key]);
    section.querySelector("tbody").replaceChildren(...order.map((unit) => unitRow(unit, image)));
  };
  choice.onchange = sides.onchange = fill;
  fill();
}

function fillEvents(section, events) {
  section.hidden = !events.total;
  const several = new Set(events.rows.map((row) => row.face_id)).size > 1;
  section.querySelector("p").textContent = events.total > events.rows.length
    ? `The first ${events.rows.length} of ${events.total}; events.csv has them all.`
    : "When units, expressions and blinks begin, are at their height, and end.";
  for (const row of events.rows) {
    const line = element("tr");
    const what = element("th", row.kind === "unit" || row.kind === "expression" ? row.name : row.kind);
    what.scope = "row";
    what.append(element("small", several ? `${row.kind}, face ${row.face_id}` : row.kind));
    line.append(what, ...["onset", "apex", "offset"].map((key) => element("td", seconds(row[key]), "number")));
    section.querySelector("tbody").append(line);
  }
}

function fillPicture(section, base, names) {
  section.hidden = true;
  for (const [name, tag] of [["overlay.mp4", "video"], ["overlay.png", "img"]]) {
    if (!names.has(name)) continue;
    const shown = element(tag);
    shown.src = `${base}/files/${name}`;
    if (tag === "video") Object.assign(shown, { controls: true, loop: true, playsInline: true, preload: "auto" });
    else shown.alt = "The image with landmarks and a bar for each action unit";
    section.append(shown);
    section.hidden = false;
  }
}

function fillFiles(section, base, files) {
  for (const file of files) {
    const line = element("li");
    const link = element("a", file.name);
    link.href = `${base}/files/${encodeURIComponent(file.name)}?download`;
    link.download = "";
    const first = element("span");
    first.append(link);
    line.append(first, element("span", bytes(file.size), "soft"), element("span", file.about, "soft"));
    section.querySelector("ul").append(line);
  }
}

function fillSummary(section, base, result, title, keep) {
  section.querySelector("h2").textContent = title;
  const facts = [["Faces", String(result.faces.length)]];
  if (!result.image) facts.push(["Frames", String(result.frames)], ["Length", seconds(result.length)]);
  facts.push(["Analysed in", `${result.seconds.toFixed(1)} s`], ["Model", result.model]);
  for (const [name, value] of facts) {
    const box = element("div");
    box.append(element("dt", name), element("dd", value));
    section.querySelector(".facts").append(box);
  }
  section.querySelector(".notes").append(...result.notes.map((note) => element("li", note)));
  section.querySelector(".zip").href = `${base}/all.zip`;
  section.querySelector(".kept").textContent =
    `Your file is deleted already. The results are deleted ${Math.max(1, Math.round(keep / 60))} minutes after you last looked at them, or when the app stops.`;
}

function drawResult(place, base, result, title, keep) {
  const made = document.getElementById("result-template").content.cloneNode(true);
  const names = new Set(result.files.map((file) => file.name));
  const part = (name) => made.querySelector(`section.${name}`);
  fillSummary(part("summary"), base, result, title, keep);
  fillPicture(part("picture"), base, names);
  fillUnits(part("units"), result);
  fillEvents(part("events"), result.events);
  fillFiles(part("files"), base, result.files);
  part("timing").hidden = !names.has("timing.png") || Boolean(result.report) || !result.faces.length;
  if (!part("timing").hidden) part("timing").querySelector("img").src = `${base}/files/timing.png`;
  part("report").hidden = !result.report;
  if (result.report) {
    const frame = element("iframe");
    frame.title = "Report";
    frame.src = part("report").querySelector("a").href = `${base}/files/${result.report}`;
    part("report").append(frame);
    part("summary").after(part("report"));
    for (const told of ["picture", "events"]) part(told).hidden = true;  // the report shows these
  }
  place.replaceChildren(made);
}

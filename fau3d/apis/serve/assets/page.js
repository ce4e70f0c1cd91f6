"use strict";
// Choosing, sending, waiting. The place of a result is in the address after #, so that a reload finds it again.

const $ = (id) => document.getElementById(id);
let about = null;
let chosen = null;
let job = null;
let request = null;
let address = null;

function show(name) {
  for (const id of ["choose", "working", "failed", "result"]) $(id).hidden = id !== name;
}

function complain(sentence) {
  $("choose-error").textContent = sentence;
  $("choose-error").hidden = !sentence;
}

function choose(file) {
  complain("");
  chosen = null;
  if (file && about && file.size > about.max_bytes) {
    complain(`This file has ${bytes(file.size)}; up to ${bytes(about.max_bytes)} are taken.`);
    file = null;
  }
  if (address) URL.revokeObjectURL(address);
  $("chosen").hidden = !file;
  $("start").disabled = !file;
  if (!file) return;
  chosen = file;
  $("chosen-name").textContent = file.name;
  $("chosen-size").textContent = bytes(file.size);
  const shown = element(file.type.startsWith("image/") ? "img" : "video");
  address = shown.src = URL.createObjectURL(file);
  shown.muted = true;
  shown.alt = "";
  // The server may read what this browser does not show.
  shown.onerror = () => shown.replaceWith(element("span", "no preview in this browser", "soft"));
  $("preview").replaceChildren(shown);
}

function step(title, detail, share) {
  if ($("step").textContent !== title) $("step").textContent = title;
  $("detail").textContent = detail;
  if (share === null) $("bar").removeAttribute("value");
  else $("bar").value = share;
}

function fail(sentence) {
  job = null;
  history.replaceState(null, "", location.pathname);
  $("failure").textContent = sentence;
  show("failed");
}

function send() {
  const options = new URLSearchParams({ model: $("model").value, faces: $("faces").value, overlay: $("overlay").checked ? 1 : 0, rest: $("rest").checked ? 1 : 0 });
  show("working");
  step("Sending", chosen.name, 0);
  request = new XMLHttpRequest();  // unlike fetch it tells how much is sent
  request.open("POST", `jobs?${options}`);
  request.responseType = "json";
  request.upload.onprogress = (event) => step("Sending", `${bytes(event.loaded)} of ${bytes(event.total)}`, event.loaded / event.total);
  request.upload.onload = () => step("Looking at the file", chosen.name, null);
  request.onerror = () => fail("The server did not take the file: it may have been stopped. Its own window says more.");
  request.onload = () => {
    if (request.status !== 201) return fail(request.response?.error || "The server gave no reason.");
    job = request.response.job;
    history.replaceState(null, "", `#${job}`);
    follow();
  };
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.send(chosen);
}

async function follow() {
  const mine = job;
  let silent = 0;
  while (mine === job) {
    let response, said;
    try {
      response = await fetch(`jobs/${mine}`);
      said = await response.json();
      silent = 0;
    } catch {
      if (mine !== job) return;
      silent += 1;
      if (silent > 5) return fail("The server does not answer: it may have been stopped.");
      await new Promise((done) => setTimeout(done, 1000));
      continue;
    }
    if (mine !== job) return;
    if (!response.ok) return fail(said.error);
    if (said.state === "failed") return fail(said.error);
    if (said.state === "done") return finish(said.result);
    if (said.state === "running") {
      const known = said.frames && said.total;
      const detail = said.frames ? `frame ${said.frames}${said.total ? ` of ${said.total}` : ""}` : "loading the model";
      step(said.drawing ? "Drawing them on the video" : "Finding action units", detail, known ? said.frames / said.total : null);
    } else {
      step("Waiting", said.ahead === 1 ? "one analysis comes first" : said.ahead ? `${said.ahead} analyses come first` : "", null);
    }
    await new Promise((done) => setTimeout(done, 300));
  }
}

function finish(result) {
  const title = chosen ? chosen.name : "Result";
  drawResult($("result"), `jobs/${job}`, result, title, about.keep_seconds);
  document.title = `${title} · fau3d`;
  show("result");
  const place = $("result");
  place.querySelector(".again").onclick = () => restart(false);
  place.querySelector(".delete").onclick = () => restart(true);
  place.querySelector("h2").focus({ preventScroll: true });
  scrollTo(0, 0);
}

// An open page is one that looks at its results: they are kept for it.
setInterval(() => { if (job && !document.hidden && !$("result").hidden) fetch(`jobs/${job}`).catch(() => {}); }, 60000);

function restart(remove) {
  if (remove && job) fetch(`jobs/${job}`, { method: "DELETE" });
  job = null;
  history.replaceState(null, "", location.pathname);
  document.title = "fau3d: action units of a video or image";
  $("result").replaceChildren();
  $("file").value = "";
  choose(null);
  show("choose");
  $("file").focus();
}

function stop() {
  request?.abort();
  restart(true);
}

async function openCamera(open) {
  complain("");
  if (open) {
    try {
      await camera.open();
    } catch (error) {
      return complain(error.message);
    }
  } else camera.close();
  $("camera").hidden = !open;
  $("webcam").hidden = open;
  $(open ? "snap" : "webcam").focus();
}

function listen() {
  $("file").onchange = () => choose($("file").files[0]);
  $("choose").onsubmit = (event) => { event.preventDefault(); if (chosen) send(); };
  $("cancel").onclick = stop;
  document.querySelector("#failed .again").onclick = () => restart(false);
  $("webcam").onclick = () => openCamera(true);
  $("camera-off").onclick = () => openCamera(false);
  $("snap").onclick = async () => { const file = await camera.take(); await openCamera(false); choose(file); $("start").focus(); };
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();  // else the browser leaves the page for the file
      $("drop").classList.toggle("over", kind === "dragover");
      if (kind === "drop" && !$("choose").hidden) choose(event.dataTransfer.files[0]);
    });
  }
}

async function begin() {
  listen();
  about = await (await fetch("about")).json();
  about.models.forEach((name, n) => $("model").append(new Option(n ? name : `${name} (default)`, name)));
  for (let n = 1; n <= about.most_faces; n += 1) $("faces").append(new Option(n, n));
  $("limits").textContent = `up to ${bytes(about.max_bytes)}, videos up to ${Math.round(about.max_seconds / 6) / 10} minutes`;
  $("where").textContent = about.local
    ? "Everything stays on this machine."
    : "Files go to the machine that serves this page, and nowhere else.";
  if (location.hash.length > 1) {
    job = location.hash.slice(1);
    show("working");
    step("Looking for the result", "", null);
    follow();
  }
}

begin();

// The tab that says what was measured, by what, and what the words mean.
function words(pairs) {
  const list = make("dl");
  for (const [name, text] of pairs) list.append(make("dt", { text: name }), make("dd", { text }));
  return list;
}
function drawAbout() {
  const face = state.face, frames = face.frames, seen = [...Array(frames).keys()].filter((i) => face.isValid(i)).length;
  const heading = (text) => make("h2", { text });
  const paragraph = (text) => make("p", { text });
  const parts = [
    heading("What was measured"),
    words([
      ["Source", payload.source],
      ["Images", `${payload.shape[1]} × ${payload.shape[0]} pixels, ${number(payload.fps, 3).replace(/\.?0+$/, "")} frames per second, ${clockText(duration)} long`],
      ["Model", payload.model],
      ["Faces", faces.length > 1 ? `${faces.length}; this is face ${face.id}` : "one"],
      ["Valid frames", `${seen} of ${frames} of this face. The others are hatched: nothing is known about them, and nothing is drawn.`],
      ["Units", `${face.units.length}`],
    ]),
  ];
  if (payload.notes.length) parts.push(heading("Notes"), make("ul", {}, ...payload.notes.map((text) => make("li", { text }))));
  parts.push(
    heading("What this is not"),
    paragraph("Action units are movements of the face, and a model estimates them: it can be wrong, more so where a face is turned, covered, small or badly lit, and for people unlike those it learned from."),
    paragraph("Names of expressions, valence and arousal are inferred from action units. They say what a face looks like to those who made the tables, mostly from posed faces. They are no truth about feelings: people smile without joy and grieve without a frown. Nothing here should decide anything about a person."),
    heading("What the words mean"),
    words([
      ["Action unit", "A movement of the face that the Facial Action Coding System names, such as AU12, the lip corner puller. _L and _R are the person's own left and right."],
      ["Probability", "How sure the model is that the unit is shown, 0 to 1."],
      ["Present", "Whether it counts as shown: the bar at the foot of a row."],
      ["Intensity", "How strong it is, 0 to 5; 1 to 5 are the letters A to E of the coding system."],
      ["Onset, apex, offset", "When an event begins, is at its height, and ends. The peak is the highest value: of a probability, an intensity, a score, or of how far the eyes are closed."],
      ["Expression", "The one whose units a frame shows best. Neutral: hardly anything moves. Mixed: two are equally near. Unnamed: the face moves, but like none of them."],
      ["Score", "1 where all units of an expression are shown in full and nothing else. It is no probability."],
      ["Valence", "How pleasant the face looks, −1 to 1."],
      ["Arousal", "How much of the face moves and how strongly, 0 to 1."],
      ["Eyes open", "How far the lids are apart against the person's own usual, 0 closed to 1 open."],
      ["Blink, closure", "Eyes closed for a short time, and for longer."],
    ]),
    heading("Keys"),
    words([
      ["Space", "play and pause"],
      ["← →", "one frame; with Shift one second"],
      ["Home, End", "begin and end"],
      ["+ − 0", "zoom in, out, whole video"],
      ["[ ]", "move the zoomed part to the left and right"],
      ["T", "dark and light"],
    ]),
    heading("How the numbers are kept"),
    paragraph(`Probabilities, intensities, scores, valence, arousal and openness are stored in steps of ${payload.step}: a number is off by at most half of that. Times are exact. A diagram with more frames than pixels shows the lowest and the highest value of each pixel column, so that no peak is lost. The colours of units and of the seven basic expressions can be told apart with any colour vision (Okabe and Ito, Color Universal Design, 2008); shades of them stand for other expressions, and names beside them.`),
    paragraph("This file loads nothing from anywhere, except the video beside it, and sends nothing."),
  );
  find("panel-about").replaceChildren(...parts);
}
on("face", drawAbout);

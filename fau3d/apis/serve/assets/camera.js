"use strict";
// A picture from the webcam, as a file like any other.

const camera = {
  stream: null,

  async open() {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Error("Browsers give the webcam to pages on http://localhost or https only.");
    }
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 } }, audio: false });
    } catch (error) {
      const why = { NotFoundError: "There is no webcam on this machine.", NotAllowedError: "The browser was not allowed to use the webcam." };
      throw new Error(why[error.name] || "The webcam gives no picture; another program may be using it.");
    }
    const view = document.getElementById("view");
    view.srcObject = this.stream;
    await view.play();
  },

  async take() {
    const view = document.getElementById("view");
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [view.videoWidth, view.videoHeight];
    canvas.getContext("2d").drawImage(view, 0, 0);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95));
    this.close();
    return new File([blob], "webcam.jpg", { type: "image/jpeg" });
  },

  close() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  },
};

// Says so when this browser cannot play the file: that depends on how it is coded, and only the browser knows.
"use strict";

const player = document.querySelector("video, audio");
const sentence = document.getElementById("unplayable");

player.addEventListener("error", judge);
player.addEventListener("loadedmetadata", judge);
judge(); // it may have happened already

function judge() {
  const isBlind = player.readyState > 0 && player.videoWidth === 0; // of a sound, videoWidth is undefined
  sentence.hidden = !player.error && !isBlind;
}

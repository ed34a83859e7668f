// Buttons that play a stretch of a recording: data-play is its address, data-start and data-end are seconds.
const LEAD_IN = 1;
const sound = document.getElementById("sound");
let until = Infinity;
let pressed = null;

const release = () => { pressed?.setAttribute("aria-pressed", "false"); pressed = null; };

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-play]");
  if (!button) return;
  const again = button === pressed;
  sound.pause();
  release();
  if (again) return;
  if (!sound.src.endsWith(button.dataset.play)) sound.src = button.dataset.play;
  sound.currentTime = Math.max(0, Number(button.dataset.start) - LEAD_IN);
  until = Number(button.dataset.end) + LEAD_IN;
  pressed = button;
  button.setAttribute("aria-pressed", "true");
  sound.play();
});
sound.addEventListener("timeupdate", () => { if (sound.currentTime >= until) sound.pause(); });
sound.addEventListener("pause", release);

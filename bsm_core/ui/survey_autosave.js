// Streamlit takes in a text area's words when it is left, or at Ctrl+Enter. So that a closed browser loses little, the
// same is done for the writer after a pause, and every few seconds without one. Served to participants of a survey only.
"use strict";
(() => {
  if (window.surveyAutosave) return;
  window.surveyAutosave = true;
  const PAUSE = 1500, LONGEST = 5000;
  let timer = 0, first = 0;
  const commit = (area) => {
    first = 0;
    const enter = { key: "Enter", code: "Enter", keyCode: 13, bubbles: true, cancelable: true };
    area.dispatchEvent(new KeyboardEvent("keydown", { ...enter, ctrlKey: true }));
    area.dispatchEvent(new KeyboardEvent("keyup", enter));  // else Enter counts as held down, and no shortcut works
  };
  document.addEventListener("input", (event) => {
    const area = event.target;
    if (!(area instanceof HTMLTextAreaElement)) return;
    first = first || Date.now();
    clearTimeout(timer);
    timer = setTimeout(() => commit(area), Math.min(PAUSE, Math.max(0, first + LONGEST - Date.now())));
  }, true);
  // The next question begins at its top, wherever the last one was left.
  let place = "";
  new MutationObserver(() => {
    const found = document.querySelector(".st-key-survey-place");
    if (!found || found.textContent === place) return;
    if (place) document.querySelector("[data-testid='stMain']")?.scrollTo(0, 0);
    place = found.textContent;
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
})();

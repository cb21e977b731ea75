// Streamlit takes in a text area's words when it is left, or at Ctrl+Enter. At the writing desk the same is done for
// the writer after a short pause, so that the classifier's answer follows what is written.
"use strict";
(() => {
  if (window.deskTyping) return;
  window.deskTyping = true;
  const PAUSE = 300, LONGEST = 1500;
  let timer = 0, first = 0;
  const commit = (area) => {
    first = 0;
    const enter = { key: "Enter", code: "Enter", keyCode: 13, bubbles: true, cancelable: true };
    area.dispatchEvent(new KeyboardEvent("keydown", { ...enter, ctrlKey: true }));
    area.dispatchEvent(new KeyboardEvent("keyup", enter));  // else Enter counts as held down, and no shortcut works
  };
  document.addEventListener("input", (event) => {
    const area = event.target;
    if (!(area instanceof HTMLTextAreaElement) || !area.closest('[class*="st-key-desk-text"]')) return;
    first = first || Date.now();
    clearTimeout(timer);
    timer = setTimeout(() => commit(area), Math.min(PAUSE, Math.max(0, first + LONGEST - Date.now())));
  }, true);
})();

// Keeps what a person had unfolded, and where the focus was, when the server's answer draws a part of the page anew: by the ids.
(function () {
  "use strict";
  const folds = new Map();
  const DECIDED = "#data-section, #decision";
  let focused = "", wasDeciding = false;

  document.addEventListener("toggle", (event) => { if (event.target.id && event.target.isConnected) folds.set(event.target.id, event.target.open); }, true);
  document.addEventListener("focusin", (event) => {
    focused = event.target.id;
    wasDeciding = event.target.closest(DECIDED) !== null;
  });
  // A press on nothing in particular takes the focus away for good.
  document.addEventListener("pointerdown", (event) => { if (!event.target.closest("button, a, input, select, summary, [tabindex]")) focused = ""; });
  // Another address is another page; what was chosen for a training (`plan.js`) is the same page still.
  const page = () => {
    const query = new URLSearchParams(location.search);
    return `${location.pathname}?${query.get("dataset") || ""}&${query.get("run") || ""}&${query.get("part") || ""}`;
  };
  let address = page();

  const restore = (node) => {
    if (node.nodeType !== 1) return;
    for (const fold of node.matches("details[id]") ? [node] : node.querySelectorAll("details[id]")) {
      if (folds.has(fold.id)) fold.open = folds.get(fold.id);
    }
  };

  // What was pressed to decide is gone or rests: next is the button that takes it back, else the top of what was redrawn.
  const next = () => {
    const same = document.getElementById(focused);
    if (same && !same.disabled) return same;
    return wasDeciding ? document.querySelector("#decision button") || document.querySelector("#data-section summary") : null;
  };

  new MutationObserver((changes) => {
    if (address !== page()) { folds.clear(); focused = ""; address = page(); }
    for (const change of changes) change.addedNodes.forEach(restore);
    if (focused && document.activeElement === document.body) next()?.focus({ preventScroll: true });
  }).observe(document.documentElement, { childList: true, subtree: true });
})();

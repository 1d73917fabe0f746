// The Predictions page: the search goes into the address, a row opens its details, and news of predictions, truths and challengers ask the
// server for what the page shows at most every two seconds, and once more when all is quiet, as the ledger is written a moment later.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const LOCATION = "location", OPENED = "prediction-opened", DRAWER = "prediction-drawer", PULSE = "ledger-pulse", TOLD = "ledger-told", PAGE = "predictions-page";
  const EVERY_MS = 2000, AFTER_MS = 2500;
  let opened = 0, pulses = 0, nextPulse = null, lastPulse = null, pulsedAt = 0;

  const chosen = (value) => (value && value !== "any" ? value.slice(1) : "");

  const search = (text, version, prediction, window, only) => {
    const query = new URLSearchParams();
    const given = { text: (text || "").trim(), version: chosen(version), prediction: chosen(prediction), window: chosen(window) };
    for (const [name, value] of Object.entries(given)) if (value) query.set(name, value);
    for (const name of only || []) query.set(name, "1");
    return query.size ? `?${query}` : "";
  };

  // A click anywhere in a row opens it; what can be pressed in it keeps its own meaning, and who selects text wants no panel.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-prediction]") || (event.target.closest("a, button, input") ? null : event.target.closest(".ledger tbody tr")?.querySelector("[data-prediction]"));
    if (!button || !document.getElementById(DRAWER) || String(window.getSelection())) return;
    opened += 1;
    dashapp.set(OPENED, { data: { id: button.dataset.prediction, at: opened } });
  });

  const pulse = () => {
    if (!document.getElementById(PAGE)) return;
    pulsedAt = Date.now();
    pulses += 1;
    dashapp.set(PULSE, { data: pulses });
  };
  const pulseSoon = () => {
    clearTimeout(lastPulse);
    lastPulse = setTimeout(pulse, AFTER_MS);
    if (nextPulse !== null) return;
    nextPulse = setTimeout(() => { nextPulse = null; pulse(); }, Math.max(0, pulsedAt + EVERY_MS - Date.now()));
  };

  const ACTIONS = new Set(["challenger_started", "challenger_ended", "feedback_recorded"]);

  dashapp.clientside("ledger", {
    search(_submits, _clicks, version, prediction, window, only, text) {
      const wanted = search(text, version, prediction, window, only);
      if (wanted !== location.search) dashapp.set(LOCATION, { search: wanted });
    },
    // (live events, the newest one that the page knows of) -> the newest one
    pulse(events, told) {
      const fresh = (events || []).filter((event) => event.id > told);
      if (!fresh.length) return dashapp.noUpdate();
      const newest = fresh[fresh.length - 1].id;
      if (fresh.some((event) => event.data.action === "feedback_recorded")) dashapp.set(TOLD, { data: newest });
      if (fresh.some((event) => event.type === "prediction_made" || event.type === "model_deployed" || ACTIONS.has(event.data.action))) pulseSoon();
      return newest;
    },
  });
})();

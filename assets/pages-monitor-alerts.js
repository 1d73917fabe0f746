// The alerts of the monitor: news of them ask the server for the list, once a second at most; their buttons; the one that a link leads to.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const PULSE = "monitor-alerts-pulse", PRESSED = "monitor-alerts-pressed", EVERY_MS = 1000, AGAIN_MS = 3000, MARK_MS = [100, 500, 1500];
  let presses = 0, pulsedAt = 0, pulse = null, pressed = "";

  const tellsOfAlerts = (event) => event.type === "system_alert" || /alert|mute|milestone/.test(event.data.action || "");
  const tellsOfTheModel = (event) => event.type === "model_deployed" || (event.type === "system_alert" && /drift/.test(event.data.rule || ""));

  const newest = (events, told, isMeant) =>
    (events || []).reduce((found, event) => (event.id > (told || 0) && isMeant(event) ? Math.max(found, event.id) : found), 0);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-alert-action]");
    if (!button || button.disabled) return;
    button.disabled = true;
    setTimeout(() => { button.disabled = false; }, AGAIN_MS);
    presses += 1;
    pressed = button.dataset.alert;
    const { alertAction, alert, rule, seconds } = button.dataset;
    dashapp.set(PRESSED, { data: { action: alertAction, alert, rule, seconds: Number(seconds), presses } });
  });

  dashapp.clientside("monitorAlerts", {
    // (live events, the newest one that was told) -> the newest one that changes the list
    pulse(events, told) {
      const found = newest(events, told, tellsOfAlerts);
      if (!found) return dashapp.noUpdate();
      clearTimeout(pulse);
      const wait = pulsedAt + EVERY_MS - Date.now();
      if (wait > 0) {
        pulse = setTimeout(() => { pulsedAt = Date.now(); if (document.getElementById("monitor-page")) dashapp.set(PULSE, { data: found }); }, wait);
        return dashapp.noUpdate();
      }
      pulsedAt = Date.now();
      return found;
    },
    production(events, told) { return newest(events, told, tellsOfTheModel) || dashapp.noUpdate(); },
    // The button that was pressed is gone: the focus goes to the next one of the same alert.
    settle() {
      const id = pressed;
      pressed = "";
      if (!id) return;
      requestAnimationFrame(() => {
        const item = document.getElementById(`alert-${id}`);
        if (item && document.activeElement === document.body) (item.querySelector("button") || item).focus({ preventScroll: true });
      });
    },
    // The page that arrives takes the focus for itself first.
    mark(marked) {
      for (const wait of marked ? MARK_MS : []) setTimeout(() => {
        const item = document.getElementById(`alert-${marked}`);
        if (!item || ![document.body, document.getElementById("main")].includes(document.activeElement)) return;
        item.scrollIntoView({ block: "center", behavior: "instant" });
        item.focus({ preventScroll: true });
      }, wait);
      return dashapp.noUpdate();
    },
  });
})();

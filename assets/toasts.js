// A short notice for what a person waits for: a training has ended, a model is live, the system raised or ended an alert.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const TYPES = new Set(["training_completed", "model_deployed", "system_alert"]);
  const MOST = 4, SHOWN_MS = 8000;

  let lastShown = 0;

  const title = (event) => {
    if (event.type === "training_completed") return event.data.outcome === "succeeded" ? "Training complete" : `Training ${event.data.outcome || "ended"}`;
    if (event.type === "model_deployed") return event.data.action === "rollback" ? "Rolled back" : "Model in use";
    return event.data.action === "resolved" ? "Alert resolved" : "Alert";
  };
  const colour = (event) => {
    const isBad = event.type === "system_alert" ? event.data.action !== "resolved" : ["failed", "interrupted"].includes(event.data.outcome);
    return isBad ? "danger" : event.data.outcome === "cancelled" ? "secondary" : "success";
  };
  const toast = (event) => ({
    namespace: "dash_bootstrap_components",
    type: "Toast",
    props: {
      id: { type: "toast", event: event.id }, key: String(event.id), header: title(event), children: event.message,
      icon: colour(event), dismissable: true, is_open: true, duration: SHOWN_MS,
    },
  });

  dashapp.clientside("toasts", {
    show(events, children) {
      const fresh = (events || []).filter((event) => event.id > lastShown && TYPES.has(event.type));
      if (!fresh.length) return dashapp.noUpdate();
      lastShown = fresh[fresh.length - 1].id;
      return [...(children || []), ...fresh.map(toast)].slice(-MOST);
    },
  });
})();

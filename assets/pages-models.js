// Tells the Models and History pages that what they list has changed: the id of the newest event that says so.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});

  const newest = (events, isMeant) => {
    const ids = (events || []).filter(isMeant).map((event) => event.id);
    return ids.length ? Math.max(...ids) : dashapp.noUpdate();
  };
  const changesModels = (event) =>
    event.type === "model_deployed" || event.type === "training_completed" || (event.type === "user_action" && event.data.action === "model_deleted");
  const changesRuns = (event) =>
    event.type === "training_started" || event.type === "training_completed" || (event.type === "user_action" && event.data.action !== "model_deleted");

  dashapp.clientside("models", {
    changed: (events) => newest(events, changesModels),
    trained: (events) => newest(events, changesRuns),
  });
})();

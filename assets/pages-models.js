// Tells the Models, model, History and Train pages that what they show has changed: the id of the newest event that says so.
// What the page showed when it was drawn, or was told before (`told`), is not told again: every event comes by here.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});

  const newest = (events, told, isMeant) => {
    const ids = (events || []).filter((event) => event.id > told && isMeant(event)).map((event) => event.id);
    return ids.length ? Math.max(...ids) : dashapp.noUpdate();
  };
  const changesModels = (event) =>
    event.type === "model_deployed" || event.type === "training_completed" || (event.type === "user_action" && event.data.action === "model_deleted");
  const changesRuns = (event) =>
    event.type === "training_started" || event.type === "training_completed" || (event.type === "user_action" && event.data.action !== "model_deleted");

  dashapp.clientside("models", {
    changed(events, told) { return newest(events, told, changesModels); },
    trained(events, told) { return newest(events, told, changesRuns); },
    switched(events, told) { return newest(events, told, (event) => event.type === "model_deployed"); },
  });
})();

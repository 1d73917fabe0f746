// What was chosen for a training stands in the address, so that a reload, a bookmark and the way back keep it. Nothing is loaded anew.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});

  dashapp.clientside("plan", {
    remember(target, task, budget) {
      const address = new URL(location.href);
      if (!address.searchParams.has("dataset") && !address.searchParams.has("run")) return;
      for (const [name, value] of Object.entries({ target, task, budget })) {
        if (value) address.searchParams.set(name, value);
        else address.searchParams.delete(name);
      }
      history.replaceState(history.state, "", address);
    },
  });
})();

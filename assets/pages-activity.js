// Keeps "Load older" right: live events push old ones off the end of the list, so it starts below the last one that is shown.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});

  dashapp.clientside("activity", {
    older(children, href) {
      const items = Array.isArray(children) ? children : children ? [children] : [];
      const last = items[items.length - 1];
      return last ? href.replace(/before=\d+$/, `before=${last.props.id.event}`) : dashapp.noUpdate();
    },
  });
})();

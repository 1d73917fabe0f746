// The activity feed: new events are put on top of a list that `components.activity_feed` drew; ids that it has are left out.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const MOST = 200;
  const h = (...all) => dashapp.element(...all);

  const label = (type) => type.charAt(0).toUpperCase() + type.slice(1).replaceAll("_", " ");
  const flag = (name, value) => (value ? ` feed-${name}-${value}` : "");

  const item = (event) => ({
    ...h("Li", { id: { type: "feed-item", event: event.id }, key: String(event.id), className: `feed-item feed-${event.type}${flag("outcome", event.data.outcome)}${flag("action", event.data.action)}` },
      h("Span", { className: "feed-icon", "aria-hidden": "true" }),
      h("Span", { className: "feed-label" }, label(event.type)),
      h("Time", { className: "feed-time local-time with-seconds", dateTime: event.at }, event.at),
      h("Span", { className: "feed-message" }, event.message)),
  });

  const asList = (children) => (Array.isArray(children) ? children : children ? [children] : []);
  const eventId = (child) => child.props.id && child.props.id.event;

  dashapp.feed = { item, label };

  dashapp.clientside("feed", {
    // (live events, the list's children, which types to show or null) -> children
    prepend(events, children, types) {
      const shown = asList(children);
      const ids = new Set(shown.map(eventId));
      const fresh = (events || []).filter((event) => !ids.has(event.id) && (!types || !types.length || types.includes(event.type)));
      if (!fresh.length) return dashapp.noUpdate();
      fresh.sort((a, b) => b.id - a.id);
      return [...fresh.map(item), ...shown].slice(0, MOST);
    },
  });
})();

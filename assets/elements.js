// What the other files share: Dash elements as JSON, addresses under the path prefix, figures in words.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const NBSP = "\u00a0";

  dashapp.clientside = (namespace, functions) => {
    window.dash_clientside = window.dash_clientside || {};
    window.dash_clientside[namespace] = functions;
  };
  dashapp.noUpdate = () => window.dash_clientside.no_update;

  dashapp.element = (type, props, ...children) => ({
    namespace: "dash_html_components",
    type,
    props: { ...props, children: children.length > 1 ? children : children[0] },
  });

  let prefix = null;
  dashapp.address = (path) => {
    if (prefix === null) prefix = JSON.parse(document.getElementById("_dash-config").textContent).requests_pathname_prefix;
    return prefix + path.replace(/^\//, "");
  };

  dashapp.set = (id, props) => window.dash_clientside.set_props(id, props);

  dashapp.words = {
    unknown: "–",
    duration(seconds) {
      if (seconds === null || seconds === undefined) return "–";
      if (seconds > 0 && seconds < 1) return `${Math.round(seconds * 1000)}${NBSP}ms`;
      if (seconds < 10 && !Number.isInteger(seconds)) return `${seconds.toFixed(1)}${NBSP}s`;
      if (seconds < 90) return `${Math.round(seconds)}${NBSP}s`;
      const whole = Math.round(seconds);
      if (whole < 3600) return `${Math.floor(whole / 60)}${NBSP}min ${whole % 60}${NBSP}s`;
      return `${Math.floor(whole / 3600)}${NBSP}h ${Math.floor((whole % 3600) / 60)}${NBSP}min`;
    },
    // "20 to 35 s"; one time where both ends read the same.
    timeRange(low, high) {
      const calm = (seconds) => (seconds < 10 ? Math.max(1, Math.round(seconds)) : seconds < 90 ? Math.round(seconds) : 30 * Math.round(seconds / 30));
      const [from, to] = [calm(low), calm(high)].map(dashapp.words.duration);
      if (from === to) return to;
      const [number, unit] = from.split(NBSP);
      return from.split(NBSP).length === 2 && to.endsWith(`${NBSP}${unit}`) && !to.includes("min") ? `${number} to ${to}` : `${from} to ${to}`;
    },
    bytes(count) {
      const units = ["B", "kB", "MB", "GB"];
      let i = 0;
      while (count >= 1000 && i < units.length - 1) { count /= 1000; i += 1; }
      return `${i === 0 || count >= 100 ? Math.round(count) : count.toFixed(1)}${NBSP}${units[i]}`;
    },
    share: (value) => (value === null || value === undefined ? "–" : `${(100 * value).toFixed(1)}%`),
    figure(value) {
      if (value === null || value === undefined || !Number.isFinite(value)) return "–";
      const size = Math.abs(value);
      if (size >= 1000) return Math.round(value).toLocaleString("en");
      return size >= 10 ? value.toFixed(1) : value.toFixed(size >= 0.001 || size === 0 ? 3 : 6);
    },
  };
})();

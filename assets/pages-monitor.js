// The monitor, live: each snapshot redraws the numbers and adds a point to the charts; what is not known is a dash, and a hole in a line.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const h = (...all) => dashapp.element(...all);
  const NBSP = "\u00a0", POINTS = 500, GAP_SAMPLES = 3;
  const METRICS = ["cpu_usage", "memory_usage", "active_trainings", "api_response_time", "model_predictions_per_minute", "system_uptime", "error_rate"];
  const CHARTED = [["cpu_usage", "memory_usage"], ["api_response_time"], ["model_predictions_per_minute"], ["error_rate"]];
  const STATES = { ok: ["OK", "good"], warning: ["Warning", "warn"], failing: ["Failing", "bad"] };

  const isKnown = (value) => value !== null && value !== undefined;
  const percent = (value) => (isKnown(value) ? `${value.toFixed(1)}${NBSP}%` : dashapp.words.unknown);

  const metricWords = (name, value) => {
    if (!isKnown(value)) return dashapp.words.unknown;
    if (name.endsWith("_usage") || name === "error_rate") return percent(value);
    if (name === "api_response_time") return `${value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString("en")}${NBSP}ms`;
    if (name === "system_uptime") return dashapp.words.duration(Math.floor(value));
    return Math.round(value).toLocaleString("en");
  };

  const headlineClass = (text) =>
    `headline note note-${text === "ALL HEALTHY" ? "good" : text.startsWith("UNKNOWN") ? "plain" : "bad"}`;

  const service = (each) => {
    const [words, kind] = STATES[each.state] || ["Unknown", ""];
    return h("Li", { className: "service" },
      h("Span", { className: "service-name" }, each.name),
      h("Span", { className: kind ? `badge-state badge-${kind}` : "badge-state" }, words),
      h("Span", { className: "service-figure" }, each.figure || dashapp.words.unknown),
      each.message === each.figure ? null : h("Span", { className: "service-message" }, each.message));
  };

  let peak = 0;
  const network = (metrics) => {
    const received = metrics.network_received_bytes_per_s, sent = metrics.network_sent_bytes_per_s;
    if (!isKnown(received) || !isKnown(sent)) return [0, dashapp.words.unknown];
    peak = Math.max(peak, received + sent);
    return [peak > 0 ? (100 * (received + sent)) / peak : 0, `↓ ${dashapp.words.bytes(received)}/s · ↑ ${dashapp.words.bytes(sent)}/s`];
  };

  const resources = (m) => {
    const { bytes } = dashapp.words;
    const used = m.memory_used_bytes && m.memory_total_bytes ? ` · ${bytes(m.memory_used_bytes)} of ${bytes(m.memory_total_bytes)}` : "";
    const free = isKnown(m.storage_free_bytes) ? ` · ${bytes(m.storage_free_bytes)} free` : "";
    return [
      [m.cpu_usage || 0, percent(m.cpu_usage)],
      [m.memory_usage || 0, percent(m.memory_usage) + used],
      [m.storage_usage || 0, percent(m.storage_usage) + free],
      network(m),
    ];
  };

  // Plotly shows the clock time that it is given, so it is given that of the reader.
  const clock = (iso) => {
    const at = new Date(iso);
    return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, -1);
  };

  const collecting = { sums: {}, start: 0, last: 0 };

  // A figure that came from the server has no mark; one that was drawn here has its times in the reader's zone already.
  const isLocal = (figure) => Boolean(figure.layout.meta && figure.layout.meta.isLocal);

  const begin = (figures) => {
    const times = figures[0].data[0].x;
    const last = times.length ? new Date(times[times.length - 1]).getTime() : 0;
    Object.assign(collecting, { sums: {}, start: last, last });
    return figures.map((figure) => ({ layout: { ...figure.layout, meta: { isLocal: true } }, data: figure.data.map((trace) => ({ ...trace, x: [...trace.x].map(clock), y: [...trace.y] })) }));
  };

  const collect = (metrics) => {
    for (const name of CHARTED.flat()) {
      if (!isKnown(metrics[name])) continue;
      const [sum, count] = collecting.sums[name] || [0, 0];
      collecting.sums[name] = [sum + metrics[name], count + 1];
    }
  };

  const mean = (name) => {
    const [sum, count] = collecting.sums[name] || [0, 0];
    return count ? sum / count : null;
  };

  const extended = (trace, name, at, hole, oldest) => {
    const x = [...trace.x, ...(hole ? [hole] : []), at], y = [...trace.y, ...(hole ? [null] : []), mean(name)];
    const kept = x.findIndex((each) => each >= oldest);
    return { ...trace, x: x.slice(kept), y: y.slice(kept) };
  };

  // One point per five-hundredth of the timeframe, the mean of its samples: as coarse as the history before it.
  const extend = (metrics, history, figures) => {
    const at = new Date(metrics.at).getTime();
    if (at <= collecting.last) return null;
    const gap = at - collecting.last > GAP_SAMPLES * history.sampleSeconds * 1000 && collecting.last > 0;
    const hole = gap ? clock((at + collecting.last) / 2) : null;
    collecting.last = at;
    collect(metrics);
    if (!gap && at - collecting.start < (history.seconds * 1000) / POINTS) return null;
    const oldest = clock(at - history.seconds * 1000);
    const result = figures.map((figure, i) => ({ ...figure, data: figure.data.map((trace, j) => extended(trace, CHARTED[i][j], clock(at), hole, oldest)) }));
    Object.assign(collecting, { sums: {}, start: at });
    return result;
  };

  dashapp.clientside("monitor", {
    draw(metrics, history) {
      if (!metrics) return Array(18).fill(dashapp.noUpdate());
      peak = Math.max(peak, history.networkPeak);
      const shown = resources(metrics), headline = metrics.headline || dashapp.words.unknown;
      return [
        headline, headlineClass(headline), (metrics.services || []).map(service),
        ...METRICS.map((name) => metricWords(name, metrics[name])),
        ...shown.map(([share]) => String(Math.round(10 * Math.min(share, 100)) / 10)),
        ...shown.map(([, text]) => text),
      ];
    },
    chart(metrics, history, ...figures) {
      const isNew = !isLocal(figures[0]);
      const drawn = isNew ? begin(figures) : figures;
      const extra = metrics && metrics.at ? extend(metrics, history, drawn) : null;
      return extra || (isNew ? drawn : figures.map(() => dashapp.noUpdate()));
    },
  });
})();

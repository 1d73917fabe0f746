// The monitor, live: each sample redraws what differs from the one before; what is not known is a dash.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const h = (...all) => dashapp.element(...all);
  const NBSP = "\u00a0", FOLD = "monitor-processes";
  const METRICS = ["cpu_usage", "memory_usage", "active_trainings", "api_response_time", "model_predictions_per_minute", "system_uptime", "error_rate"];
  const STATES = { ok: ["OK", "good"], warning: ["Warning", "warn"], failing: ["Failing", "bad"] };

  const isKnown = (value) => value !== null && value !== undefined;
  const percent = (value) => (isKnown(value) ? `${value.toFixed(1)}${NBSP}%` : dashapp.words.unknown);
  const whole = (value) => Math.round(value).toLocaleString("en");
  const bytes = (value) => `${value <= -0.5 ? "−" : ""}${dashapp.words.bytes(Math.abs(value))}`;

  // The same words as `monitor_view.in_words`.
  const inWords = (value, unit) => {
    if (!isKnown(value)) return dashapp.words.unknown;
    if (unit === "percent") return percent(value);
    if (unit === "ms") return `${Math.abs(value) < 100 ? value.toFixed(1) : whole(value)}${NBSP}ms`;
    if (unit === "bytes") return bytes(value);
    return whole(value);
  };

  const metricWords = (name, value) => {
    if (!isKnown(value)) return dashapp.words.unknown;
    if (name.endsWith("_usage") || name === "error_rate") return percent(value);
    if (name === "api_response_time") return inWords(value, "ms");
    return name === "system_uptime" ? dashapp.words.duration(Math.floor(value)) : whole(value);
  };

  // The same as `monitor_view.headline_of`.
  const headline = (metrics, alert) => {
    const text = metrics.headline || dashapp.words.unknown;
    if (text === "ALL HEALTHY") return alert ? [alert.words, alert.kind] : [text, "good"];
    if (text.startsWith("UNKNOWN") || text === dashapp.words.unknown) return [text, "plain"];
    return [text, (metrics.services || []).some((each) => each.state === "failing") ? "bad" : "warn"];
  };

  const facts = (known, values, metrics) => {
    const found = (known || []).map(([key, metric, words, unit]) => [words, unit, values[key] ?? metrics[metric]]);
    if (!found.some(([, , value]) => isKnown(value))) return null;
    return h("Dl", { className: "service-facts" }, ...found.map(([words, unit, value]) => h("Div", { key: words }, h("Dt", {}, words), h("Dd", {}, inWords(value, unit)))));
  };

  const service = (known, metrics) => (each) => {
    const [words, kind] = STATES[each.state] || ["Unknown", ""];
    return h("Li", { className: "service", key: each.name },
      h("Span", { className: "service-name" }, each.name),
      h("Span", { className: kind ? `badge-state badge-${kind}` : "badge-state" }, words),
      facts(known[each.name], each.values || {}, metrics),
      h("Span", { className: "service-message" }, each.message || dashapp.words.unknown));
  };

  let peak = 0;
  const network = (metrics) => {
    const received = metrics.network_received_bytes_per_s, sent = metrics.network_sent_bytes_per_s;
    if (!isKnown(received) || !isKnown(sent)) return [0, dashapp.words.unknown];
    peak = Math.max(peak, received + sent);
    return [peak > 0 ? (100 * (received + sent)) / peak : 0, `↓ ${bytes(received)}/s · ↑ ${bytes(sent)}/s`];
  };

  const resources = (m) => {
    const used = m.memory_used_bytes && m.memory_total_bytes ? ` · ${bytes(m.memory_used_bytes)} of ${bytes(m.memory_total_bytes)}` : "";
    const free = isKnown(m.storage_free_bytes) ? ` · ${bytes(m.storage_free_bytes)} free` : "";
    return [
      [m.cpu_usage || 0, percent(m.cpu_usage)],
      [m.memory_usage || 0, percent(m.memory_usage) + used],
      [m.storage_usage || 0, percent(m.storage_usage) + free],
      network(m),
    ];
  };

  const runLink = (process, prefix) => {
    const words = `${process.role}${process.name && process.name !== process.role ? ` · ${process.name}` : ""}`;
    return process.run ? h("A", { href: `${prefix}/?run=${encodeURIComponent(process.run)}` }, words) : words;
  };

  const processRow = (prefix) => (process) =>
    h("Tr", { key: String(process.pid) },
      h("Th", { scope: "row" }, runLink(process, prefix)),
      ...[String(process.pid), percent(process.cpu), isKnown(process.memory_bytes) ? bytes(process.memory_bytes) : "–", inWords(process.threads), inWords(process.files)]
        .map((words, place) => h("Td", { className: "number", key: String(place) }, words)));

  const core = (share, place) =>
    h("Li", { key: String(place) }, h("Span", {}, `Core ${place + 1}`),
      h("Meter", { value: String(Math.round(share || 0)), min: "0", max: "100", "aria-label": `Core ${place + 1}` }), h("Span", { className: "number" }, percent(share)));

  // What is folded is drawn when it is opened, and then with each sample.
  let newest = null;
  const drawProcesses = () => {
    const fold = document.getElementById(FOLD);
    if (!fold || !fold.open || !newest) return;
    const rows = (newest.processes || []).map(processRow(fold.dataset.prefix || ""));
    dashapp.set("monitor-processes-rows", { children: rows.length ? rows : h("Tr", {}, h("Td", { colSpan: 6, className: "muted" }, "Nothing is known of the processes yet.")) });
    dashapp.set("monitor-cores", { children: (newest.cores || []).map(core) });
  };
  document.addEventListener("toggle", (event) => { if (event.target.id === FOLD) drawProcesses(); }, true);

  // What is the same as before is not drawn again; another page instance knows nothing.
  let told = [], toldTo = null;
  const onlyNew = (values, page) => {
    const before = toldTo === page ? told : [];
    told = values.map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
    toldTo = page;
    return values.map((value, place) => (told[place] === before[place] ? dashapp.noUpdate() : value));
  };

  dashapp.clientside("monitor", {
    draw(metrics, alert, history) {
      if (!metrics) return Array(19).fill(dashapp.noUpdate());
      newest = metrics;
      peak = Math.max(peak, history.networkPeak);
      const shown = resources(metrics), [text, kind] = headline(metrics, alert);
      drawProcesses();
      return onlyNew([
        text, `headline note note-${kind}`, metrics.at || "", (metrics.services || []).map(service(history.facts, { ...metrics, growth_bytes_per_day: history.growth })),
        ...METRICS.map((name) => metricWords(name, metrics[name])),
        ...shown.map(([share]) => String(Math.round(10 * Math.min(share, 100)) / 10)),
        ...shown.map(([, words]) => words),
      ], history);
    },
  });
})();

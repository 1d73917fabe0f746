// The monitor's charts: what the server knows becomes lines, bands, forecasts and marks, and each sample and event adds to them.
//
// A chart is drawn anew in a task of its own, and only where it can be seen: what is out of sight, or in a tab behind, catches up later.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const POINTS = 500, GAP_SAMPLES = 3, PAUSE_MS = 30, NEAR_PX = 200, FEW = 3, WORDS = 160;
  const GREY = "#7d828d", UNUSUAL = "#b8589f";
  const MARKS = { training: ["triangle-right", "#2e7dd7"], deployment: ["triangle-up", "#0f9673"], alert: ["diamond", "#d4493f"] };
  const KINDS = { training_started: "training", training_completed: "training", model_deployed: "deployment" };
  const HOVER = { percent: "%{y:.4g} %", ms: "%{y:.4g} ms", rate: "%{y:.3s}B/s", bytes: "%{y:.4s}B", per_minute: "%{y:.4g} a minute" };

  const isKnown = (value) => value !== null && value !== undefined;
  const alpha = (hex, share) => `rgba(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(",")},${share})`;

  // Plotly shows the clock time that it is given, so it is given that of the reader.
  const clock = (ms) => new Date(ms - new Date(ms).getTimezoneOffset() * 60000).toISOString().slice(0, -1);
  const plain = (text) => (text.length > WORDS ? `${text.slice(0, WORDS - 1)}…` : text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  // The outline of a band, one closed piece for each stretch without a hole.
  const outline = (x, low, high) => {
    const found = { x: [], y: [] };
    const close = (from, to) => {
      if (to - from < 2) return;
      if (found.x.length) { found.x.push(null); found.y.push(null); }
      for (let at = from; at < to; at += 1) { found.x.push(clock(x[at])); found.y.push(low[at]); }
      for (let at = to - 1; at >= from; at -= 1) { found.x.push(clock(x[at])); found.y.push(high[at]); }
    };
    let from = 0;
    for (let at = 0; at <= x.length; at += 1) {
      if (at < x.length && isKnown(low[at]) && isKnown(high[at])) continue;
      close(from, at);
      from = at + 1;
    }
    return found;
  };

  const band = (x, low, high, colour, share) => ({
    type: "scatter", mode: "lines", ...outline(x, low, high), fill: "toself", fillcolor: alpha(colour, share), line: { width: 0 }, hoverinfo: "skip", showlegend: false,
  });

  const lineTraces = (line, colour, unit) => {
    const isFew = line.y.filter(isKnown).length < FEW;
    const drawn = {
      type: "scatter", mode: isFew ? "lines+markers" : "lines", name: line.name, x: line.x.map(clock), y: line.y, connectgaps: false, line: { color: colour, width: 1.75 },
      hovertemplate: `${line.name}: ${HOVER[unit]}<br>%{x|%d %b %H:%M:%S}<extra></extra>`,
    };
    return line.low ? [band(line.x, line.low, line.high, colour, 0.2), drawn] : [drawn];
  };

  const aheadTraces = (ahead, name, colour, unit) => [
    band(ahead.x, ahead.low, ahead.high, colour, 0.12),
    {
      type: "scatter", mode: "lines", name: `${name}, forecast`, x: ahead.x.map(clock), y: ahead.middle, line: { color: alpha(colour, 0.75), width: 1.75, dash: "dot" }, showlegend: false,
      hovertemplate: `${name}, forecast: ${HOVER[unit]}<br>%{x|%d %b %H:%M}<extra></extra>`,
    },
  ];

  const unusualTrace = (found) => ({
    type: "scatter", mode: "markers", x: found.map((each) => clock(each.x)), y: found.map((each) => each.y), text: found.map((each) => each.words), showlegend: false,
    marker: { symbol: "circle-open", size: 11, color: UNUSUAL, line: { width: 2 } }, hovertemplate: "%{text}<br>%{x|%d %b %H:%M}<extra></extra>",
  });

  const known = (marks) => marks.filter((mark) => MARKS[mark.kind]);
  const markTrace = (marks) => ({
    type: "scatter", mode: "markers", yaxis: "y2", cliponaxis: false, x: marks.map((mark) => clock(mark.x)), y: marks.map(() => 1), text: marks.map((mark) => mark.words), showlegend: false,
    marker: { size: 9, symbol: marks.map((mark) => MARKS[mark.kind][0]), color: marks.map((mark) => MARKS[mark.kind][1]) }, hovertemplate: "%{text}<br>%{x|%d %b %H:%M}<extra></extra>",
  });

  const upright = (ms, colour, dash) => ({ type: "line", xref: "x", yref: "paper", x0: clock(ms), x1: clock(ms), y0: 0, y1: 1, layer: "below", line: { color: colour, width: 1, dash } });

  const figure = (chart) => {
    const colours = chart.layout.colorway, data = [], shapes = [];
    const hasLines = chart.lines.some((line) => line.y.some(isKnown));
    chart.lines.forEach((line, i) => data.push(...lineTraces(line, colours[i], chart.unit)));
    if (hasLines) {
      for (const ahead of chart.ahead) data.push(...aheadTraces(ahead, chart.lines[ahead.line].name, colours[ahead.line], chart.unit));
      if (chart.ahead.length) shapes.push(upright(page.now, GREY, "dot"));
      if (chart.unusual.length) data.push(unusualTrace(chart.unusual));
      const first = Math.min(...chart.lines.map((line) => line.x[line.y.findIndex(isKnown)] ?? Infinity));
      const marks = known(page.marks).filter((mark) => mark.x >= first);
      if (marks.length) data.push(markTrace(marks));
      shapes.push(...marks.map((mark) => upright(mark.x, alpha(MARKS[mark.kind][1], 0.45), "solid")));
    }
    return { data, layout: { ...structuredClone(chart.layout), shapes } };
  };

  // What is shown: the server's values, to which samples and events are added. Another page, or timeframe, begins anew.
  let page = null, timer = null;

  // A forecast goes on from the last value that is known, where that is not long ago.
  const joined = (ahead, line, now, seconds) => {
    const last = line.y.findLastIndex(isKnown);
    if (last < 0 || now - line.x[last] > 50 * seconds) return ahead;
    const before = (list) => [line.y[last], ...list];
    return { ...ahead, x: [line.x[last], ...ahead.x], low: before(ahead.low), middle: before(ahead.middle), high: before(ahead.high) };
  };

  const begin = (values) => {
    const charts = values.charts.map((chart) => ({
      ...chart, isDirty: true, isFirst: true, lines: chart.lines.map((line) => ({ ...line })),
      ahead: chart.ahead.map((ahead) => joined(ahead, chart.lines[ahead.line], values.now, values.seconds)),
    }));
    const last = Math.max(0, ...charts.flatMap((chart) => chart.lines.map((line) => line.x[line.x.length - 1] || 0)));
    page = { values, charts, now: values.now, marks: [...values.marks], lastEvent: values.lastEvent, last, start: last, sums: {} };
    later();
  };

  const isNear = (id) => {
    const box = document.getElementById(id)?.getBoundingClientRect();
    return Boolean(box) && box.bottom > -NEAR_PX && box.top < window.innerHeight + NEAR_PX;
  };

  const step = () => {
    timer = null;
    if (!page || document.hidden) return;
    const next = page.charts.find((chart) => chart.isDirty && (chart.isFirst || isNear(chart.id)));
    if (!next) return;
    next.isDirty = next.isFirst = false;
    if (document.getElementById(next.id)) dashapp.set(next.id, { figure: figure(next) });
    later();
  };
  const later = () => { if (timer === null) timer = setTimeout(step, PAUSE_MS); };
  const catchUp = () => { if (page && page.charts.some((chart) => chart.isDirty)) later(); };
  document.addEventListener("scroll", catchUp, { passive: true });
  document.addEventListener("visibilitychange", catchUp);

  const touch = () => {
    for (const chart of page.charts) chart.isDirty = true;
    later();
  };

  const mean = (metric) => {
    const [sum, number] = page.sums[metric] || [0, 0];
    return number ? sum / number : null;
  };

  const collect = (metrics) => {
    for (const chart of page.charts) for (const { metric } of chart.lines) {
      if (!isKnown(metrics[metric])) continue;
      const [sum, number] = page.sums[metric] || [0, 0];
      page.sums[metric] = [sum + metrics[metric], number + 1];
    }
  };

  const extend = (line, at, hole, oldest) => {
    const end = (list, value) => [...list, ...(hole ? [null] : []), value];
    const x = [...line.x, ...(hole ? [hole] : []), at], kept = Math.max(0, x.findIndex((each) => each >= oldest));
    line.y = end(line.y, mean(line.metric)).slice(kept);
    if (line.low) { line.low = end(line.low, null).slice(kept); line.high = end(line.high, null).slice(kept); }
    line.x = x.slice(kept);
  };

  // One point per five-hundredth of the timeframe, the mean of its samples: as coarse as the history before it.
  const addSample = (metrics) => {
    const at = new Date(metrics.at).getTime(), { seconds, sampleSeconds } = page.values;
    if (at <= page.last) return;
    const isGap = page.last > 0 && at - page.last > GAP_SAMPLES * 1000 * Math.max(sampleSeconds, seconds / POINTS);
    const hole = isGap ? (at + page.last) / 2 : null;
    page.last = at;
    collect(metrics);
    if (!isGap && at - page.start < (seconds * 1000) / POINTS) return;
    for (const chart of page.charts) for (const line of chart.lines) extend(line, at, hole, at - seconds * 1000);
    page.start = at;
    page.sums = {};
    touch();
  };

  const kindOf = (event) => KINDS[event.type] || (event.type === "system_alert" ? "alert" : null);

  const addEvents = (events) => {
    const fresh = events.filter((event) => event.id > page.lastEvent);
    if (!fresh.length) return;
    page.lastEvent = fresh[fresh.length - 1].id;
    const marks = fresh.filter(kindOf).map((event) => ({ x: new Date(event.at).getTime(), kind: kindOf(event), words: plain(event.message) }));
    if (!marks.length) return;
    page.marks.push(...marks);
    touch();
  };

  dashapp.clientside("monitorCharts", {
    // (the newest sample, the live events, the server's values) -> nothing: charts are set one by one
    draw(metrics, events, values) {
      if (!values) return dashapp.noUpdate();
      if (!page || page.values !== values) begin(values);
      if (metrics && metrics.at) addSample(metrics);
      addEvents(events || []);
      return dashapp.noUpdate();
    },
  });
})();

// Curve points become the traces of a chart; the layout and the colours are those that the server drew the empty chart with.
//
// The x axis is seconds since the training began. A candidate has a thin line, broken between its trials and folds, and a bold one: its
// best so far. All trials are judged on the first fold's rows, so the bold line follows that one. Long lines are thinned before they are
// drawn: a screen has fewer places than a race has points.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const MOST_POINTS = 400, FEW = 12, SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross", "x"];
  const GREY = "#7d828d", MB = 1e6;

  const groupBy = (points, keyOf) => {
    const groups = new Map();
    for (const point of points) {
      const key = keyOf(point);
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(point);
    }
    return groups;
  };

  // The first, the last, and so many between them that the whole line keeps to its share.
  const thinned = (points, share) => {
    if (share >= 1 || points.length <= 2) return points;
    const step = Math.max(1, Math.ceil((points.length - 1) / Math.max(1, Math.floor(points.length * share) - 1)));
    return points.filter((_, at) => at % step === 0 || at === points.length - 1);
  };

  const hasValue = (value) => value !== null && value !== undefined && Number.isFinite(value);

  // x and y of one candidate with a hole after each fold of each trial.
  const broken = (points, field) => {
    const x = [], y = [];
    const shown = points.filter((point) => hasValue(point[field]));
    const share = MOST_POINTS / Math.max(shown.length, 1);
    for (const part of groupBy(shown, (point) => `${point.trial}/${point.fold}`).values()) {
      if (x.length) { x.push(part[0].elapsed_s); y.push(null); }
      for (const point of thinned(part, share)) { x.push(point.elapsed_s); y.push(point[field]); }
    }
    return { x, y };
  };

  // The steps at which it got better, and where it stands now.
  const bestSoFar = (points, field, isLower) => {
    const shown = points.filter((point) => hasValue(point[field]));
    const fold = Math.min(...shown.map((point) => point.fold ?? 1));
    const x = [], y = [];
    let best = null;
    for (const point of shown) {
      const value = point[field];
      if ((point.fold ?? 1) !== fold || (best !== null && (isLower ? value >= best : value <= best))) continue;
      best = value;
      x.push(point.elapsed_s);
      y.push(value);
    }
    const last = shown.length ? shown[shown.length - 1].elapsed_s : 0;
    if (x.length && last > x[x.length - 1]) { x.push(last); y.push(best); }
    const parts = thinned(x.map((at, i) => [at, y[i]]), MOST_POINTS / Math.max(x.length, 1));
    return { x: parts.map((part) => part[0]), y: parts.map((part) => part[1]) };
  };

  const format = (field) => (field === "accuracy" ? ".1%" : ".4g");
  const hover = (name, field) => `${name}<br>%{x:.1f} s: %{y:${format(field)}}<extra></extra>`;

  const thin = (name, points, field, colour, dash) => ({
    type: "scatter", mode: points.length > FEW ? "lines" : "lines+markers", name, ...broken(points, field), connectgaps: false, opacity: dash ? 0.3 : 0.5,
    line: { color: colour, width: dash ? 1 : 1.25, dash: dash || "solid" }, marker: { color: colour, size: 4 }, hovertemplate: hover(name, field),
  });

  const bold = (name, points, field, colour, symbol, isLower) => {
    const line = bestSoFar(points, field, isLower);
    const sizes = line.x.map((_, at) => (at === line.x.length - 1 ? 9 : 0));
    return {
      type: "scatter", mode: "lines+markers", name: `${name}, best so far`, ...line, line: { color: colour, width: 3, shape: "hv" },
      marker: { color: colour, symbol, size: sizes, line: { width: 0 } }, hovertemplate: hover(`${name}, best so far`, field),
    };
  };

  // The place of a candidate among all, by name: the same colour and mark on every page and after every reload.
  const order = (names) => new Map([...names].sort().map((name, i) => [name, i]));
  const colourOf = (figure, place) => figure.layout.colorway[place % figure.layout.colorway.length];

  const draw = (figure, points, names, field, isLower, training) => {
    const places = order(names);
    const thinLines = [], boldLines = [];
    for (const [name, own] of groupBy(points, (point) => point.candidate)) {
      const place = places.get(name) ?? 0, colour = colourOf(figure, place);
      if (training) thinLines.push(thin(`${name}, on rows it learns from`, own, training, colour, "dot"));
      thinLines.push(thin(name, own, field, colour, null));
      boldLines.push(bold(name, own, field, colour, SYMBOLS[place % SYMBOLS.length], isLower));
    }
    const range = usualRange(points, field, isLower);
    const yaxis = { ...figure.layout.yaxis, ...(range ? { range, autorange: false } : { autorange: true }) };
    return { ...figure, layout: { ...figure.layout, yaxis }, data: [...thinLines, ...boldLines].filter((trace) => trace.y.some((value) => value !== null)) };
  };

  // A candidate that begins far off would press all others flat: the axis ends a little beyond where most of the points lie.
  const usualRange = (points, field, isLower) => {
    const sign = isLower ? 1 : -1;
    const found = points.map((point) => sign * point[field]).filter((value, at) => hasValue(points[at][field])).sort((a, b) => a - b);
    if (found.length < 8) return null;
    const best = found[0], worst = found[found.length - 1], usual = found[Math.floor(found.length * 0.8)];
    const end = usual + 0.6 * (usual - best), room = 0.06 * (end - best);
    if (end >= worst || end <= best) return null;
    return isLower ? [best - room, end + room] : [-(end + room), -(best - room)];
  };

  const area = (name, resources, field, unit, axis, dash, said) => {
    const shown = thinned(resources, MOST_POINTS / Math.max(resources.length, 1));
    return {
      type: "scatter", mode: "lines", name, yaxis: axis, fill: "tozeroy", fillcolor: dash === "dot" ? "rgba(125,130,141,0.10)" : "rgba(125,130,141,0.16)",
      x: shown.map((point) => point.elapsed_s), y: shown.map((point) => point[field] / unit),
      line: { color: GREY, width: 1, dash }, hovertemplate: `${name}<br>%{x:.1f} s: ${said}<extra></extra>`,
    };
  };

  const top = (resources, field, unit) => Math.max(...resources.map((point) => point[field] / unit), 0);

  const withResources = (figure, resources) => {
    if (!resources.length) return figure;
    const traces = [
      area("Memory of the trainer", resources, "memory_bytes", MB, "y3", "dot", "%{y:,.0f} MB"),
      area("CPU of the trainer", resources, "cpu_share", 1, "y2", "solid", "%{y:.2f} cores"),
    ];
    // CPU keeps to the lower half and memory to the lower three quarters, so that the curves stay readable.
    const layout = {
      ...figure.layout,
      yaxis2: { ...figure.layout.yaxis2, range: [0, 2 * Math.max(top(resources, "cpu_share", 1), 1)] },
      yaxis3: { ...figure.layout.yaxis3, range: [0, (4 / 3) * Math.max(top(resources, "memory_bytes", MB), 1)], ticksuffix: " MB" },
    };
    return { ...figure, layout, data: [...traces, ...figure.data] };
  };

  dashapp.figures = {
    order,
    loss: (figure, points, names, resources) => withResources(draw(figure, points, names, "validation_loss", true, "train_loss"), resources),
    score: (figure, points, names) => draw(figure, points, names, "validation_score", false, null),
    accuracy: (figure, points, names) => draw(figure, points, names, "accuracy", false, null),
  };
})();

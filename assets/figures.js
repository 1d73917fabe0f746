// Curve points become the traces of a chart; the layout and the colours are those that the server drew the empty chart with.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const FEW = 24;

  const byCandidate = (points) => {
    const groups = new Map();
    for (const point of points) {
      if (!groups.has(point.candidate)) groups.set(point.candidate, []);
      groups.get(point.candidate).push(point);
    }
    return groups;
  };

  const line = (name, points, field, colour, dash) => {
    const shown = points.filter((point) => point[field] !== null && point[field] !== undefined);
    return {
      type: "scatter", mode: shown.length > FEW ? "lines" : "lines+markers", name,
      x: shown.map((point) => point.iteration), y: shown.map((point) => point[field]),
      line: { color: colour, width: dash ? 1.5 : 2, dash: dash || "solid" }, marker: { color: colour, size: 5 },
      hovertemplate: `${name}<br>iteration %{x}: %{y:${field === "accuracy" ? ".1%" : ".4g"}}<extra></extra>`,
    };
  };

  // The place of a candidate among all, by name: the same colour on every page and after every reload.
  const order = (names) => new Map([...names].sort().map((name, i) => [name, i]));
  const colourOf = (figure, place) => figure.layout.colorway[place % figure.layout.colorway.length];

  const draw = (figure, points, names, fields) => {
    const places = order(names);
    const data = [];
    for (const [name, own] of byCandidate(points)) {
      const colour = colourOf(figure, places.get(name) ?? 0);
      for (const [field, suffix, dash] of fields) data.push(line(`${name}${suffix}`, own, field, colour, dash));
    }
    return { ...figure, data };
  };

  dashapp.figures = {
    order,
    scoreByIteration: (figure, points, names) => draw(figure, points, names, [["validation_score", "", null]]),
    lossByIteration: (figure, points, names) => draw(figure, points, names, [["validation_loss", ", validation", null], ["train_loss", ", training", "dot"]]),
    accuracyByIteration: (figure, points, names) => draw(figure, points, names, [["accuracy", "", null]]),
  };
})();

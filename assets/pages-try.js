// The try-it form: makes a row of its fields, sends it as any program would, and shows the answer, its warnings and the time that it took.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const h = (...all) => dashapp.element(...all);
  const BUTTON = "predict-button", FIELD = "try-field-", COPIED_MS = 1500, MOST_BARS = 20;

  class Unsendable extends Error {}

  const value = (column, place) => {
    const control = document.getElementById(FIELD + place);
    if (control.validity && control.validity.badInput) throw new Unsendable(`What you wrote for ${column.name} cannot be read. Correct it, or leave it empty.`);
    if (column.labels) return column.labels[Number(control.value)] ?? null;
    if (control.value === "") return null;
    return column.isNumber ? Number(control.value) : control.value;
  };

  const rowOf = (columns) => Object.fromEntries(columns.map((column, place) => [column.name, value(column, place)]));

  const send = async (row) => {
    const began = performance.now();
    const answer = await fetch(dashapp.address("api/predict"), {
      method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify({ rows: [row] }),
    });
    const text = await answer.text();
    return { isOk: answer.ok, status: answer.status, text, tookMs: performance.now() - began, timing: answer.headers.get("Server-Timing") || "" };
  };

  const asJson = (text) => {
    try { return JSON.parse(text); } catch { return null; }
  };

  const note = (kind, ...children) => h("Div", { className: `note note-${kind}`, ...(kind === "bad" ? { role: "alert" } : {}) }, ...children);
  const percent = (share) => `${(100 * share).toFixed(1)}\u00a0%`;
  const milliseconds = (ms) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)}\u00a0ms`;
  const shown = (prediction) => (typeof prediction === "number" ? prediction.toLocaleString("en", { maximumSignificantDigits: 6 }) : String(prediction));

  const bars = (probabilities) => {
    const sorted = Object.entries(probabilities).sort((a, b) => b[1] - a[1]);
    const rows = sorted.slice(0, MOST_BARS).map(([label, share]) =>
      h("Div", { className: "bar-row" },
        h("Span", { className: "bar-label", dir: "auto", title: label }, label),
        h("Meter", { value: String(share), min: "0", max: "1", "aria-label": `Probability of ${label}` }),
        h("Span", { className: "bar-value" }, percent(share))));
    if (sorted.length > MOST_BARS) rows.push(h("P", { className: "muted small" }, `and ${sorted.length - MOST_BARS} more, less likely`));
    return h("Div", { className: "bars" }, ...rows);
  };

  const serverMs = (timing) => [...timing.matchAll(/dur=([\d.]+)/g)].reduce((sum, found) => sum + Number(found[1]), 0);

  const story = (answer, version) => {
    const spent = serverMs(answer.timing);
    const inside = spent > 0 ? `, ${milliseconds(spent)} of it in the model` : "";
    return `Answered by version ${version} in ${milliseconds(answer.tookMs)}${inside}.`;
  };

  const success = (answer, body, sure) => {
    const [first] = body.predictions;
    const parts = [
      h("P", { className: "prediction" }, shown(first.prediction)),
      h("P", { className: "muted small" }, story(answer, body.model.version)),
    ];
    if (first.interval) parts.push(h("P", { className: "prediction-interval" }, `${sure} ${shown(first.interval[0])} and ${shown(first.interval[1])}.`));
    if (first.probabilities) parts.push(bars(first.probabilities));
    if (first.warnings.length) parts.push(note("warn", h("Ul", {}, ...first.warnings.map((each) => h("Li", {}, each.message)))));
    return parts;
  };

  const failure = (answer, body) =>
    [note("bad", (body && (body.detail || body.title)) || `The server answered ${answer.status} and gave no reason.`)];

  const HIDDEN = "is-hidden";

  // The result, the answer as it came, the row to be explained with the model's id, whether one may ask why, and no reasons yet.
  const ask = async (columns, sure) => {
    const row = rowOf(columns);
    const answer = await send(row);
    const body = asJson(answer.text);
    const text = body ? JSON.stringify(body, null, 2) : answer.text;
    if (!(answer.isOk && body && body.predictions)) return [failure(answer, body), text, null, HIDDEN, null];
    return [success(answer, body, sure), text, { row, model: body.model.id }, "try-why", null];
  };

  const show = (id) => {
    document.getElementById(id).scrollIntoView({ block: "nearest" });
  };

  const write = async (text, element) => {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    window.getSelection().selectAllChildren(element);  // a page without HTTPS may not write to the clipboard in another way
    document.execCommand("copy");
    return undefined;
  };

  dashapp.clientside("tryit", {
    async predict(clicks, columns, sure) {
      if (!clicks) return Array(5).fill(dashapp.noUpdate());
      dashapp.set(BUTTON, { disabled: true });
      try {
        return await ask(columns, sure);
      } catch (error) {
        const words = error instanceof Unsendable ? error.message : "The server cannot be reached. Look whether it runs, then press Predict again.";
        return [[note("bad", words)], "", null, HIDDEN, null];
      } finally {
        dashapp.set(BUTTON, { disabled: false });
        setTimeout(show, 50, "predict-result");
      }
    },
    here(texts) {
      const url = window.location.origin + dashapp.address("api/predict");
      return ["curl-sample", "python-sample"].map((name) => texts[name].replace(texts.url, () => url));
    },
    async copy(clicks, buttonId, sampleId) {
      if (!clicks) return dashapp.noUpdate();
      const sample = document.getElementById(sampleId);
      await write(sample.textContent, sample);
      const button = document.getElementById(buttonId);
      button.classList.add("is-copied");
      setTimeout(() => button.classList.remove("is-copied"), COPIED_MS);
      return dashapp.noUpdate();
    },
  });
})();

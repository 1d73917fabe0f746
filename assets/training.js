// The training card: draws the newest snapshot of the run that the page is about, whoever brought it (the page, the socket,
// the background callback), and says when the run has ended.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const h = (...all) => dashapp.element(...all);
  const words = () => dashapp.words;
  const FINISHED = new Set(["succeeded", "failed", "cancelled", "interrupted"]);
  const BADGES = {
    queued: ["Queued", ""], running: ["Running", "badge-busy"], succeeded: ["Succeeded", "badge-good"],
    failed: ["Failed", "badge-bad"], cancelled: ["Cancelled", "badge-warn"], interrupted: ["Interrupted", "badge-bad"],
  };
  const STATES = { waiting: "Waiting", training: "Training", finished: "Finished", failed: "Failed" };
  const STOPPED = { waiting: "Not started", training: "Stopped" };
  const CHARTS_EVERY_MS = 400;
  let drawn = { snapshot: null, version: -1, points: -1, chartsAt: 0 };
  let later = null;
  let clock = { from: null, to: null };

  const badge = (run) => {
    const [text, kind] = BADGES[run.state];
    return h("Span", { className: `badge-state ${kind}` }, run.is_cancelling ? "Cancelling" : text);
  };

  const stage = (each) => {
    const note = each.state === "running" ? "now" : each.seconds ? words().duration(each.seconds) : "";
    const now = each.state === "running" ? { "aria-current": "step" } : {};
    return h("Li", { className: `stage stage-${each.state}`, key: each.name, ...now },
      h("Span", { className: "stage-name" }, each.name), h("Span", { className: "stage-note" }, note));
  };

  const timeLeft = (run) => {
    if (FINISHED.has(run.state)) return "";
    if (run.state === "queued") return "Starts when a trainer is free";
    if (run.eta_s === null || run.eta_s === undefined) return "Time left: –";
    if (run.eta_s < 1) return "Less than a second left";
    const about = `About ${words().duration(Math.round(run.eta_s))} left`;
    const hasRange = typeof run.eta_low_s === "number" && typeof run.eta_high_s === "number";
    return hasRange ? `${about}, between ${Math.round(run.eta_low_s)} and ${words().duration(Math.round(run.eta_high_s))}` : about;
  };

  const state = (run, each) => {
    if (each.error) return `Failed: ${each.error}`;
    return (FINISHED.has(run.state) && STOPPED[each.state]) || STATES[each.state] || each.state;
  };

  const isRegression = (run) => run.task === "regression";

  const row = (run, places) => (each) => h("Tr", { key: each.name, className: each.is_best ? "is-best" : "" },
    h("Th", { scope: "row" }, h("Span", { className: `series-mark series-${(places.get(each.name) ?? 0) % 6}` }), each.name,
      each.is_best ? h("Span", { className: "badge-state badge-good ms-2" }, FINISHED.has(run.state) ? "Best" : "Current best") : ""),
    h("Td", { className: "number" }, words().figure(each.score)),
    h("Td", { className: "number" }, words().figure(each.validation_loss)),
    ...(isRegression(run) ? [] : [h("Td", { className: "number" }, words().share(each.accuracy))]),
    h("Td", { className: "number" }, each.iterations ? each.iterations.toLocaleString("en") : "–"),
    h("Td", {}, state(run, each)));

  const rank = (candidates) => [...candidates].sort((a, b) => (a.validation_loss ?? Infinity) - (b.validation_loss ?? Infinity));

  const leaderboard = (run, places) => {
    if (run.candidates.length) return rank(run.candidates).map(row(run, places));
    return h("Tr", {}, h("Td", { colSpan: isRegression(run) ? 5 : 6, className: "muted" }, FINISHED.has(run.state) ? "It ended before any model began to train." : "The models that compete appear here when training begins."));
  };

  const elapsed = () => {
    const element = document.getElementById("train-elapsed");
    if (!element) return;
    const until = clock.to || Date.now();
    const text = clock.from ? `${words().duration(Math.max(0, clock.to ? (until - clock.from) / 1000 : Math.floor((until - clock.from) / 1000)))} elapsed` : "";
    if (element.textContent !== text) element.textContent = text;
  };
  setInterval(elapsed, 1000);

  const setClock = (run) => {
    clock = { from: run.started_at ? Date.parse(run.started_at) : null, to: run.ended_at ? Date.parse(run.ended_at) : null };
    elapsed();
  };

  const figures = (run, points, shown) => {
    const names = run.candidates.map((each) => each.name);
    const draw = dashapp.figures;
    return [draw.scoreByIteration(shown[0], points, names), draw.lossByIteration(shown[1], points, names), draw.accuracyByIteration(shown[2], points, names)];
  };

  const visible = (isVisible, base) => (isVisible ? base : `${base} is-hidden`);

  const card = (run) => {
    const isOver = FINISHED.has(run.state);
    const places = dashapp.figures.order(run.candidates.map((each) => each.name));
    const percent = Math.floor(run.percent);
    return [
      badge(run), run.stages.map(stage), String(run.percent), `${percent} %`, run.state === "succeeded" || run.message === run.error ? "" : run.message, timeLeft(run),
      leaderboard(run, places), visible(!isOver, "button-row training-actions"), run.is_cancelling === true,
      run.is_cancelling === true || !run.candidates.some((each) => each.is_best),
      isOver && run.error ? run.error : "", visible(isOver && run.error, "note note-bad"),
      visible(!isRegression(run), "chart"),
    ];
  };

  const newest = (given) => {
    for (const document of given) if (document && document.id) dashapp.live.take(document);
  };

  // Charts cost the browser most: a few drawings a second, the last one always.
  const isEarly = () => {
    const wait = drawn.chartsAt + CHARTS_EVERY_MS - Date.now();
    if (wait <= 0) return false;
    clearTimeout(later);
    later = setTimeout(dashapp.live.publish, wait);
    return true;
  };

  const bringIntoView = () => {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    requestAnimationFrame(() => document.getElementById("training-card")?.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" }));
  };

  const setBusy = (disabled) => {
    if (document.getElementById("train-button")) dashapp.set("train-button", { disabled });
  };

  dashapp.clientside("training", {
    // (the page's snapshot, the background callback's, the socket's, three figures) -> the training card's properties
    draw(snapshot, progress, _runs, score, loss, accuracy) {
      const no = dashapp.noUpdate();
      const nothing = Array(17).fill(no);
      if (!snapshot) return nothing;
      dashapp.live.watch(snapshot.id);
      newest([snapshot, progress]);
      const run = dashapp.live.document(snapshot.id);
      const points = dashapp.live.curves(snapshot.id);
      const isNewPage = drawn.snapshot !== snapshot;
      if (!isNewPage && drawn.version === run.version && drawn.points === points.length) return nothing;
      if (isNewPage && !FINISHED.has(run.state)) bringIntoView();
      const mayWait = !isNewPage && !FINISHED.has(run.state);
      const hasCharts = (isNewPage || drawn.points !== points.length) && !(mayWait && isEarly());
      drawn = { snapshot, version: run.version, points: hasCharts ? points.length : drawn.points, chartsAt: hasCharts ? Date.now() : drawn.chartsAt };
      setClock(run);
      const hasEndedHere = FINISHED.has(run.state) && !FINISHED.has(snapshot.state);
      const charts = hasCharts ? figures(run, points, [score, loss, accuracy]) : [no, no, no];
      setBusy(!FINISHED.has(run.state));
      return [...card(run), ...charts, hasEndedHere ? { run: run.id, version: run.version } : no];
    },
    // The background callback's last word on a run.
    settle(outcome) {
      if (outcome && outcome.id && dashapp.live.take(outcome)) dashapp.live.publish();
    },
  });
})();

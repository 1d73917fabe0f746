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
  let drawn = { snapshot: null, version: -1, points: "", chartsAt: 0 };
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
    if (run.state === "queued") return "";
    const hasRange = typeof run.eta_low_s === "number" && typeof run.eta_high_s === "number";
    if (!hasRange && typeof run.eta_s !== "number") return "Time left: –";
    const [low, high] = hasRange ? [run.eta_low_s, run.eta_high_s] : [run.eta_s, run.eta_s];
    if (high < 1) return "Less than a second left";
    return `${hasRange ? "" : "About "}${words().timeRange(low, high)} left`;
  };

  const state = (run, each) => {
    if (each.error) return `Failed: ${each.error}`;
    return (FINISHED.has(run.state) && STOPPED[each.state]) || STATES[each.state] || each.state;
  };

  const isRegression = (run) => run.task === "regression";

  const marks = (run, each) => {
    if (each.is_best) return h("Span", { className: "badge-state badge-good" }, FINISHED.has(run.state) ? "Best" : "Current best");
    return each.is_tied ? h("Span", { className: "badge-state" }, "Tied with the best") : "";
  };

  // A blend is made of what raced and has no curve of its own.
  const racing = (run) => run.candidates.filter((each) => each.trials || each.state !== "finished").map((each) => each.name);
  const mark = (place) => (place === undefined ? "" : h("Span", { className: `series-mark series-${place % 6}` }));

  const row = (run, places) => (each) => h("Tr", { key: each.name, className: each.is_best ? "is-best" : "" },
    h("Th", { scope: "row" },
      h("Span", { className: "candidate" },
        h("Span", {}, mark(places.get(each.name)), each.name), marks(run, each)),
      h("Span", { className: "cell-note candidate-setting" }, each.setting || "")),
    h("Td", { className: "number" }, words().figure(each.score)),
    h("Td", { className: "number" }, words().figure(each.validation_loss)),
    ...(isRegression(run) ? [] : [h("Td", { className: "number" }, words().share(each.accuracy))]),
    h("Td", { className: "number" }, each.trials ? each.trials.toLocaleString("en") : "–"),
    h("Td", { className: "candidate-state" }, state(run, each)));

  // The leader is what would be kept now; the loss of one that was judged on fewer rows does not put it before.
  const rank = (candidates) =>
    [...candidates].sort((a, b) => b.is_best - a.is_best || (a.validation_loss ?? Infinity) - (b.validation_loss ?? Infinity));

  const leaderboard = (run, places) => {
    if (run.candidates.length) return rank(run.candidates).map(row(run, places));
    return h("Tr", { className: FINISHED.has(run.state) ? "is-none" : "" }, h("Td", { colSpan: isRegression(run) ? 5 : 6, className: "muted" }, FINISHED.has(run.state) ? "It ended before any model began to train." : "The models that compete appear here when training begins."));
  };

  // The sentence of a success is the result's, and that of a failure has its own box.
  const message = (run) => {
    if (run.state === "succeeded") return "The model is ready. Its result stands below the charts.";
    return run.message === run.error ? "" : run.message;
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

  const figures = (run, points, resources, shown) => {
    const names = racing(run);
    const draw = dashapp.figures;
    return [draw.score(shown[0], points, names), draw.loss(shown[1], points, names, resources), draw.accuracy(shown[2], points, names)];
  };

  // The legend of the areas behind the losses, with what they say at this moment and at most.
  const used = (resources) => {
    if (!resources.length) return "";
    const last = resources[resources.length - 1];
    const most = (field) => resources.reduce((found, point) => Math.max(found, point[field]), 0);
    const cores = (share) => `${share.toFixed(1)}\u00a0${share.toFixed(1) === "1.0" ? "core" : "cores"}`;
    const item = (kind, text) => h("Span", { className: `used used-${kind}`, key: kind }, h("Span", { className: "used-mark" }), text);
    return [
      item("cpu", `CPU of the trainer: ${cores(last.cpu_share)}, ${cores(most("cpu_share"))} at most`),
      item("memory", `Memory: ${words().bytes(last.memory_bytes)}, ${words().bytes(most("memory_bytes"))} at most (right axis)`),
    ];
  };

  const actions = (run, isOver) => visible(!isOver || run.model_id, isOver ? "button-row training-actions is-over" : "button-row training-actions");

  const visible = (isVisible, base) => (isVisible ? base : `${base} is-hidden`);

  const card = (run) => {
    const isOver = FINISHED.has(run.state);
    const places = dashapp.figures.order(racing(run));
    const percent = Math.floor(run.percent);
    return [
      badge(run), run.stages.map(stage), String(run.percent), `${percent} %`, message(run), timeLeft(run),
      leaderboard(run, places), actions(run, isOver), run.is_cancelling === true,
      run.is_cancelling === true || !run.candidates.some((each) => each.is_best),
      isOver && run.error ? run.error : "", visible(isOver && run.error, "note note-bad"),
      visible(!isRegression(run), "chart"), used(dashapp.live.resources(run.id)),
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
      const nothing = Array(18).fill(no);
      if (!snapshot) return nothing;
      dashapp.live.watch(snapshot.id);
      newest([snapshot, progress]);
      const run = dashapp.live.document(snapshot.id);
      const points = dashapp.live.curves(snapshot.id);
      const resources = dashapp.live.resources(snapshot.id);
      const known = `${points.length}/${resources.length}`;
      const isNewPage = drawn.snapshot !== snapshot;
      if (!isNewPage && drawn.version === run.version && drawn.points === known) return nothing;
      if (isNewPage && !FINISHED.has(run.state)) bringIntoView();
      const mayWait = !isNewPage && !FINISHED.has(run.state);
      const hasCharts = (isNewPage || drawn.points !== known) && !(mayWait && isEarly());
      drawn = { snapshot, version: run.version, points: hasCharts ? known : drawn.points, chartsAt: hasCharts ? Date.now() : drawn.chartsAt };
      setClock(run);
      const hasEndedHere = FINISHED.has(run.state) && !FINISHED.has(snapshot.state);
      const charts = hasCharts ? figures(run, points, resources, [score, loss, accuracy]) : [no, no, no];
      setBusy(!FINISHED.has(run.state));
      return [...card(run), ...charts, hasEndedHere ? { run: run.id, version: run.version } : no];
    },
    // The background callback's last word on a run.
    settle(outcome) {
      if (outcome && outcome.id && dashapp.live.take(outcome)) dashapp.live.publish();
    },
  });
})();

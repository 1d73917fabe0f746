// The live socket: takes frames in order, drops what was seen, notices what was lost, and connects again with patience.
//
// The WebSocket component's `message` keeps only the last frame of a burst, so every frame is queued here before the component sees it.
// A frame says after which event it starts and which one is its last. Should one start above the last event seen here, what is missing
// is asked for over HTTP, and by a new connection where that fails. Curve points and what the trainer used are numbered per run; a hole in them is filled in the
// same way. Frames end in the stores live-events (the newest 100 events in order, so that a reader who misses one change misses no
// event), live-metrics (the newest snapshot) and live-runs (run documents by id, without curves); `dashapp.live.curves(id)` and
// `dashapp.live.resources(id)` give all points known of a run.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const FIRST_WAIT_MS = 500, LONGEST_WAIT_MS = 15000, SILENCE_MS = 20000, POLL_MS = 2000, REFETCH_MS = 600;
  const RECENT = 100, PAGE = 500;
  const SOCKET = "live-socket", BANNER = "connection-banner", RUNS = "live-runs", EVENTS = "live-events";

  let lastId = 0, attempt = 0, wait = FIRST_WAIT_MS, timer = null, lastFrameAt = 0, isOpen = false;
  let watched = null, recent = [], isFilling = false;
  const runs = new Map();
  const fetching = new Set();

  const frames = [];
  window.WebSocket = class extends window.WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", (event) => frames.push(event.data));
    }
  };

  const url = () => {
    attempt += 1;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    return `${scheme}//${location.host}${dashapp.address("ws")}?after=${lastId}&attempt=${attempt}`;
  };

  const connect = () => {
    clearTimeout(timer);
    timer = null;
    lastFrameAt = Date.now();
    dashapp.set(SOCKET, { url: url() });
  };

  const connectLater = () => {
    if (timer !== null) return;
    timer = setTimeout(connect, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  };

  const setOpen = (open) => {
    isOpen = open;
    document.documentElement.classList.toggle("is-live", open);
    document.documentElement.classList.toggle("is-lost", !open);
    dashapp.set(BANNER, { className: open ? "connection-banner is-hidden" : "connection-banner" });
  };

  const known = (id) => {
    if (!runs.has(id)) runs.set(id, { document: null, points: [], resources: [] });
    return runs.get(id);
  };

  // Keeps the newer of two documents of a run, and its curve points without a hole; true where there was something new.
  const take = (document) => {
    const run = known(document.id);
    const { curves, resources, ...fields } = document;
    let changed = append(run.points, curves);
    changed = append(run.resources, resources) || changed;
    if (run.document === null || fields.version >= run.document.version) {
      changed = changed || run.document === null || fields.version > run.document.version;
      run.document = fields;
    }
    if (document.id === watched && isShort(run, document)) setTimeout(fill, REFETCH_MS, document);
    return changed;
  };

  // Points are numbered from 1 without a hole; true where there was a new one.
  const append = (kept, points) => {
    const before = kept.length;
    for (const point of points || []) if (point.number === kept.length + 1) kept.push(point);
    return kept.length > before;
  };

  const lastNumber = (points, after) => Math.max(after || 0, points && points.length ? points[points.length - 1].number : 0);
  const isShort = (run, document) =>
    run.points.length < lastNumber(document.curves, document.curves_after) || run.resources.length < lastNumber(document.resources, document.resources_after);

  const fill = (document) => {
    if (isShort(known(document.id), document)) refetch(document.id);
  };

  const refetch = async (id) => {
    if (fetching.has(id)) return;
    fetching.add(id);
    try {
      const answer = await fetch(dashapp.address(`api/runs/${encodeURIComponent(id)}`), { headers: { Accept: "application/json" } });
      if (answer.ok && take(await answer.json())) publish();
    } catch {
      // the server is away: the socket's banner says so, and a later frame asks again
    } finally {
      fetching.delete(id);
    }
  };

  const snapshot = () => Object.fromEntries([...runs].filter(([, run]) => run.document).map(([id, run]) => [id, { ...run.document, points: run.points.length, resources: run.resources.length }]));
  const publish = () => dashapp.set(RUNS, { data: snapshot() });

  // Keeps the events that are new, in order; true where there were any.
  const keep = (events) => {
    const fresh = events.filter((event) => event.id > lastId);
    if (!fresh.length) return false;
    lastId = fresh[fresh.length - 1].id;
    recent = [...recent, ...fresh].slice(-RECENT);
    return true;
  };

  const fillEvents = async () => {
    if (isFilling) return;
    isFilling = true;
    try {
      for (let found = PAGE; found === PAGE;) {
        const answer = await fetch(dashapp.address(`api/events?after=${lastId}&limit=${PAGE}`), { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const { events } = await answer.json();
        found = events.length;
        if (keep(events)) dashapp.set(EVENTS, { data: recent });
      }
    } catch {
      connect();
    } finally {
      isFilling = false;
    }
  };

  const receive = (frame) => {
    lastFrameAt = Date.now();
    wait = FIRST_WAIT_MS;
    const isWhole = frame.after <= lastId;
    if (!isWhole) fillEvents();
    return {
      hasEvents: isWhole && keep(frame.events || []),
      metrics: frame.metrics || null,
      hasRuns: Object.entries(frame.runs || {}).map(([id, run]) => take({ ...run, id })).some(Boolean),
    };
  };

  const look = () => {
    const document = watched && known(watched).document;
    const isMoving = document && (document.state === "queued" || document.state === "running");
    if (isMoving && !isOpen) refetch(watched);
    if (isOpen && Date.now() - lastFrameAt > SILENCE_MS) connect();
  };
  setInterval(look, POLL_MS);

  const hurry = () => {
    if (isOpen || attempt === 0) return;
    wait = FIRST_WAIT_MS;
    connect();
  };
  window.addEventListener("online", hurry);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) hurry(); });

  dashapp.live = {
    curves: (id) => known(id).points,
    resources: (id) => known(id).resources,
    document: (id) => known(id).document,
    take,
    publish,
    watch(id) { watched = id; },
  };

  dashapp.clientside("live", {
    connect(start) {
      lastId = Math.max(lastId, start.after);
      lastFrameAt = Date.now();
      return url();
    },
    receive(message) {
      const no = dashapp.noUpdate();
      if (!message) return [no, no, no];
      const news = frames.splice(0).map((frame) => receive(JSON.parse(frame)));
      const metrics = news.map((each) => each.metrics).filter(Boolean).pop();
      return [news.some((each) => each.hasEvents) ? recent : no, metrics || no, news.some((each) => each.hasRuns) ? snapshot() : no];
    },
    connection(state) {
      if (!state) return;
      if (state.readyState === WebSocket.OPEN) {
        setOpen(true);
      } else if (state.readyState === WebSocket.CLOSED && state.code !== undefined) {
        setOpen(false);
        connectLater();
      }
    },
  });
})();

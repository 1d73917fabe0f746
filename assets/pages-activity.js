// The Activity page: asks the API for what the address wants, draws it by day with floods as one line each, puts what happens now on
// top, and goes back to the first day as one scrolls. Every text is put in as text, never as markup.
//
// A line holds events of one key, newest first: those of a flood, or a single one. The page's own elements are drawn by hand, as a live
// flood changes one line a second and the rest must stay as it is.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const FEED = "activity-feed", OLDER = "activity-older", STATUS = "activity-status", LOCATION = "location";
  const PAGE = 200, MOST_LINES = 3000, MOST_PARTS = 300, MOST_EMPTY = 25, RECENT = 100, LOOK = 3, TICK_MS = 5000;
  const HOUR_MS = 3600e3, DAY_MS = 86400e3;
  // How many of a key make a flood, how long a silence ends it, and how long it may last.
  const FLOODS = { prediction_made: [2, 150e3, HOUR_MS], training_progress: [3, 900e3, HOUR_MS], user_action: [5, 900e3, HOUR_MS], system_alert: [4, 900e3, HOUR_MS] };
  let view = null;

  const element = (name, className, ...children) => {
    const node = document.createElement(name);
    if (className) node.className = className;
    node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  };
  const feed = () => document.getElementById(FEED);
  const at = (event) => Date.parse(event.at);
  const began = (event) => (event.data.since ? Date.parse(event.data.since) : at(event));
  const title = (type) => type.charAt(0).toUpperCase() + type.slice(1).replaceAll("_", " ");

  // Days

  const dayOf = (ms) => { const day = new Date(ms); day.setHours(0, 0, 0, 0); return day.getTime(); };
  const LONG_DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const dayInWords = (day) => {
    const today = dayOf(Date.now());
    return day === today ? "Today" : day === dayOf(today - DAY_MS / 2) ? "Yesterday" : LONG_DAY.format(day);
  };
  const place = (day, isNewer) => {
    const near = isNewer ? view.days[0] : view.days[view.days.length - 1];
    if (near && near.day === day) return near;
    const heading = element("h3", "timeline-day", dayInWords(day)), list = element("ol", "feed");
    const made = { day, heading, list, node: element("section", "timeline-part", heading, list) };
    if (isNewer) { feed().prepend(made.node); view.days.unshift(made); } else { feed().append(made.node); view.days.push(made); }
    return made;
  };

  // Lines

  const keyOf = (event) => {
    const { type, data, subject } = event;
    if (!FLOODS[type]) return null;
    if (type === "prediction_made") return data.per === "hour" ? "predictions by the hour" : type;
    return [type, type === "training_progress" ? subject.run : "", data.action || "", data.rule || ""].join(" ");
  };
  const bounds = (line) => (line.key === "predictions by the hour" ? [2, 2.5 * HOUR_MS, DAY_MS] : FLOODS[line.events[0].type]);
  const fits = (line, event, key) => {
    if (key === null || line.key !== key || line.place.day !== dayOf(at(event))) return false;
    const [, silence, length] = bounds(line), ms = at(event), start = began(event);
    const gap = ms > line.to ? start - line.to : line.from - ms;
    return gap <= silence && Math.max(line.to, ms) - Math.min(line.from, start) <= length;
  };

  const add = (event, isNewer) => {
    const key = keyOf(event), near = isNewer ? view.lines.slice(0, LOOK) : view.lines.slice(-LOOK).reverse();
    const line = near.find((each) => fits(each, event, key)) || begin(event, key, isNewer);
    if (isNewer) line.events.unshift(event); else line.events.push(event);
    line.all += 1;
    line.count += event.data.count || 0;
    line.timed += (event.data.requests || 0) * (event.data.mean_ms || 0);
    line.requests += event.data.requests || 0;
    for (const version of Object.keys(event.data.versions || {})) line.versions.add(version);
    line.from = Math.min(line.from, began(event));
    line.to = Math.max(line.to, at(event));
    line.events.length = Math.min(line.events.length, MOST_PARTS);
    view.newest = Math.max(view.newest, event.id);
    return line;
  };
  const begin = (event, key, isNewer) => {
    const line = { key, events: [], all: 0, count: 0, timed: 0, requests: 0, versions: new Set(), from: began(event), to: at(event), isOpen: false };
    line.place = place(dayOf(at(event)), isNewer);
    line.node = element("li", "timeline-line");
    if (isNewer) { line.place.list.prepend(line.node); view.lines.unshift(line); } else { line.place.list.append(line.node); view.lines.push(line); }
    return line;
  };
  const isFlood = (line) => line.key !== null && line.all >= bounds(line)[0];

  // Words

  const floodInWords = (line) => {
    const newest = line.events[0];
    if (newest.type !== "prediction_made") {
      const more = (line.all - 1).toLocaleString("en");
      return newest.type === "training_progress" ? `${newest.message} (after ${more} steps before it)` : `${newest.message} (and ${more} more like it)`;
    }
    const now = Date.now(), isNow = now - line.to < 60e3, seconds = Math.max(1, Math.round(((isNow ? now : line.to) - line.from) / 1000));
    const time = seconds <= 60 && isNow ? "minute" : dashapp.words.duration(seconds);
    const by = line.versions.size ? ` by version${line.versions.size > 1 ? "s" : ""} ${[...line.versions].sort((a, b) => a - b).join(" and ")}` : "";
    const took = line.requests ? ` (mean ${(line.timed / line.requests).toFixed(1)} ms)` : "";
    return `${line.count.toLocaleString("en")} prediction${line.count === 1 ? "" : "s"}${by} in ${isNow ? "the last " : ""}${time}${took}`;
  };

  // Links

  const LINKS = [["alert", "The alert", (id) => `monitor?alert=${id}`], ["run", "The run", (id) => `?run=${id}`], ["model", "The model", (id) => `models/${id}`], ["dataset", "The data", (id) => `?dataset=${id}`]];
  const link = (words, path) => {
    const node = element("a", "", words);
    node.href = dashapp.address(path);
    return node;
  };
  const links = (event) => {
    const found = [], isGone = /_deleted$/.test(event.data.action || "");
    for (const [kind, words, path] of LINKS) {
      const id = event.subject[kind];
      if (!id) continue;
      if (!isGone) found.push(link(words, path(encodeURIComponent(id))));
      if (`${kind}:${id}` !== view.query.subject && found.length < 2) found.push(link(`Only ${words.toLowerCase()}’s events`, `activity?subject=${encodeURIComponent(`${kind}:${id}`)}`));
    }
    if (event.type === "prediction_made" && event.data.version) found.push(link("In the ledger", `predictions?version=${encodeURIComponent(event.data.version)}`));
    return found.length ? element("span", "timeline-links", ...found) : null;
  };
  // A time is the address of its event: the page of what was there and before it.
  const time = (event) => {
    const query = new URLSearchParams(location.search);
    query.set("before", event.id + 1);
    query.delete("day");
    const node = link(CLOCK.format(at(event)), `activity?${query}`), moment = element("time", "feed-time", node);
    moment.dateTime = event.at;
    moment.title = event.at;
    return moment;
  };

  // Drawing

  const flag = (name, value) => (/^[a-z_]+$/.test(value || "") ? ` feed-${name}-${value}` : "");
  const message = (words) => { const node = element("span", "feed-message", words); node.dir = "auto"; return node; };
  const item = (event, said, more) => {
    const icon = element("span", "feed-icon");
    icon.setAttribute("aria-hidden", "true");
    const node = element("div", `feed-item feed-${event.type}${flag("outcome", event.data.outcome)}${flag("action", event.data.action)}${flag("severity", event.data.severity)}`,
      icon, element("span", "feed-label", title(event.type)), time(event), said, more, links(event));
    node.dataset.event = event.id;
    return node;
  };
  const part = (event) => { const node = element("li", "", time(event), message(event.message)); return node; };
  const parts = (line) => {
    const rest = line.all - line.events.length;
    return [...line.events.map(part), ...(rest > 0 ? [element("li", "muted", `and ${rest.toLocaleString("en")} before these`)] : [])];
  };
  const draw = (line) => {
    if (!isFlood(line)) {
      const words = (event) => (event.data.per === "minute" ? floodInWords(line) : event.message);
      line.node.replaceChildren(...line.events.map((event) => item(event, message(words(event)), null)));
      return;
    }
    if (!line.summary) drawFlood(line);
    line.summary.textContent = floodInWords(line);
    const newest = time(line.events[0]), shown = line.node.querySelector(".feed-time");
    if (shown.title !== newest.title) shown.replaceWith(newest);
    if (line.details.open) line.list.replaceChildren(...parts(line));
  };
  const drawFlood = (line) => {
    line.summary = element("summary", "");
    line.summary.dir = "auto";
    line.list = element("ol", "timeline-parts");
    line.details = element("details", "feed-message", line.summary, line.list);
    line.details.addEventListener("toggle", () => { if (line.details.open) line.list.replaceChildren(...parts(line)); });
    line.node.replaceChildren(item(line.events[0], line.details, null));
  };

  // Older ones

  const say = (words) => { const node = document.getElementById(STATUS); if (node) node.textContent = words; };
  const showEnd = () => {
    const button = document.getElementById(OLDER);
    if (button) button.classList.toggle("is-hidden", view.next === null);
    feed().removeAttribute("aria-busy");
    if (view.next !== null) say(view.lines.length ? "" : `Nothing like it among the newest ${(view.query.lastId - view.next + 1).toLocaleString("en")} events.`);
    else if (view.lines.length) say(view.query.isNarrowed ? "Nothing older is like that." : "This is where it began.");
    else say(view.query.isNarrowed || !view.query.isLive ? "Nothing is like that." : "Nothing has happened yet. Upload a CSV file and it appears here.");
  };
  const address = (query, next, more) => {
    const wanted = new URLSearchParams(more);
    if (next !== undefined) wanted.set("before", next);
    for (const type of query.types) wanted.append("type", type);
    for (const name of ["text", "subject", "since"]) if (query[name]) wanted.set(name, query[name]);
    if (query.day) { const end = new Date(`${query.day}T00:00:00`); end.setDate(end.getDate() + 1); wanted.set("until", new Date(end - 1).toISOString()); }
    return dashapp.address(`api/events?${wanted}`);
  };
  const ask = async (url) => {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };
  const older = async () => {
    const mine = view;
    if (!mine || mine.isBusy || mine.next === null) return;
    mine.isBusy = true;
    say("Looking…");
    try {
      for (let empty = 0; empty < MOST_EMPTY && mine.next !== null; empty += 1) {
        const found = await ask(address(mine.query, mine.next, { merged: "true", limit: PAGE }));
        if (mine !== view || !feed()) return;
        mine.next = found.next_before;
        new Set(found.events.map((event) => add(event, false))).forEach(draw);
        if (found.events.length) break;
      }
      mine.isReady = true;
      showEnd();
      take(mine.waiting.splice(0));
    } catch {
      if (mine === view) say("The server does not answer. Try again.");
    } finally {
      mine.isBusy = false;
    }
    if (mine === view && isEndInSight()) older();
  };
  const isEndInSight = () => {
    const button = document.getElementById(OLDER);
    return button && button.offsetParent !== null && !document.hidden && button.getBoundingClientRect().top < window.innerHeight + 400;
  };
  let isAsked = false;
  window.addEventListener("scroll", () => {
    if (isAsked || !view || !feed()) return;
    isAsked = true;
    requestAnimationFrame(() => { isAsked = false; if (view && view.isReady && isEndInSight()) older(); });
  }, { passive: true });

  // New ones

  const isWanted = (event, query) => {
    const kind = query.subject.split(":", 1)[0], text = query.text.toLowerCase();
    return (!query.types.length || query.types.includes(event.type))
      && (!kind || event.subject[kind] === query.subject.slice(kind.length + 1))
      && (!text || event.message.toLowerCase().includes(text) || Object.values(event.subject).some((id) => id.toLowerCase() === text));
  };
  const take = (events) => {
    const fresh = events.filter((event) => event.id > view.newest && isWanted(event, view.query));
    if (!fresh.length) return;
    new Set(fresh.map((event) => add(event, true))).forEach(draw);
    const dropped = view.lines.splice(MOST_LINES);
    dropped.forEach((line) => line.node.remove());
    if (dropped.length) view.next = dropped[0].events[0].id + 1;
    view.days = view.days.filter((each) => each.list.children.length || each.node.remove());
    showEnd();
  };
  // The store holds the newest 100: where more came at once, the rest is asked for.
  const receive = async (events) => {
    const mine = view, missed = events.length >= RECENT && events[0].id > mine.seen + 1;
    let fresh = events.filter((event) => event.id > mine.seen);
    if (!fresh.length) return;
    const before = mine.seen;
    mine.seen = fresh[fresh.length - 1].id;
    if (missed) fresh = (await ask(dashapp.address(`api/events?after=${before}&limit=5000`)).catch(() => ({ events: fresh }))).events;
    if (mine !== view) return;
    if (mine.isReady) take(fresh); else mine.waiting.push(...fresh);
  };
  // "In the last minute" and "Today" stay true.
  setInterval(() => {
    if (!view || !feed() || document.hidden) return;
    for (const line of view.lines.slice(0, LOOK)) if (line.summary) line.summary.textContent = floodInWords(line);
    for (const each of view.days.slice(0, 2)) each.heading.textContent = dayInWords(each.day);
  }, TICK_MS);

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest(`#${FEED} a`);
    if (!pressed || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    history.pushState({}, "", pressed.href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  });

  const chosen = (value) => (value && value !== "any" ? value.slice(1) : "");

  dashapp.clientside("activity", {
    mount(query) {
      view = { query, days: [], lines: [], newest: 0, seen: query.lastId, next: query.before === null ? "newest" : query.before, waiting: [], isBusy: false, isReady: false };
      feed().replaceChildren();
      older();
      return "timeline"; // without an output it would not be called when the page appears
    },
    live(events) {
      if (view && feed() && view.query.isLive && events && events.length) receive(events);
    },
    older(clicks) {
      if (clicks) older();
    },
    search(_submits, _clicks, types, subject, window_, day, text) {
      const query = new URLSearchParams();
      const given = { type: (types || []).join(","), text: (text || "").trim(), subject: chosen(subject), window: chosen(window_), day: day || "" };
      for (const [name, value] of Object.entries(given)) if (value) query.set(name, value);
      const wanted = query.size ? `?${query}` : "";
      if (wanted !== location.search) dashapp.set(LOCATION, { search: wanted });
    },
  });
})();

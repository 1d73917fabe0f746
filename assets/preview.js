// The rows of a table as one scrolls: windows of them are fetched, and only those in view stand in the page.
//
// The table sticks to the top of its box, over a spacer as high as all rows; scrolling moves by whole rows. Browsers cap the height of
// an element, so the spacer of a very long table is lower than its rows: there the wheel and the keys count rows, not pixels.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const ROW_PX = 32, MOST_PX = 6e6, WINDOW_CELLS = 20000, MOST_WINDOWS = 40, REST_MS = 70, SAY_MS = 250, MOST_CHARS = 300;
  const BOX = "preview-box", SLOT = "preview-rows", FIRST = "preview-first", STATUS = "preview-status", GO = "preview-go", FOLD = "rows-fold";
  let view = null;

  const part = (id) => document.getElementById(id);
  const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
  const make = (name, className, ...children) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...children);
    return element;
  };

  // --- what is drawn

  const clip = (whole) => {
    const text = (whole.length > MOST_CHARS ? `${whole.slice(0, MOST_CHARS)}…` : whole).replace(/\r\n?|\n/g, " ↵ ");
    const span = make("span", "cell-clip", text);
    span.dir = "auto";
    if (text.length > 40) span.title = text;
    return span;
  };

  const cell = (value) => {
    if (value !== null && value !== undefined) return clip(String(value));
    const span = make("span", "cell-missing", "–");
    span.title = "Missing";
    return span;
  };

  // A date without the time where that is midnight, as most often it was never written.
  const plain = (value, place) => (view.dates.has(place) && typeof value === "string" ? value.replace(/T00:00:00$/, "") : value);

  const align = (place) => (view.numbers.has(place) ? "number" : "");

  const head = (source) => {
    const cells = [make("th", "row-number", "Row"), ...source.names.map((name, place) => make("th", align(place), clip(name)))];
    for (const each of cells) each.scope = "col";
    return make("thead", "", make("tr", "", ...cells));
  };

  const line = (number, row) => {
    const heading = make("th", "row-number", (number + 1).toLocaleString("en"));
    heading.scope = "row";
    const cells = view.source.names.map((name, place) => make("td", align(place), row ? cell(plain(row[name], place)) : "…"));
    const element = make("tr", row ? "" : "is-coming", heading, ...cells);
    element.setAttribute("aria-rowindex", String(number + 2));
    return element;
  };

  const visible = () => clamp(Math.floor((view.box.clientHeight - view.head.offsetHeight) / ROW_PX), 1, Math.max(view.source.total, 1));
  const lastTop = () => Math.max(0, view.source.total - visible());
  const scrollRange = () => Math.max(0, view.box.scrollHeight - view.box.clientHeight);
  const isScaled = () => view.source.total * ROW_PX > MOST_PX;

  const draw = () => {
    if (!view || !view.box.clientHeight) return;
    const count = visible(), first = Math.round(clamp(view.top, 0, lastTop())), lines = new Map();
    for (let number = first; number < Math.min(first + count, view.source.total); number += 1) {
      const row = rowAt(number);
      const known = view.lines.get(number);
      lines.set(number, known && known.isWhole ? known : { element: line(number, row), isWhole: row !== null });
    }
    view.lines = lines;
    view.body.replaceChildren(...[...lines.values()].map((each) => each.element));
    for (const [number, each] of lines) each.element.classList.toggle("is-marked", number === view.marked);
    const whole = view.head.offsetHeight + Math.min(view.source.total * ROW_PX, MOST_PX);
    view.spacer.style.height = `${Math.max(0, whole - view.table.offsetHeight)}px`;
    keepWidths();
    ask(first, first + count - 1);
    sayLater(first, first + lines.size);
  };

  // A column never gets narrower than it was, or the table would jump while one scrolls.
  const keepWidths = () => {
    const cells = [...view.head.querySelectorAll("th")], widths = cells.map((each) => each.offsetWidth);
    cells.forEach((each, place) => { each.style.minWidth = `${widths[place]}px`; });
  };

  const sayLater = (first, end) => {
    clearTimeout(view.saying);
    const { total } = view.source;
    const text = total ? `Rows ${(first + 1).toLocaleString("en")} to ${end.toLocaleString("en")} of ${total.toLocaleString("en")}` : "No rows";
    view.saying = setTimeout(() => say(text), SAY_MS);
  };
  const say = (text) => { if (part(STATUS)) dashapp.set(STATUS, { children: text }); };

  // --- what is fetched

  const rowAt = (number) => {
    const rows = view.windows.get(Math.floor(number / view.windowRows));
    return rows ? rows[number % view.windowRows] || {} : null;
  };

  const ask = (first, last) => {
    const wanted = [];
    for (let place = Math.floor(first / view.windowRows); place <= Math.floor(last / view.windowRows); place += 1) {
      if (!view.windows.has(place) && !view.asked.has(place)) wanted.push(place);
    }
    clearTimeout(view.resting);
    if (wanted.length) view.resting = setTimeout((shown) => wanted.forEach((place) => load(shown, place)), view.windows.size ? REST_MS : 0, view);
  };

  const load = async (shown, place) => {
    if (shown.asked.has(place)) return;
    shown.asked.add(place);
    try {
      const query = `offset=${place * shown.windowRows}&limit=${shown.windowRows}`;
      const answer = await fetch(dashapp.address(`api/datasets/${encodeURIComponent(shown.source.dataset)}/rows?${query}`));
      if (!answer.ok) throw new Error(String(answer.status));
      shown.windows.set(place, (await answer.json()).rows);
      if (shown.windows.size > MOST_WINDOWS) shown.windows.delete(shown.windows.keys().next().value);
      if (shown === view) { showOwn(); draw(); }
    } catch {
      if (shown === view) { clearTimeout(view.saying); say("These rows could not be fetched. Scroll to try again."); }
    } finally {
      shown.asked.delete(place);
    }
  };

  // The server's first rows stay until there are others to put in their place.
  const showOwn = () => {
    part(FIRST)?.classList.add("is-hidden");
    part(SLOT)?.classList.add("is-drawn");
  };

  // --- how one moves

  const moveTo = (top) => {
    view.top = clamp(top, 0, lastTop());
    draw();
    view.box.scrollTop = lastTop() ? (view.top / lastTop()) * scrollRange() : 0;
    view.scrolled = view.box.scrollTop;
  };

  const onScroll = () => {
    if (!view || Math.abs(view.box.scrollTop - view.scrolled) < 1) return;
    view.scrolled = view.box.scrollTop;
    view.top = scrollRange() ? (view.scrolled / scrollRange()) * lastTop() : 0;
    cancelAnimationFrame(view.frame);
    view.frame = requestAnimationFrame(draw);
  };

  const onWheel = (event) => {
    if (!view || !isScaled() || event.ctrlKey || event.shiftKey || !event.deltaY) return;
    const rows = event.deltaMode === 1 ? event.deltaY : event.deltaMode === 2 ? event.deltaY * visible() : event.deltaY / ROW_PX;
    if (clamp(view.top + rows, 0, lastTop()) === view.top) return;  // at an end the page scrolls on
    event.preventDefault();
    moveTo(view.top + rows);
  };

  const onKey = (event) => {
    if (!view || event.target !== view.box || event.altKey) return;
    const page = Math.max(1, visible() - 1), top = Math.round(view.top);
    const to = { ArrowDown: top + 1, ArrowUp: top - 1, PageDown: top + page, PageUp: top - page, Home: 0, End: lastTop(), " ": top + (event.shiftKey ? -page : page) }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    moveTo(to);
  };

  const goTo = (row, column) => {
    if (!view || !Number.isFinite(row)) return;
    view.marked = clamp(Math.round(row), 1, view.source.total) - 1;
    moveTo(view.marked - Math.floor(visible() / 3));
    const place = view.source.names.indexOf(column);
    if (place >= 0) view.box.scrollLeft = view.head.querySelectorAll("th")[place + 1].offsetLeft - view.box.clientWidth / 3;
  };

  document.addEventListener("change", (event) => { if (event.target.id === GO && event.target.value !== "") goTo(Number(event.target.value)); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-row]");
    if (!link || !view) return;
    part(FOLD).open = true;
    view.box.scrollIntoView({ block: "center" });
    view.box.focus({ preventScroll: true });
    goTo(Number(link.dataset.row), link.dataset.column);
  });

  // --- where it begins

  const mount = (source) => {
    const box = part(BOX), slot = part(SLOT);
    if (!box || !slot) return;
    if (view && view.source.version === source.version && view.box === box && slot.contains(view.table)) return;
    const before = view && view.source.dataset === source.dataset ? view : { top: 0, marked: null };
    view = {
      source, box, numbers: new Set(source.numbers), dates: new Set(source.dates), top: before.top, marked: before.marked, scrolled: 0, frame: 0, saying: 0, resting: 0,
      windows: new Map(), asked: new Set(), lines: new Map(), windowRows: clamp(Math.floor(WINDOW_CELLS / source.names.length), 20, 200),
      body: make("tbody"), spacer: make("div", "preview-spacer"),
    };
    view.head = head(source);
    view.table = make("table", "data-table preview-table", view.head, view.body);
    view.table.setAttribute("aria-rowcount", String(source.total + 1));
    slot.replaceChildren(view.table, view.spacer);
    box.addEventListener("scroll", onScroll, { passive: true });
    box.addEventListener("wheel", onWheel, { passive: false });
    box.addEventListener("keydown", onKey);
    new ResizeObserver(draw).observe(box);
    begin(view);
  };

  // The first window is fetched before anything is drawn, so that the server's rows are replaced by rows.
  const begin = async (shown) => {
    await load(shown, Math.floor(shown.top / shown.windowRows));
    if (shown === view && view.box.clientHeight) moveTo(view.top);
  };

  dashapp.clientside("preview", {
    mount(source) {
      if (source) mount(source);
      return dashapp.noUpdate();
    },
  });
})();

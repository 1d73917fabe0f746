// A short notice for what a person waits for: a training has ended, a model is live, the system raised or ended an alert.
// It goes by itself, except under the pointer or the focus, in a tab behind, and where it is critical.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const h = (...all) => dashapp.element(...all);
  const TOASTS = "toasts", MOST = 4, SHOWN_MS = 10000, LOOK_MS = 500;
  const ALERTS = { critical: ["Critical alert", "bad"], warning: ["Warning", "warn"] };
  const ENDS = { succeeded: ["Training complete", "good"], cancelled: ["Training cancelled", "plain"] };

  let lastShown = 0, shown = [], clock = null;

  const alertNotice = (event) => {
    if (!["raised", "resolved"].includes(event.data.action)) return null;
    const [title, kind] = event.data.action === "resolved" ? ["Alert over", "good"] : ALERTS[event.data.severity] || ["Alert", "bad"];
    const id = event.data.alert || event.subject.alert;
    return { title, kind, link: id ? ["monitor", `?alert=${encodeURIComponent(id)}`, "See it on the monitor"] : ["monitor", "", "Open the monitor"] };
  };

  const notice = (event) => {
    if (event.type === "system_alert") return alertNotice(event);
    if (event.type === "training_completed") {
      const [title, kind] = ENDS[event.data.outcome] || [`Training ${event.data.outcome || "ended"}`, "bad"];
      return { title, kind, link: event.subject.run ? ["", `?run=${encodeURIComponent(event.subject.run)}`, "See the run"] : null };
    }
    if (event.type !== "model_deployed") return null;
    return { title: event.data.action === "rollback" ? "Rolled back" : "Model in use", kind: "good", link: event.subject.model ? [`models/${encodeURIComponent(event.subject.model)}`, "", "See the model"] : null };
  };

  const address = (link) => dashapp.address(link[0]) + link[1];
  const link = (to) => ({ namespace: "dash_core_components", type: "Link", props: { href: address(to), children: to[2], className: "toast-link" } });

  const card = ({ event, title, kind, link: to }) =>
    h("Div", { key: String(event.id), className: `toast-card toast-${kind}` },
      h("Div", { className: "toast-head" },
        h("Strong", {}, title),
        h("Button", { type: "button", className: "toast-close", "data-toast": String(event.id), "aria-label": `Close: ${title}` }, "×")),
      h("P", { className: "toast-message", dir: "auto" }, event.message),
      to ? link(to) : null);

  const isHeld = () => document.hidden || document.querySelector(`#${TOASTS}:hover, #${TOASTS}:focus-within`) !== null;

  const draw = () => dashapp.set(TOASTS, { children: shown.map(card) });

  const look = () => {
    if (isHeld()) { for (const each of shown) each.left = Math.max(each.left, 2 * LOOK_MS); return; }
    const before = shown.length;
    for (const each of shown) if (each.kind !== "bad" || each.event.type !== "system_alert") each.left -= LOOK_MS;
    shown = shown.filter((each) => each.left > 0);
    if (shown.length !== before) draw();
    if (!shown.length) { clearInterval(clock); clock = null; }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-toast], .toast-link");
    if (!button) return;
    const id = (button.dataset.toast ? button : button.closest(".toast-card").querySelector("[data-toast]")).dataset.toast;
    shown = shown.filter((each) => String(each.event.id) !== id);
    setTimeout(draw, 0);  // after the link has led on
  });

  const tell = ({ event, title, link: to }) =>
    dashapp.notify.tell({ title, body: event.message, tag: `dashapp-${event.id}`, pathname: dashapp.address(to ? to[0] : "monitor"), search: to ? to[1] : "" });

  dashapp.clientside("toasts", {
    show(events) {
      const fresh = (events || []).filter((event) => event.id > lastShown).map((event) => ({ event, left: SHOWN_MS, ...notice(event) })).filter((each) => each.title);
      if (!fresh.length) return dashapp.noUpdate();
      lastShown = fresh[fresh.length - 1].event.id;
      fresh.forEach(tell);
      // An alert that is over needs no notice of its beginning.
      const over = new Set(fresh.filter(({ event }) => event.data.action === "resolved").map(({ event }) => event.data.alert).filter(Boolean));
      shown = [...shown.filter(({ event }) => event.data.action !== "raised" || !over.has(event.data.alert)), ...fresh].slice(-MOST);
      clock = clock || setInterval(look, LOOK_MS);
      return shown.map(card);
    },
  });
})();

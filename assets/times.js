// Show every <time class="local-time"> in the reader's own time zone: "today 12:03", "yesterday 12:03", "tomorrow 12:03", "21 Nov 12:03".
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
  const seconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
  const year = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

  dashapp.localTime = (iso, precise) => {
    const at = new Date(iso);
    if (Number.isNaN(at.getTime())) return iso;
    const midnight = new Date();
    midnight.setHours(0, 0, 0, 0);
    const time = (precise ? seconds : clock).format(at);
    const after = new Date(midnight);
    after.setDate(after.getDate() + 1);
    if (at >= midnight && at < after) return `today ${time}`;
    const later = new Date(after);
    later.setDate(later.getDate() + 1);
    if (at >= after && at < later) return `tomorrow ${time}`;
    const before = new Date(midnight);
    before.setDate(before.getDate() - 1);
    if (at >= before && at < midnight) return `yesterday ${time}`;
    return `${(at.getFullYear() === midnight.getFullYear() ? day : year).format(at)} ${time}`;
  };

  const localise = (element) => {
    const iso = element.getAttribute("datetime");
    const text = iso && dashapp.localTime(iso, element.classList.contains("with-seconds"));
    if (text && element.textContent !== text) element.textContent = text;
    if (iso && element.title !== iso) element.title = iso;
  };
  const within = (node) => {
    if (node.nodeType !== 1) return;
    if (node.matches("time.local-time")) localise(node);
    node.querySelectorAll("time.local-time").forEach(localise);
  };

  new MutationObserver((changes) => {
    for (const change of changes) {
      change.addedNodes.forEach(within);
      if (change.type === "attributes" && change.target.matches("time.local-time")) localise(change.target);
    }
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["datetime"] });
})();

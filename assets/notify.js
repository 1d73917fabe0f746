// The browser's own notifications: only for who asked for them with the button, and only while the tab is out of sight.
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  const KEY = "dashapp.notify", BUTTON = "monitor-notify", LOCATION = "location", QUIET = "btn btn-quiet btn-sm notify-button";

  const isPossible = () => "Notification" in window && window.isSecureContext;
  const wants = () => { try { return localStorage.getItem(KEY) === "on"; } catch { return false; } };
  const keep = (isOn) => { try { localStorage.setItem(KEY, isOn ? "on" : "off"); } catch { /* it is forgotten with the tab */ } };
  const isOn = () => isPossible() && Notification.permission === "granted" && wants();

  const show = () => {
    if (!document.getElementById(BUTTON)) return;
    if (!isPossible()) return;
    const isBlocked = Notification.permission === "denied";
    const words = isBlocked ? "The browser blocks notifications" : isOn() ? "Notifications on ✓" : "Notify me";
    dashapp.set(BUTTON, { children: words, className: QUIET, disabled: isBlocked, title: isOn() ? "Press to turn them off" : "Be told of alerts while this tab is out of sight" });
  };

  document.addEventListener("click", async (event) => {
    if (!event.target.closest(`#${BUTTON}`) || !isPossible()) return;
    if (isOn()) keep(false);
    else keep((await Notification.requestPermission()) === "granted");
    show();
  });

  dashapp.notify = {
    // The same tag from several tabs is one notification.
    tell({ title, body, tag, pathname, search }) {
      if (!document.hidden || !isOn()) return;
      try {
        const note = new Notification(title, { body, tag });
        note.onclick = () => { window.focus(); note.close(); dashapp.set(LOCATION, { pathname, search }); };
      } catch {
        // some phones allow them to service workers alone
      }
    },
  };

  dashapp.clientside("notify", { mount() { show(); return dashapp.noUpdate(); } });
})();

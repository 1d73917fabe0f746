// After a page is shown: its title in the tab, its link marked in the header, and the view at the top of a page that is new
// (a run is brought into view by training.js).
(function () {
  "use strict";
  const dashapp = (window.dashapp = window.dashapp || {});
  let shown = null;

  dashapp.clientside("navigation", {
    arrive(page) {
      document.title = page.title;
      document.querySelectorAll(".shell-nav a").forEach((link) => {
        const path = link.getAttribute("href");
        const isHere = path === page.path || (page.path.startsWith(`${path}/`) && !path.endsWith("/"));
        if (isHere) {
          link.setAttribute("aria-current", "page");
          link.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
        } else link.removeAttribute("aria-current");
      });
      const isNew = shown !== null && (shown.path !== page.path || (shown.search !== page.search && page.search.startsWith("?dataset=")));
      if (isNew) {
        window.scrollTo(0, 0);
        document.getElementById("main").focus({ preventScroll: true });
      }
      shown = page;
    },
  });
})();

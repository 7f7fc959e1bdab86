// Runs before the page is painted, so that a chosen dark page never flashes white.
(function () {
  "use strict";
  var chosen = null;
  try {
    chosen = localStorage.getItem("officepulse-theme");
  } catch (e) {
    // Storage may be switched off; then the system's preference holds.
  }
  var dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
})();

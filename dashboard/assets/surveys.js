// While a wave is open its page counts along: how many have answered, never what.
(function () {
  "use strict";
  var counts = document.querySelector("[data-live]");
  if (!counts) {
    return;
  }
  setInterval(function () {
    if (document.hidden) {
      return;
    }
    fetch(counts.dataset.live, { headers: { Accept: "text/html" } }).then(function (answer) {
      if (!answer.ok) {
        return null;
      }
      return answer.text();
    }).then(function (text) {
      if (text !== null) {
        counts.innerHTML = text;
      }
    }).catch(function () {
      // The next one may succeed; the time beside the figures says how old they are.
    });
  }, 3000);
})();

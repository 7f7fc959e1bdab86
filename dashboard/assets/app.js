// Draws the charts from the options that stand in the page, and switches light
// and dark. The page holds every figure without it.
(function () {
  "use strict";

  var drawn = new Map(); // element -> chart

  // The options are data from the server; what needs code is added here.
  function complete(data, font) {
    var option = data.option;
    option.textStyle = { fontFamily: font };
    [].concat(option.grid).forEach(function (grid) {
      delete grid.containLabel; // deprecated since ECharts 6, and cuts off long labels
      grid.outerBoundsMode = "same";
      grid.outerBoundsContain = "axisLabel";
    });
    option.tooltip = Object.assign({}, option.tooltip, {
      renderMode: "richText", // never HTML
      confine: true,
      backgroundColor: "var(--op-surface)",
      borderColor: "var(--op-second)",
      borderWidth: 1,
      padding: [8, 10],
      textStyle: { color: "var(--op-ink)", fontSize: 12, fontFamily: font },
      valueFormatter: function (value) {
        var v = Array.isArray(value) ? value[0] : value;
        return typeof v === "number" ? v.toFixed(data.decimals).replace("-", "−") + data.unit : "—";
      },
    });
    option.series.forEach(function (s) {
      s.emphasis = { disabled: true }; // colours are CSS variables, which ECharts cannot lighten
      if (s.type === "scatter") {
        s.z = 6; // above the lines that join the points
      }
    });
    return option;
  }

  function draw(element) {
    var source = document.getElementById(element.dataset.chart);
    if (!source || !window.echarts || drawn.has(element)) {
      return;
    }
    var chart = echarts.init(element, null, { renderer: "svg" });
    chart.setOption(complete(JSON.parse(source.textContent), getComputedStyle(document.body).fontFamily));
    var observer = new ResizeObserver(function () {
      chart.resize();
    });
    observer.observe(element);
    drawn.set(element, { chart: chart, observer: observer });
    element.dataset.drawn = "true";
  }

  function drawAll() {
    drawn.forEach(function (d, element) {
      if (!element.isConnected) {
        d.observer.disconnect();
        d.chart.dispose();
        drawn.delete(element);
      }
    });
    document.querySelectorAll("[data-chart]").forEach(draw);
    document.querySelectorAll("[data-theme-switch]").forEach(function (button) {
      button.hidden = false;
    });
  }

  function switchTheme() {
    var root = document.documentElement;
    var theme = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.setAttribute("data-bs-theme", theme);
    try {
      localStorage.setItem("officepulse-theme", theme);
    } catch (e) {
      // Without storage the choice holds for this page.
    }
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-theme-switch]")) {
      switchTheme();
    }
  });

  // The filters stay out of the URL where they say what is usual anyway.
  document.addEventListener("htmx:configRequest", function (event) {
    var given = event.detail.parameters;
    ["process", "department"].forEach(function (name) {
      if (given[name] === "") {
        delete given[name];
      }
    });
    if (given.clock === "working") {
      delete given.clock;
    }
  });
  // What was swapped in is announced; emptied first, since the same words again would go unheard.
  function announce(text) {
    document.getElementById("announcement").textContent = text;
  }
  document.addEventListener("htmx:beforeRequest", function () {
    announce("");
    document.getElementById("main").setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:sendError", function () {
    document.getElementById("main").removeAttribute("aria-busy");
    document.getElementById("filters").submit();
  });
  document.addEventListener("htmx:afterSettle", function () {
    drawAll();
    announce(document.querySelector("h1").textContent);
  });
  window.addEventListener("beforeprint", function () {
    drawn.forEach(function (d) {
      d.chart.resize();
    });
  });
  drawAll();
})();

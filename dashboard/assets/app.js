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
    if (option.tooltip.trigger === "item") {
      option.tooltip.formatter = function (mark) {
        return (mark.data && mark.data.text) || "";
      };
    }
    option.series.forEach(function (s) {
      s.emphasis = { disabled: true }; // colours are CSS variables, which ECharts cannot lighten
      if (!s.name) { // it only carries others
        s.silent = true;
        s.tooltip = { show: false };
      }
      if (!data.links && !linked(s)) {
        s.cursor = "default";
      }
      if (s.type === "line") {
        s.showAllSymbol = true; // also where a line has more points than room for labels
      }
      if (s.type === "scatter") {
        s.z = 6; // above the lines that join the points
      }
    });
    return option;
  }

  // Where the fields of a heat map are too narrow for their figures, the colours
  // and the table behind the chart tell.
  function thin(option, width) {
    option.series.forEach(function (s) {
      if (s.type === "heatmap" && (width - 120) / option.xAxis[0].data.length < 30) {
        s.data.forEach(function (mark) {
          delete mark.label;
        });
      }
    });
    return option;
  }

  function linked(series) {
    return [].concat(series.data || []).some(function (mark) {
      return mark && mark.href;
    });
  }

  // Only addresses of this site are followed: they stand in the page's data.
  function follow(href) {
    if (typeof href === "string" && /^\/(?!\/)/.test(href)) {
      window.location.assign(href);
    }
  }

  // A mark leads to the cases behind it, and the room around it to those of its category.
  function lead(chart, links) {
    chart.on("click", function (mark) {
      follow((mark.data && mark.data.href) || (links && links[mark.dataIndex]));
    });
    if (!links) {
      return;
    }
    var room = chart.getZr();
    var at = function (event) {
      var point = [event.offsetX, event.offsetY];
      if (event.target || !chart.containPixel("grid", point)) {
        return "";
      }
      var option = chart.getOption();
      var place = chart.convertFromPixel({ gridIndex: 0 }, point)[option.xAxis[0].type === "category" ? 0 : 1];
      return links[Math.round(place)];
    };
    room.on("click", function (event) {
      follow(at(event));
    });
    room.on("mousemove", function (event) {
      if (!event.target) {
        room.setCursorStyle(at(event) ? "pointer" : "default");
      }
    });
  }

  function draw(element) {
    var source = document.getElementById(element.dataset.options);
    if (!source || !window.echarts || drawn.has(element)) {
      return;
    }
    var chart = echarts.init(element, null, { renderer: "svg" });
    var data = JSON.parse(source.textContent);
    chart.setOption(thin(complete(data, getComputedStyle(document.body).fontFamily), element.clientWidth));
    lead(chart, data.links);
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
    document.querySelectorAll("[data-options]").forEach(draw);
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
  // A quarter takes the place of chosen days and the other way round, and days need both ends.
  document.addEventListener("htmx:configRequest", function (event) {
    var given = event.detail.parameters;
    var changed = event.detail.triggeringEvent && event.detail.triggeringEvent.target.name;
    var drop = function (names) {
      names.forEach(function (name) {
        delete given[name];
      });
    };
    if (changed === "quarter") {
      drop(["from", "through"]);
    }
    if (changed === "before") {
      drop(["before_from", "before_through"]);
    }
    [["from", "through", "quarter"], ["before_from", "before_through", "before"]].forEach(function (days) {
      var whole = given[days[0]] && given[days[1]];
      if (changed && days.indexOf(changed) >= 0 && days.indexOf(changed) < 2 && !whole && (given[days[0]] || given[days[1]])) {
        event.preventDefault(); // the other end is still to come
      }
      drop(whole ? [days[2]] : [days[0], days[1]]);
    });
    Object.keys(given).forEach(function (name) {
      if (given[name] === "") {
        delete given[name];
      }
    });
    if (given.clock === "working") {
      delete given.clock;
    }
  });

  // On a phone the filters are a sheet, which stays open while they are set.
  var sheet = { open: false, days: false };
  document.addEventListener("htmx:beforeSwap", function () {
    var form = document.getElementById("filters");
    sheet.open = !!form && typeof form.showPopover === "function" && form.matches(":popover-open");
    var days = form && form.querySelector(".op-dates");
    sheet.days = !!days && days.open;
  });
  function restoreSheet() {
    var form = document.getElementById("filters");
    var days = form && form.querySelector(".op-dates");
    if (days && sheet.days) {
      days.open = true;
    }
    if (form && sheet.open) {
      form.showPopover();
    }
    sheet = { open: false, days: false };
  }
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
    restoreSheet();
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

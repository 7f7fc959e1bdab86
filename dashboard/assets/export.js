// Saves a chart as a picture with its title, unit, n and as-of, always in ink on
// white, whatever the theme of the page and the size of the window; and closes
// the export menus. What is saved as SVG is what PNG is drawn from.
(function () {
  "use strict";

  var WIDTH = 960;
  var MARGIN = 24;
  var SCALE = 2; // pixels of a PNG for each of the drawing's

  function escape(text) {
    // eslint-disable-next-line no-control-regex
    return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "").replace(/[&<>"]/g, function (c) {
      return { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }[c];
    });
  }

  // Light looks up colours in a corner of the page that is light.
  function withLight(use) {
    var host = document.createElement("div");
    host.setAttribute("data-bs-theme", "light");
    host.style.cssText = "position:absolute;left:-9999px;top:0";
    document.body.appendChild(host);
    try {
      return use(host);
    } finally {
      host.remove();
    }
  }

  function inked(text, host) {
    var style = getComputedStyle(host);
    return text.replace(/var\((--[\w-]+)\)/g, function (whole, name) {
      return style.getPropertyValue(name).trim() || whole;
    });
  }

  var ruler = document.createElement("canvas").getContext("2d");

  function width(text, font) {
    ruler.font = font;
    return ruler.measureText(text).width;
  }

  // Words are kept whole, Chinese breaks anywhere.
  function lines(text, font, most) {
    var all = [];
    var line = "";
    (text.match(/[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+\s*|\s+/g) || []).forEach(function (word) {
      if (line && width(line + word, font) > most) {
        all.push(line);
        line = "";
      }
      line += word;
    });
    return line.trim() ? all.concat(line) : all;
  }

  // A sheet of paper on which texts and drawings are put below each other.
  function Paper(family, colour) {
    this.parts = [];
    this.y = MARGIN;
    this.family = family;
    this.colour = colour;
  }

  Paper.prototype.text = function (text, size, colour, bold) {
    var font = (bold ? "bold " : "") + size + "px " + this.family;
    lines(text, font, WIDTH - 2 * MARGIN).forEach(function (line) {
      this.y += Math.round(size * 1.5);
      this.parts.push('<text x="' + MARGIN + '" y="' + (this.y - Math.round(size * 0.4)) + '" font-size="' + size + '"' +
        (bold ? ' font-weight="bold"' : "") + ' fill="' + this.colour(colour) + '">' + escape(line.trimEnd()) + "</text>");
    }, this);
  };

  Paper.prototype.legend = function (entries) {
    var font = "12px " + this.family;
    var x = MARGIN;
    this.y += entries.length ? 8 : 0;
    entries.forEach(function (entry) {
      var wide = 30 + width(entry.name, font) + 20;
      if (x > MARGIN && x + wide > WIDTH - MARGIN) {
        x = MARGIN;
        this.y += 20;
      }
      this.parts.push('<g transform="translate(' + x + " " + (this.y + 3) + ')">' + entry.sample + "</g>" +
        '<text x="' + (x + 30) + '" y="' + (this.y + 13) + '" font-size="12" fill="' + this.colour("--op-quiet") + '">' + escape(entry.name) + "</text>");
      x += wide;
    }, this);
    this.y += entries.length ? 22 : 0;
  };

  Paper.prototype.drawing = function (svg, height) {
    this.y += 8;
    this.parts.push('<g transform="translate(' + MARGIN + " " + this.y + ')">' + svg + "</g>");
    this.y += height;
  };

  Paper.prototype.toString = function (title) {
    var height = this.y + MARGIN;
    return '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="' + WIDTH + '" height="' + height +
      '" viewBox="0 0 ' + WIDTH + " " + height + '" font-family="' + escape(this.family) + '"><title>' + escape(title) +
      '</title><rect width="100%" height="100%" fill="#ffffff"/>' + this.parts.join("") + "</svg>";
  };

  var painted = ["fill", "stroke", "stroke-width", "stroke-dasharray"];

  // The samples of a legend are drawn by the stylesheet, which a picture does not have.
  function legend(card, host) {
    return Array.from(card.querySelectorAll(".op-legend > span")).map(function (entry) {
      var sample = entry.querySelector("svg");
      var drawn = "";
      if (sample) {
        var copy = host.appendChild(sample.cloneNode(true));
        copy.querySelectorAll("*").forEach(function (shape) {
          var style = getComputedStyle(shape);
          painted.forEach(function (name) {
            shape.setAttribute(name, style.getPropertyValue(name));
          });
          shape.removeAttribute("class");
        });
        drawn = copy.innerHTML;
      }
      return { name: entry.textContent.trim(), sample: drawn };
    });
  }

  // Styles become attributes, which need no leave from the page's policy when
  // the drawing is painted.
  function plain(svg) {
    svg.querySelectorAll("style").forEach(function (e) {
      e.remove();
    });
    [svg].concat(Array.from(svg.querySelectorAll("[style]"))).forEach(function (e) {
      Array.from(e.style).forEach(function (name) {
        if (/^(font|fill|stroke|opacity|text-anchor|dominant-baseline)/.test(name)) {
          e.setAttribute(name, e.style.getPropertyValue(name));
        }
      });
      e.removeAttribute("style");
    });
    return svg;
  }

  // Render draws a chart once more, at the width of the paper.
  function render(shown, height, host) {
    var place = host.appendChild(document.createElement("div"));
    place.style.width = WIDTH - 2 * MARGIN + "px";
    place.style.height = height + "px";
    var copy = window.echarts.init(place, null, { renderer: "svg" });
    copy.setOption(shown.getOption());
    copy.getZr().flush();
    var svg = plain(place.querySelector("svg").cloneNode(true));
    copy.dispose();
    return inked(new XMLSerializer().serializeToString(svg), host);
  }

  function draw(card, menu) {
    var element = card.querySelector("[_echarts_instance_]");
    var shown = element && window.echarts && window.echarts.getInstanceByDom(element);
    if (!shown) {
      return "";
    }
    var height = Math.max(element.clientHeight, 320);
    var words = Array.from(menu.querySelector("template").content.children).map(function (e) {
      return e.textContent.trim();
    });
    return withLight(function (host) {
      var style = getComputedStyle(host);
      var paper = new Paper(style.fontFamily.replace(/"/g, "'"), function (name) {
        return style.getPropertyValue(name).trim();
      });
      paper.text(words[0], 18, "--op-ink", true);
      paper.text(words.slice(1, 4).filter(Boolean).join(" · "), 13, "--op-quiet");
      paper.legend(legend(card, host));
      paper.drawing(render(shown, height, host), height);
      paper.y += 6;
      paper.text(words[4], 13, "--op-ink");
      paper.text(words[5], 12, "--op-quiet");
      return paper.toString(words[0]);
    });
  }

  function save(blob, name) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name.replace(/[\\/:*?"<>|]/g, "-");
    link.click(); // it stands outside the page, where no menu takes it for a click elsewhere
    setTimeout(function () {
      URL.revokeObjectURL(link.href);
    }, 60000);
  }

  // Paint turns a drawing into pixels.
  function paint(svg, done) {
    var image = new Image();
    image.onload = function () {
      var canvas = document.createElement("canvas");
      canvas.width = image.width * SCALE;
      canvas.height = image.height * SCALE;
      var context = canvas.getContext("2d");
      context.scale(SCALE, SCALE);
      context.drawImage(image, 0, 0);
      canvas.toBlob(done, "image/png");
    };
    image.onerror = function () {
      done(null);
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
  }

  function announce(text) {
    var place = document.getElementById("announcement");
    if (place) {
      place.textContent = text;
    }
  }

  function picture(button) {
    var menu = button.closest("[data-export]");
    var card = button.closest("section");
    var words = menu.querySelector("template").dataset;
    var name = menu.dataset.export + "." + button.dataset.picture;
    var finish = function (blob) {
      if (!blob) {
        announce(words.failed);
        return;
      }
      save(blob, name);
      announce(words.saved.replace("{file}", name));
    };
    var svg = draw(card, menu);
    if (!svg) {
      finish(null);
    } else if (button.dataset.picture === "svg") {
      finish(new Blob(['<?xml version="1.0" encoding="UTF-8"?>\n', svg], { type: "image/svg+xml" }));
    } else {
      paint(svg, finish);
    }
  }

  function close(menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-picture]");
    if (button) {
      picture(button);
    }
    document.querySelectorAll("[data-export][open]").forEach(function (menu) {
      if (!menu.contains(event.target)) {
        menu.open = false;
      } else if (event.detail > 0 && event.target.closest("li")) {
        menu.open = false; // by keyboard it stays: the same key press would open it again
      }
    });
  });

  document.addEventListener("keydown", function (event) {
    var menu = event.key === "Escape" && event.target.closest && event.target.closest("[data-export][open]");
    if (menu) {
      close(menu);
    }
  });

  // Pictures are offered where there is a script to make them.
  function offer() {
    document.querySelectorAll("[data-picture]").forEach(function (button) {
      button.parentElement.hidden = false;
    });
  }

  document.addEventListener("htmx:afterSettle", offer);
  offer();
})();

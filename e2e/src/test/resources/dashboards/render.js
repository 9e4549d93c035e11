// Draws a dashboard as Grafana would, from its own JSON and what Prometheus said to its queries.

const COLORS = ["#3f9a4f", "#d9a400", "#3d71d9", "#d9480f", "#c4162a", "#8f3bb8", "#0b8a8a", "#a05195", "#6b7280", "#7a5c00"];
const MOST_ROWS = 7;
const MOST_NAMES = 8;

function scaled(value, base, names, digits) {
  let at = 0;
  let rest = value;
  while (Math.abs(rest) >= base && at < names.length - 1) {
    rest /= base;
    at++;
  }
  return short(rest, digits) + names[at];
}

function short(value, digits) {
  if (value === 0) {
    return "0";
  }
  const most = digits ?? (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
  return String(Number(value.toFixed(most)));
}

function seconds(value) {
  const size = Math.abs(value);
  if (size === 0) return "0 s";
  if (size < 1e-3) return short(value * 1e6) + " µs";
  if (size < 1) return short(value * 1e3) + " ms";
  if (size < 120) return short(value) + " s";
  if (size < 7200) return short(value / 60) + " min";
  if (size < 172800) return short(value / 3600) + " hours";
  return short(value / 86400) + " days";
}

const UNITS = {
  none: (v) => scaled(v, 1000, ["", " K", " Mil", " Bil"]),
  reqps: (v) => scaled(v, 1000, [" req/s", " Kreq/s"]),
  ops: (v) => scaled(v, 1000, [" ops/s", " Kops/s"]),
  Bps: (v) => scaled(v, 1000, [" B/s", " kB/s", " MB/s", " GB/s"]),
  bytes: (v) => scaled(v, 1024, [" B", " KiB", " MiB", " GiB"]),
  percentunit: (v) => short(v * 100) + " %",
  s: seconds,
  dateTimeFromNow: (v) => seconds(Date.now() / 1000 - v / 1000) + " ago",
};

function show(unit, value) {
  const how = UNITS[unit];
  if (how === undefined) {
    throw new Error("unit: " + unit + " (expected: one of " + Object.keys(UNITS) + ")");
  }
  return how(value);
}

function el(name, text, type) {
  const made = document.createElement(name);
  made.textContent = text ?? "";
  if (type) {
    made.className = type;
  }
  return made;
}

/** Without a legend Grafana shows the labels, or the query. */
function named(target, labels) {
  if (target.legendFormat.trim() === "") {
    const all = Object.entries(labels).filter(([name]) => name !== "__name__");
    return all.length === 0 ? target.expr : "{" + all.map(([n, v]) => n + '="' + v + '"').join(", ") + "}";
  }
  return target.legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (all, name) => labels[name] ?? "").trim();
}

function stat(box, panel, answers) {
  const first = answers[0][0];
  box.append(first === undefined ? el("div", "No data", "none")
    : el("div", show(panel.fieldConfig.defaults.unit, Number(first.value[1])), "stat"));
}

function table(box, panel, answers) {
  const rows = answers[0];
  if (rows.length === 0) {
    box.append(el("div", "No data", "none"));
    return;
  }
  const hidden = panel.transformations[0].options.excludeByName;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row.metric)))].filter((name) => !hidden[name]).sort();
  const made = el("table");
  const head = el("tr");
  [...columns, "Value"].forEach((name) => head.append(el("th", name)));
  made.append(head);
  for (const row of rows.slice(0, MOST_ROWS)) {
    const line = el("tr");
    columns.forEach((name) => line.append(el("td", row.metric[name] ?? "")));
    line.append(el("td", show(panel.fieldConfig.defaults.unit, Number(row.value[1]))));
    made.append(line);
  }
  box.append(made);
}

function lines(box, panel, answers, range) {
  const times = [];
  for (let t = range.from; t <= range.to; t += range.step) {
    times.push(t);
  }
  const series = [];
  answers.forEach((answer, i) => answer.forEach((one) => {
    const known = new Map(one.values.map(([time, value]) => [Math.round(time), Number(value)]));
    series.push({
      name: named(panel.targets[i], one.metric),
      values: times.map((t) => (Number.isFinite(known.get(t)) ? known.get(t) : null)),
    });
  }));
  if (series.every((one) => one.values.every((v) => v === null))) {
    box.append(el("div", "No data", "none"));
    return;
  }
  series.sort((a, b) => (a.name < b.name ? -1 : 1));
  const unit = panel.fieldConfig.defaults.unit;
  const place = el("div");
  box.append(place);
  const legend = el("div", "", "legend");
  series.slice(0, MOST_NAMES).forEach((one, i) => {
    const entry = el("span");
    const mark = el("i");
    mark.style.background = COLORS[i % COLORS.length];
    entry.append(mark, one.name);
    legend.append(entry);
  });
  if (series.length > MOST_NAMES) {
    legend.append(el("span", "and " + (series.length - MOST_NAMES) + " more"));
  }
  box.append(legend);
  const axis = { stroke: "#646b73", font: "11px sans-serif", grid: { stroke: "#e8eaec", width: 1 }, ticks: { show: false } };
  const options = {
    width: place.clientWidth,
    height: panel.gridPos.h * 20,
    legend: { show: false },
    cursor: { show: false },
    padding: [10, 26, 0, 0],
    scales: { y: { range: (u, min, max) => [Math.min(0, min ?? 0), max > 0 ? max * 1.08 : 1] } },
    axes: [
      { ...axis, size: 24, space: 70, values: (u, ticks) => ticks.map((t) => new Date(t * 1000).toISOString().slice(11, 19)) },
      { ...axis, size: 72, space: 32, values: (u, ticks) => ticks.map((v) => show(unit, v)) },
    ],
    series: [{}, ...series.map((one, i) => ({
      stroke: COLORS[i % COLORS.length], fill: COLORS[i % COLORS.length] + "1a", width: 1.5, points: { show: false },
    }))],
  };
  new uPlot(options, [times, ...series.map((one) => one.values)], place);
}

/**
 * Draws the panels from one row to another.
 *
 * @param board title, panels, what Prometheus said to the queries of each, and the range of time
 */
window.draw = (text) => {
  const board = JSON.parse(text);
  document.querySelector("h1").textContent = board.title;
  const panels = document.getElementById("panels");
  panels.replaceChildren();
  board.panels.forEach((panel, i) => {
    if (panel.type === "row") {
      panels.append(el("div", panel.title, "row"));
      return;
    }
    const box = el("div", "", "panel");
    box.style.gridColumn = panel.gridPos.x + 1 + " / span " + panel.gridPos.w;
    box.append(el("h2", panel.title));
    if (panel.description) {
      box.append(el("p", panel.description));
    }
    panels.append(box);
    const how = { stat, table, timeseries: lines }[panel.type];
    if (how === undefined) {
      throw new Error("type: " + panel.type);
    }
    how(box, panel, board.answers[i], board.range);
  });
};

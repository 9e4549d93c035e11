// Lines over the last five minutes. What is drawn is kept here, in the browser, and only here.

import uPlot from "./uplot.js";
import { byId, el, list } from "./dom.js";
import { bytes, number, percent } from "./format.js";

const MOST_SAMPLES = 300;
const MOST_LINES = 5;
const RECENT = 30;

const VALUES = {
  requests: { of: (t) => t.requests, show: number, title: "Requests a second" },
  refused: { of: (t) => t.refused, show: number, title: "Refused requests a second" },
  bytes_in: { of: (t) => t.bytes_in, show: bytes, title: "Bytes in a second" },
  bytes_out: { of: (t) => t.bytes_out, show: bytes, title: "Bytes out a second" },
  limit: { of: nearest, show: percent, title: "Share of the nearest limit" },
};

const samples = [];
let chosen = "requests";
let plot = null;
let drawn = "";

export function nearest(tenant) {
  return Math.max(0, ...tenant.limits.map((limit) => limit.used / limit.limit));
}

export function start() {
  const select = byId("chart-of");
  chosen = select.value;
  select.addEventListener("change", () => {
    chosen = select.value;
    draw();
  });
  new ResizeObserver(() => plot?.setSize(size())).observe(byId("chart"));
  for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
    matchMedia(query).addEventListener("change", () => {
      drawn = "";
      draw();
    });
  }
  draw();
}

/** Takes a second of traffic. */
export function add(traffic) {
  if (traffic.seconds === 0) {
    return; // the first one has nothing to be compared with
  }
  samples.push({
    time: traffic.time / 1000,
    tenants: new Map(traffic.tenants.map((tenant) => [tenant.name, tenant])),
  });
  if (samples.length > MOST_SAMPLES) {
    samples.shift();
  }
  draw();
}

/** The mean of the last seconds, which jumps less. */
export function mean(name, value, most = 5) {
  const recent = samples.slice(-most).map((sample) => sample.tenants.get(name));
  const known = recent.filter((tenant) => tenant !== undefined);
  return known.length === 0 ? 0 : known.reduce((sum, tenant) => sum + value(tenant), 0) / recent.length;
}

function busiest() {
  const names = new Set();
  for (const sample of samples.slice(-RECENT)) {
    sample.tenants.forEach((tenant, name) => names.add(name));
  }
  const weight = new Map([...names].map((name) => [name, mean(name, VALUES[chosen].of, RECENT)]));
  return [...names]
    .sort((a, b) => weight.get(b) - weight.get(a) || (a < b ? -1 : 1))
    .slice(0, MOST_LINES)
    .sort();
}

function draw() {
  const names = busiest();
  const value = VALUES[chosen];
  const data = [
    samples.map((sample) => sample.time),
    ...names.map((name) =>
      samples.map((sample) => {
        const tenant = sample.tenants.get(name);
        return tenant === undefined ? 0 : value.of(tenant);
      }),
    ),
  ];
  if (chosen === "limit") {
    data.push(samples.map(() => 1));
  }
  const wanted = JSON.stringify([chosen, names]);
  if (wanted !== drawn) {
    drawn = wanted;
    plot?.destroy();
    plot = new uPlot(options(names, value), data, byId("chart"));
  } else {
    plot.setData(data);
  }
  caption(names, value);
}

function size() {
  return { width: Math.max(200, byId("chart").clientWidth), height: 180 };
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function options(names, value) {
  const lines = names.map((name, i) => ({
    label: name,
    stroke: color(`--line-${i + 1}`),
    width: 2,
    points: { show: false },
  }));
  if (chosen === "limit") {
    lines.push({ label: "limit", stroke: color("--bad"), width: 1, dash: [6, 4], points: { show: false } });
  }
  const axis = {
    stroke: color("--quiet"),
    font: "12px system-ui, sans-serif",
    grid: { stroke: color("--edge"), width: 1 },
    ticks: { show: false },
  };
  return {
    ...size(),
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 18, 0, 0],
    scales: {
      x: { range: () => [last() - span(), last()] },
      y: { range: (u, min, max) => [0, Math.max(chosen === "limit" ? 1.1 : 1, (max ?? 0) * 1.1)] },
    },
    axes: [
      { ...axis, size: 30, values: (u, ticks) => ticks.map(ago), splits: () => [4, 3, 2, 1, 0].map((part) => last() - (part * span()) / 5) },
      { ...axis, size: 60, values: (u, ticks) => ticks.map(value.show) },
    ],
    series: [{}, ...lines],
  };
}

function last() {
  return samples.length === 0 ? Date.now() / 1000 : samples[samples.length - 1].time;
}

/** Seconds that are shown: one minute at first, five at last. */
function span() {
  const kept = samples.length === 0 ? 0 : last() - samples[0].time;
  return Math.min(MOST_SAMPLES, 60 * Math.max(1, Math.ceil(kept / 60)));
}

function ago(time) {
  const seconds = Math.round(last() - time);
  return seconds === 0 ? "now" : seconds % 60 === 0 ? `−${seconds / 60} min` : `−${seconds} s`;
}

function caption(names, value) {
  list(
    byId("legend"),
    names,
    (name) => names.indexOf(name) + " " + name,
    (name) =>
      el("span", { class: "key" }, el("span", { class: `dot line-${names.indexOf(name) + 1}` }), el("span", {}, name)),
  );
  const latest = names.map((name) => `${name} ${value.show(mean(name, value.of))}`).join(", ");
  const label = names.length === 0 ? "No traffic yet" : `${value.title}, now: ${latest}`;
  if (byId("chart").getAttribute("aria-label") !== label) {
    byId("chart").setAttribute("aria-label", label);
  }
  byId("chart").classList.toggle("idle", names.length === 0);
}

// Who sends how much, against what they may.

import { add, mean, nearest } from "./chart.js";
import { bar, byId, el, fill, list, row, say } from "./dom.js";
import { bytes, number, percent } from "./format.js";

const ORDER_MILLIS = 5000;

let order = [];
let orderedAt = 0;

/** Shows a second of traffic. */
export function show(traffic) {
  add(traffic);
  const refused = Object.values(traffic.refusals).reduce((sum, rate) => sum + rate, 0);
  numbers([
    ["Requests/s", number(traffic.requests)],
    ["Refused/s", number(refused), refused > 0 ? "bad" : ""],
    ["Limited/s", number(traffic.limited), traffic.limited > 0 ? "warn" : ""],
    ["In/s", bytes(traffic.bytes_in)],
    ["Out/s", bytes(traffic.bytes_out)],
    ["In progress", number(traffic.in_progress)],
  ]);
  tenants(traffic);
}

function numbers(all) {
  list(
    byId("numbers"),
    all,
    ([name]) => name,
    ([name]) => el("div", {}, el("dt", {}, name), el("dd")),
    (shown, [, value, kind = ""]) => {
      say(shown.lastElementChild, value);
      shown.lastElementChild.className = kind;
    },
  );
}

function tenants(traffic) {
  const known = traffic.tenants;
  byId("tenants-empty").hidden = known.length > 0;
  byId("tenants").hidden = known.length === 0;
  const more = traffic.all_tenants - known.length;
  list(
    byId("tenants").tBodies[0],
    sorted(known),
    (tenant) => tenant.name,
    () => {
      const made = row([
        ["Tenant"],
        ["Requests/s", "number"],
        ["Refused/s", "number"],
        ["Limited/s", "number"],
        ["In/s", "number"],
        ["Out/s", "number"],
        ["Now", "number"],
        ["Nearest limit"],
      ]);
      made.lastElementChild.append(el("span", { class: "level" }, bar(), el("span")));
      return made;
    },
    tenant,
  );
  say(byId("tenants").caption, more > 0 ? `The busiest tenants; ${more} more are not shown` : "Tenants, the busiest first");
}

/** Rows that change places each second cannot be read: they do so every five. */
function sorted(known) {
  const now = performance.now();
  const isNew = known.some((tenant) => !order.includes(tenant.name));
  if (isNew || now - orderedAt > ORDER_MILLIS) {
    orderedAt = now;
    const weight = new Map(known.map((t) => [t.name, mean(t.name, (x) => x.requests, 30)]));
    order = known
      .map((t) => t.name)
      .sort((a, b) => weight.get(b) - weight.get(a) || (a < b ? -1 : 1));
  }
  return [...known].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

function tenant(shown, now) {
  const cells = shown.children;
  const of = (value) => mean(now.name, value);
  say(cells[0], now.name);
  say(cells[1], number(of((t) => t.requests)));
  say(cells[2], number(of((t) => t.refused)));
  say(cells[3], number(of((t) => t.limited)));
  say(cells[4], bytes(of((t) => t.bytes_in)));
  say(cells[5], bytes(of((t) => t.bytes_out)));
  say(cells[6], number(now.in_progress));
  cells[2].classList.toggle("bad", now.refused > 0);
  cells[3].classList.toggle("warn", now.limited > 0);
  limit(cells[7].firstElementChild, now, of(nearest));
}

function limit(level, now, used) {
  const [shown, text] = level.children;
  const key = now.limits.reduce((most, one) => (most && most.used / most.limit >= one.used / one.limit ? most : one), null);
  shown.hidden = key === null;
  fill(shown, used);
  say(text, key === null ? "none set" : `${percent(used)} of ${key.key} (${amount(key)})`);
  text.className = key === null ? "quiet" : "";
}

function amount(limit) {
  return limit.key === "ingestBytesPerSecond" ? `${bytes(limit.limit)}/s` : `${number(limit.limit)}/s`;
}

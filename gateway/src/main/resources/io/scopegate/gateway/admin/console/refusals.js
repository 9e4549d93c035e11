// The last refusals, and the way from one to its explanation.

import { attribute, byId, el, list, row, say } from "./dom.js";
import { explain } from "./explain.js";
import { clock } from "./format.js";

const FEW = 8;

let latest = [];
let shown = [];
let held = false;
let all = false;

export function start() {
  const hold = byId("hold");
  hold.addEventListener("click", () => {
    held = !held;
    attribute(hold, "aria-pressed", String(held));
    say(hold, held ? "Held: go on" : "Hold");
    draw();
  });
  byId("more-refusals").addEventListener("click", () => {
    all = !all;
    draw();
  });
}

export function show(part) {
  latest = part.refusals;
  draw();
}

function draw() {
  if (!held) {
    shown = latest;
  }
  byId("refused-empty").hidden = shown.length > 0;
  byId("refused").hidden = shown.length === 0;
  const more = byId("more-refusals");
  more.hidden = shown.length <= FEW;
  say(more, all ? "Show fewer" : `Show ${shown.length - FEW} more`);
  list(byId("refused").tBodies[0], all ? shown : shown.slice(0, FEW), key, make);
}

/** A gateway that was started again counts from 0 again. */
function key(refusal) {
  return `${refusal.time} ${refusal.number}`;
}

function make(refusal) {
  const made = row([["Time"], ["Reason"], ["Tenant"], ["User"], ["Endpoint"], ["What was said", "detail"], ["", "action"]]);
  const cells = made.children;
  cells[0].append(el("time", { datetime: refusal.time, title: refusal.time }, clock(refusal.time)));
  cells[1].append(el("span", { class: `tag ${kind(refusal)}` }, words(refusal)));
  say(cells[2], refusal.tenant || "–");
  say(cells[3], refusal.user || "–");
  cells[4].append(el("span", {}, refusal.endpoint, el("span", { class: "quiet" }, ` on ${refusal.listener}`)));
  cells[5].append(el("span", {}, refusal.detail), el("span", { class: "quiet id" }, ` request ${refusal.request_id}`));
  if (refusal.endpoint !== "unmatched" && refusal.endpoint !== "generic") {
    cells[6].append(
      el("button", {
        type: "button",
        "aria-label": `Explain the refusal of ${clock(refusal.time)} for tenant ${refusal.tenant || "none"}`,
        on: { click: () => explain(asked(refusal)) },
      }, "Explain"),
    );
  }
  return made;
}

function words(refusal) {
  const reason = refusal.reason.replaceAll("_", " ");
  return refusal.forwarded ? `would be ${reason}` : reason;
}

function kind(refusal) {
  if (refusal.forwarded || refusal.reason === "limited") return "warn";
  return ["forbidden", "unauthenticated", "undecided", "defect"].includes(refusal.reason) ? "bad" : "calm";
}

/** The request as far as it is known: a path's variable parts are not. */
function asked(refusal) {
  return {
    target: refusal.endpoint.replace(/\{[^}]*\}/g, "1"),
    tenant: refusal.tenant,
    as: refusal.user,
    listener: refusal.listener,
  };
}

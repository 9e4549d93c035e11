// How the gateway, its upstreams, the cluster, budgets and certificates are doing.

import { bar, byId, el, fill, list, row, say } from "./dom.js";
import { count, number, percent, until } from "./format.js";
import { listeners } from "./explain.js";

const SOON_DAYS = 14;

/** A Pod's token is renewed long before. */
const RENEWED_MILLIS = 300000;

const notices = { status: [], reload: [], stream: [] };

/** What everybody has to see; each part of the page has its own. */
export function notice(part, all) {
  notices[part] = all;
  const shown = Object.values(notices).flat();
  list(
    byId("notices"),
    shown,
    ([kind, text]) => `${kind} ${text}`,
    ([kind, text]) => el("p", { class: `notice ${kind}` }, text),
  );
}

export function status(part) {
  say(byId("version"), part.version);
  const isDraining = part.reasons.includes("draining");
  const ready = byId("ready");
  say(ready, part.ready ? "ready" : isDraining ? "draining" : "not ready");
  ready.className = `pill ${part.ready ? "good" : "bad"}`;
  const all = [];
  if (part.audit_only_listeners > 0) {
    all.push(["bad", `The gate is open: ${part.audit_only_listeners} ${part.audit_only_listeners === 1 ? "listener forwards" : "listeners forward"} what would be refused (enforce: audit).`]);
  }
  if (part.limits_audit_only) {
    all.push(["warn", "Limits are only logged: requests over them are forwarded (limits.enforce: audit)."]);
  }
  if (isDraining) {
    all.push(["warn", "The gateway is draining: it takes no new connections and ends when its requests have."]);
  }
  for (const reason of part.reasons.filter((reason) => reason !== "draining")) {
    all.push(["bad", `Not ready: ${reason}`]);
  }
  for (const warning of part.warnings) {
    all.push(["warn", warning]);
  }
  if (part.busy.length > 0) {
    all.push(["warn", `The gateway is busy: nearly all of ${part.busy.map(plain).join(", ")} is used.`]);
  }
  notice("status", all);
  listeners(part.listeners);
}

function plain(name) {
  return name.replaceAll("_", " ");
}

export function upstreams(part) {
  byId("upstreams-empty").hidden = part.upstreams.length > 0;
  list(
    byId("upstream-list"),
    part.upstreams,
    (one) => one.name,
    (one) =>
      el("div", { class: "upstream" },
        el("h3", {}, one.name, " ", el("span", { class: "tag" })),
        el("p", { class: "quiet" }),
        el("ul", { class: "servers" })),
    upstream,
  );
}

function upstream(shown, one) {
  const [title, text, servers] = shown.children;
  const tag = title.querySelector(".tag");
  const words = { up: "up", down: "down", open: "not multi-tenant", unknown: "not checked" };
  say(tag, words[one.state]);
  tag.className = `tag ${{ up: "good", down: "bad", open: "bad", unknown: "calm" }[one.state]}`;
  const trouble = [];
  if (one.retries > 0) trouble.push(`${number(one.retries)} sent again a second`);
  if (one.connect_failures > 0) trouble.push(`${number(one.connect_failures)} failed connects a second`);
  say(text, [`${one.connections} ${one.connections === 1 ? "connection" : "connections"}`, ...trouble].join(", "));
  list(
    servers,
    one.endpoints,
    (endpoint) => endpoint.endpoint,
    () => el("li", {}, el("code"), el("span")),
    server,
  );
}

function server(shown, endpoint) {
  say(shown.firstElementChild, endpoint.endpoint);
  const use = endpoint.usable >= 1 ? "in use" : endpoint.usable > 0 ? `in use by ${percent(endpoint.usable)} of the event loops` : "left out";
  const parts = [use];
  if (endpoint.requests > 0) parts.push(`${count(endpoint.requests)} requests, ${count(endpoint.failures)} failed`);
  if (endpoint.left_out > 0) parts.push(`left out ${count(endpoint.left_out)} times`);
  if (endpoint.check !== undefined) parts.push(`check ${endpoint.check}`);
  say(shown.lastElementChild, parts.join(", "));
  shown.className = endpoint.usable > 0 && endpoint.check !== "fails" ? "good" : "bad";
}

export function cluster(part) {
  const keys = Object.entries(part.issuer_keys);
  const facts = [
    [part.circuit_open ? "bad" : "good", part.circuit_open ? "The API server does not answer; it is probed once a second" : "The API server is asked"],
    ...keys.map(([issuer, many]) => [many > 0 ? "good" : "warn", `${many} ${many === 1 ? "key" : "keys"} of ${issuer}`]),
  ];
  if (part.reviews_waiting > 0) {
    facts.push(["warn", `${count(part.reviews_waiting)} reviews wait for their turn`]);
  }
  const expires = part.own_credential_expires;
  if (expires !== undefined) {
    facts.push([new Date(expires) - Date.now() > RENEWED_MILLIS ? "good" : "warn", `The gateway's own credential expires ${until(expires)}`]);
  }
  list(byId("cluster-facts"), facts, ([kind, text]) => kind + text, ([kind, text]) => el("li", { class: kind }, text));
  list(
    byId("watched"),
    Object.entries(part.watched),
    ([name, is]) => name + is,
    ([name, is]) => el("li", { class: is ? "good" : "warn" }, name, el("span", { class: is ? "hidden" : "quiet" }, is ? ": watched" : " not watched")),
  );
  list(
    byId("caches").tBodies[0],
    Object.entries(part.caches),
    ([name]) => name,
    () => row([["Cache"], ["Entries", "number"], ["Hits", "number"], ["Asked", "number"], ["Expired", "number"]]),
    (shown, [name, cache]) => {
      [name, count(cache.entries), count(cache.hits), count(cache.misses), count(cache.stale)].forEach((text, i) => say(shown.children[i], text));
    },
  );
}

export function budgets(part) {
  list(
    byId("budget-list").tBodies[0],
    Object.entries(part),
    ([name]) => name,
    () => {
      const made = row([["Budget"], ["Used"]]);
      made.lastElementChild.append(el("span", { class: "level" }, bar(), el("span")));
      return made;
    },
    (shown, [name, used]) => {
      say(shown.firstElementChild, plain(name));
      const [level, text] = shown.lastElementChild.firstElementChild.children;
      fill(level, used);
      say(text, percent(used));
    },
  );
}

export function certificates(part) {
  byId("certificates-empty").hidden = part.certificates.length > 0;
  byId("certificate-list").hidden = part.certificates.length === 0;
  list(
    byId("certificate-list").tBodies[0],
    part.certificates,
    (one) => `${one.used_by} ${one.file}`,
    (one) => {
      const made = row([["Expires"], ["Used by"], ["File"]]);
      say(made.children[1], one.used_by);
      made.children[2].append(el("code", {}, one.file));
      return made;
    },
    (shown, one) => {
      const days = (new Date(one.expires) - Date.now()) / 86400000;
      say(shown.firstElementChild, until(one.expires));
      shown.firstElementChild.title = one.expires;
      shown.firstElementChild.className = days < 0 ? "bad" : days < SOON_DAYS ? "warn" : "";
    },
  );
}

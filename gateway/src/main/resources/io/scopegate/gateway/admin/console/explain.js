// Asks what would happen to a request, and shows the decision step by step.

import { byId, copy, el, list, say } from "./dom.js";

const form = () => byId("explain-form");
let asking = 0;

export function start() {
  form().addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
}

/** Offers the listeners that there are. */
export function listeners(names) {
  const select = form().elements.listener;
  const chosen = select.value;
  list(
    select,
    ["", ...names],
    (name) => name,
    (name) => el("option", { value: name }, name || "the one that serves it"),
  );
  select.value = names.includes(chosen) ? chosen : "";
}

/** Fills the form with a request and asks. */
export function explain(request) {
  const fields = form().elements;
  for (const name of ["target", "tenant", "as", "listener", "method", "groups", "token"]) {
    fields[name].value = request[name] ?? "";
  }
  byId("explain").scrollIntoView();
  ask().then(() => byId("explained").focus({ preventScroll: true }));
}

async function ask() {
  const fields = form().elements;
  const parameters = new URLSearchParams();
  const target = fields.target.value.trim();
  parameters.set(target.startsWith("/") ? "path" : "grpc", target);
  for (const name of ["tenant", "listener", "as", "groups", "method"]) {
    const value = fields[name].value.trim();
    if (value !== "") {
      parameters.set(name, value);
    }
  }
  const headers = {};
  const token = fields.token.value.trim();
  if (token !== "") {
    headers.Authorization = `Bearer ${token}`;
  }
  const mine = ++asking;
  byId("explained").setAttribute("aria-busy", "true");
  const shown = await answer(parameters, headers);
  if (mine === asking) {
    byId("explained").replaceChildren(...shown);
    byId("explained").removeAttribute("aria-busy");
    say(byId("spoken"), shown[0].textContent);
  }
}

async function answer(parameters, headers) {
  try {
    const response = await fetch("api/explain", { method: "POST", headers, body: parameters });
    return response.ok ? explanation(await response.json()) : [problem(await response.text())];
  } catch (e) {
    return [problem(e instanceof TypeError ? "The gateway does not answer." : String(e))];
  }
}

function problem(text) {
  return el("p", { class: "notice bad" }, text.trim());
}

function explanation(e) {
  return [verdict(e), el("ol", { class: "steps" }, ...steps(e))];
}

function verdict(e) {
  const answer = e.answer;
  if (answer.by === "upstream" && answer.would_refuse) {
    return el("p", { class: "verdict warn" }, `It would be forwarded, although it would be refused (${answer.would_refuse}): this listener only logs.`);
  }
  if (answer.by === "upstream") {
    return el("p", { class: "verdict good" }, "It would be forwarded.");
  }
  if (answer.reason === undefined) {
    return el("p", { class: "verdict good" }, `The gateway itself answers: HTTP ${answer.http_status}.`);
  }
  const undecided = answer.reason === "undecided";
  const status = answer.grpc_status ?? `HTTP ${answer.http_status}`;
  return el("p", { class: `verdict ${undecided ? "warn" : "bad"}` },
    undecided ? `Nobody could decide: ${status}, and the client tries again.` : `It would be refused: ${answer.reason.replaceAll("_", " ")}, ${status}.`);
}

function step(mark, title, ...details) {
  const names = { good: "passed", bad: "refused here", warn: "not decided", skipped: "not reached" };
  return el("li", { class: mark },
    el("h3", {}, title, el("span", { class: "hidden" }, `: ${names[mark]}`)),
    ...details.filter(Boolean).map((detail) => (typeof detail === "string" ? el("p", {}, detail) : detail)));
}

function steps(e) {
  const all = [request(e), endpoint(e)];
  if (e.endpoint === undefined) {
    return [...all, outcome(e)];
  }
  if (e.who !== undefined) {
    all.push(identity(e.who, e.request), tenant(e), ...(e.rights ?? []).map((right) => rights(right, e)));
    if (Object.keys(e.limits ?? {}).length > 0) {
      all.push(limits(e));
    }
  }
  return [...all, upstream(e), outcome(e)];
}

function request(e) {
  const r = e.request;
  const proof = r.assumed_user ? "the user is taken for granted" : r.token ? "with a token" : "without a token";
  return step("good", "Request",
    `${r.method} ${r.target}, HTTP/${r.http}, ${r.tls ? "TLS" : "clear text"}`,
    r.tenant ? `tenant header ${r.tenant}; ${proof}` : `no tenant header; ${proof}`);
}

function endpoint(e) {
  return e.endpoint === undefined
    ? step("bad", "Endpoint", `None on ${e.listeners.join(", ")}.`)
    : step("good", "Endpoint", `${e.endpoint} on ${e.listener}: ${e.operation}`);
}

function age(of) {
  if (of.age_ms === undefined) return "";
  const when = of.cached || of.stale ? `${(of.age_ms / 1000).toFixed(1)} s ago, from the cache` : "just now";
  return of.stale ? `${when}; expired, used because the API server cannot be asked` : when;
}

function by(of, request) {
  if (request?.assumed_user) return "by what was asked; nobody verified it";
  const source = { subject_access_review: "SubjectAccessReview", static_rule: "a rule of authorization.static", none: "" }[of.source];
  const name = source ?? of.source.replaceAll("_", " ");
  return name === "" ? "" : ["by", name, age(of)].filter(Boolean).join(" ").replace(/ (just now|[0-9.]+ s ago)/, ", $1");
}

function identity(who, request) {
  if (who.user !== undefined) {
    return step("good", "Identity", who.user, who.groups.length > 0 ? `groups ${who.groups.join(", ")}` : "", by(who, request));
  }
  return step(who.outcome === "undecided" ? "warn" : "bad", "Identity", who.reason, who.cause ?? "", by(who, request));
}

function tenant(e) {
  if (e.who.user === undefined) {
    return step("skipped", "Tenant");
  }
  if (e.operation === "open") {
    return step("good", "Tenant", "None is needed.");
  }
  const t = e.tenant;
  return t.names.length === 0
    ? step("bad", "Tenant", e.answer.text ?? "None.")
    : step("good", "Tenant", `${t.names.join(", ")}; by ${t.source}`, t.sent ? `the upstream gets ${t.sent}` : "");
}

function rights(right, e) {
  const mark = { yes: "good", no: "bad", undecided: "warn" }[right.answer] ?? "skipped";
  const title = right.tenant ? `Right for ${right.tenant}` : "Right";
  const parts = [
    { yes: "It is there.", no: "It is missing.", undecided: "Nobody could say." }[right.answer] ?? "Not asked: another answer already decides.",
    right.reason ? `reason: ${right.reason}` : "",
    by(right),
    right.other_mapping ? `With authorization.mapping: ${right.other_mapping} it would be allowed: the right was granted for that mapping.` : "",
  ];
  if (right.answer !== "yes" && right.rule_yaml) {
    parts.push(yaml(right.question_yaml ? "This would allow it; apply it with kubectl" : "This would allow it; add it to the configuration", right.rule_yaml, "rule"));
  }
  if (right.question_yaml) {
    parts.push(el("details", {}, el("summary", {}, "The review that was sent"), yaml("It can be created with kubectl", right.question_yaml, "question")));
  }
  return step(mark, title, ...parts);
}

function yaml(title, text, kind) {
  const code = el("pre", { tabindex: "0", class: kind, role: "region", "aria-label": title }, text);
  const button = el("button", { type: "button", "aria-label": `Copy the ${kind}`, on: { click: () => copy(button, code) } }, "Copy");
  return el("div", { class: "yaml" }, el("div", { class: "head" }, el("span", {}, title), button), code);
}

function limits(e) {
  const of = Object.entries(e.limits).map(([name, set]) => {
    const keys = Object.entries(set);
    return `${name}: ${keys.length === 0 ? "none" : keys.map(([key, value]) => `${key} ${value}`).join(", ")}`;
  });
  return step(e.allowed ? "good" : "skipped", "Limits", ...of, e.limits_enforced ? "" : "They are only logged (limits.enforce: audit).");
}

function upstream(e) {
  const u = e.upstream;
  return step(e.answer.by === "upstream" ? "good" : "skipped", "Upstream",
    `${u.name}, ${u.url}`, e.answer.by === "upstream" ? (u.gets_token ? "It gets the token." : "It gets no token.") : "Nothing is sent there.");
}

function outcome(e) {
  const a = e.answer;
  if (a.by === "upstream") {
    return step("good", "Answer", "From the upstream.");
  }
  const wait = a.retry_after_seconds === undefined ? "" : `Retry after ${a.retry_after_seconds} s.`;
  const status = `HTTP ${a.http_status}${a.grpc_status ? `, gRPC ${a.grpc_status}` : ""}${a.reason ? ` (${a.reason})` : ""}`;
  return step(a.reason === undefined ? "good" : a.reason === "undecided" ? "warn" : "bad", "Answer", status, a.text ?? "", wait);
}

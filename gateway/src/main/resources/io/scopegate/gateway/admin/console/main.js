// The page: what is done with each part of what the gateway tells.

import * as chart from "./chart.js";
import * as configuration from "./configuration.js";
import { byId, say } from "./dom.js";
import * as explain from "./explain.js";
import * as refusals from "./refusals.js";
import * as state from "./state.js";
import { follow } from "./stream.js";
import * as traffic from "./traffic.js";

function live(now) {
  const shown = byId("live");
  say(shown, { live: "live", lost: "no data", paused: "paused" }[now]);
  shown.className = `pill ${{ live: "good", lost: "bad", paused: "" }[now]}`;
  document.body.classList.toggle("lost", now === "lost");
  state.notice("stream", now === "lost" ? [["bad", "The gateway does not answer, so what is shown is old. This page tries again by itself."]] : []);
}

chart.start();
refusals.start();
explain.start();
configuration.start();
follow(
  "api/events",
  {
    status: state.status,
    traffic: traffic.show,
    refusals: refusals.show,
    upstreams: state.upstreams,
    cluster: state.cluster,
    budgets: state.budgets,
    certificates: state.certificates,
    reload: configuration.show,
  },
  live,
);

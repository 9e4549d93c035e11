// What is in force, and what the last reload did.

import { byId, copy, el, say } from "./dom.js";
import { moment } from "./format.js";
import { notice } from "./state.js";

let wanted = "";
let loaded = null;

export function start() {
  const text = byId("effective").querySelector("pre");
  byId("copy-configuration").addEventListener("click", async (event) => {
    await load();
    await copy(event.currentTarget ?? byId("copy-configuration"), text);
  });
  byId("effective").addEventListener("toggle", load);
}

export function show(reload) {
  const begun = reload.start ? "Loaded at the start" : reload.problems.length > 0 ? "Could not be reloaded" : "Reloaded";
  const parts = [el("p", {}, `${begun}, ${moment(reload.time)}.`)];
  if (!reload.start && reload.problems.length === 0) {
    parts.push(keys(reload.changed.length === 0 ? "Nothing has changed." : "Changed:", reload.changed));
  }
  if (reload.at_next_start.length > 0) {
    parts.push(keys("Takes effect at the next start:", reload.at_next_start));
  }
  if (reload.problems.length > 0) {
    parts.push(el("ul", { class: "facts" }, ...reload.problems.map((text) => el("li", { class: "bad" }, text))));
  }
  byId("reload").replaceChildren(...parts);
  notice("reload", reload.current ? [] : [["warn", "The configuration file is not what is in force: it is missing, invalid, or a part of it waits for the next start."]]);
  if (wanted !== reload.time) {
    wanted = reload.time;
    loaded = null;
    load();
  }
}

function keys(title, names) {
  return el("p", {}, title, ...names.flatMap((name) => [" ", el("code", {}, name)]));
}

/** Only what somebody has opened is asked for. */
async function load() {
  if (!byId("effective").open && document.activeElement !== byId("copy-configuration")) {
    return;
  }
  if (loaded === wanted) {
    return;
  }
  const version = wanted;
  try {
    const response = await fetch("api/config");
    if (response.ok) {
      say(byId("effective").querySelector("pre"), await response.text());
      loaded = version;
    }
  } catch {
    // the next reload or look tries again; that the gateway is away is said above
  }
}

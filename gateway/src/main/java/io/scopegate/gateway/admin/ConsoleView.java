package io.scopegate.gateway.admin;

import io.scopegate.gateway.telemetry.ClusterState;
import io.scopegate.gateway.telemetry.LastReload;
import io.scopegate.gateway.telemetry.RecentRefusals;
import io.scopegate.gateway.telemetry.UpstreamEndpointState;
import io.scopegate.gateway.tls.TlsUse;
import io.scopegate.gateway.traffic.Figure;
import io.scopegate.gateway.traffic.Figures;
import io.scopegate.gateway.traffic.TenantTraffic;
import io.scopegate.gateway.traffic.Traffic;
import io.scopegate.gateway.traffic.UpstreamTraffic;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What the console shows, as JSON. Nothing is kept; for any thread. */
final class ConsoleView {
  /** So many tenants are shown, the busiest. */
  static final int MOST_TENANTS = 20;

  /** From here on a budget is about to hold somebody up. */
  private static final double BUSY = 0.8;

  private final Console console;
  private final Readiness readiness;

  ConsoleView(Console console, Readiness readiness) {
    this.console = console;
    this.readiness = readiness;
  }

  /** Whether the gateway is ready, and what is unusual about it. */
  JsonObject status(Traffic traffic) {
    return new JsonObject()
        .put("version", traffic.version())
        .put("ready", readiness.isReady())
        .put("reasons", new JsonArray(readiness.reasons()))
        .put("warnings", new JsonArray(readiness.warnings()))
        .put("busy", busy(traffic.now()))
        .put("audit_only_listeners", traffic.openListeners())
        .put("limits_audit_only", traffic.onlyLogsLimits())
        .put("listeners", array(traffic.now().parts(Figure.STREAMS)));
  }

  /** The budgets of which nearly all is used. */
  private static JsonArray busy(Figures figures) {
    JsonArray busy = new JsonArray();
    figures.parts(Figure.BUDGETS).stream()
        .filter(budget -> figures.of(Figure.BUDGETS, budget) >= BUSY)
        .forEach(busy::add);
    return busy;
  }

  /** What passes, a second. */
  static JsonObject traffic(Traffic traffic) {
    JsonArray tenants = new JsonArray();
    traffic.busiest(MOST_TENANTS).forEach(tenant -> tenants.add(tenant(tenant)));
    return new JsonObject()
        .put("requests", rounded(traffic.perSecond(Figure.REQUESTS)))
        .put("bytes_in", rounded(traffic.perSecond(Figure.REQUEST_BYTES)))
        .put("bytes_out", rounded(traffic.perSecond(Figure.RESPONSE_BYTES)))
        .put("limited", rounded(traffic.perSecond(Figure.TENANT_LIMITED)))
        .put("in_progress", traffic.inProgress())
        .put("refusals", rounded(traffic.refusals()))
        .put("tenants", tenants)
        .put("all_tenants", traffic.tenants());
  }

  private static JsonObject tenant(TenantTraffic tenant) {
    JsonArray limits = new JsonArray();
    tenant
        .limits()
        .forEach(limit ->
            limits.add(
                new JsonObject()
                    .put("key", limit.key())
                    .put("used", rounded(limit.used()))
                    .put("limit", limit.limit())));
    return new JsonObject()
        .put("name", tenant.name())
        .put("requests", rounded(tenant.requests()))
        .put("refused", rounded(tenant.refused()))
        .put("limited", rounded(tenant.limited()))
        .put("bytes_in", rounded(tenant.bytesIn()))
        .put("bytes_out", rounded(tenant.bytesOut()))
        .put("in_progress", tenant.inProgress())
        .put("limits", limits);
  }

  /** How much of each budget is used, 0 to 1. */
  static JsonObject budgets(Figures figures) {
    return parts(figures, Figure.BUDGETS);
  }

  /** The caches in front of Kubernetes, what waits for it, and the credential used there. */
  static JsonObject caches(Figures figures) {
    JsonObject caches = new JsonObject();
    for (String cache : figures.parts(Figure.CACHE_ENTRIES)) {
      caches.put(
          cache,
          new JsonObject()
              .put("entries", (long) figures.of(Figure.CACHE_ENTRIES, cache))
              .put("hits", (long) figures.of(Figure.CACHE_HITS, cache))
              .put("misses", (long) figures.of(Figure.CACHE_MISSES, cache))
              .put("stale", (long) figures.of(Figure.CACHE_STALE, cache)));
    }
    JsonObject shown =
        new JsonObject()
            .put("caches", caches)
            .put("reviews_waiting", (long) figures.of(Figure.REVIEWS_WAITING));
    if (figures.has(Figure.OWN_CREDENTIAL, "")) {
      long seconds = (long) figures.of(Figure.OWN_CREDENTIAL);
      shown.put("own_credential_expires", Instant.ofEpochSecond(seconds).toString());
    }
    return shown;
  }

  /** How the conversation with the cluster stands. */
  JsonObject cluster() {
    ClusterState state = console.cluster();
    return new JsonObject()
        .put("watched", new JsonObject(new TreeMap<>(state.followed())))
        .put("circuit_open", state.circuitOpen())
        .put("issuer_keys", new JsonObject(new TreeMap<>(state.issuerKeys())));
  }

  /** The servers of each upstream. */
  JsonObject upstreams() {
    JsonObject all = new JsonObject();
    console
        .upstreams()
        .forEach((name, endpoints) -> {
          JsonArray shown = new JsonArray();
          endpoints.forEach(endpoint -> shown.add(json(endpoint)));
          all.put(name, shown);
        });
    return new JsonObject().put("upstreams", all);
  }

  /** The same, with what the checks say and what there is of connections. */
  JsonObject upstreams(Traffic traffic) {
    JsonObject servers = upstreams().getJsonObject("upstreams");
    JsonArray all = new JsonArray();
    for (UpstreamTraffic upstream : traffic.upstreams()) {
      all.add(
          new JsonObject()
              .put("name", upstream.name())
              .put("state", upstream.state().name().toLowerCase(Locale.ROOT))
              .put("connections", upstream.connections())
              .put("retries", rounded(upstream.retries()))
              .put("connect_failures", rounded(upstream.connectFailures()))
              .put("endpoints", servers.getJsonArray(upstream.name(), new JsonArray())));
    }
    return new JsonObject().put("upstreams", all);
  }

  private static JsonObject json(UpstreamEndpointState endpoint) {
    JsonObject shown =
        new JsonObject()
            .put("endpoint", endpoint.endpoint())
            .put("usable", endpoint.usable())
            .put("requests", endpoint.requests())
            .put("failures", endpoint.failures())
            .put("left_out", endpoint.leftOut());
    Boolean check = endpoint.passesCheck();
    if (check != null) {
      shown.put("check", check ? "passes" : "fails");
    }
    UpstreamEndpointState.Bound bound = endpoint.bound();
    return bound == null ? shown : shown.put("concurrency", json(bound));
  }

  private static JsonObject json(UpstreamEndpointState.Bound bound) {
    return new JsonObject()
        .put("limit", bound.limit())
        .put("in_flight", bound.inFlight())
        .put("queued", bound.queued())
        .put("dropped", bound.dropped());
  }

  /**
   * The last refusals, the last one first.
   *
   * @param most how many
   */
  JsonObject refusals(int most) {
    JsonArray all = new JsonArray();
    console.refusals().stream().limit(most).forEach(noted -> all.add(json(noted)));
    return new JsonObject().put("refusals", all);
  }

  private static JsonObject json(RecentRefusals.Noted noted) {
    return new JsonObject()
        .put("number", noted.number())
        .put("time", noted.time().toString())
        .put("request_id", noted.requestId())
        .put("listener", noted.listener())
        .put("endpoint", noted.endpoint())
        .put("user", noted.user())
        .put("tenant", noted.tenant())
        .put("forwarded", noted.forwarded())
        .put("reason", noted.refusal().reason().label())
        .put("detail", noted.refusal().detail());
  }

  /** The files of certificates in use, the one that expires first at the top. */
  JsonObject certificates() {
    List<JsonObject> all =
        console.certificates().entrySet().stream()
            .flatMap(use -> certificates(use.getKey(), use.getValue()).stream())
            .sorted(
                Comparator.comparing((JsonObject one) -> one.getString("expires"))
                    .thenComparing(one -> one.getString("used_by"))
                    .thenComparing(one -> one.getString("file")))
            .toList();
    return new JsonObject().put("certificates", new JsonArray(all));
  }

  private static List<JsonObject> certificates(String usedBy, TlsUse use) {
    return use.files().stream()
        .map(file ->
            new JsonObject()
                .put("used_by", usedBy)
                .put("file", file.path().toString())
                .put("expires", file.notAfter().toString()))
        .toList();
  }

  /** What became of the last reload. */
  JsonObject reload() {
    LastReload last = console.lastReload();
    return new JsonObject()
        .put("time", last.time().toString())
        .put("current", console.isConfigurationCurrent())
        .put("start", last.isStart())
        .put("changed", new JsonArray(last.changed()))
        .put("at_next_start", new JsonArray(last.atNextStart()))
        .put("problems", new JsonArray(last.problems()));
  }

  private static JsonObject parts(Figures figures, Figure figure) {
    JsonObject parts = new JsonObject();
    figures.parts(figure).forEach(part -> parts.put(part, rounded(figures.of(figure, part))));
    return parts;
  }

  private static JsonObject rounded(Map<String, Double> rates) {
    JsonObject all = new JsonObject();
    rates.forEach((name, rate) -> all.put(name, rounded(rate)));
    return all;
  }

  private static double rounded(double value) {
    return Math.rint(value * 1_000) / 1_000;
  }

  private static JsonArray array(Iterable<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }
}

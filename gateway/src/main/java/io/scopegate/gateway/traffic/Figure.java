package io.scopegate.gateway.traffic;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A number that is shown, and the metric that it is the sum of. */
public enum Figure {
  /** Always 1, by version. */
  BUILD("scopegate_build_info", "version"),
  /** 1 while the gateway is ready. */
  READY("scopegate_ready", ""),
  /** Listeners that forward what they would refuse. */
  AUDIT_ONLY_LISTENERS("scopegate_audit_only_listeners", ""),
  /** 1 while limits are only logged. */
  LIMITS_AUDIT_ONLY("scopegate_limits_audit_only", ""),
  /** Finished requests. */
  REQUESTS("scopegate_requests_total", ""),
  /** Body bytes from clients. */
  REQUEST_BYTES("scopegate_request_bytes_total", ""),
  /** Body bytes to clients. */
  RESPONSE_BYTES("scopegate_response_bytes_total", ""),
  /** Refused requests, by reason. */
  REFUSALS("scopegate_refusals_total", "reason"),
  /** Requests in progress, by listener. */
  STREAMS("scopegate_streams", "listener"),

  /** Finished requests of a tenant. */
  TENANT_REQUESTS("scopegate_tenant_requests_total", "tenant"),
  /** Those of them that were refused. */
  TENANT_REFUSED("scopegate_tenant_requests_total", "tenant", "outcome", "refused"),
  /** Finished writes of a tenant. */
  TENANT_WRITES("scopegate_tenant_requests_total", "tenant", "operation", "write"),
  /** Refused writes of a tenant. */
  TENANT_WRITES_REFUSED(
      "scopegate_tenant_requests_total", "tenant", "operation", "write", "outcome", "refused"),
  /** Finished reads of a tenant. */
  TENANT_READS("scopegate_tenant_requests_total", "tenant", "operation", "read"),
  /** Refused reads of a tenant. */
  TENANT_READS_REFUSED(
      "scopegate_tenant_requests_total", "tenant", "operation", "read", "outcome", "refused"),
  /** Refusals because of a limit. */
  TENANT_LIMITED("scopegate_tenant_limited_total", "tenant"),
  /** Requests of a tenant in progress. */
  TENANT_STREAMS("scopegate_tenant_requests_in_flight", "tenant"),
  /** Body bytes of a tenant's requests. */
  TENANT_REQUEST_BYTES("scopegate_tenant_request_bytes_total", "tenant"),
  /** Body bytes of the answers to a tenant. */
  TENANT_RESPONSE_BYTES("scopegate_tenant_response_bytes_total", "tenant"),
  /** Decoded bytes that a tenant stored. */
  TENANT_STORED_BYTES("scopegate_tenant_ingested_bytes_total", "tenant"),
  /** Spans that a tenant stored. */
  TENANT_SPANS("scopegate_tenant_ingested_spans_total", "tenant"),
  /** A tenant's limit of decoded bytes a second. */
  LIMIT_STORED_BYTES("scopegate_tenant_limit", "tenant", "limit", "ingestBytesPerSecond"),
  /** A tenant's limit of spans a second. */
  LIMIT_SPANS("scopegate_tenant_limit", "tenant", "limit", "spansPerSecond"),
  /** A tenant's limit of writes a second. */
  LIMIT_WRITES("scopegate_tenant_limit", "tenant", "limit", "ingestRequestsPerSecond"),
  /** A tenant's limit of reads a second. */
  LIMIT_READS("scopegate_tenant_limit", "tenant", "limit", "queriesPerSecond"),

  /** Open connections to an upstream. */
  UPSTREAM_CONNECTIONS("scopegate_upstream_connections", "upstream"),
  /** Requests that were sent to an upstream again. */
  UPSTREAM_RETRIES("scopegate_upstream_retries_total", "upstream"),
  /** Connects to an upstream that failed. */
  UPSTREAM_CONNECT_FAILURES("scopegate_upstream_connect_failures_total", "upstream"),
  /** 1 if an upstream was reached at the last check. */
  UPSTREAM_UP("scopegate_upstream_up", "upstream"),
  /** 1 if a Tempo refuses queries without a tenant. */
  UPSTREAM_MULTITENANT("scopegate_upstream_multitenant", "upstream"),

  /** How much of a budget is used, 0 to 1. */
  BUDGETS("scopegate_budget_used_ratio", "budget"),
  /** Entries of a cache of decisions. */
  CACHE_ENTRIES("scopegate_cache_entries", "cache"),
  /** Lookups that found an answer. */
  CACHE_HITS("scopegate_cache_lookups_total", "cache", "result", "hit"),
  /** Lookups that found none. */
  CACHE_MISSES("scopegate_cache_lookups_total", "cache", "result", "miss"),
  /** Lookups that used an expired answer. */
  CACHE_STALE("scopegate_cache_lookups_total", "cache", "result", "stale"),
  /** Reviews that wait for their turn. */
  REVIEWS_WAITING("scopegate_reviews_waiting", ""),
  /** When the gateway's own credential expires, in seconds since 1970; not there if it does not. */
  OWN_CREDENTIAL("scopegate_own_credential_expiration_timestamp_seconds", "");

  private static final Map<String, List<Figure>> BY_METRIC = byMetric();

  private final String metric;
  private final String by;
  private final List<String> only;

  /**
   * A figure.
   *
   * @param by the label that it is divided by; empty for none
   * @param only labels and the values that samples of it have, in turn
   */
  Figure(String metric, String by, String... only) {
    this.metric = metric;
    this.by = by;
    this.only = List.of(only);
  }

  private static Map<String, List<Figure>> byMetric() {
    Map<String, List<Figure>> all = new HashMap<>();
    for (Figure figure : values()) {
      all.computeIfAbsent(figure.metric, name -> new ArrayList<>()).add(figure);
    }
    return all;
  }

  /** The figures that a metric counts for; none for most metrics. */
  public static List<Figure> of(String metric) {
    return BY_METRIC.getOrDefault(metric, List.of());
  }

  /** The name of the metric, as {@code /metrics} has it. */
  String metric() {
    return metric;
  }

  /**
   * What a sample counts for: the value of the label that this figure is divided by, empty for one
   * that is not; null when the sample is not part of it.
   */
  @Nullable String part(Labels labels) {
    for (int i = 0; i < only.size(); i += 2) {
      if (!only.get(i + 1).equals(labels.value(only.get(i)))) {
        return null;
      }
    }
    String part = by.isEmpty() ? "" : labels.value(by);
    return part == null ? "" : part;
  }
}

package io.scopegate.gateway.monitoring;

import static io.scopegate.gateway.monitoring.Dashboard.SCOPE;
import static io.scopegate.gateway.monitoring.Dashboard.longest;
import static io.scopegate.gateway.monitoring.Dashboard.max;
import static io.scopegate.gateway.monitoring.Dashboard.mean;
import static io.scopegate.gateway.monitoring.Dashboard.min;
import static io.scopegate.gateway.monitoring.Dashboard.quantile;
import static io.scopegate.gateway.monitoring.Dashboard.query;
import static io.scopegate.gateway.monitoring.Dashboard.rate;
import static io.scopegate.gateway.monitoring.Dashboard.sum;

import java.util.Map;
import java.util.TreeMap;

/** The dashboards of {@code deploy/monitoring}. */
final class Dashboards {
  private static final String TENANT = "tenant=\"$tenant\"";

  private Dashboards() {}

  /** All of them, by the names of their files. */
  static Map<String, Dashboard> all() {
    Map<String, Dashboard> all = new TreeMap<>();
    all.put("overview.json", overview());
    all.put("tenant.json", tenant());
    all.put("operations.json", operations());
    return all;
  }

  private static Dashboard overview() {
    return new Dashboard("scopegate-overview", "Scopegate / Overview")
        .stat("Ready replicas", "none", sum("scopegate_ready"))
        .stat("Requests", "reqps", rate("scopegate_requests_total", ""))
        .stat(
            "Served",
            "percentunit",
            query(
                "sum (rate(scopegate_requests_total{%1$s,outcome=\"ok\"}[$__rate_interval])) / sum (rate(scopegate_requests_total{%1$s}[$__rate_interval]))"
                    .formatted(SCOPE),
                ""))
        .stat("Refused", "reqps", rate("scopegate_refusals_total", ""))
        .stat("p99", "s", quantile(0.99, "scopegate_request_duration_seconds", ""))
        .stat("Worst upstream", "none", min("scopegate_upstream_up"))
        .stat("Open gates", "none", max("scopegate_audit_only_listeners"))
        .stat("Open limits", "none", max("scopegate_limits_audit_only"))
        .row("Requests")
        .lines("By outcome", "", "reqps", rate("scopegate_requests_total", "", "outcome"))
        .lines("By endpoint", "", "reqps", rate("scopegate_requests_total", "", "endpoint"))
        .lines(
            "By status",
            "HTTP, and gRPC where it is one",
            "reqps",
            rate("scopegate_requests_total", "", "protocol", "code", "grpc_code"))
        .lines(
            "Duration",
            "From a request's head to the end of its response, streams included",
            "s",
            quantile(0.5, "scopegate_request_duration_seconds", ""),
            quantile(0.99, "scopegate_request_duration_seconds", ""),
            longest("scopegate_request_duration_seconds"))
        .lines(
            "Bytes",
            "Of bodies",
            "Bps",
            named("in", rate("scopegate_request_bytes_total", "")),
            named("out", rate("scopegate_response_bytes_total", "")))
        .lines("In progress", "", "none", sum("scopegate_streams", "listener"))
        .row("Refusals")
        .lines("By reason", "", "reqps", rate("scopegate_refusals_total", "", "reason"))
        .lines("By listener", "", "reqps", rate("scopegate_refusals_total", "", "listener"))
        .lines(
            "Would be refused",
            "Forwarded because of enforce: audit",
            "reqps",
            rate("scopegate_would_refuse_total", "", "reason"))
        .lines(
            "Would be limited",
            "Forwarded because of limits.enforce: audit",
            "reqps",
            rate("scopegate_would_limit_total", "", "reason"))
        .row("Tenants")
        .lines("Requests", "The ten with the most", "reqps", top("scopegate_tenant_requests_total"))
        .lines(
            "Bytes stored and sent",
            "The ten with the most",
            "Bps",
            top("scopegate_tenant_request_bytes_total"))
        .lines(
            "Over a limit", "The ten with the most", "reqps", top("scopegate_tenant_limited_total"))
        .lines(
            "Would be over a limit",
            "The ten with the most, with limits.enforce: audit",
            "reqps",
            top("scopegate_tenant_would_limit_total"))
        .lines(
            "Bytes inspected",
            "By Tempo for queries: the ten with the most, with usage.enabled",
            "Bps",
            top("scopegate_tenant_query_inspected_bytes_total"))
        .lines(
            "Seconds of queries",
            "A second: the ten with the most, with usage.enabled",
            "none",
            top("scopegate_tenant_query_seconds_total"));
  }

  private static Dashboard.Query top(String metric) {
    return query(
        "topk(10, sum by (tenant) (rate(%s{%s}[$__rate_interval])))".formatted(metric, SCOPE),
        "{{tenant}}");
  }

  private static Dashboard.Query named(String name, Dashboard.Query query) {
    return query(query.expression(), name);
  }

  private static Dashboard tenant() {
    return new Dashboard("scopegate-tenant", "Scopegate / Tenant")
        .variable("tenant", "label_values(scopegate_tenant_requests_total, tenant)", false)
        .row("Requests")
        .lines(
            "By outcome",
            "",
            "reqps",
            rate("scopegate_tenant_requests_total", TENANT, "operation", "outcome"))
        .lines(
            "In progress",
            "",
            "none",
            named("in progress", ofTenant("sum", "scopegate_tenant_requests_in_flight")),
            limit("concurrentQueries"),
            limit("concurrentStreams"))
        .lines(
            "Bytes",
            "Of bodies",
            "Bps",
            named("in", rate("scopegate_tenant_request_bytes_total", TENANT)),
            named("out", rate("scopegate_tenant_response_bytes_total", TENANT)))
        .row("Against its limits")
        .lines(
            "Bytes stored",
            "Decoded",
            "Bps",
            named("stored", rate("scopegate_tenant_ingested_bytes_total", TENANT)),
            limit("ingestBytesPerSecond"))
        .lines(
            "Spans stored",
            "Counted where spansPerSecond is set",
            "none",
            named("stored", rate("scopegate_tenant_ingested_spans_total", TENANT)),
            limit("spansPerSecond"))
        .lines(
            "Over a limit",
            "Requests that were refused, by the key of the limit",
            "reqps",
            rate("scopegate_tenant_limited_total", TENANT, "limit"))
        .table(
            "Limits",
            "What the tenant may use at most: bytes, requests, spans or seconds",
            "none",
            query(
                "max by (limit) (scopegate_tenant_limit{%s,%s})".formatted(SCOPE, TENANT),
                "{{limit}}"))
        .lines(
            "Would be over a limit",
            "Forwarded because of limits.enforce: audit, by the key of the limit",
            "reqps",
            rate("scopegate_tenant_would_limit_total", TENANT, "limit"))
        .row("What its queries cost, with usage.enabled")
        .lines(
            "Bytes",
            "As Tempo says in its answers; what comes from its caches costs nothing",
            "Bps",
            named("inspected", rate("scopegate_tenant_query_inspected_bytes_total", TENANT)),
            named("of blocks considered", rate("scopegate_tenant_query_block_bytes_total", TENANT)),
            named("read from storage", rate("scopegate_tenant_query_backend_bytes_total", TENANT)))
        .lines(
            "Work",
            "A second",
            "none",
            named("traces", rate("scopegate_tenant_query_inspected_traces_total", TENANT)),
            named("spans", rate("scopegate_tenant_query_inspected_spans_total", TENANT)),
            named("jobs", rate("scopegate_tenant_query_jobs_total", TENANT)),
            named("blocks", rate("scopegate_tenant_query_blocks_total", TENANT)),
            named("reads of storage", rate("scopegate_tenant_query_backend_reads_total", TENANT)))
        .lines(
            "Seconds of queries",
            "A second, which is how many run at a time; and answers whose cost could not be read",
            "none",
            named("seconds", rate("scopegate_tenant_query_seconds_total", TENANT)),
            named("unread", rate("scopegate_tenant_query_costs_unread_total", TENANT)))
        .lines("Refused", "", "reqps", rate("scopegate_tenant_refusals_total", TENANT, "reason"));
  }

  private static Dashboard.Query ofTenant(String how, String metric) {
    return query("%s (%s{%s,%s})".formatted(how, metric, SCOPE, TENANT), "");
  }

  private static Dashboard.Query limit(String key) {
    return query(
        "max (scopegate_tenant_limit{%s,%s,limit=\"%s\"})".formatted(SCOPE, TENANT, key), key);
  }

  private static Dashboard operations() {
    Dashboard board = new Dashboard("scopegate-operations", "Scopegate / Operations");
    decisions(board);
    upstreams(board);
    limits(board);
    budgets(board);
    connections(board);
    process(board);
    return board;
  }

  private static void decisions(Dashboard board) {
    board
        .row("Decisions")
        .lines(
            "Reviews",
            "undecided: the API server gave no answer",
            "reqps",
            rate("scopegate_review_duration_seconds_count", "", "kind", "outcome"))
        .lines(
            "Duration of reviews",
            "",
            "s",
            mean("scopegate_review_duration_seconds", "kind"),
            longest("scopegate_review_duration_seconds", "kind"))
        .lines(
            "Trouble with reviews",
            "",
            "none",
            named("waiting", sum("scopegate_reviews_waiting")),
            named("replicas without answers", sum("scopegate_review_circuit_open")),
            named("reconnects per second", rate("scopegate_review_reconnects_total", "")))
        .lines(
            "Lookups in caches",
            "",
            "ops",
            rate("scopegate_cache_lookups_total", "", "cache", "result"))
        .lines("Entries of caches", "", "none", sum("scopegate_cache_entries", "cache"))
        .lines(
            "Tokens checked here", "", "ops", rate("scopegate_token_checks_total", "", "outcome"))
        .table("Keys of issuers", "", "none", min("scopegate_issuer_keys", "issuer"))
        .table(
            "Watched",
            "0: changes wait until caches expire",
            "none",
            min("scopegate_watch_synced", "resource"))
        .lines(
            "Changes seen",
            "",
            "ops",
            rate("scopegate_watch_events_total", "", "resource"),
            named("answers discarded", rate("scopegate_watch_invalidations_total", "")),
            named("watches restarted", rate("scopegate_watch_restarts_total", "")));
  }

  private static void upstreams(Dashboard board) {
    board
        .row("Upstreams")
        .table("Reachable", "", "none", min("scopegate_upstream_up", "upstream"))
        .table(
            "Multi-tenant",
            "0: it answers queries without a tenant",
            "none",
            min("scopegate_upstream_multitenant", "upstream"))
        .lines("Connections", "", "none", sum("scopegate_upstream_connections", "upstream"))
        .lines(
            "Duration of connects",
            "",
            "s",
            mean("scopegate_upstream_connect_duration_seconds", "upstream"),
            longest("scopegate_upstream_connect_duration_seconds", "upstream"))
        .lines(
            "Failures",
            "",
            "ops",
            named(
                "failed connects {{upstream}}",
                rate("scopegate_upstream_connect_failures_total", "", "upstream")),
            named(
                "sent again {{upstream}}",
                rate("scopegate_upstream_retries_total", "", "upstream")))
        .lines(
            "Requests by server",
            "For upstreams with several servers",
            "reqps",
            rate("scopegate_upstream_endpoint_requests_total", "", "upstream", "endpoint"))
        .lines(
            "Failures by server",
            "",
            "ops",
            rate("scopegate_upstream_endpoint_failures_total", "", "upstream", "endpoint"),
            named(
                "left out {{endpoint}} {{reason}}",
                rate("scopegate_upstream_endpoint_left_out_total", "", "endpoint", "reason")))
        .lines(
            "Sent to a second server",
            "Reads that were slow (upstreams.NAME.hedging)",
            "reqps",
            named("sent {{upstream}}", rate("scopegate_upstream_hedges_total", "", "upstream")),
            named(
                "answered first {{upstream}}",
                rate("scopegate_upstream_hedges_won_total", "", "upstream")))
        .lines(
            "Requests at a time by server",
            "With upstreams.NAME.concurrency: the limit, and what is under way and waits",
            "none",
            named(
                "limit {{upstream}} {{endpoint}}",
                sum("scopegate_upstream_concurrency_limit", "upstream", "endpoint")),
            named(
                "under way {{upstream}} {{endpoint}}",
                sum("scopegate_upstream_concurrency_in_flight", "upstream", "endpoint")),
            named(
                "waiting {{upstream}} {{endpoint}}",
                sum("scopegate_upstream_concurrency_queued", "upstream", "endpoint")))
        .lines(
            "Refused after waiting for a server",
            "With upstreams.NAME.concurrency: too many waited, or one for too long",
            "reqps",
            rate("scopegate_upstream_concurrency_dropped_total", "", "upstream", "endpoint"))
        .table(
            "Active checks",
            "0: the last check of this server failed",
            "none",
            min("scopegate_upstream_endpoint_check", "upstream", "endpoint"))
        .lines(
            "In use by server",
            "The part of the event loops that use it",
            "percentunit",
            query(
                "avg by (upstream, endpoint) (scopegate_upstream_endpoint_usable{%s})"
                    .formatted(SCOPE),
                "{{upstream}} {{endpoint}}"));
  }

  private static void limits(Dashboard board) {
    board
        .row("Limits")
        .lines("Over a limit", "", "reqps", rate("scopegate_tenant_limited_total", "", "limit"))
        .lines(
            "Store of shared limits",
            "",
            "none",
            named("reachable", min("scopegate_limit_store_up")),
            named("replicas", max("scopegate_limit_store_replicas")))
        .lines(
            "Exchanges with the store",
            "",
            "s",
            mean("scopegate_limit_store_exchange_duration_seconds", "result"),
            longest("scopegate_limit_store_exchange_duration_seconds", "result"));
  }

  private static void budgets(Dashboard board) {
    board
        .row("Budgets")
        .lines(
            "Used",
            "Of each budget: at 1 somebody waits or is refused",
            "percentunit",
            max("scopegate_budget_used_ratio", "budget"))
        .lines(
            "Bytes held",
            "The budget is forwarding.maxBytesInFlight; a quarter of it for what waits, an eighth"
                + " for what is delayed and for what is not read",
            "bytes",
            named("in progress {{instance}}", max("scopegate_in_flight_bytes", "instance")),
            named("waiting {{instance}}", max("scopegate_waiting_bytes", "instance")),
            named("delayed {{instance}}", max("scopegate_delayed_bytes", "instance")),
            named("not read {{instance}}", max("scopegate_unread_answer_bytes", "instance")))
        .lines(
            "Requests held",
            "The budget is forwarding.maxRequestsInFlight",
            "none",
            named("in progress {{instance}}", max("scopegate_in_flight_requests", "instance")),
            named("answers not read {{instance}}", max("scopegate_unread_answers", "instance")))
        .lines(
            "Network buffers",
            "Outside the heap",
            "bytes",
            max("scopegate_buffer_bytes", "instance"));
  }

  private static void connections(Dashboard board) {
    board
        .row("Connections")
        .lines("Open", "", "none", sum("scopegate_connections", "listener"))
        .lines(
            "New",
            "",
            "ops",
            named(
                "accepted {{listener}}",
                rate("scopegate_connections_accepted_total", "", "listener")),
            rate("scopegate_connections_established_total", "", "listener", "transport"))
        .lines(
            "Failed",
            "Before HTTP was established, or closed because answers were not read",
            "ops",
            rate("scopegate_connections_failed_total", "", "listener", "cause"),
            named("not read", rate("scopegate_unread_closed_total", "")));
  }

  private static void process(Dashboard board) {
    board
        .row("Process")
        .lines("CPU", "Part of all cores", "percentunit", max("process_cpu_usage", "instance"))
        .lines(
            "Heap",
            "",
            "bytes",
            query(
                "sum by (instance) (jvm_memory_used_bytes{%s,area=\"heap\"})".formatted(SCOPE),
                "used {{instance}}"),
            named(
                "after a collection {{instance}}", max("jvm_gc_live_data_size_bytes", "instance")),
            named("most {{instance}}", max("jvm_gc_max_data_size_bytes", "instance")))
        .lines(
            "Event loops", "Tasks that wait", "none", max("scopegate_event_loop_tasks", "instance"))
        .lines(
            "Lag of event loops",
            "How late tasks run: everything on a loop waits as long",
            "s",
            quantile(0.99, "scopegate_event_loop_lag_seconds", ""),
            longest("scopegate_event_loop_lag_seconds", "instance"))
        .lines(
            "Lost or left out lines",
            "",
            "ops",
            named("access log", rate("scopegate_access_log_dropped_total", "")),
            named("audit log", rate("scopegate_audit_log_dropped_total", "")),
            named("application log", rate("scopegate_log_dropped_total", "")),
            named("usage records", rate("scopegate_usage_log_dropped_total", "")),
            named("left out by sampling", rate("scopegate_access_log_skipped_total", "")),
            named("left out of the audit log", rate("scopegate_audit_log_skipped_total", "")))
        .lines(
            "Spans of the gateway's own",
            "What became of them, and requests that got none because there were too many",
            "ops",
            rate("scopegate_otlp_records_total", "", "signal", "result"),
            named("left out", rate("scopegate_tracing_left_out_total", "")))
        .lines("Reloads", "", "ops", rate("scopegate_reloads_total", "", "what", "result"))
        .table(
            "Configuration in force",
            "0: the file on the disk is not what runs",
            "none",
            min("scopegate_configuration_current", "instance"))
        .table(
            "Last reload",
            "",
            "dateTimeFromNow",
            query(
                "max by (instance) (scopegate_configuration_last_reload_timestamp_seconds{%s}) * 1000"
                    .formatted(SCOPE),
                ""))
        .table(
            "Certificates expire in",
            "",
            "s",
            query(
                "min by (used_by, file) (scopegate_certificate_expiration_timestamp_seconds{%s}) - time()"
                    .formatted(SCOPE),
                ""))
        .table(
            "Own credential expires in",
            "Kubelets renew the token of a Pod when a fifth of its time is left",
            "s",
            query(
                "min by (instance) (scopegate_own_credential_expiration_timestamp_seconds{%s}) - time()"
                    .formatted(SCOPE),
                ""))
        .table("TLS", "", "none", max("scopegate_tls_provider", "used_by", "provider"))
        .table("Builds", "", "none", sum("scopegate_build_info", "version", "commit", "java"))
        .table(
            "Configurations",
            "Replicas with the same hash have the same, defaults included",
            "none",
            sum("scopegate_configuration_info", "hash", "instance"));
  }
}

package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.scopegate.gateway.answer.Answers;
import io.scopegate.gateway.answer.Refusal;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Finds the meters of a request without allocating a key or building tags. Entries are only ever
 * added, so reading takes no lock; labels are bounded, so are entries.
 */
final class RequestIndex {
  private static final int BUCKETS = 512;

  private final MeterRegistry registry;
  private final RequestDurations durations;
  private final AtomicReferenceArray<@Nullable RequestMeters> buckets =
      new AtomicReferenceArray<>(BUCKETS);
  private final Map<String, EndpointMeters> endpoints = new HashMap<>();

  RequestIndex(PrometheusMeterRegistry registry) {
    this.registry = registry;
    this.durations = new RequestDurations(registry);
  }

  RequestMeters of(RequestRecord t, Outcome outcome) {
    String endpoint = RequestMeters.endpointLabel(t);
    int bucket = bucket(t, endpoint);
    RequestMeters found = find(bucket, t, endpoint, outcome);
    return found != null ? found : add(bucket, t, endpoint, outcome);
  }

  private @Nullable RequestMeters find(
      int bucket, RequestRecord t, String endpoint, Outcome ended) {
    RequestMeters entry = buckets.get(bucket);
    while (entry != null && !entry.key().matches(t, endpoint, ended)) {
      entry = entry.next();
    }
    return entry;
  }

  private synchronized RequestMeters add(
      int bucket, RequestRecord t, String endpoint, Outcome ended) {
    RequestMeters found = find(bucket, t, endpoint, ended);
    if (found != null) {
      return found;
    }
    RequestMeters.Key key = RequestMeters.Key.of(t, endpoint, ended);
    EndpointMeters meters =
        endpoints.computeIfAbsent(
            key.listener() + ' ' + endpoint,
            ignored -> new EndpointMeters(registry, durations, key.listener(), endpoint));
    Refusal.Reason reason = key.reason();
    RequestMeters added =
        new RequestMeters(
            key,
            requests(key),
            reason == null ? null : meters.refusals(reason),
            meters,
            buckets.get(bucket));
    buckets.set(bucket, added);
    return added;
  }

  private Counter requests(RequestMeters.Key key) {
    return Counter.builder("scopegate.requests")
        .description("Finished requests")
        .tag("listener", key.listener())
        .tag("endpoint", key.endpoint())
        .tag("protocol", key.protocol())
        .tag("code", code(key.status()))
        .tag("grpc_code", key.grpcStatus() < 0 ? "none" : Answers.statusName(key.grpcStatus()))
        .tag("outcome", key.outcome().label())
        .register(registry);
  }

  private static String code(int status) {
    if (status == 0) {
      return "none";
    }
    return status >= 100 && status < 600 ? Integer.toString(status) : "other";
  }

  private static int bucket(RequestRecord t, String endpoint) {
    int hash = endpoint.hashCode() * 31 + t.listener.hashCode();
    hash = (hash * 31 + t.status) * 31 + t.grpcStatus;
    return (hash ^ hash >>> 16 ^ hash >>> 8) & BUCKETS - 1;
  }
}

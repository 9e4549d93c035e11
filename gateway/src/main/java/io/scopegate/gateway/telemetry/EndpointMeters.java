package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.scopegate.gateway.answer.Refusal;

/** The meters of one endpoint of one listener. */
final class EndpointMeters {
  private final MeterRegistry registry;
  private final Tags tags;
  private final RequestDurations.Of duration;
  private final Counter bytesIn;
  private final Counter bytesOut;

  EndpointMeters(
      MeterRegistry registry, RequestDurations durations, String listener, String endpoint) {
    this.registry = registry;
    this.tags = Tags.of("listener", listener, "endpoint", endpoint);
    this.duration = durations.of(listener, endpoint);
    this.bytesIn =
        Counter.builder("scopegate.request.bytes")
            .description("Body bytes from clients")
            .tags(tags)
            .register(registry);
    this.bytesOut =
        Counter.builder("scopegate.response.bytes")
            .description("Body bytes to clients")
            .tags(tags)
            .register(registry);
  }

  void finished(RequestRecord transaction) {
    duration.took(transaction.endNanos - transaction.startNanos, transaction.trace);
    if (transaction.bytesIn != 0) {
      bytesIn.increment((double) transaction.bytesIn);
    }
    if (transaction.bytesOut != 0) {
      bytesOut.increment((double) transaction.bytesOut);
    }
  }

  /** The counter of requests that were forwarded although they would be refused for a reason. */
  Counter waived(Refusal.Reason reason) {
    return Counter.builder("scopegate.would.refuse")
        .description("Requests that were forwarded because refusals are only logged, by reason")
        .tags(tags.and("reason", reason.label()))
        .register(registry);
  }

  /** The counter of requests that were forwarded although they are over a limit. */
  Counter overLimit(Refusal.Reason reason) {
    return Counter.builder("scopegate.would.limit")
        .description("Requests that were forwarded because limits are only logged, by reason")
        .tags(tags.and("reason", reason.label()))
        .register(registry);
  }

  /** The counter of refusals for one reason. */
  Counter refusals(Refusal.Reason reason) {
    return Counter.builder("scopegate.refusals")
        .description("Requests that the gateway refused, by reason")
        .tags(tags.and("reason", reason.label()))
        .register(registry);
  }
}

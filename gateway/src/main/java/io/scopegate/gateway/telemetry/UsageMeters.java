package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.meter.QueryCost;
import io.scopegate.gateway.meter.QueryFigure;
import io.scopegate.gateway.route.Operation;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What one tenant uses, as metrics; counted while usage is measured. For any thread. */
final class UsageMeters {
  private static final QueryFigure[] FIGURES = QueryFigure.values();
  private static final double NANOS = 1e9;

  private final MeterRegistry registry;
  private final Tags tags;
  private final Map<Enum<?>, Counter> counters = new ConcurrentHashMap<>();
  private final Counter seconds;
  private final Counter unread;

  UsageMeters(MeterRegistry registry, String tenant) {
    this.registry = registry;
    this.tags = Tags.of("tenant", tenant);
    this.seconds = counter("scopegate.tenant.query.seconds", "Seconds that queries took", tags);
    this.unread =
        counter(
            "scopegate.tenant.query.costs.unread", "Answers whose cost could not be read", tags);
  }

  private Counter counter(String name, String description, Tags labels) {
    return Counter.builder(name).description(description).tags(labels).register(registry);
  }

  void finished(RequestRecord t, Operation operation, Outcome outcome) {
    Refusal refusal = t.refusal;
    if (refusal != null) {
      of(refusal.reason()).increment();
    } else if (operation == Operation.READ) {
      seconds.increment((t.endNanos - t.startNanos) / NANOS);
      QueryCost cost = t.cost;
      if (cost != null && cost.isKnown()) {
        add(cost);
      } else if (cost != null && outcome == Outcome.OK) {
        unread.increment();
      }
    }
  }

  private void add(QueryCost cost) {
    for (QueryFigure figure : FIGURES) {
      if (cost.of(figure) > 0) {
        of(figure).increment((double) cost.of(figure));
      }
    }
  }

  private Counter of(Refusal.Reason reason) {
    Counter known = counters.get(reason);
    return known != null
        ? known
        : counters.computeIfAbsent(
            reason,
            key ->
                counter(
                    "scopegate.tenant.refusals",
                    "Refused requests of a tenant, by reason",
                    tags.and("reason", reason.label())));
  }

  private Counter of(QueryFigure figure) {
    Counter known = counters.get(figure);
    return known != null
        ? known
        : counters.computeIfAbsent(
            figure,
            key ->
                counter(
                    "scopegate.tenant.query." + figure.label().replace('_', '.'),
                    "What Tempo said that the queries of a tenant cost",
                    tags));
  }
}

package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.scopegate.gateway.route.Operation;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The meters of one tenant, registered as they are first needed. */
@SuppressWarnings("EnumOrdinal") // arrays by operation and outcome, for speed
final class TenantMeters {
  private static final int OUTCOMES = Outcome.values().length;
  private static final int OPERATIONS = Operation.values().length;

  private final MeterRegistry registry;
  private final String tenant;
  private final AtomicReferenceArray<@Nullable Counter> requests =
      new AtomicReferenceArray<>(OUTCOMES * OPERATIONS);
  private final AtomicReferenceArray<@Nullable Counter> bytesIn =
      new AtomicReferenceArray<>(OPERATIONS);
  private final AtomicReferenceArray<@Nullable Counter> bytesOut =
      new AtomicReferenceArray<>(OPERATIONS);

  private final boolean alone;
  private @Nullable LimitMeters limits;
  private volatile @Nullable UsageMeters usage;

  /**
   * Registers meters here as they are first needed.
   *
   * @param alone whether they are those of one tenant
   */
  TenantMeters(MeterRegistry registry, String tenant, boolean alone) {
    this.registry = registry;
    this.tenant = tenant;
    this.alone = alone;
  }

  /** What is counted about its limits. */
  synchronized LimitMeters limits() {
    LimitMeters known = limits;
    if (known == null) {
      known = new LimitMeters(registry, tenant, alone);
      limits = known;
    }
    return known;
  }

  /**
   * Counts a request.
   *
   * @param used whether what the tenant uses is measured
   */
  void finished(RequestRecord transaction, Operation operation, Outcome outcome, boolean used) {
    if (used) {
      usage().finished(transaction, operation, outcome);
    }
    requests(operation, outcome).increment();
    if (transaction.bytesIn != 0) {
      bytes(bytesIn, "scopegate.tenant.request.bytes", operation)
          .increment((double) transaction.bytesIn);
    }
    if (transaction.bytesOut != 0) {
      bytes(bytesOut, "scopegate.tenant.response.bytes", operation)
          .increment((double) transaction.bytesOut);
    }
  }

  private UsageMeters usage() {
    UsageMeters known = usage;
    return known == null ? makeUsage() : known;
  }

  private synchronized UsageMeters makeUsage() {
    UsageMeters known = usage;
    if (known == null) {
      known = new UsageMeters(registry, tenant);
      usage = known;
    }
    return known;
  }

  private Counter requests(Operation operation, Outcome outcome) {
    int index = operation.ordinal() * OUTCOMES + outcome.ordinal();
    Counter known = requests.get(index);
    if (known != null) {
      return known;
    }
    Counter added =
        Counter.builder("scopegate.tenant.requests")
            .description("Finished requests of a tenant")
            .tags(tags(operation).and("outcome", outcome.label()))
            .register(registry);
    requests.set(index, added);
    return added;
  }

  private Counter bytes(
      AtomicReferenceArray<@Nullable Counter> byOperation, String name, Operation operation) {
    Counter known = byOperation.get(operation.ordinal());
    if (known != null) {
      return known;
    }
    Counter added =
        Counter.builder(name)
            .description("Body bytes of a tenant's requests or responses")
            .tags(tags(operation))
            .register(registry);
    byOperation.set(operation.ordinal(), added);
    return added;
  }

  private Tags tags(Operation operation) {
    return Tags.of("tenant", tenant, "operation", operation.label());
  }
}

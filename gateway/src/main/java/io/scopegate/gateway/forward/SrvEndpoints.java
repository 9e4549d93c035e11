package io.scopegate.gateway.forward;

import io.scopegate.gateway.forward.AddressLookUp.Target;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints by SRV records, with their priorities and weights. Records are kept for their TTL, at
 * most 30 s; the addresses of their targets are looked up each time.
 */
final class SrvEndpoints implements EndpointSource {
  private static final long MOST_TTL_SECONDS = 30;

  /** So many are used of a longer list. */
  private static final int MOST_RECORDS = 256;

  private final String name;
  private final SrvResolver records;
  private final NameResolver names;
  private final LongSupplier clock;
  private List<Target> known = List.of();
  private long knownUntilNanos;

  /**
   * For an event loop.
   *
   * @param clock in nanoseconds
   */
  SrvEndpoints(String name, SrvResolver records, NameResolver names, LongSupplier clock) {
    this.name = name.endsWith(".") ? name : name + ".";
    this.records = records;
    this.names = names;
    this.clock = clock;
  }

  @Override
  public @Nullable List<EndpointAddress> known() {
    return null;
  }

  @Override
  public void lookUp(Answer answer) {
    if (!known.isEmpty() && clock.getAsLong() - knownUntilNanos < 0) {
      AddressLookUp.start(known, names, answer);
    } else {
      records.resolve(name, found -> found(found, answer), answer::failed);
    }
  }

  private void found(List<SrvRecord> found, Answer answer) {
    if (found.isEmpty()) {
      answer.failed(new IOException("no SRV record of " + name + " names a server"));
      return;
    }
    known = found.stream().limit(MOST_RECORDS).map(SrvEndpoints::target).toList();
    long ttl = found.stream().mapToLong(SrvRecord::ttlSeconds).min().orElse(0);
    knownUntilNanos = clock.getAsLong() + TimeUnit.SECONDS.toNanos(Math.min(ttl, MOST_TTL_SECONDS));
    AddressLookUp.start(known, names, answer);
  }

  /** A weight of 0 means hardly ever. */
  private static Target target(SrvRecord one) {
    UpstreamPlace place = new UpstreamPlace(one.target(), one.port(), null);
    return new Target(place, one.priority(), Math.max(1, one.weight()));
  }
}

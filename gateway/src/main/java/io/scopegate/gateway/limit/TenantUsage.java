package io.scopegate.gateway.limit;

import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.telemetry.LimitMeters;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What one tenant has used, and may still use; shared by all event loops. */
final class TenantUsage {
  private static final long IDLE_NANOS = 600_000_000_000L;
  private static final long LONGEST_NANOS = 86_400_000_000_000L;

  /** What it uses of the memory. */
  final TenantMemoryShare share;

  /** Where it is counted. */
  final LimitMeters meters;

  /** Reads at a time. */
  final AtomicInteger queries = new AtomicInteger();

  /** Streamed reads at a time. */
  final AtomicInteger streams = new AtomicInteger();

  private final String name;
  private final Buckets store;
  private volatile Terms terms;
  private volatile Limits source;

  /** Nothing is used yet. */
  TenantUsage(
      String name, Limits source, Buckets store, TenantMemoryShare share, LimitMeters meters) {
    this.name = name;
    this.store = store;
    this.share = share;
    this.meters = meters;
    this.source = source;
    this.terms = terms(source.forTenant(name), null);
    show();
  }

  /**
   * What it is held to.
   *
   * @param limits as they are configured
   * @param bytes null when they are not limited, as all others
   * @param largestRequest in bytes; {@link Long#MAX_VALUE} for any
   */
  record Terms(
      TenantLimits limits,
      @Nullable RateLimit bytes,
      @Nullable RateLimit requests,
      @Nullable RateLimit spans,
      @Nullable RateLimit queries,
      long largestRequest) {}

  Terms terms() {
    return terms;
  }

  String name() {
    return name;
  }

  /** From now on it is held to these; what it has used remains used. */
  void become(Limits next) {
    if (next != source) {
      take(next);
    }
  }

  private synchronized void take(Limits next) {
    source = next;
    TenantLimits limits = next.forTenant(name);
    if (!limits.equals(terms.limits())) {
      terms = terms(limits, terms);
      show();
    }
  }

  private Terms terms(TenantLimits l, @Nullable Terms before) {
    return new Terms(
        l,
        limit(
            LimitKind.INGEST_BYTES,
            Rate.of(LimitKind.INGEST_BYTES, l.ingestBytesPerSecond(), l.burstBytes()),
            before == null ? null : before.bytes()),
        limit(
            LimitKind.INGEST_REQUESTS,
            Rate.of(LimitKind.INGEST_REQUESTS, l.ingestRequestsPerSecond()),
            before == null ? null : before.requests()),
        limit(
            LimitKind.SPANS,
            Rate.of(LimitKind.SPANS, l.spansPerSecond()),
            before == null ? null : before.spans()),
        limit(
            LimitKind.QUERIES,
            Rate.of(LimitKind.QUERIES, l.queriesPerSecond()),
            before == null ? null : before.queries()),
        l.largestRequestBytes());
  }

  private @Nullable RateLimit limit(
      LimitKind kind, @Nullable Rate rate, @Nullable RateLimit before) {
    if (rate == null) {
      return null;
    }
    Bucket bucket = before == null ? store.bucket(name, kind, rate) : before.bucket();
    bucket.become(rate);
    return new RateLimit("tenant " + name, kind, bucket);
  }

  private void show() {
    Terms t = terms;
    TenantLimits l = t.limits();
    show(LimitKind.INGEST_BYTES, t.bytes());
    show(LimitKind.INGEST_REQUESTS, t.requests());
    show(LimitKind.SPANS, t.spans());
    show(LimitKind.QUERIES, t.queries());
    show(LimitKind.CONCURRENT_QUERIES, l.concurrentQueries());
    show(LimitKind.CONCURRENT_STREAMS, l.concurrentStreams());
    show(
        LimitKind.REQUEST_BYTES,
        t.largestRequest() == Long.MAX_VALUE ? null : (Number) t.largestRequest());
    show(
        LimitKind.QUERY_RANGE,
        l.maxQueryRange() == null ? null : (Number) l.maxQueryRange().toSeconds());
  }

  private void show(LimitKind kind, @Nullable RateLimit limit) {
    show(kind, limit == null ? null : (Number) limit.bucket().rate().perSecond());
  }

  private void show(LimitKind kind, @Nullable Number value) {
    meters.limit(kind.label(), value == null ? Double.NaN : value.doubleValue());
  }

  /** How long it must be remembered after its last request: until every bucket is full again. */
  long keptNanos() {
    Terms t = terms;
    long longest =
        Math.max(
            Math.max(filling(t.bytes()), filling(t.requests())),
            Math.max(filling(t.spans()), filling(t.queries())));
    return IDLE_NANOS + longest;
  }

  /** Twice the time from empty to full, since a request may leave a debt. */
  private static long filling(@Nullable RateLimit limit) {
    if (limit == null) {
      return 0;
    }
    Rate rate = limit.bucket().rate();
    return (long) Math.min(LONGEST_NANOS, 2e9 * rate.burst() / rate.perSecond());
  }
}

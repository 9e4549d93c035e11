package io.scopegate.gateway.limit;

import io.scopegate.config.DataSize;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What can be limited, by the key that limits it, and where a tenant's limits say how much it is. A
 * rate that stands here has a bucket for each tenant, is shown as a metric and is remembered until
 * it has filled up; what is left to do is to charge it, in {@link WriteAdmission} or {@link
 * ReadAdmission}.
 */
enum LimitKind {
  /** Bytes stored a second. */
  INGEST_BYTES("ingestBytesPerSecond", Form.BYTES_A_SECOND, l -> bytes(l.ingestBytesPerSecond())),
  /** Requests per second that store. */
  INGEST_REQUESTS(
      "ingestRequestsPerSecond", Form.TIMES_A_SECOND, TenantLimits::ingestRequestsPerSecond),
  /** Spans stored per second. */
  SPANS("spansPerSecond", Form.TIMES_A_SECOND, TenantLimits::spansPerSecond),
  /** Size of one request. */
  REQUEST_BYTES("maxRequestBytes", Form.AMOUNT, LimitKind::largestRequest),
  /** Requests a second that read. */
  QUERIES("queriesPerSecond", Form.TIMES_A_SECOND, TenantLimits::queriesPerSecond),
  /** Reads at a time. */
  CONCURRENT_QUERIES("concurrentQueries", Form.AMOUNT, TenantLimits::concurrentQueries),
  /** Streamed reads at a time. */
  CONCURRENT_STREAMS("concurrentStreams", Form.AMOUNT, TenantLimits::concurrentStreams),
  /** Longest time from start to end of one query. */
  QUERY_RANGE("maxQueryRange", Form.AMOUNT, l -> seconds(l.maxQueryRange())),
  /** Traces, tags or values that one query may ask for. */
  RESULTS("maxResults", Form.AMOUNT, TenantLimits::maxResults),
  /** Spans for each trace that one search may ask for. */
  SPANS_PER_SPAN_SET("maxSpansPerSpanSet", Form.AMOUNT, TenantLimits::maxSpansPerSpanSet),
  /** Exemplars that one query for metrics may ask for. */
  EXEMPLARS("maxExemplars", Form.AMOUNT, TenantLimits::maxExemplars),
  /** Memory and requests in flight, shared among all tenants; nobody sets it. */
  SHARE("share", Form.AMOUNT, l -> null),
  /** Requests a second of a listener. */
  LISTENER_REQUESTS("requestsPerSecond", Form.TIMES_A_SECOND, l -> null),
  /** Bytes a second of a listener. */
  LISTENER_BYTES("bytesPerSecond", Form.BYTES_A_SECOND, l -> null);

  /** Those that a tenant's limits may set, in their order. */
  static final Set<LimitKind> OF_TENANTS =
      Collections.unmodifiableSet(EnumSet.range(INGEST_BYTES, EXEMPLARS));

  private final String label;
  private final Form form;
  private final Value value;

  LimitKind(String label, Form form, Value value) {
    this.label = label;
    this.form = form;
    this.value = value;
  }

  /** How much of it is told. */
  private enum Form {
    /** A number a second, which need not be whole. */
    TIMES_A_SECOND,
    /** Bytes a second. */
    BYTES_A_SECOND,
    /** A bound on one thing, or on things at a time. */
    AMOUNT
  }

  /** What a tenant's limits say of it; null for unlimited. */
  private interface Value {
    @Nullable Number of(TenantLimits limits);
  }

  /** The key, which is also the word for it in answers and metrics. */
  String label() {
    return label;
  }

  /** How many units a bucket counts for one: buckets count whole units, and rates are not whole. */
  long scale() {
    return form == Form.TIMES_A_SECOND ? 1_000 : 1;
  }

  /** Whether bytes are counted. */
  boolean isBytes() {
    return form == Form.BYTES_A_SECOND;
  }

  /** The rate that a tenant is held to; null when this is no rate, or not limited. */
  @Nullable Rate rate(TenantLimits limits) {
    Number perSecond = form == Form.AMOUNT ? null : value.of(limits);
    if (perSecond == null) {
      return null;
    }
    long burst = isBytes() ? limits.burstBytes() : (long) Math.ceil(perSecond.doubleValue());
    return Rate.of(this, perSecond.doubleValue(), burst);
  }

  /** What holds for a tenant, as a metric shows it; not a number for unlimited. */
  double shown(TenantLimits limits) {
    if (form == Form.AMOUNT) {
      Number amount = value.of(limits);
      return amount == null ? Double.NaN : amount.doubleValue();
    }
    Rate rate = rate(limits);
    return rate == null ? Double.NaN : rate.perSecond();
  }

  private static @Nullable Number bytes(@Nullable DataSize size) {
    return size == null ? null : (Number) size.bytes();
  }

  private static @Nullable Number seconds(@Nullable Duration duration) {
    return duration == null ? null : (Number) duration.toSeconds();
  }

  private static @Nullable Number largestRequest(TenantLimits limits) {
    long largest = limits.largestRequestBytes();
    return largest == Long.MAX_VALUE ? null : (Number) largest;
  }
}

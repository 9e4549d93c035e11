package io.scopegate.gateway.limit;

import io.netty.buffer.ByteBuf;
import io.scopegate.config.DataSize;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Admission;
import io.scopegate.gateway.telemetry.RequestRecord;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What all clients of one listener together have used; shared by all event loops. */
final class ListenerLimiter implements Admission {
  private final String listener;
  private final Buckets store;
  private final Delays delays;
  private final AtomicInteger requestsNow = new AtomicInteger();
  private volatile Terms terms;

  private record Terms(ListenerLimits limits, RateLimits rates) {
    @Nullable RateLimit requests() {
      return rates.get(LimitKind.LISTENER_REQUESTS);
    }

    @Nullable RateLimit bytes() {
      return rates.get(LimitKind.LISTENER_BYTES);
    }

    @Nullable Integer concurrent() {
      return limits.concurrentRequests();
    }
  }

  ListenerLimiter(String listener, ListenerLimits limits, Buckets store, Delays delays) {
    this.listener = listener;
    this.store = store;
    this.delays = delays;
    this.terms = terms(limits, null);
  }

  /** Changes the limits; what is used remains used. */
  synchronized void reconfigure(ListenerLimits limits) {
    if (!limits.equals(terms.limits())) {
      terms = terms(limits, terms.rates());
    }
  }

  private Terms terms(ListenerLimits limits, @Nullable RateLimits before) {
    return new Terms(
        limits, RateLimits.of("listener", listener, kind -> rate(kind, limits), before, store));
  }

  private static @Nullable Rate rate(LimitKind kind, ListenerLimits limits) {
    DataSize bytes = limits.bytesPerSecond();
    return switch (kind) {
      case LISTENER_REQUESTS -> Rate.of(kind, limits.requestsPerSecond());
      case LISTENER_BYTES -> bytes == null ? null : Rate.of(kind, bytes.bytes(), bytes.bytes());
      case INGEST_BYTES,
          INGEST_REQUESTS,
          SPANS,
          REQUEST_BYTES,
          QUERIES,
          CONCURRENT_QUERIES,
          CONCURRENT_STREAMS,
          QUERY_RANGE,
          RESULTS,
          SPANS_PER_SPAN_SET,
          EXEMPLARS,
          SHARE ->
          null; // of tenants
    };
  }

  /** Whether anything is limited at all. */
  boolean isSet() {
    Terms t = terms;
    return t.requests() != null || t.bytes() != null || t.concurrent() != null;
  }

  /** Admits one request, or says why not. An admitted request must be given back at its end. */
  @Nullable Refusal begin() {
    Terms t = terms;
    int now = requestsNow.incrementAndGet();
    Refusal refusal = refusal(t, now);
    if (refusal != null) {
      requestsNow.decrementAndGet();
    }
    return refusal;
  }

  private @Nullable Refusal refusal(Terms t, int now) {
    if (t.concurrent() != null && now > t.concurrent()) {
      return overloaded("limit: listener " + listener + " is over concurrentRequests", 0);
    }
    RateLimit bytes = t.bytes();
    if (bytes != null && bytes.bucket().available() <= 0) {
      return overloaded(bytes.text(), bytes.bucket().nanosUntil(1));
    }
    RateLimit requests = t.requests();
    return requests == null || requests.bucket().tryCharge(1)
        ? null
        : overloaded(requests.text(), requests.bucket().nanosUntil(1));
  }

  /** A retryable refusal: the gateway is overloaded, no client is at fault. */
  private Refusal overloaded(String text, long nanos) {
    return Refusal.retryable(Refusal.Reason.UNAVAILABLE, text, delays.millis(nanos));
  }

  @Override
  public boolean measures() {
    return terms.bytes() != null;
  }

  @Override
  public @Nullable Refusal received(ByteBuf bytes, boolean end) {
    RateLimit limit = terms.bytes();
    if (limit != null) {
      limit.bucket().charge(bytes.readableBytes());
    }
    return null;
  }

  @Override
  public void ended(RequestRecord record) {
    requestsNow.decrementAndGet();
  }
}

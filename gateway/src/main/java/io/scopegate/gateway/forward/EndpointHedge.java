package io.scopegate.gateway.forward;

import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.HedgedEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import org.jspecify.annotations.Nullable;

/** The two endpoints of one read: where it goes, and where it goes as well when that is slow. */
final class EndpointHedge implements HedgedEnd.Servers {
  private final EndpointSet set;
  private final UpstreamEndpoint one;
  private final boolean http2;
  private final @Nullable TenantMemoryShare tenant;
  private final HedgeDelay delay;

  /**
   * A hedge.
   *
   * @param one the first endpoint
   * @param delay how long it has
   */
  EndpointHedge(
      EndpointSet set,
      UpstreamEndpoint one,
      boolean http2,
      @Nullable TenantMemoryShare tenant,
      HedgeDelay delay) {
    this.set = set;
    this.one = one;
    this.http2 = http2;
    this.tenant = tenant;
    this.delay = delay;
  }

  @Override
  public StreamEnd first() {
    return one.pool(http2).open(tenant);
  }

  @Override
  public long delayNanos() {
    return delay.nanos();
  }

  @Override
  public @Nullable StreamEnd second(Exchange exchange) {
    UpstreamEndpoint other = exchange.record.retries == 0 ? set.pick(set.good(), one) : null;
    if (!set.hasSeveral() || other == null || !set.retries().take(tenant)) {
      return null;
    }
    set.meters().hedged();
    return other.pool(http2).open(tenant);
  }

  @Override
  public void answered(long nanos, boolean isSecond) {
    delay.took(nanos);
    if (isSecond) {
      set.meters().hedgeWon();
    }
  }
}

package io.scopegate.gateway.limit;

import io.netty.buffer.ByteBuf;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Admission;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.telemetry.RequestRecord;
import org.jspecify.annotations.Nullable;

/**
 * What one caller uses of the endpoints that are for no tenant: {@code /api/echo} and {@code
 * /api/status/buildinfo}. Any valid token opens them, so they count in a share and a rate of the
 * caller's own; the rate is far beyond what Grafana asks. For any thread.
 */
final class CallerAdmission implements Admission {
  /** Requests a second, and at once after a pause. */
  static final Rate RATE = new Rate(20, 40);

  private final TenantMemoryShare share;
  private final Bucket bucket;

  CallerAdmission(TenantMemoryShare share, Bucket bucket) {
    this.share = share;
    this.bucket = bucket;
  }

  /** The part of the memory that the caller's requests use. */
  TenantMemoryShare share() {
    return share;
  }

  /** One more request; why it may not go on, or null. */
  @Nullable Refusal begin(Delays delays) {
    if (!share.begin()) {
      return Refusal.retryable(
          Refusal.Reason.UNAVAILABLE,
          "limit: this user has too much in flight through the gateway (expected: no more than is"
              + " free)",
          delays.millis(0));
    }
    if (bucket.tryCharge(1)) {
      return null;
    }
    share.end();
    long nanos = bucket.nanosUntil(1);
    return Refusal.overRate(
        "limit: this user asks too often for what belongs to no tenant (expected: at most "
            + (long) RATE.perSecond()
            + " requests a second)",
        delays.millis(nanos),
        new Refusal.Allowance(
            (long) RATE.perSecond(), Math.max(0, bucket.available()), Delays.seconds(nanos)));
  }

  @Override
  public boolean measures() {
    return false;
  }

  @Override
  public @Nullable Refusal received(ByteBuf bytes, boolean end) {
    return null;
  }

  @Override
  public void ended(RequestRecord record) {
    share.end();
  }
}

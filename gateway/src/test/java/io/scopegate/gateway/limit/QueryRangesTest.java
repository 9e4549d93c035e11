package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.meter.QueryRange;
import io.scopegate.gateway.telemetry.Telemetry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The time range of queries against the limit of their tenants. */
class QueryRangesTest {
  private final Telemetry telemetry = new Telemetry(null, 10, "test");
  private final Limiter limiter =
      new Limiter(
          new Budget(1 << 20, 10),
          telemetry,
          () -> 0,
          InstantSource.system(),
          new LocalBuckets(() -> 0),
          new Delays(bound -> 0));

  @AfterEach
  void close() {
    telemetry.close();
  }

  private TenantUsage limited(Duration most) {
    TenantLimits limits = new TenantLimits(null, null, null, null, null, null, null, null, most);
    StoreConfig store =
        new StoreConfig(StoreConfig.Type.LOCAL, null, null, "scopegate", StoreConfig.OnError.LOCAL);
    limiter.reconfigure(
        Limits.of(
            new LimitsConfig(limits, Map.of(), null, LimitsConfig.UnmeasuredCodings.REFUSE, store),
            Map.of(),
            TempoOverrides.NONE));
    return limiter.tenant("a");
  }

  @Test
  void theLimitIsNamedAsItIsConfigured() {
    TenantUsage tenant = limited(Duration.ofDays(7));

    assertThat(QueryRanges.check(QueryRange.ofHttp("since=168h"), List.of(tenant), 0)).isNull();

    Refusal refusal = QueryRanges.check(QueryRange.ofHttp("since=169h"), List.of(tenant), 0);
    assertThat(refusal).isNotNull();
    assertThat(refusal.detail())
        .isEqualTo(
            "limit: the query range exceeds maxQueryRange"
                + " (expected: at most 7d from start to end)");
  }
}

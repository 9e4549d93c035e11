package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.access.Enforcement;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.meter.QueryRange;
import io.scopegate.gateway.telemetry.Telemetry;
import java.nio.charset.StandardCharsets;
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
    TenantLimits limits =
        new TenantLimits(null, null, null, null, null, null, null, null, most, null, null, null);
    StoreConfig store = StoreConfig.local();
    limiter.reconfigure(
        Limits.of(
            new LimitsConfig(
                limits,
                Map.of(),
                null,
                Enforcement.DENY,
                LimitsConfig.UnmeasuredCodings.REFUSE,
                store),
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

  @Test
  void aRangeThatIsTooLongIsCountedForItsTenants() {
    TenantUsage tenant = limited(Duration.ofHours(1));

    QueryRanges.check(QueryRange.ofHttp("since=2h"), List.of(tenant), 0);

    assertThat(new String(telemetry.scrape(), StandardCharsets.UTF_8))
        .contains("scopegate_tenant_limited_total{limit=\"maxQueryRange\",tenant=\"a\"} 1.0");
  }

  @Test
  void aRangeWithoutAnEndIsMeasuredUntilNow() {
    TenantUsage tenant = limited(Duration.ofHours(1));
    long nowMillis = 10_000_000;

    assertThat(QueryRanges.check(QueryRange.ofHttp("start=6400"), List.of(tenant), nowMillis))
        .isNull();
    assertThat(QueryRanges.check(QueryRange.ofHttp("start=6399"), List.of(tenant), nowMillis))
        .isNotNull();
  }

  @Test
  void theLowestLimitOfSeveralTenantsHolds() {
    TenantUsage hour = limited(Duration.ofHours(1));
    assertThat(QueryRanges.most(List.of(hour, hour))).isEqualTo(Duration.ofHours(1));
    assertThat(QueryRanges.most(List.of())).isNull();
    assertThat(QueryRanges.check(QueryRange.ofHttp("since=1000h"), List.of(), 0)).isNull();
  }

  @Test
  void aRangeThatCannotBeReadIsRefused() {
    Refusal refusal =
        QueryRanges.check(
            QueryRange.ofHttp("start=x&end=y"), List.of(limited(Duration.ofHours(1))), 0);

    assertThat(refusal.reason()).isEqualTo(Refusal.Reason.MALFORMED);
  }
}

package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.config.DataSize;
import io.scopegate.gateway.access.Enforcement;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.telemetry.Telemetry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecentTenantsTest {
  private static final long FORGOTTEN = Duration.ofMinutes(11).toNanos();

  private final Telemetry telemetry = new Telemetry(null, 10, "test");
  private long cacheNanos;
  private long loopNanos;
  private final Limiter limiter =
      new Limiter(
          new Budget(1 << 20, 100),
          telemetry,
          () -> cacheNanos,
          InstantSource.system(),
          new LocalBuckets(() -> cacheNanos),
          new Delays(bound -> 0));
  private final RecentTenants recent = new RecentTenants(limiter, () -> loopNanos);

  @AfterEach
  void close() {
    telemetry.close();
  }

  @Test
  void aTenantIsWhatTheOtherLoopsHave() {
    assertThat(recent.of("payments")).isSameAs(limiter.tenant("payments"));
    assertThat(recent.of("payments")).isSameAs(limiter.tenant("payments"));
  }

  @Test
  void tenantsOfOneHashAreToldApart() {
    assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
    for (int i = 0; i < 3; i++) {
      assertThat(recent.of("Aa").name()).isEqualTo("Aa");
      assertThat(recent.of("BB").name()).isEqualTo("BB");
    }
  }

  @Test
  void theCacheHearsOfATenantOnceASecond() {
    TenantUsage first = recent.of("payments");
    cacheNanos += FORGOTTEN;
    assertThat(recent.of("payments")).as("within the second").isSameAs(first);
    loopNanos += RecentTenants.KEPT_NANOS - 1;
    assertThat(recent.of("payments")).as("within the second").isSameAs(first);
    loopNanos++;
    assertThat(recent.of("payments")).as("after it").isNotSameAs(first);
  }

  @Test
  void newLimitsHoldAtOnce() {
    assertThat(recent.of("payments").terms().largestRequest()).isEqualTo(Long.MAX_VALUE);
    TenantLimits limits =
        new TenantLimits(
            null, null, null, null, new DataSize(1_000), null, null, null, null, null, null, null);
    limiter.reconfigure(
        Limits.of(
            new LimitsConfig(
                limits,
                Map.of(),
                null,
                Enforcement.DENY,
                LimitsConfig.UnmeasuredCodings.REFUSE,
                StoreConfig.local()),
            Map.of(),
            TempoOverrides.NONE));
    assertThat(recent.of("payments").terms().largestRequest()).isEqualTo(1_000);
  }
}

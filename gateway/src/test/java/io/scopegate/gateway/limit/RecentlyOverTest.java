package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.access.Enforcement;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.telemetry.Telemetry;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecentlyOverTest {
  private static final long MILLI = 1_000_000L;

  private final AtomicLong clock = new AtomicLong();
  private final Telemetry telemetry = new Telemetry(null, 10, "test");
  private final Delays delays = new Delays(bound -> 0);
  private final Limiter limiter =
      new Limiter(
          new Budget(1 << 20, 10),
          telemetry,
          clock::get,
          InstantSource.system(),
          new LocalBuckets(clock::get),
          delays);
  private final RecentlyOver over = new RecentlyOver(clock::get, delays);

  @BeforeEach
  void limit() {
    limiter.reconfigure(limits(2.0));
  }

  @AfterEach
  void close() {
    telemetry.close();
  }

  private static Limits limits(double requestsPerSecond) {
    return Limits.of(
        new LimitsConfig(
            new TenantLimits(
                null,
                null,
                requestsPerSecond,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null),
            Map.of(),
            null,
            Enforcement.DENY,
            LimitsConfig.UnmeasuredCodings.REFUSE,
            StoreConfig.local()),
        Map.of(),
        TempoOverrides.NONE);
  }

  private TenantUsage empty(String tenant) {
    TenantUsage usage = limiter.tenant(tenant);
    bucket(usage).charge(bucket(usage).available());
    return usage;
  }

  private static Bucket bucket(TenantUsage tenant) {
    return tenant.terms().rate(LimitKind.INGEST_REQUESTS).bucket();
  }

  @Test
  void saysTheSameAsAnyOtherRefusal() {
    TenantUsage acme = empty("acme");
    Refusal usual =
        TenantRefusals.overRate(acme, acme.terms().rate(LimitKind.INGEST_REQUESTS), 1, delays);

    assertThat(over.refusal(acme)).isEqualTo(usual);
    assertThat(over.refusal(acme)).isEqualTo(usual);
    assertThat(telemetry.scrape())
        .asString()
        .contains(
            "scopegate_tenant_limited_total{limit=\"ingestRequestsPerSecond\",tenant=\"acme\"} 3.0");
  }

  @Test
  void looksAgainWhenUnitsFlowIn() {
    TenantUsage acme = empty("acme");
    clock.addAndGet(500 * MILLI - 1000);
    assertThat(over.refusal(acme)).isNotNull();

    clock.addAndGet(1000);
    assertThat(over.refusal(acme)).isNull();
  }

  @Test
  void looksAgainAfterAMomentInAnyCase() {
    TenantUsage acme = empty("acme");
    assertThat(over.refusal(acme)).isNotNull();
    bucket(acme).refund(1);
    assertThat(over.refusal(acme)).as("at once").isNotNull();

    clock.addAndGet(RecentlyOver.KEPT_NANOS);
    assertThat(over.refusal(acme)).isNull();
  }

  @Test
  void aTenantThatIsNotOverIsNeverTakenForOne() {
    TenantUsage acme = empty("acme");
    TenantUsage other = limiter.tenant("other");
    for (int i = 0; i < 3; i++) {
      assertThat(over.refusal(acme)).isNotNull();
      assertThat(over.refusal(other)).isNull();
    }
    bucket(other).charge(bucket(other).available());
    assertThat(over.refusal(other)).isNotNull();
  }

  @Test
  void goesByTheLimitsInForce() {
    TenantUsage acme = empty("acme");
    assertThat(over.refusal(acme)).isNotNull();

    limiter.reconfigure(limits(0));
    assertThat(over.refusal(acme).detail()).contains("at most 0 a second");
    limiter.reconfigure(Limits.NONE);
    assertThat(over.refusal(acme)).isNull();
  }
}

package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.config.DataSize;
import io.scopegate.gateway.access.Enforcement;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.telemetry.Telemetry;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a tenant's limits may set is known by its kind, and acts. */
class LimitKindTest {
  private final Telemetry telemetry = new Telemetry(null, 10, "test");
  private final Delays delays = new Delays(bound -> 0);

  @AfterEach
  void close() {
    telemetry.close();
  }

  static Stream<LimitKind> rates() {
    return LimitKind.OF_TENANTS.stream().filter(kind -> kind.rate(with(kind.label(), 7)) != null);
  }

  private static List<String> keys() {
    return Arrays.stream(TenantLimits.class.getRecordComponents())
        .map(RecordComponent::getName)
        .filter(name -> !name.equals("ingestBurst")) // of ingestBytesPerSecond
        .toList();
  }

  /** Limits of which only this one is set. */
  private static TenantLimits with(String key, int value) {
    RecordComponent[] all = TenantLimits.class.getRecordComponents();
    Object[] values =
        Arrays.stream(all)
            .map(one -> one.getName().equals(key) ? of(one.getType(), value) : null)
            .toArray();
    Class<?>[] types = Arrays.stream(all).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      return TenantLimits.class.getConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static Object of(Class<?> type, int value) {
    return Map.<Class<?>, Object>of(
            DataSize.class,
            new DataSize(value),
            Double.class,
            (double) value,
            Integer.class,
            value,
            Duration.class,
            Duration.ofSeconds(value))
        .get(type);
  }

  @Test
  void everyLimitOfATenantIsAKind() {
    assertThat(LimitKind.OF_TENANTS.stream().map(LimitKind::label).toList())
        .containsExactlyInAnyOrderElementsOf(keys());
  }

  @ParameterizedTest
  @EnumSource
  void aLimitThatIsSetIsShownAndOthersAreNot(LimitKind kind) {
    assertThat(kind.shown(TenantLimits.NONE)).isNaN();
    for (String key : keys()) {
      boolean own = key.equals(kind.label());
      boolean implied = kind == LimitKind.REQUEST_BYTES && key.equals("ingestBytesPerSecond");
      assertThat(kind.shown(with(key, 7)))
          .as(key)
          .isEqualTo(Double.valueOf(own || implied ? 7 : Double.NaN));
    }
  }

  @ParameterizedTest
  @MethodSource("rates")
  void everyRateIsChargedToSomeRequest(LimitKind kind) {
    TenantUsage tenant = tenant(with(kind.label(), 0));
    List<Refusal> refusals =
        Stream.of(
                WriteAdmission.charge(tenant, tenant.terms(), 5, delays),
                WriteAdmission.charge(tenant, tenant.terms(), -1, delays),
                read(tenant, LimitKind.CONCURRENT_QUERIES),
                read(tenant, LimitKind.CONCURRENT_STREAMS))
            .filter(Objects::nonNull)
            .toList();

    assertThat(refusals).isNotEmpty();
    if (kind != LimitKind.INGEST_BYTES) { // a rate of zero bytes is the largest request, too
      assertThat(refusals)
          .allSatisfy(refusal -> assertThat(refusal.detail()).contains(kind.label()));
    }
  }

  private Refusal read(TenantUsage tenant, LimitKind atATime) {
    return ReadAdmission.charge(List.of(tenant), atATime, delays).refusal();
  }

  @ParameterizedTest
  @MethodSource("rates")
  void aTenantIsRememberedUntilEveryRateIsFullAgain(LimitKind kind) {
    long none = tenant(TenantLimits.NONE).keptNanos();

    assertThat(tenant(with(kind.label(), 7)).keptNanos()).isGreaterThan(none);
  }

  @Test
  void limitsAreJoinedKeyByKey() {
    for (String key : keys()) {
      TenantLimits one = with(key, 7);
      assertThat(one.over(TenantLimits.NONE)).isEqualTo(one);
      assertThat(TenantLimits.NONE.over(one)).isEqualTo(one);
      assertThat(with(key, 3).over(one)).isEqualTo(with(key, 3));
    }
  }

  private TenantUsage tenant(TenantLimits limits) {
    LimitsConfig config =
        new LimitsConfig(
            limits,
            Map.of(),
            null,
            Enforcement.DENY,
            LimitsConfig.UnmeasuredCodings.REFUSE,
            StoreConfig.local());
    return new TenantUsage(
        "a",
        Limits.of(config, Map.of(), TempoOverrides.NONE),
        new LocalBuckets(() -> 0),
        new TenantMemoryShare(new Budget(1 << 20, 100)),
        telemetry.limits("a"));
  }
}

package io.scopegate.gateway.limit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.access.Enforcement;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.meter.QuerySize;
import io.scopegate.gateway.telemetry.Telemetry;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A query of one tenant, or of two with the lowest limits of both. */
class QuerySizesTest {
  private static final long ABSENT = QuerySize.ABSENT;

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

  private static TenantLimits limits(
      @Nullable Integer results, @Nullable Integer spans, @Nullable Integer exemplars) {
    return new TenantLimits(
        null, null, null, null, null, null, null, null, null, results, spans, exemplars);
  }

  /** Tenants a, b and so on, with a limit each. */
  private List<TenantUsage> tenants(TenantLimits... each) {
    List<String> names = List.of("a", "b", "c").subList(0, each.length);
    Map<String, TenantLimits> own = new HashMap<>();
    names.forEach(name -> own.put(name, each[names.indexOf(name)]));
    limiter.reconfigure(
        Limits.of(
            new LimitsConfig(
                TenantLimits.NONE,
                own,
                null,
                Enforcement.DENY,
                LimitsConfig.UnmeasuredCodings.REFUSE,
                new StoreConfig(
                    StoreConfig.Type.LOCAL,
                    null,
                    null,
                    false,
                    null,
                    "scopegate",
                    StoreConfig.OnError.LOCAL)),
            Map.of(),
            TempoOverrides.NONE));
    return names.stream().map(limiter::tenant).toList();
  }

  @Test
  void anyOfTheThreeLimitsOfAnyTenantIsOne() {
    TenantLimits none = limits(null, null, null);
    assertThat(QuerySizes.areLimited(List.of())).isFalse();
    assertThat(QuerySizes.areLimited(tenants(none, none))).isFalse();
    assertThat(QuerySizes.areLimited(tenants(none, limits(1, null, null)))).isTrue();
    assertThat(QuerySizes.areLimited(tenants(limits(null, 1, null), none))).isTrue();
    assertThat(QuerySizes.areLimited(tenants(limits(null, null, 1)))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "100, 20, 5, ",
    "-1, -1, -1, ",
    "0, 0, 0, ",
    "101, 20, 5, the query's limit is 101 and exceeds maxResults (expected: at most 100)",
    "100, 21, 5, the query's spss is 21 and exceeds maxSpansPerSpanSet (expected: at most 20)",
    "100, 20, 6, the query's exemplars is 6 and exceeds maxExemplars (expected: at most 5)",
    "-2, -1, -1, 'limit cannot be read, and is bounded by maxResults (expected: at most 100)'",
    "9223372036854775807, -1, -1, limit asks for all and exceeds maxResults"
  })
  void moreThanALimitIsRefusedByItsKeyAndParameter(
      long results, long spans, long exemplars, @Nullable String detail) {
    Refusal refusal =
        QuerySizes.check(new QuerySize(results, spans, exemplars), tenants(limits(100, 20, 5)));

    if (detail == null) {
      assertThat(refusal).isNull();
    } else {
      assertThat(requireNonNull(refusal).reason()).isEqualTo(Refusal.Reason.QUERY_TOO_LARGE);
      assertThat(refusal.detail()).contains(detail);
    }
  }

  @Test
  void whatHasNoLimitMayBeAnything() {
    QuerySize all = new QuerySize(Long.MAX_VALUE, Long.MAX_VALUE, QuerySize.UNREADABLE);
    assertThat(QuerySizes.check(all, tenants(limits(null, null, null)))).isNull();
  }

  @ParameterizedTest
  @CsvSource({"10, 30", "30, 10", "10, ", ", 10", "10, 10"})
  void theLowestLimitOfAllTenantsHolds(@Nullable Integer a, @Nullable Integer b) {
    List<TenantUsage> tenants = tenants(limits(a, null, null), limits(b, null, null));

    assertThat(QuerySizes.check(new QuerySize(10, ABSENT, ABSENT), tenants)).isNull();
    assertThat(
            requireNonNull(QuerySizes.check(new QuerySize(11, ABSENT, ABSENT), tenants)).detail())
        .contains("at most 10");
  }

  @Test
  void aRefusalCountsForEveryTenant() {
    List<TenantUsage> tenants = tenants(limits(10, null, null), limits(30, null, null));

    QuerySizes.check(new QuerySize(11, ABSENT, ABSENT), tenants);

    assertThat(new String(telemetry.scrape(), StandardCharsets.UTF_8))
        .contains("scopegate_tenant_limited_total{limit=\"maxResults\",tenant=\"a\"} 1.0")
        .contains("scopegate_tenant_limited_total{limit=\"maxResults\",tenant=\"b\"} 1.0");
  }
}

package io.scopegate.gateway.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.MetricsPage;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrafficTest {
  private static final Duration TWO_SECONDS = Duration.ofSeconds(2);

  private static void add(Figures to, String metric, double value, String... labels) {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < labels.length; i += 2) {
      all.put(labels[i], labels[i + 1]);
    }
    to.add(metric, all::get, value);
  }

  private static void requests(
      Figures to, String tenant, String operation, String outcome, double value) {
    add(
        to,
        "scopegate_tenant_requests_total",
        value,
        "tenant",
        tenant,
        "operation",
        operation,
        "outcome",
        outcome);
  }

  @Test
  void everyMetricIsDocumentedWithTheLabelThatItIsDividedBy() {
    assertThat(MetricsPage.documented().keySet())
        .containsAll(Arrays.stream(Figure.values()).map(Figure::metric).toList());
  }

  /** As after a credential that says when it expires was replaced by one that does not. */
  @Test
  void aGaugeThatKnowsNothingIsNoFigure() {
    Figures figures = new Figures();
    add(figures, "scopegate_own_credential_expiration_timestamp_seconds", Double.NaN);
    assertThat(figures.has(Figure.OWN_CREDENTIAL, "")).isFalse();
    add(figures, "scopegate_own_credential_expiration_timestamp_seconds", 7);
    assertThat(figures.of(Figure.OWN_CREDENTIAL)).isEqualTo(7);
  }

  @Test
  void aTenantIsComparedWithEachOfItsLimits() {
    Figures before = new Figures();
    Figures after = new Figures();
    requests(after, "a", "write", "ok", 20);
    requests(after, "a", "write", "refused", 10);
    requests(after, "a", "read", "ok", 4);
    add(after, "scopegate_tenant_limit", 30, "tenant", "a", "limit", "ingestRequestsPerSecond");
    add(after, "scopegate_tenant_limit", 10, "tenant", "a", "limit", "queriesPerSecond");
    add(
        after,
        "scopegate_tenant_limit",
        Double.POSITIVE_INFINITY,
        "tenant",
        "a",
        "limit",
        "spansPerSecond");

    TenantTraffic tenant = Traffic.between(before, after, TWO_SECONDS).busiest(5).get(0);

    assertThat(tenant.requests()).isEqualTo(17);
    assertThat(tenant.refused()).isEqualTo(5);
    assertThat(tenant.limits())
        .containsExactly(
            new UsedLimit("ingestRequestsPerSecond", 10, 30),
            new UsedLimit("queriesPerSecond", 2, 10));
    assertThat(tenant.nearestLimit()).contains(new UsedLimit("ingestRequestsPerSecond", 10, 30));
  }

  @Test
  void amongThoseThatAreIdleTheOneWithMostRequestsComesFirst() {
    Figures same = new Figures();
    requests(same, "a", "write", "ok", 1);
    requests(same, "b", "write", "ok", 9);
    requests(same, "c", "write", "ok", 1);

    Traffic traffic = Traffic.between(same, same, TWO_SECONDS);

    assertThat(traffic.busiest(2).stream().map(TenantTraffic::name)).containsExactly("b", "a");
    assertThat(traffic.tenants()).isEqualTo(3);
  }

  @Test
  void aSampleWithoutTheLabelCountsForNobody() {
    Figures figures = new Figures();
    add(figures, "scopegate_tenant_requests_total", 3);
    add(figures, "scopegate_cache_lookups_total", 3, "cache", "tokens");

    assertThat(figures.parts(Figure.TENANT_REQUESTS)).containsExactly("");
    assertThat(figures.parts(Figure.CACHE_HITS)).isEmpty();
    assertThat(Traffic.between(figures, figures, TWO_SECONDS).refusals()).isEmpty();
    assertThat(List.of(figures.of(Figure.TENANT_REQUESTS), figures.of(Figure.CACHE_HITS)))
        .containsExactly(3.0, 0.0);
  }
}

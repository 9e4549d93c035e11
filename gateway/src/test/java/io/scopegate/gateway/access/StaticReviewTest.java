package io.scopegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.ResourceAttributes;
import io.scopegate.gateway.access.AuthorizationConfig.Mapping;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a static rule allows of proxied requests: nothing that it does not say. */
class StaticReviewTest {
  private static final StaticReview ANY =
      new StaticReview(null, null, null, null, null, null, null);
  private static final StaticReview ONE =
      new StaticReview("get", "apps", "deployments", "metrics", "web", "ns", null);

  private static ResourceAttributes asked(int other) {
    String[] values = {"get", "apps", "deployments", "metrics", "web", "ns"};
    if (other >= 0) {
      values[other] = "other";
    }
    return new ResourceAttributes(
        values[0], values[1], "v1", values[2], values[3], values[4], values[5]);
  }

  @Test
  void coversWhatItNames() {
    assertThat(ONE.covers(asked(-1))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void coversNothingThatDiffersInOnePlace(int other) {
    assertThat(ONE.covers(asked(other))).isFalse();
    assertThat(ANY.covers(asked(other))).isTrue();
  }

  @Test
  void aReviewOfResourcesCoversNoPathAndTheOtherWayRound() {
    StaticReview path = new StaticReview("get", null, null, null, null, null, "/metrics");

    assertThat(path.covers(ResourceAttributes.ofPath("get", "/metrics"))).isTrue();
    assertThat(path.covers(ResourceAttributes.ofPath("get", "/metrics/"))).isFalse();
    assertThat(path.covers(ResourceAttributes.ofPath("create", "/metrics"))).isFalse();
    assertThat(path.covers(asked(-1))).isFalse();
    assertThat(ANY.covers(ResourceAttributes.ofPath("get", "/metrics"))).isFalse();
  }

  @Test
  void aRuleGrantsItsReviewToItsUserAlone() {
    StaticRule rule = new StaticRule("jane", null, null, List.of(), List.of(), ONE);
    StaticRules rules =
        new StaticRules(Configs.authorization(Mapping.CUSTOM, List.of(rule)).staticRules());

    assertThat(rules.grant(Configs.JANE, asked(-1))).isNotNull();
    assertThat(rules.grant(Configs.JANE, asked(5))).isNull();
    assertThat(rules.grant(Configs.user("joe"), asked(-1))).isNull();
    assertThat(rules.grant(Configs.JANE, ResourceAttributes.ofPath("get", "/"))).isNull();
  }
}

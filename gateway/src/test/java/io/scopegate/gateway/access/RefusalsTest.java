package io.scopegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.ResourceAttributes;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.route.Operation;
import org.junit.jupiter.api.Test;

/** What a client is told of a denied review, and the rule that would allow it. */
class RefusalsTest {
  @Test
  void aProxiedRequestIsToldWhichResourceItMayNotUse() {
    Refusal refusal =
        Refusals.forbidden(
            Configs.JANE,
            new ResourceAttributes("get", "apps", "v1", "deployments", "metrics", "web", "ns"));

    assertThat(refusal.reason()).isEqualTo(Reason.FORBIDDEN);
    assertThat(refusal.detail())
        .isEqualTo(
            "authorization: user jane may not get deployments/metrics.apps/web in namespace ns:"
                + " SubjectAccessReview denied it; a Role in namespace ns with {apiGroups: [apps],"
                + " resources: [deployments/metrics], resourceNames: [web], verbs: [get]}, bound to"
                + " the user, would allow it");
  }

  @Test
  void aNamespaceThatCannotExistIsSaid() {
    assertThat(
            Refusals.forbidden(
                    Configs.JANE,
                    "Team-A",
                    Operation.READ,
                    new ResourceAttributes(
                        "get", "tempo.grafana.com", "", "traces", "", "traces", "Team-A"))
                .detail())
        .contains("a Role in namespace Team-A (which cannot exist: a-z, 0-9 and - only) with {");
  }

  @Test
  void whatAResourceDoesNotHaveIsLeftOut() {
    assertThat(
            Refusals.forbidden(
                    Configs.JANE, new ResourceAttributes("get", "", "v1", "pods", "", "", ""))
                .detail())
        .contains("may not get pods: ")
        .contains("a ClusterRole with {apiGroups: [\"\"], resources: [pods], verbs: [get]}");
  }

  @Test
  void aProxiedRequestIsToldWhichPathItMayNotUse() {
    assertThat(
            Refusals.forbidden(Configs.JANE, ResourceAttributes.ofPath("create", "/metrics"))
                .detail())
        .contains("may not create /metrics: ")
        .contains("{nonResourceURLs: [/metrics], verbs: [create]}");
  }

  @Test
  void whereNoRuleAppliesTheRuleThatWouldIsShown() {
    Refusal refusal = Refusals.noRule(Configs.JANE, "acme", Operation.WRITE);

    assertThat(refusal.reason()).isEqualTo(Reason.FORBIDDEN);
    assertThat(refusal.detail())
        .contains("user jane may not write to tenant acme")
        .contains("{tenants: [acme], operations: [write]}");
    assertThat(Refusals.noRule(Configs.JANE, "acme", Operation.ADMIN).detail())
        .contains("may not configure tenant acme");
  }

  @Test
  void aLongNameIsShortened() {
    String name = "n".repeat(200);
    ResourceAttributes asked = ResourceAttributes.ofPath("get", "/");

    assertThat(Refusals.forbidden(Configs.user(name), asked).detail())
        .contains("user " + name + " may");
    assertThat(Refusals.forbidden(Configs.user(name + "n"), asked).detail())
        .contains("user " + name + "... may");
  }
}

package io.scopegate.gateway.access;

import io.scopegate.authz.Authorization;
import io.scopegate.authz.Authorization.Decision;
import io.scopegate.authz.Authorization.Ground.Source;
import io.scopegate.authz.Authorizer;
import io.scopegate.authz.User;
import io.scopegate.gateway.access.AuthorizationConfig.Mapping;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Operation;
import io.vertx.core.Future;
import java.util.List;

/**
 * Looks whether a right that is missing was granted for the other mapping: a Role where the gateway
 * asks for a ClusterRole, or the other way round. Only for explanations, since it costs a review.
 */
final class OtherMapping {
  private OtherMapping() {}

  /** As {@link Access#otherMapping}. */
  static Future<String> of(
      AuthorizationConfig config, Authorizer authorizer, Endpoint endpoint, DecisionBasis grounds) {
    User user = grounds.authentication().user();
    List<Authorization> answers = grounds.answers();
    Mapping other = other(config.mapping());
    Authorization last = answers.isEmpty() ? null : answers.get(answers.size() - 1);
    if (user == null
        || last == null
        || other == config.mapping()
        || endpoint.isProxied()
        || endpoint.operation() == Operation.OPEN
        || last.decision() != Decision.DENY
        || last.ground().source() != Source.SUBJECT_ACCESS_REVIEW) {
      return Future.succeededFuture("");
    }
    ResourceMapping mapping =
        new ResourceMapping(
            new AuthorizationConfig(
                other,
                config.resourceAttributes(),
                config.rewrites(),
                config.verbs(),
                config.decisionCache(),
                config.enforce(),
                config.watchRbac(),
                config.staticRules()));
    String tenant = grounds.tenants().get(answers.size() - 1);
    return authorizer
        .authorize(user, mapping.attributes(tenant, endpoint.operation(), user))
        .map(answer ->
            answer.decision() == Decision.ALLOW
                ? other == Mapping.NAMESPACED ? "namespaced" : "tempo-operator"
                : "")
        .otherwise("");
  }

  private static Mapping other(Mapping mapping) {
    return switch (mapping) {
      case TEMPO_OPERATOR -> Mapping.NAMESPACED;
      case NAMESPACED -> Mapping.TEMPO_OPERATOR;
      case CUSTOM, NON_RESOURCE -> mapping;
    };
  }
}

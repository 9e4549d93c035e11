package io.scopegate.gateway.reload;

import io.scopegate.authz.Authorization;
import io.scopegate.authz.Authorization.Decision;
import io.scopegate.authz.Authorization.Ground;
import io.scopegate.authz.Authorizer;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.User;
import io.vertx.core.Future;

/** The authorizer without Kubernetes: it denies everything that no static rule grants. */
final class WithoutKubernetes implements Authorizer {
  private static final Authorization NO_RULE =
      new Authorization(
          Decision.DENY,
          "no rule of authorization.static",
          Long.MAX_VALUE,
          Ground.of(Ground.Source.STATIC_RULE, 0));

  @Override
  public Authorization cached(User user, ResourceAttributes attributes) {
    return NO_RULE;
  }

  @Override
  public Future<Authorization> authorize(User user, ResourceAttributes attributes) {
    return Future.succeededFuture(NO_RULE);
  }
}

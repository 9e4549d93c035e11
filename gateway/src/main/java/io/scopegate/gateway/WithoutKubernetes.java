package io.scopegate.gateway;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.Authenticator;
import io.scopegate.authz.Authorization;
import io.scopegate.authz.Authorization.Decision;
import io.scopegate.authz.Authorization.Ground;
import io.scopegate.authz.Authorizer;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.User;
import io.vertx.core.Future;

/**
 * Who decides when Kubernetes is never asked: nobody knows a token, and what no static rule grants
 * is refused.
 */
final class WithoutKubernetes implements Authenticator, Authorizer {
  private static final Authentication NO_TOKENS =
      Authentication.unauthenticated(
          "tokens are not taken (expected: no authorization header, and a client certificate)",
          Long.MAX_VALUE,
          Proof.Source.NONE);
  private static final Authorization NO_RULE =
      new Authorization(
          Decision.DENY,
          "no rule of authorization.static",
          Long.MAX_VALUE,
          Ground.of(Ground.Source.STATIC_RULE, 0));

  @Override
  public Authentication cached(CharSequence token) {
    return NO_TOKENS;
  }

  @Override
  public Future<Authentication> authenticate(CharSequence token) {
    return Future.succeededFuture(NO_TOKENS);
  }

  @Override
  public Authorization cached(User user, ResourceAttributes attributes) {
    return NO_RULE;
  }

  @Override
  public Future<Authorization> authorize(User user, ResourceAttributes attributes) {
    return Future.succeededFuture(NO_RULE);
  }
}

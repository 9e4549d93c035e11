package io.scopegate.gateway.warmup;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.Authenticator;
import io.scopegate.authz.User;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;

/** Knows the warm-up's token, and asks nobody about others. */
final class OneToken implements Authenticator {
  private static final Authentication OTHER =
      Authentication.unauthenticated(
          "authentication: not the token of the warm-up", Long.MAX_VALUE, Proof.Source.NONE);

  private final String token;
  private final Authentication known =
      Authentication.authenticated(
          new User(Calls.USER, "", List.of(), Map.of()),
          Long.MAX_VALUE,
          Proof.of(Proof.Source.STATIC_TOKEN));

  OneToken(String token) {
    this.token = token;
  }

  @Override
  public Authentication cached(CharSequence presented) {
    return token.contentEquals(presented) ? known : OTHER;
  }

  @Override
  public Future<Authentication> authenticate(CharSequence presented, Object client) {
    return Future.succeededFuture(cached(presented));
  }
}

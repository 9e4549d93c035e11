package io.scopegate.authz.decision;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.TokenCheck;
import io.scopegate.authz.decision.TokenKeys.TokenKey;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The cluster with {@code mode: local-only}: its keys alone decide about its tokens, and the API
 * server cannot be asked about others. It claims every token.
 */
final class LocalClusterSource implements TokenSource {
  private final LocalIssuer issuer;
  private final ServiceAccountRules rules;
  private final TokenAnswers answers;

  LocalClusterSource(LocalIssuer issuer, ServiceAccountRules rules, TokenAnswers answers) {
    this.issuer = issuer;
    this.rules = rules;
    this.answers = answers;
  }

  @Override
  public boolean claims(PresentedToken token) {
    return true;
  }

  @Override
  public @Nullable Authentication cached(TokenKey key, CharSequence token) {
    return issuer.cached(key);
  }

  /** While the cluster's issuer is not known, every token may be one of it. */
  @Override
  public Future<Authentication> authenticate(PresentedToken token) {
    if (token.flaw() != null) {
      return answers.refused(token.flaw());
    }
    Jws jws = token.jws();
    return jws != null && (!issuer.keys().isKnown() || issuer.isFor(jws))
        ? issuer.authenticate(token.key(), jws, token.client())
        : answers.refused(TokenCheck.FOREIGN_REFUSED, TokenCause.issuer(jws, known()));
  }

  private List<String> known() {
    String name = issuer.keys().issuer();
    return name == null ? List.of() : List.of(name);
  }

  @Override
  public void gone(String uid) {
    rules.gone(uid);
    issuer.gone(uid);
  }

  @Override
  public long size() {
    return issuer.size();
  }

  @Override
  public void close() {
    issuer.close();
  }
}

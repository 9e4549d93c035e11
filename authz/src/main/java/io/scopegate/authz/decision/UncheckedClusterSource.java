package io.scopegate.authz.decision;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.decision.TokenKeys.TokenKey;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** The cluster, whose API server is asked about every token, whatever it is. It claims them all. */
final class UncheckedClusterSource implements TokenSource {
  private final TokenReviewAuthenticator reviewer;

  UncheckedClusterSource(TokenReviewAuthenticator reviewer) {
    this.reviewer = reviewer;
  }

  @Override
  public boolean claims(PresentedToken token) {
    return true;
  }

  @Override
  public @Nullable Authentication cached(TokenKey key, CharSequence token) {
    return reviewer.cached(key, token);
  }

  @Override
  public Future<Authentication> authenticate(PresentedToken token) {
    return reviewer.review(token.key(), token.text(), TokenStatus.UNCHECKED);
  }

  @Override
  public void gone(String uid) {
    reviewer.gone(uid);
  }

  @Override
  public long size() {
    return reviewer.size();
  }
}

package io.scopegate.authz.decision;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.decision.TokenKeys.TokenKey;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** OpenID Connect issuers; it claims the tokens that name one of them. */
final class OidcSource implements TokenSource {
  private final TokenAnswers answers;
  private final List<LocalIssuer> issuers = new ArrayList<>();
  private final List<Runnable> closing = new ArrayList<>();

  OidcSource(TokenAnswers answers) {
    this.answers = answers;
  }

  /**
   * Takes an issuer's tokens; call it before the first token comes.
   *
   * @param close ends the reading of its keys
   */
  Future<Boolean> add(LocalIssuer issuer, Runnable close) {
    issuers.add(issuer);
    closing.add(issuer::close);
    closing.add(close);
    return issuer.keys().start();
  }

  /** The issuers, each once. */
  List<String> names() {
    return issuers.stream().map(issuer -> issuer.keys().name()).distinct().toList();
  }

  boolean isEmpty() {
    return issuers.isEmpty();
  }

  @Override
  public boolean claims(PresentedToken token) {
    String issuer = token.issuer();
    return issuer != null && issuers.stream().anyMatch(one -> one.isNamed(issuer));
  }

  @Override
  public @Nullable Authentication cached(TokenKey key, CharSequence token) {
    for (LocalIssuer issuer : issuers) {
      Authentication known = issuer.cached(key);
      if (known != null) {
        return known;
      }
    }
    return null;
  }

  @Override
  public Future<Authentication> authenticate(PresentedToken token) {
    return token.flaw() != null
        ? answers.refused(token.flaw())
        : authenticate(token, Objects.requireNonNull(token.jws()));
  }

  /** The first issuer entry that the token is meant for; else any of them, which will refuse it. */
  private Future<Authentication> authenticate(PresentedToken token, Jws jws) {
    LocalIssuer named = null;
    for (LocalIssuer issuer : issuers) {
      if (issuer.isFor(jws)) {
        named = issuer;
        if (issuer.accepts(jws)) {
          break;
        }
      }
    }
    return Objects.requireNonNull(named).authenticate(token.key(), jws, token.client());
  }

  @Override
  public long size() {
    return issuers.stream().mapToLong(LocalIssuer::size).sum();
  }

  @Override
  public void close() {
    closing.forEach(Runnable::run);
  }
}

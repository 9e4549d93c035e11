package io.scopegate.authz.decision;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.TokenCheck;
import io.scopegate.authz.decision.TokenKeys.TokenKey;
import io.vertx.core.Future;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The tokens of the file; it claims those that it holds. */
final class StaticSource implements TokenSource {
  private final StaticTokens tokens;
  private final TokenAnswers answers;

  StaticSource(StaticTokens tokens, TokenAnswers answers) {
    this.tokens = tokens;
    this.answers = answers;
  }

  @Override
  public boolean claims(PresentedToken token) {
    return tokens.find(token.text()) != null;
  }

  @Override
  public @Nullable Authentication cached(TokenKey key, CharSequence token) {
    return tokens.find(token);
  }

  @Override
  public Future<Authentication> authenticate(PresentedToken token) {
    answers.checked(TokenCheck.STATIC);
    return Future.succeededFuture(Objects.requireNonNull(tokens.find(token.text())));
  }
}

package io.scopegate.authz.decision;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.KubernetesConfig.ForeignTokens;
import io.scopegate.authz.TokenCheck;
import io.scopegate.authz.User;
import io.scopegate.authz.decision.KeySet.Finding;
import io.scopegate.authz.decision.TokenKeys.TokenKey;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The cluster, whose API server is asked about every token that its keys do not refuse. It claims
 * every token: those of others are asked about within a budget, or refused.
 */
final class CheckedClusterSource implements TokenSource {
  private final TokenReviewAuthenticator reviewer;
  private final KeySet keys;
  private final ServiceAccountRules rules;
  private final KubernetesConfig config;
  private final InstantSource clock;
  private final TokenAnswers answers;

  /** Whether the API server's last answer about a signed token was the user that it names. */
  private volatile boolean alike = true;

  CheckedClusterSource(
      TokenReviewAuthenticator reviewer,
      KeySet keys,
      ServiceAccountRules rules,
      KubernetesConfig config,
      InstantSource clock,
      TokenAnswers answers) {
    this.reviewer = reviewer;
    this.keys = keys;
    this.rules = rules;
    this.config = config;
    this.clock = clock;
    this.answers = answers;
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
    String issuer = token.issuer();
    if (issuer == null || !rules.isIssuer(issuer, keys.issuer())) {
      return foreign(token);
    }
    return token.flaw() != null
        ? answers.refused(token.flaw())
        : own(token, Objects.requireNonNull(token.jws()));
  }

  private Future<Authentication> own(PresentedToken token, Jws jws) {
    TokenCheck flaw = TokenTimes.flaw(jws, clock.millis());
    if (flaw == null && !mayBeForUs(jws)) {
      flaw = TokenCheck.AUDIENCE;
    }
    if (flaw != null) {
      return answers.refused(flaw, TokenCause.of(flaw, jws, config.audiences()));
    }
    if (reviewer.hasAccepted(token.key())) {
      // It is not one of those that anybody can make up, and the API server is asked about it.
      return reviewer.review(token.key(), token.text(), TokenStatus.SIGNED);
    }
    // It was verified for the first who asked; the API server is asked once for all of them.
    Future<Authentication> asked = reviewer.reviewInProgress(token.key());
    return asked != null
        ? asked
        : keys.check(jws, token.client()).compose(finding -> reviewed(token, jws, finding));
  }

  /** Only the API server knows its own audiences, and what a token without any is for. */
  private boolean mayBeForUs(Jws jws) {
    return config.audiences().isEmpty()
        || jws.issuer().equals(ServiceAccountRules.LEGACY_ISSUER)
        || jws.isFor(config.audiences());
  }

  private Future<Authentication> reviewed(PresentedToken token, Jws jws, Finding finding) {
    return switch (finding) {
      case FORGED -> answers.refused(TokenCheck.SIGNATURE, keys.cause(jws));
      case SIGNED -> {
        answers.checked(TokenCheck.GOOD);
        yield signed(token, jws);
      }
      case BUSY -> answers.undecided(TokenCheck.BUSY, TokenCheck.BUSY.words(), "");
      case UNDECIDED ->
          keys.isKnown()
              ? answers.undecided(TokenCheck.UNDECIDED, keys.words(), keys.cause(jws))
              : reviewer.review(token.key(), token.text(), TokenStatus.UNCHECKED);
    };
  }

  /**
   * Who a signed token is of can be read in it, and is almost always what the API server says: so
   * what comes next is prepared meanwhile. Where it says something else, as with a webhook that
   * adds groups, that would be work for nothing, and is left out until it says the same again.
   */
  private Future<Authentication> signed(PresentedToken token, Jws jws) {
    User expected = user(jws);
    return reviewer
        .review(
            token.key(),
            token.text(),
            TokenStatus.SIGNED,
            () -> {
              if (expected != null && alike) {
                token.expected().accept(expected);
              }
            })
        .onSuccess(answer -> {
          if (expected != null && answer.user() != null) {
            alike = answer.user().equals(expected);
          }
        });
  }

  private @Nullable User user(Jws jws) {
    try {
      return rules.user(jws);
    } catch (TokenFlaw e) {
      return null; // the API server will say so
    }
  }

  /** While the cluster's issuer is unknown, foreign tokens cannot be told from its own. */
  private Future<Authentication> foreign(PresentedToken token) {
    if (!keys.isKnown()) {
      return reviewer.review(token.key(), token.text(), TokenStatus.UNCHECKED);
    }
    if (config.foreignTokens() == ForeignTokens.REFUSE) {
      String issuer = keys.issuer();
      return answers.refused(
          TokenCheck.FOREIGN_REFUSED,
          TokenCause.issuer(token.jws(), issuer == null ? List.of() : List.of(issuer)));
    }
    answers.checked(TokenCheck.FOREIGN);
    return reviewer.review(token.key(), token.text(), TokenStatus.FOREIGN);
  }

  @Override
  public void gone(String uid) {
    reviewer.gone(uid);
  }

  @Override
  public long size() {
    return reviewer.size();
  }

  @Override
  public void close() {
    keys.close();
  }
}

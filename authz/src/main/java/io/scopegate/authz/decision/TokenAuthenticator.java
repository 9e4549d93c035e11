package io.scopegate.authz.decision;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof.Source;
import io.scopegate.authz.AuthenticationConfig;
import io.scopegate.authz.Authenticator;
import io.scopegate.authz.ClusterChanges;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.KubernetesConfig.Mode;
import io.scopegate.authz.OidcConfig;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.TokenCheck;
import io.scopegate.authz.User;
import io.scopegate.authz.decision.TokenKeys.TokenKey;
import io.scopegate.authz.kubernetes.ApiAnswer;
import io.scopegate.authz.kubernetes.ApiAnswer.Problem;
import io.scopegate.authz.kubernetes.KubernetesApi;
import io.scopegate.authz.kubernetes.Reviewer;
import io.scopegate.authz.kubernetes.Tokens;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes each token to the first {@link TokenSource} that claims it: the file of static tokens, the
 * OpenID Connect issuer that it names, or the cluster. What is not worth a review is refused here,
 * so that nobody can have the API server asked by making tokens up.
 *
 * <p>A token that is known to be good costs a hash and a look into the caches; it is not read
 * again.
 */
public final class TokenAuthenticator implements Authenticator {
  private final TokenReviewAuthenticator reviewer;
  private final InstantSource clock;
  private final ReviewObserver observer;
  private final KubernetesConfig config;
  private final TokenKeys keys;
  private final TokenAnswers answers;
  private final OidcSource oidc;

  /** The first reading of each issuer's keys. */
  private final List<Future<Boolean>> begun = new ArrayList<>();

  /** In the order in which they are asked: the file, the issuers, the cluster if it is. */
  private List<TokenSource> sources;

  /** Whether any of them wants to know what a token says. */
  private boolean reading;

  /**
   * Joins those who can tell, and begins to read the issuers' keys.
   *
   * @param api reviews tokens, and has the cluster's keys; null when it is never asked
   * @param tenantClaim the claim of OpenID Connect tokens that names the tenant; null when none
   *     does
   */
  public static TokenAuthenticator start(
      Vertx vertx,
      AuthenticationConfig config,
      @Nullable KubernetesApi api,
      StaticTokens statics,
      @Nullable String tenantClaim,
      InstantSource clock,
      ReviewObserver observer) {
    Reviewer asked =
        api == null
            ? (kind, lane, body) -> Future.succeededFuture(ApiAnswer.none(Problem.CLOSED))
            : api.reviewer();
    TokenReviewAuthenticator reviewer =
        new TokenReviewAuthenticator(asked, config.kubernetes(), clock, observer);
    TokenAuthenticator authenticator =
        new TokenAuthenticator(config.kubernetes(), reviewer, statics, clock, observer);
    if (api != null) {
      authenticator.begun.add(authenticator.checkCluster(vertx, new ClusterKeys(api::get)));
    }
    for (OidcConfig issuer : config.oidc()) {
      OidcKeys source = new OidcKeys(vertx, issuer);
      authenticator.begun.add(
          authenticator.take(vertx, source, new OidcRules(issuer, tenantClaim), source::close));
    }
    return authenticator;
  }

  TokenAuthenticator(
      KubernetesConfig config,
      TokenReviewAuthenticator reviewer,
      StaticTokens statics,
      InstantSource clock,
      ReviewObserver observer) {
    this.config = config;
    this.reviewer = reviewer;
    this.clock = clock;
    this.observer = observer;
    this.keys = reviewer.keys();
    this.answers = new TokenAnswers(clock, observer);
    this.oidc = new OidcSource(answers);
    StaticSource file = new StaticSource(statics, answers);
    // Without anybody behind them, what those do not claim is refused.
    this.sources =
        config.mode().takesTokens()
            ? List.of(file, oidc, new UncheckedClusterSource(reviewer))
            : List.of(file, oidc);
  }

  /** Checks the cluster's tokens as configured; call it before the first token comes. */
  Future<Boolean> checkCluster(Vertx vertx, KeySource source) {
    if (!config.localJwtCheck() || !config.mode().takesTokens()) {
      return Future.succeededFuture(false);
    }
    ServiceAccountRules rules = new ServiceAccountRules(config.audiences());
    if (config.mode() == Mode.LOCAL_ONLY) {
      LocalIssuer issuer = issuer(vertx, source, rules);
      return check(new LocalClusterSource(issuer, rules, answers), issuer.keys());
    }
    KeySet cluster = new KeySet(vertx, source, clock, observer, () -> {});
    return check(
        new CheckedClusterSource(reviewer, cluster, rules, config, clock, answers), cluster);
  }

  private Future<Boolean> check(TokenSource cluster, KeySet clusterKeys) {
    sources = List.of(sources.get(0), oidc, cluster);
    reading = true;
    return clusterKeys.start();
  }

  private LocalIssuer issuer(Vertx vertx, KeySource source, LocalIssuer.Rules rules) {
    return new LocalIssuer(vertx, source, rules, config.tokenCache().maxEntries(), clock, observer);
  }

  /** Takes an issuer's tokens; call it before the first token comes. */
  Future<Boolean> take(Vertx vertx, KeySource source, OidcRules rules, Runnable close) {
    reading = true;
    return oidc.add(issuer(vertx, source, rules), close);
  }

  /**
   * Completes when the keys of all issuers were read for the first time, or could not be: from then
   * on tokens are decided about as they are in the long run. Never fails.
   */
  public Future<Void> keysRead() {
    return Future.join(begun).transform(ended -> Future.succeededFuture());
  }

  /** Reads no keys any more. */
  public void close() {
    sources.forEach(TokenSource::close);
  }

  @Override
  public @Nullable Authentication cached(CharSequence token) {
    return token.length() > Tokens.MAX_LENGTH ? null : cached(keys.of(token), token);
  }

  private @Nullable Authentication cached(TokenKey key, CharSequence token) {
    for (TokenSource source : sources) {
      Authentication known = source.cached(key, token);
      if (known != null) {
        return known;
      }
    }
    return null;
  }

  @Override
  public Future<Authentication> authenticate(CharSequence token, Object client) {
    return authenticate(token, client, user -> {});
  }

  @Override
  public Future<Authentication> authenticate(
      CharSequence token, Object client, Consumer<User> expected) {
    String flaw = Tokens.flaw(token);
    if (flaw != null) {
      observer.checked(TokenCheck.MALFORMED);
      return Future.succeededFuture(
          Authentication.unauthenticated(flaw, Long.MAX_VALUE, Source.NONE));
    }
    TokenKey key = keys.of(token);
    TokenSource statics = sources.get(0);
    PresentedToken unread = PresentedToken.unread(key, token.toString(), client, expected);
    if (statics.claims(unread)) {
      return statics.authenticate(unread);
    }
    Authentication known = cached(key, token);
    return known != null ? Future.succeededFuture(known) : route(unread);
  }

  private Future<Authentication> route(PresentedToken unread) {
    PresentedToken token = reading ? unread.read() : unread;
    if (token.isMalformed()) {
      return answers.refused(Objects.requireNonNull(token.flaw()));
    }
    for (TokenSource source : sources) {
      if (source.claims(token)) {
        return source.authenticate(token);
      }
    }
    return answers.refused(
        TokenCheck.FOREIGN_REFUSED, TokenCause.issuer(token.jws(), oidc.names()));
  }

  /** As {@link ClusterChanges#gone}: what is kept of the tokens that are bound to it ends. */
  public void gone(String uid) {
    sources.forEach(source -> source.gone(uid));
  }

  /** As {@link ClusterChanges#accountsFollowed}. */
  public void accountsFollowed() {
    reviewer.accountsFollowed();
  }

  /** How many answers are kept; tidies up, so it is for a look now and then. */
  public long size() {
    return sources.stream().mapToLong(TokenSource::size).sum();
  }
}

package io.scopegate.authz.decision;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof.Source;
import io.scopegate.authz.AuthenticationConfig;
import io.scopegate.authz.Authenticator;
import io.scopegate.authz.ClusterChanges;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.KubernetesConfig.ForeignTokens;
import io.scopegate.authz.KubernetesConfig.Mode;
import io.scopegate.authz.OidcConfig;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.TokenCheck;
import io.scopegate.authz.decision.KeySet.Finding;
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
import org.jspecify.annotations.Nullable;

/**
 * Takes each token to whoever can tell whose it is: the file of static tokens, the OpenID Connect
 * issuer that it names, or the cluster. What is not worth a review is refused here, so that nobody
 * can have the API server asked by making tokens up.
 *
 * <p>A token that is known to be good costs a hash and a look into the caches; it is not read
 * again.
 */
public final class TokenAuthenticator implements Authenticator {
  /** How long after its {@code exp}, by our clock, the API server may still know better. */
  private static final long GRACE_MILLIS = 5_000;

  private final TokenReviewAuthenticator reviewer;
  private final StaticTokens statics;
  private final InstantSource clock;
  private final ReviewObserver observer;
  private final KubernetesConfig config;
  private final TokenKeys keys;
  private final List<LocalIssuer> oidc = new ArrayList<>();
  private final List<Runnable> closing = new ArrayList<>();

  /** Decides about the cluster's tokens alone; null unless so configured. */
  private @Nullable LocalIssuer clusterOnly;

  /** Checks the cluster's tokens before they are reviewed; null when nobody does. */
  private @Nullable KeySet clusterKeys;

  private final ServiceAccountRules clusterRules;

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
      authenticator.checkCluster(vertx, new ClusterKeys(api::get));
    }
    for (OidcConfig issuer : config.oidc()) {
      authenticator.takeIssuer(vertx, issuer, tenantClaim);
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
    this.statics = statics;
    this.clock = clock;
    this.observer = observer;
    this.keys = reviewer.keys();
    this.clusterRules = new ServiceAccountRules(config.audiences());
  }

  /** Checks the cluster's tokens as configured; call it before the first token comes. */
  Future<Boolean> checkCluster(Vertx vertx, KeySource source) {
    if (!config.localJwtCheck() || !config.mode().takesTokens()) {
      return Future.succeededFuture(false);
    }
    if (config.mode() == Mode.LOCAL_ONLY) {
      int maxEntries = config.tokenCache().maxEntries();
      clusterOnly = new LocalIssuer(vertx, source, clusterRules, maxEntries, clock, observer);
      clusterKeys = clusterOnly.keys();
    } else {
      clusterKeys = new KeySet(vertx, source, clock, observer, () -> {});
    }
    closing.add(clusterKeys::close);
    return clusterKeys.start();
  }

  private void takeIssuer(Vertx vertx, OidcConfig issuer, @Nullable String tenantClaim) {
    OidcKeys source = new OidcKeys(vertx, issuer);
    closing.add(source::close);
    take(vertx, source, new OidcRules(issuer, tenantClaim));
  }

  /** Takes an issuer's tokens; call it before the first token comes. */
  Future<Boolean> take(Vertx vertx, KeySource source, OidcRules rules) {
    int maxEntries = config.tokenCache().maxEntries();
    LocalIssuer issuer = new LocalIssuer(vertx, source, rules, maxEntries, clock, observer);
    oidc.add(issuer);
    closing.add(issuer.keys()::close);
    return issuer.keys().start();
  }

  /** Reads no keys any more. */
  public void close() {
    closing.forEach(Runnable::run);
  }

  @Override
  public @Nullable Authentication cached(CharSequence token) {
    if (token.length() > Tokens.MAX_LENGTH) {
      return null;
    }
    Authentication known = statics.find(token);
    return known != null ? known : cached(keys.of(token), token);
  }

  private @Nullable Authentication cached(TokenKey key, CharSequence token) {
    for (LocalIssuer issuer : oidc) {
      Authentication known = issuer.cached(key);
      if (known != null) {
        return known;
      }
    }
    LocalIssuer cluster = clusterOnly;
    return cluster != null ? cluster.cached(key) : reviewer.cached(key, token);
  }

  @Override
  public Future<Authentication> authenticate(CharSequence token) {
    String flaw = Tokens.flaw(token);
    if (flaw != null) {
      observer.checked(TokenCheck.MALFORMED);
      return Future.succeededFuture(
          Authentication.unauthenticated(flaw, Long.MAX_VALUE, Source.NONE));
    }
    Authentication known = statics.find(token);
    if (known != null) {
      observer.checked(TokenCheck.STATIC);
      return Future.succeededFuture(known);
    }
    TokenKey key = keys.of(token);
    known = cached(key, token);
    return known != null ? Future.succeededFuture(known) : route(key, token.toString());
  }

  private Future<Authentication> route(TokenKey key, String token) {
    if (oidc.isEmpty() && clusterKeys == null) {
      return unchecked(key, token);
    }
    if (!Jws.looksLikeOne(token)) {
      return foreign(key, token);
    }
    Jws jws;
    try {
      jws = Jws.parse(token);
    } catch (TokenFlaw e) {
      return refused(e.check());
    }
    LocalIssuer named = named(jws);
    if (named != null) {
      return named.authenticate(key, jws);
    }
    KeySet cluster = clusterKeys;
    return cluster != null && isOfCluster(jws, cluster)
        ? ofCluster(key, jws, token, cluster)
        : foreign(key, token);
  }

  /**
   * The first that it is meant for, of those who take its issuer's tokens; else one of them, which
   * will refuse it.
   */
  private @Nullable LocalIssuer named(Jws jws) {
    LocalIssuer named = null;
    for (LocalIssuer issuer : oidc) {
      if (issuer.isFor(jws)) {
        if (issuer.accepts(jws)) {
          return issuer;
        }
        named = issuer;
      }
    }
    return named;
  }

  /** While its issuer is not known, every token may be. */
  private boolean isOfCluster(Jws jws, KeySet cluster) {
    return !cluster.isKnown() && clusterOnly != null || clusterRules.isFor(jws, cluster.issuer());
  }

  private Future<Authentication> ofCluster(TokenKey key, Jws jws, String token, KeySet cluster) {
    LocalIssuer only = clusterOnly;
    if (only != null) {
      return only.authenticate(key, jws);
    }
    TokenCheck flaw = TokenTimes.flaw(jws, clock.millis(), GRACE_MILLIS);
    if (flaw == null && !mayBeForUs(jws)) {
      flaw = TokenCheck.AUDIENCE;
    }
    if (flaw == null && reviewer.hasAccepted(key)) {
      // It is not one of those that anybody can make up, and the API server is asked about it.
      return reviewer.review(key, token, TokenStatus.SIGNED);
    }
    return flaw != null
        ? refused(flaw)
        : cluster.check(jws).compose(finding -> reviewed(key, token, finding, cluster));
  }

  /** Only the API server knows its own audiences, and what a token without any is for. */
  private boolean mayBeForUs(Jws jws) {
    return config.audiences().isEmpty()
        || jws.issuer().equals(ServiceAccountRules.LEGACY_ISSUER)
        || jws.isFor(config.audiences());
  }

  private Future<Authentication> reviewed(
      TokenKey key, String token, Finding finding, KeySet cluster) {
    if (finding == Finding.FORGED) {
      return refused(TokenCheck.SIGNATURE);
    }
    if (finding == Finding.SIGNED) {
      observer.checked(TokenCheck.GOOD);
      return reviewer.review(key, token, TokenStatus.SIGNED);
    }
    if (!cluster.isKnown()) {
      return reviewer.review(key, token, TokenStatus.UNCHECKED);
    }
    observer.checked(TokenCheck.UNDECIDED);
    return Future.succeededFuture(
        Authentication.undecided(TokenCheck.UNDECIDED.words(), clock.millis()));
  }

  private Future<Authentication> foreign(TokenKey key, String token) {
    KeySet cluster = clusterKeys;
    boolean refuses = config.foreignTokens() == ForeignTokens.REFUSE || clusterOnly != null;
    if (cluster == null || !cluster.isKnown() && clusterOnly == null) {
      return unchecked(key, token);
    }
    if (refuses) {
      return refused(TokenCheck.FOREIGN_REFUSED);
    }
    observer.checked(TokenCheck.FOREIGN);
    return reviewer.review(key, token, TokenStatus.FOREIGN);
  }

  /** Nobody here can tell: the API server is asked, if it ever is. */
  private Future<Authentication> unchecked(TokenKey key, String token) {
    return config.mode().takesTokens()
        ? reviewer.review(key, token, TokenStatus.UNCHECKED)
        : refused(TokenCheck.FOREIGN_REFUSED);
  }

  private Future<Authentication> refused(TokenCheck flaw) {
    observer.checked(flaw);
    return Future.succeededFuture(
        Authentication.unauthenticated(flaw.words(), clock.millis(), Source.NONE));
  }

  /** As {@link ClusterChanges#gone}: what is kept of the tokens that are bound to it ends. */
  public void gone(String uid) {
    reviewer.gone(uid);
    clusterRules.gone(uid);
    LocalIssuer cluster = clusterOnly;
    if (cluster != null) {
      cluster.gone(uid);
    }
  }

  /** As {@link ClusterChanges#accountsFollowed}. */
  public void accountsFollowed() {
    reviewer.accountsFollowed();
  }

  /** How many answers are kept; tidies up, so it is for a look now and then. */
  public long size() {
    LocalIssuer cluster = clusterOnly;
    return reviewer.size()
        + (cluster == null ? 0 : cluster.size())
        + oidc.stream().mapToLong(LocalIssuer::size).sum();
  }
}

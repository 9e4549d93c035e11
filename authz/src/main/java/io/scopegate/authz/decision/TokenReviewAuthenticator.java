package io.scopegate.authz.decision;

import com.github.benmanes.caffeine.cache.Interner;
import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.Authentication.Proof.Source;
import io.scopegate.authz.Authenticator;
import io.scopegate.authz.ClusterChanges;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.Lease;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.ReviewObserver.Kind;
import io.scopegate.authz.User;
import io.scopegate.authz.decision.AnswerCache.Kept;
import io.scopegate.authz.decision.TokenKeys.TokenKey;
import io.scopegate.authz.kubernetes.ApiAnswer;
import io.scopegate.authz.kubernetes.ApiAnswer.Problem;
import io.scopegate.authz.kubernetes.ApiAnswers;
import io.scopegate.authz.kubernetes.KubernetesApi;
import io.scopegate.authz.kubernetes.ReviewPriority;
import io.scopegate.authz.kubernetes.Reviewer;
import io.scopegate.authz.kubernetes.TokenReviews;
import io.scopegate.authz.kubernetes.Tokens;
import io.scopegate.authz.kubernetes.Tokens.Claims;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out by TokenReview whose token it is. Answers are kept by a keyed hash of the token, never
 * by the token, and an accepted one never beyond the token's own {@code exp}.
 */
public final class TokenReviewAuthenticator implements Authenticator {
  private static final String POD_UID = "authentication.kubernetes.io/pod-uid";

  private final Reviewer reviewer;
  private final List<String> audiences;
  private final long ttlMillis;
  private final long rejectedMillis;
  private final long staleMillis;
  private final InstantSource clock;
  private final ReviewObserver observer;
  private final ApiAnswers answers;
  private final ForeignBudget foreign;

  private final TokenKeys keys = new TokenKeys();
  private final AnswerCache<TokenKey, Authentication> cache;
  private final BoundTokens bound = new BoundTokens();
  private final UnconfirmedRejections doubts;
  private final SingleFlight<TokenKey, Authentication> flights = new SingleFlight<>();
  // One object for equal users lets later comparisons end at once.
  private final Interner<User> users = Interner.newWeakInterner();

  /** With the audiences and the cache's times of the configuration. */
  public TokenReviewAuthenticator(
      KubernetesApi api, KubernetesConfig config, InstantSource clock, ReviewObserver observer) {
    this(api.reviewer(), config, clock, observer);
  }

  TokenReviewAuthenticator(
      Reviewer reviewer, KubernetesConfig config, InstantSource clock, ReviewObserver observer) {
    this.reviewer = reviewer;
    this.audiences = config.audiences();
    this.ttlMillis = config.tokenCache().ttl().toMillis();
    this.rejectedMillis = config.tokenCache().rejectedTtl().toMillis();
    this.staleMillis = config.tokenCache().staleIfError().toMillis();
    this.clock = clock;
    this.observer = observer;
    this.answers = new ApiAnswers(clock);
    this.foreign = new ForeignBudget(config.reviews().foreignPerSecond(), clock);
    long longest = Math.max(ttlMillis + staleMillis, rejectedMillis);
    int maxEntries = config.tokenCache().maxEntries();
    this.cache =
        new AnswerCache<>(
            maxEntries,
            longest,
            clock,
            kept -> kept.proof().lease(),
            key -> bound.left(key, this::keeps));
    this.doubts = new UnconfirmedRejections(maxEntries, rejectedMillis, clock);
  }

  private boolean keeps(TokenKey key) {
    return cache.keepsYes(key);
  }

  /**
   * As {@link ClusterChanges#gone}: the tokens that are bound to it are rejected from now on,
   * whatever the API server says.
   */
  public void gone(String uid) {
    List<TokenKey> tokens = bound.gone(uid);
    tokens.forEach(cache::forget);
    if (!tokens.isEmpty()) {
      observer.ended(tokens.size());
    }
  }

  /**
   * As {@link ClusterChanges#accountsFollowed}: what was accepted before is asked about again
   * within a minute, not all at once.
   */
  public void accountsFollowed() {
    cache.shorten(new RenewalJitter(clock), Authentication::until);
  }

  @Override
  public @Nullable Authentication cached(CharSequence token) {
    return token.length() > Tokens.MAX_LENGTH ? null : cached(keys.of(token), token);
  }

  /** Makes the keys of its cache. */
  TokenKeys keys() {
    return keys;
  }

  /** As {@link #cached(CharSequence)}, with the token's key. */
  @Nullable Authentication cached(TokenKey key, CharSequence token) {
    Kept<Authentication> kept = cache.fresh(key);
    if (kept != null) {
      observer.cached(Kind.TOKEN, kept.stale());
      return kept.answer();
    }
    if (doubts.isHeld(key)) {
      return Authentication.undecided(Problem.DOUBTFUL.words(), clock.millis());
    }
    Authentication stale =
        reviewer.isDown()
            ? serveStale(key)
            : cache.serveStaleAgain(key, Authentication::staleUntil);
    if (stale != null) {
      observer.cached(Kind.TOKEN, true);
      // Its answer will be found in the cache.
      flights.join(key, () -> ask(key, token.toString(), TokenStatus.UNCHECKED));
    }
    return stale;
  }

  @Override
  public Future<Authentication> authenticate(CharSequence token, Object client) {
    String flaw = Tokens.flaw(token);
    if (flaw != null) {
      return Future.succeededFuture(rejected(flaw, Long.MAX_VALUE));
    }
    TokenKey key = keys.of(token);
    Authentication known = cached(key, token);
    return known != null
        ? Future.succeededFuture(known)
        : review(key, token.toString(), TokenStatus.UNCHECKED);
  }

  /** A caller whose last yes may still be used does not wait long for the next. */
  private Future<Authentication> renewed(TokenKey key, Future<Authentication> asked) {
    return cache.mayServeStale(key)
        ? StaleAfterDelay.with(reviewer, asked, () -> servedStale(key))
        : asked;
  }

  private @Nullable Authentication servedStale(TokenKey key) {
    Authentication stale = serveStale(key);
    if (stale != null) {
      observer.cached(Kind.TOKEN, true);
    }
    return stale;
  }

  private @Nullable Authentication serveStale(TokenKey key) {
    return cache.serveStale(key, Authentication::staleUntil);
  }

  /** Whether the last answer of the API server was a yes, however long ago. */
  boolean hasAccepted(TokenKey key) {
    return cache.wasYes(key);
  }

  /** Asks about a token that is not {@link #cached}. */
  Future<Authentication> review(TokenKey key, String token, TokenStatus standing) {
    return review(key, token, standing, () -> {});
  }

  /**
   * As {@link #review(TokenKey, String, TokenStatus)}.
   *
   * @param asked runs when the API server has been asked; not when another caller's question is
   *     joined or nobody has to be asked
   */
  Future<Authentication> review(TokenKey key, String token, TokenStatus standing, Runnable asked) {
    return renewed(key, flights.join(key, () -> ask(key, token, standing, asked)));
  }

  /** The answer about this very token that somebody waits for already; null when nobody does. */
  @Nullable Future<Authentication> reviewInProgress(TokenKey key) {
    Future<Authentication> asked = flights.inProgress(key);
    return asked == null ? null : renewed(key, asked);
  }

  private Future<Authentication> ask(TokenKey key, String token, TokenStatus standing) {
    return ask(key, token, standing, () -> {});
  }

  private Future<Authentication> ask(
      TokenKey key, String token, TokenStatus standing, Runnable asked) {
    // Another flight may have landed between the look into the cache and this one's start.
    Kept<Authentication> landed = cache.fresh(key);
    if (landed != null && !landed.stale()) {
      return Future.succeededFuture(landed.answer());
    }
    Claims claims = Tokens.claims(token);
    if (bound.anyGone(claims.boundTo())) {
      return Future.succeededFuture(rejectGone(key).answer());
    }
    ReviewPriority lane = cache.wasYes(key) ? ReviewPriority.KNOWN : ReviewPriority.UNKNOWN;
    if (standing == TokenStatus.FOREIGN && lane == ReviewPriority.UNKNOWN && !foreign.take()) {
      String problem = answers.tooManyForeign().problem();
      return Future.succeededFuture(Authentication.undecided(problem, clock.millis()));
    }
    long start = System.nanoTime();
    Future<ApiAnswer> review =
        reviewer.review(Kind.TOKEN, lane, () -> TokenReviews.request(token, audiences));
    asked.run();
    return review.map(answer -> {
      Settled settled =
          settle(
              key,
              new Asked(claims, standing, () -> TokenCause.rejected(token, audiences)),
              answer);
      observer.answered(Kind.TOKEN, settled.outcome(), System.nanoTime() - start);
      return settled.answer();
    });
  }

  private Settled settle(TokenKey key, Asked asked, ApiAnswer answer) {
    JsonObject status = answer.status();
    if (status == null) {
      return withoutAnswer(key, answer.problem());
    }
    try {
      TokenReviews.Finding finding = TokenReviews.read(status, audiences);
      User user = finding.user();
      return user == null ? reject(key, asked, finding) : accept(key, asked.claims, user);
    } catch (ClassCastException | IllegalArgumentException e) {
      return withoutAnswer(key, answers.garbage(Kind.TOKEN).problem());
    }
  }

  private Settled accept(TokenKey key, Claims claims, User user) {
    long now = clock.millis();
    long expiry = claims.expiryMillis();
    long freshUntil = Math.min(now + ttlMillis - reviewer.earlierMillis(ttlMillis), expiry);
    Proof proof = new Proof(Source.TOKEN_REVIEW, "", now, expiry, new Lease());
    Authentication accepted = Authentication.authenticated(users.intern(user), freshUntil, proof);
    long staleUntil = Math.min(now + ttlMillis + staleMillis, expiry);
    cache.keepYes(key, new Kept<>(accepted, freshUntil, staleUntil, false));
    doubts.end(key);
    // After it was kept: whatever goes later finds the token here.
    Set<String> uids = boundTo(claims, user);
    bound.bind(key, uids, this::keeps);
    return bound.anyGone(uids)
        ? rejectGone(key)
        : new Settled(accepted, ReviewObserver.Outcome.YES);
  }

  private static Set<String> boundTo(Claims claims, User user) {
    Set<String> uids = new HashSet<>(claims.boundTo());
    uids.addAll(user.extra().getOrDefault(POD_UID, List.of()));
    if (!user.uid().isEmpty()) {
      uids.add(user.uid());
    }
    return uids;
  }

  /** We know better than an API server that still remembers its answer of some seconds ago. */
  private Settled rejectGone(TokenKey key) {
    long until = clock.millis() + rejectedMillis;
    Authentication rejected =
        rejected("the account, Pod or Secret that the token is bound to is gone", until);
    cache.keepNo(key, rejected, until);
    return new Settled(rejected, ReviewObserver.Outcome.NO);
  }

  private Settled reject(TokenKey key, Asked asked, TokenReviews.Finding finding) {
    if (isDoubtful(key, asked, finding)) {
      // A client that was served comes back and is told soon; others could ask for ever.
      boolean held = asked.standing == TokenStatus.SIGNED && !cache.wasYes(key);
      if (doubts.isFirst(key, held)) {
        return doubt(key, finding);
      }
    }
    long until = clock.millis() + rejectedMillis;
    Authentication rejected = rejected(finding.reason(), until).because(asked.cause.get());
    cache.keepNo(key, rejected, until);
    return new Settled(rejected, ReviewObserver.Outcome.NO);
  }

  /**
   * A final rejection makes a collector drop data, and the API server also rejects a token when it
   * could not look something up. So a rejection is final only when its error is about the token,
   * and the token was not good before and is not well signed. A token that is well signed is
   * rejected only when the API server says that it has expired or is for another audience.
   */
  private boolean isDoubtful(TokenKey key, Asked asked, TokenReviews.Finding finding) {
    if (bound.anyGone(asked.claims.boundTo())) {
      return false;
    }
    boolean expired = asked.claims.expiryMillis() <= clock.millis();
    boolean wasGood = cache.wasYes(key) && !expired;
    boolean isGood = asked.standing == TokenStatus.SIGNED && !finding.lasting() && !expired;
    return !finding.plain() || wasGood || isGood;
  }

  private Settled doubt(TokenKey key, TokenReviews.Finding finding) {
    if (finding.plain()) {
      // Perhaps it was revoked: then it must not come back while the API server cannot be asked.
      cache.endYes(key);
    }
    String problem = answers.doubtful(finding.plain()).problem();
    return new Settled(
        Authentication.undecided(problem, clock.millis()), ReviewObserver.Outcome.UNDECIDED);
  }

  /** Nobody could be asked: an old yes serves for a moment, if there is one. */
  private Settled withoutAnswer(TokenKey key, String problem) {
    Authentication stale = servedStale(key);
    if (stale == null) {
      return new Settled(
          Authentication.undecided(problem, clock.millis()), ReviewObserver.Outcome.UNDECIDED);
    }
    return new Settled(stale, ReviewObserver.Outcome.UNDECIDED);
  }

  private static Authentication rejected(String reason, long until) {
    return Authentication.unauthenticated(reason, until, Source.TOKEN_REVIEW);
  }

  /** How many answers are kept; tidies up, so it is for a look now and then. */
  public long size() {
    return cache.size();
  }

  /**
   * What a token says of itself, and what was known about it before it was asked about.
   *
   * @param cause for the operator, should it be rejected
   */
  private record Asked(Claims claims, TokenStatus standing, Supplier<String> cause) {}

  /**
   * What becomes of a review.
   *
   * @param answer for the caller
   * @param outcome of the review itself, which a stale answer hides from the caller
   */
  private record Settled(Authentication answer, ReviewObserver.Outcome outcome) {}
}

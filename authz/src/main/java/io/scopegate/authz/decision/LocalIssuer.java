package io.scopegate.authz.decision;

import com.github.benmanes.caffeine.cache.Interner;
import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.Lease;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.TokenCheck;
import io.scopegate.authz.User;
import io.scopegate.authz.decision.AnswerCache.Kept;
import io.scopegate.authz.decision.KeySet.Finding;
import io.scopegate.authz.decision.TokenKeys.TokenKey;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An issuer whose tokens are decided about by its keys alone. What costs little is looked at first,
 * the signature last. A yes is kept by a keyed hash of the token until its {@code exp}, for five
 * minutes at most, and not beyond a change of the issuer's keys; a no is not kept, for finding it
 * again costs no more than keeping it.
 */
final class LocalIssuer {
  private static final long LONGEST_MILLIS = Duration.ofMinutes(5).toMillis();

  private final Rules rules;
  private final KeySet keys;
  private final InstantSource clock;
  private final ReviewObserver observer;
  private final AnswerCache<TokenKey, Authentication> cache;
  private final BoundTokens bound = new BoundTokens();
  private final Interner<User> users = Interner.newWeakInterner();

  /** How often answers were taken back: one that was on its way then must not be kept. */
  private final AtomicLong changes = new AtomicLong();

  /** What makes tokens of one issuer valid, and their users. */
  interface Rules {
    /** The source of the identity. */
    Proof.Source source();

    /**
     * Whether a token with this {@code iss} is one of its own.
     *
     * @param named the {@code iss}
     * @param issuer the issuer as its keys name it; null while they are not known
     */
    boolean isIssuer(String named, @Nullable String issuer);

    /** Whether it is meant for us. */
    boolean accepts(Jws jws, @Nullable String issuer);

    /** What it may be meant for; for the log. */
    List<String> audiences(@Nullable String issuer);

    /** Whose it is; only asked about a token that is well signed. */
    User user(Jws jws) throws TokenFlaw;

    /** The UIDs of the objects without which it is not good. */
    List<String> boundTo(Jws jws);

    /** The tenant that it names; empty when none. */
    String tenant(Jws jws);
  }

  LocalIssuer(
      Vertx vertx,
      KeySource source,
      Rules rules,
      int maxEntries,
      InstantSource clock,
      ReviewObserver observer) {
    this.rules = rules;
    this.clock = clock;
    this.observer = observer;
    this.cache =
        new AnswerCache<>(maxEntries, LONGEST_MILLIS, clock, a -> a.proof().lease(), this::changed);
    this.keys = new KeySet(vertx, source, clock, observer, this::keysChanged);
  }

  private void changed(TokenKey key) {
    bound.left(key, cache::keepsYes);
  }

  private void keysChanged() {
    changes.incrementAndGet();
    cache.clear();
  }

  /** Its keys. */
  KeySet keys() {
    return keys;
  }

  /** Whether this issuer decides about the token. */
  boolean isFor(Jws jws) {
    return isNamed(jws.issuer());
  }

  /** Whether this is the {@code iss} of its tokens. */
  boolean isNamed(String issuer) {
    return rules.isIssuer(issuer, keys.issuer());
  }

  /** Whether the token is meant for us by what this issuer's rules say. */
  boolean accepts(Jws jws) {
    return rules.accepts(jws, keys.issuer());
  }

  /** The answer, when it is known already. */
  @Nullable Authentication cached(TokenKey key) {
    Kept<Authentication> kept = cache.fresh(key);
    return kept == null ? null : kept.answer();
  }

  /** The answer; never fails, and completes on the caller's event loop. */
  Future<Authentication> authenticate(TokenKey key, Jws jws, Object client) {
    TokenCheck flaw = TokenTimes.flaw(jws, clock.millis());
    if (flaw == null && jws.expiryMillis() == Long.MAX_VALUE) {
      flaw = TokenCheck.CLAIMS;
    }
    if (flaw == null && !rules.accepts(jws, keys.issuer())) {
      // Without its keys it may not even be known what it has to be meant for.
      flaw = keys.isKnown() ? TokenCheck.AUDIENCE : null;
    }
    return flaw != null ? Future.succeededFuture(refused(flaw, jws)) : check(key, jws, client);
  }

  private Future<Authentication> check(TokenKey key, Jws jws, Object client) {
    long before = changes.get();
    return signed(key, jws, client)
        .map(finding -> {
          Authentication answer = decide(key, jws, finding);
          if (changes.get() != before) {
            cache.forget(key);
          }
          return answer;
        });
  }

  /**
   * A signature that was good stays good as long as the keys are the same, and others end what is
   * kept. So accepted callers do not queue behind a flood of forged tokens every five minutes.
   */
  private Future<Finding> signed(TokenKey key, Jws jws, Object client) {
    return cache.wasYes(key) ? Future.succeededFuture(Finding.SIGNED) : keys.check(jws, client);
  }

  private Authentication decide(TokenKey key, Jws jws, Finding finding) {
    return switch (finding) {
      case SIGNED -> accept(key, jws);
      case FORGED -> refused(TokenCheck.SIGNATURE, keys.cause(jws));
      case UNDECIDED -> undecided(TokenCheck.UNDECIDED, keys.words(), keys.cause(jws));
      case BUSY -> undecided(TokenCheck.BUSY, TokenCheck.BUSY.words(), "");
    };
  }

  private Authentication accept(TokenKey key, Jws jws) {
    if (!rules.accepts(jws, keys.issuer()) || !isFor(jws)) {
      return refused(TokenCheck.AUDIENCE, jws);
    }
    User user;
    try {
      user = users.intern(rules.user(jws));
    } catch (TokenFlaw e) {
      return refused(e.check(), e.exactly());
    }
    observer.checked(TokenCheck.GOOD);
    long now = clock.millis();
    long end = TokenTimes.endMillis(jws, now);
    long until = Math.min(end, now + LONGEST_MILLIS);
    Proof proof = new Proof(rules.source(), rules.tenant(jws), now, end, new Lease());
    Authentication accepted = Authentication.authenticated(user, until, proof);
    cache.keepYes(key, new Kept<>(accepted, until, until, false));
    bound.bind(key, rules.boundTo(jws), cache::keepsYes);
    return accepted;
  }

  private Authentication undecided(TokenCheck why, String words, String cause) {
    observer.checked(why);
    return Authentication.undecided(words, clock.millis()).because(cause);
  }

  private Authentication refused(TokenCheck flaw, Jws jws) {
    return refused(flaw, TokenCause.of(flaw, jws, rules.audiences(keys.issuer())));
  }

  private Authentication refused(TokenCheck flaw, String cause) {
    observer.checked(flaw);
    return Authentication.unauthenticated(flaw.words(), clock.millis(), rules.source())
        .because(cause);
  }

  /** An object is gone: forgets the answers about tokens that are bound to it. */
  void gone(String uid) {
    changes.incrementAndGet();
    bound.gone(uid).forEach(cache::forget);
  }

  long size() {
    return cache.size();
  }

  /** Stops reading keys and verifying signatures. */
  void close() {
    keys.close();
  }
}

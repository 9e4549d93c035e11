package io.scopegate.authz;

import org.jspecify.annotations.Nullable;

/**
 * The result of authenticating a caller.
 *
 * @param outcome what came out
 * @param user who it is; present exactly when the outcome is {@link Outcome#AUTHENTICATED}
 * @param reason why not, in words for the caller; empty for an authenticated user; never holds any
 *     part of a token
 * @param validUntilMillis the wall-clock time, in milliseconds since the epoch, after which this
 *     answer must not be used any more ({@code exp} of the token included)
 * @param proof what the answer rests on
 * @param cause what exactly was wrong, in words for the operator: for logs, never for the caller,
 *     since it may say what is expected here; empty when the reason says it all; never holds any
 *     part of a token but single claims
 */
public record Authentication(
    Outcome outcome,
    @Nullable User user,
    String reason,
    long validUntilMillis,
    Proof proof,
    String cause) {

  /** The three possible outcomes. */
  public enum Outcome {
    /** The token is good. */
    AUTHENTICATED,
    /** The token was rejected by something that can verify it. */
    UNAUTHENTICATED,
    /** Nothing that can decide was reachable: the caller should retry. */
    UNDECIDED
  }

  /** Refuses an authenticated answer without a user and the other way round. */
  public Authentication {
    if ((outcome == Outcome.AUTHENTICATED) != (user != null)) {
      throw new IllegalArgumentException("user: " + user + " (expected: fits " + outcome + ")");
    }
  }

  /** An answer whose reason says it all. */
  public Authentication(
      Outcome outcome, @Nullable User user, String reason, long validUntilMillis, Proof proof) {
    this(outcome, user, reason, validUntilMillis, proof, "");
  }

  /** An answer without details of what it is based on. */
  public Authentication(
      Outcome outcome, @Nullable User user, String reason, long validUntilMillis) {
    this(outcome, user, reason, validUntilMillis, Proof.NONE);
  }

  /** The credential is this user's. */
  public static Authentication authenticated(User user, long validUntilMillis, Proof proof) {
    return new Authentication(Outcome.AUTHENTICATED, user, "", validUntilMillis, proof);
  }

  /**
   * The credential is not good.
   *
   * @param reason why, in words for the caller
   */
  public static Authentication unauthenticated(
      String reason, long validUntilMillis, Proof.Source source) {
    return new Authentication(
        Outcome.UNAUTHENTICATED, null, reason, validUntilMillis, Proof.of(source));
  }

  /** The credential could not be checked, for this reason. */
  public static Authentication undecided(String reason, long nowMillis) {
    return new Authentication(Outcome.UNDECIDED, null, reason, nowMillis);
  }

  /** This answer with what exactly was wrong. */
  public Authentication because(String exactly) {
    return new Authentication(outcome, user, reason, validUntilMillis, proof, exactly);
  }

  /** This answer with another expiry; it is not stale. */
  public Authentication until(long untilMillis) {
    return new Authentication(outcome, user, reason, untilMillis, proof, cause);
  }

  /** This answer, expired but used until then because the API server cannot be asked. */
  public Authentication staleUntil(long untilMillis) {
    return new Authentication(outcome, user, reason, untilMillis, proof.asStale(), cause);
  }

  /**
   * What an answer is based on.
   *
   * @param source who said so
   * @param tenant the tenant that the credential itself names, by a claim or its certificate; empty
   *     when it names none
   * @param answeredMillis when it was said, in milliseconds since the epoch; 0 when not known
   * @param notAfterMillis when the credential itself expires: the {@code exp} of a token, the end
   *     of a certificate; {@link Long#MAX_VALUE} when it does not say
   * @param lease ends when the answer may have changed before its time
   * @param stale whether the answer has expired and is used because the API server cannot be asked
   */
  public record Proof(
      Source source,
      String tenant,
      long answeredMillis,
      long notAfterMillis,
      Lease lease,
      boolean stale) {
    /** No details. */
    public static final Proof NONE = of(Source.NONE);

    /** Within its time. */
    public Proof(
        Source source, String tenant, long answeredMillis, long notAfterMillis, Lease lease) {
      this(source, tenant, answeredMillis, notAfterMillis, lease, false);
    }

    /** Only who said so; the credential has no end of its own. */
    public static Proof of(Source source) {
      return new Proof(source, "", 0, Long.MAX_VALUE, new Lease());
    }

    private Proof asStale() {
      return stale ? this : new Proof(source, tenant, answeredMillis, notAfterMillis, lease, true);
    }

    /**
     * What established the identity. Those here are the gateway's; a further {@code TokenSource}
     * makes its own.
     *
     * @param label one word for logs, in snake case
     * @param words what it is, for people; empty when nothing established the identity
     */
    public record Source(String label, String words) {
      /** Nothing: there was no credential, or it could not be checked. */
      public static final Source NONE = new Source("none", "");

      /** The API server. */
      public static final Source TOKEN_REVIEW = new Source("token_review", "TokenReview");

      /** The gateway itself, by the keys of the cluster. */
      public static final Source CLUSTER_KEYS =
          new Source("cluster_keys", "the keys of the cluster");

      /** The gateway itself, by the keys of an issuer. */
      public static final Source OIDC = new Source("oidc", "the keys of an OpenID Connect issuer");

      /** The file of static tokens. */
      public static final Source STATIC_TOKEN =
          new Source("static_token", "the file of static tokens");

      /** A client certificate. */
      public static final Source CERTIFICATE =
          new Source("certificate", "the client's certificate");
    }
  }
}

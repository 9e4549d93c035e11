package io.scopegate.gateway.limit;

import io.scopegate.config.DataSize;
import io.scopegate.gateway.answer.Refusal;

/** A rate limit of one owner, and the refusal of requests over it. */
final class RateLimit {
  private final LimitKind kind;
  private final Bucket bucket;
  private final String text;

  /**
   * A limit.
   *
   * @param owner who is held to it, as refusals name it
   */
  RateLimit(String owner, LimitKind kind, Bucket bucket) {
    this.kind = kind;
    this.bucket = bucket;
    this.text =
        "limit: "
            + owner
            + " is over "
            + kind.label()
            + " (expected: at most "
            + perSecond(kind, bucket.rate().perSecond())
            + " a second)";
  }

  private static String perSecond(LimitKind kind, double rate) {
    if (kind.isBytes()) {
      return new DataSize((long) rate).toString();
    }
    return rate == Math.rint(rate) ? Long.toString((long) rate) : Double.toString(rate);
  }

  LimitKind kind() {
    return kind;
  }

  Bucket bucket() {
    return bucket;
  }

  /** The text of the refusal. */
  String text() {
    return text;
  }

  /**
   * How long a request has to wait.
   *
   * @param nanos until its amount is there
   * @param allowance what is there now
   */
  record Wait(long nanos, Refusal.Allowance allowance) {
    /** Not at all. */
    static final Wait NONE = new Wait(0, new Refusal.Allowance(0, 0, 0));
  }

  /** How long a request for an amount that is not available has to wait, as of now. */
  Wait untilThere(long amount) {
    long nanos = bucket.nanosUntil(amount);
    return new Wait(
        nanos,
        new Refusal.Allowance(
            (long) bucket.rate().perSecond(),
            Math.max(0, bucket.available()),
            Delays.seconds(nanos)));
  }

  /** The refusal of a request for an amount that is not available. */
  Refusal refusal(long amount, Delays delays) {
    return refusal(untilThere(amount), delays);
  }

  /** The refusal of a request that has to wait. */
  Refusal refusal(Wait wait, Delays delays) {
    return Refusal.overRate(text, delays.millis(wait.nanos()), wait.allowance());
  }
}

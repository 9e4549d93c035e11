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

  /** The refusal of a request for an amount that is not available. */
  Refusal refusal(long amount, Delays delays) {
    long nanos = bucket.nanosUntil(amount);
    return Refusal.overRate(
        text,
        delays.millis(nanos),
        new Refusal.Allowance(
            (long) bucket.rate().perSecond(),
            Math.max(0, bucket.available()),
            Delays.seconds(nanos)));
  }
}

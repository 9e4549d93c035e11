package io.scopegate.gateway.forward;

/**
 * How long a read may take before it is sent to a second server: a percentile of what the latest
 * ones took, known to a quarter. Of one event loop; it allocates nothing once it is made.
 */
final class HedgeDelay {
  private static final int BUCKETS = 64;
  private static final double GROWTH = 1.25;
  private static final long FIRST_NANOS = 1_000_000;

  /** With fewer times than this a percentile says nothing. */
  private static final int ENOUGH = 100;

  /** After so many times what is older counts half. */
  private static final int FORGET = 2_000;

  /** It is computed again after so many. */
  private static final int STEP = 32;

  private final long leastNanos;
  private final int percentile;
  private final int[] counts = new int[BUCKETS];
  private int all;
  private int since;
  private long nanos;

  HedgeDelay(HedgingConfig config) {
    leastNanos = config.after().toNanos();
    percentile = config.percentile();
    nanos = leastNanos;
  }

  /** The delay now. */
  long nanos() {
    return nanos;
  }

  /** A read took so long until its answer began. */
  void took(long nanos) {
    counts[bucket(nanos)]++;
    all++;
    if (all >= FORGET) {
      all = 0;
      for (int i = 0; i < BUCKETS; i++) {
        counts[i] /= 2;
        all += counts[i];
      }
    }
    if (++since >= STEP) {
      since = 0;
      compute();
    }
  }

  private static int bucket(long nanos) {
    if (nanos <= FIRST_NANOS) {
      return 0;
    }
    double at = Math.log((double) nanos / FIRST_NANOS) / Math.log(GROWTH);
    return Math.min(BUCKETS - 1, (int) Math.ceil(at));
  }

  private void compute() {
    if (percentile == 0 || all < ENOUGH) {
      return;
    }
    long wanted = (long) Math.ceil((double) all * percentile / 100);
    int i = 0;
    for (long seen = counts[0]; seen < wanted && i < BUCKETS - 1; seen += counts[i]) {
      i++;
    }
    nanos = Math.max(leastNanos, (long) (FIRST_NANOS * Math.pow(GROWTH, i)));
  }
}

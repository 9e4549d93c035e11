package io.scopegate.gateway.telemetry;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * So many in each second, shared fairly: who wanted no more than the others in the seconds before
 * has as many as then, whatever others want now. What is left goes to those who come first. For one
 * thread.
 */
final class FairSeconds {
  private static final long SECOND_NANOS = 1_000_000_000L;

  /** So many are told apart; those beyond share one part. */
  static final int MOST_OWNERS = 1_024;

  private static final String OTHERS = "";

  private final int perSecond;
  private final Map<String, Wish> owners = new HashMap<>();
  private long sinceNanos;
  private int taken;
  private boolean begun;

  /** What each may have, where not all could have what they wanted; else what is spare. */
  private int level;

  private boolean isEnough = true;

  /** What one owner has and had wanted. */
  private static final class Wish {
    int now;
    int before;
    int taken;
  }

  FairSeconds(int perSecond) {
    this.perSecond = perSecond;
    this.level = perSecond;
  }

  /** Whether nobody gets one more in the second that goes on. */
  boolean isSpent(long nowNanos) {
    keepTime(nowNanos);
    return taken >= perSecond;
  }

  /** This owner wanted one more, and got none since {@link #isSpent}; it counts all the same. */
  void misses(String owner, long nowNanos) {
    keepTime(nowNanos);
    wish(owner).now++;
  }

  /** Whether one more for this owner fits into the second that goes on. */
  boolean takes(String owner, long nowNanos) {
    keepTime(nowNanos);
    Wish wish = wish(owner);
    wish.now++;
    int share = isEnough ? wish.before + level : level;
    if (taken >= perSecond || wish.taken >= share) {
      return false;
    }
    taken++;
    wish.taken++;
    return true;
  }

  private void keepTime(long nowNanos) {
    if (!begun || nowNanos - sinceNanos >= SECOND_NANOS) {
      begin(nowNanos);
    }
  }

  private Wish wish(String owner) {
    Wish known = owners.get(owner);
    if (known != null) {
      return known;
    }
    String key = owners.size() < MOST_OWNERS ? owner : OTHERS;
    return owners.computeIfAbsent(key, ignored -> new Wish());
  }

  /** A wish is forgotten by half each second: nobody becomes a newcomer by a pause. */
  private void begin(long nowNanos) {
    begun = true;
    sinceNanos = nowNanos;
    taken = 0;
    owners
        .values()
        .removeIf(wish -> {
          wish.before = Math.max(wish.now, wish.before / 2);
          wish.now = 0;
          wish.taken = 0;
          return wish.before == 0;
        });
    share(owners.values().stream().mapToInt(wish -> wish.before).sorted().toArray());
  }

  /** The greatest level at which all have what they want, or that much. */
  private void share(int[] wanted) {
    long sum = Arrays.stream(wanted).asLongStream().sum();
    isEnough = sum <= perSecond;
    level = (int) (perSecond - sum);
    if (isEnough) {
      return;
    }
    int left = perSecond;
    for (int i = 0; i < wanted.length; i++) {
      int each = left / (wanted.length - i);
      if (wanted[i] > each) {
        level = Math.max(1, each);
        return;
      }
      left -= wanted[i];
    }
  }
}

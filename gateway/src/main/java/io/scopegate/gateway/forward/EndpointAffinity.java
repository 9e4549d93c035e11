package io.scopegate.gateway.forward;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoint requests of a key get: the one with the least number for it, by rendezvous
 * hashing, so that all event loops and all gateways choose the same, and one that comes or goes
 * moves only its own part of the keys. One that has more to do than the others, or is to get less
 * than its share, is passed over for the next.
 */
final class EndpointAffinity {
  /** How many times the mean an endpoint may have under way. */
  private static final double MOST_LOAD = 1.25;

  /** And so many more, since with little load a mean says little. */
  private static final int MORE_LOAD = 2;

  private static final double UNIT = 0x1.0p-53;

  private final RandomGenerator random;

  EndpointAffinity(RandomGenerator random) {
    this.random = random;
  }

  /** Chooses; null when each of them is to be passed over. */
  <T extends EndpointChoice.Candidate> @Nullable T of(List<T> all, long key, long nowNanos) {
    long load = 1;
    long weights = 0;
    for (int i = 0; i < all.size(); i++) {
      load += all.get(i).load();
      weights += all.get(i).weight();
    }
    double most = MOST_LOAD * load / weights;
    T best = null;
    double bestScore = 0;
    for (int i = 0; i < all.size(); i++) {
      T one = all.get(i);
      double score = score(one, key);
      if ((best == null || score < bestScore)
          && one.load() <= most * one.weight() + MORE_LOAD
          && gets(one, nowNanos)) {
        best = one;
        bestScore = score;
      }
    }
    return best;
  }

  /** The least wins: with a weight of two twice as often. */
  private static double score(EndpointChoice.Candidate one, long key) {
    double part = ((Affinity.mixed(one.identity() ^ key) >>> 11) + 1) * UNIT;
    return -Math.log(part) / one.weight();
  }

  private boolean gets(EndpointChoice.Candidate one, long nowNanos) {
    double part = one.part(nowNanos);
    return part >= 1 || random.nextDouble() < part;
  }
}

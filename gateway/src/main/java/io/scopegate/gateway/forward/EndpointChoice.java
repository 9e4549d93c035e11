package io.scopegate.gateway.forward;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoint gets a request: of two at random the one with less under way. One that is to get
 * less than its share steps back as often, and load is seen by weight.
 */
final class EndpointChoice {
  private final RandomGenerator random;

  /** What may be chosen. */
  interface Candidate {
    /** Requests under way and waiting. */
    int load();

    /** The part of its share that it is to get, 0 to 1. */
    double part(long nowNanos);

    /** Its share against others; at least 1. */
    default int weight() {
      return 1;
    }

    /** A number of its own, the same wherever it is asked for. */
    default long identity() {
      return 0;
    }
  }

  EndpointChoice(RandomGenerator random) {
    this.random = random;
  }

  /**
   * Chooses.
   *
   * @param not one that is not wanted; null for none
   * @return null when there is no other
   */
  <T extends Candidate> @Nullable T of(List<T> all, @Nullable T not, long nowNanos) {
    int unwanted = not == null ? -1 : all.indexOf(not);
    int n = all.size() - (unwanted < 0 ? 0 : 1);
    if (n == 0) {
      return null;
    }
    if (n == 1) {
      return all.get(skip(0, unwanted));
    }
    int first = random.nextInt(n);
    int second = random.nextInt(n - 1);
    second += second >= first ? 1 : 0; // another one, each as often
    return better(all.get(skip(first, unwanted)), all.get(skip(second, unwanted)), nowNanos);
  }

  /**
   * Chooses where weights differ: each of the two is drawn by its weight.
   *
   * @param not one that is not wanted; null for none
   * @return null when there is no other
   */
  <T extends Candidate> @Nullable T byWeight(List<T> all, @Nullable T not, long nowNanos) {
    T first = drawn(all, not, null);
    T second = first == null ? null : drawn(all, not, first);
    return first == null || second == null ? first : better(first, second, nowNanos);
  }

  private <T extends Candidate> @Nullable T drawn(
      List<T> all, @Nullable T not, @Nullable T norThis) {
    long total = 0;
    for (T one : all) {
      total += one == not || one == norThis ? 0 : one.weight();
    }
    long at = total == 0 ? 0 : random.nextLong(total);
    for (T one : all) {
      if (one != not && one != norThis) {
        at -= one.weight();
        if (at < 0) {
          return one;
        }
      }
    }
    return null;
  }

  private static int skip(int index, int unwanted) {
    return unwanted >= 0 && index >= unwanted ? index + 1 : index;
  }

  private <T extends Candidate> T better(T one, T other, long nowNanos) {
    boolean first = stepsForward(one, nowNanos);
    boolean second = stepsForward(other, nowNanos);
    if (first != second) {
      return first ? one : other;
    }
    return (long) other.load() * one.weight() < (long) one.load() * other.weight() ? other : one;
  }

  private boolean stepsForward(Candidate one, long nowNanos) {
    double part = one.part(nowNanos);
    return part >= 1 || random.nextDouble() < part;
  }
}

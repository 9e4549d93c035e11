package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The limit against a server that is simulated, by a clock that is, too. */
class ConcurrencyLimitTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;

  /** So many requests wait all the time that the limit is always used. */
  private static final int ANY = Integer.MAX_VALUE;

  private static ConcurrencyConfig config(int initial, int min, int max) {
    return new ConcurrencyConfig(initial, min, max, 150, Duration.ZERO);
  }

  /** A server with so many processors, each for one request at a time; others queue there. */
  private static final class Server {
    final ConcurrencyLimit limit;
    private final SplittableRandom random = new SplittableRandom(1);
    private final PriorityQueue<long[]> running =
        new PriorityQueue<>((one, other) -> Long.compare(one[0], other[0]));
    private final PriorityQueue<Long> free = new PriorityQueue<>();
    int processors;
    long serviceNanos = 10 * MILLI;
    boolean fails;
    int wanted = ANY;
    int answered;
    private long nowNanos;

    Server(int processors, ConcurrencyConfig config) {
      this.processors = processors;
      limit = new ConcurrencyLimit(config, 1, 0);
    }

    /** Lets time pass; returns how many answers came each second. */
    int run(long nanos) {
      int before = answered;
      long end = nowNanos + nanos;
      while (nowNanos < end) {
        while (running.size() < Math.min(wanted, limit.now())) {
          begin();
        }
        long[] next = running.poll();
        nowNanos = Math.max(nowNanos, next[0]);
        limit.answered(nowNanos - next[1], fails, running.size() + 1, nowNanos);
        answered++;
      }
      return (int) ((answered - before) * SECOND / nanos);
    }

    private void begin() {
      while (free.size() < processors) {
        free.add(nowNanos);
      }
      while (free.size() > processors) {
        free.poll();
      }
      long start = Math.max(nowNanos, free.poll());
      // some take a tenth, some ten times as long as most
      double factor = Math.exp(random.nextGaussian() * 0.7);
      long done = start + (long) (serviceNanos * factor);
      free.add(done);
      running.add(new long[] {done, nowNanos});
    }

    /** What it answers in a second when it is never idle. */
    int capacity() {
      return (int) (processors * SECOND / (serviceNanos * Math.exp(0.7 * 0.7 / 2)));
    }
  }

  @Test
  void itSettlesNearTheKneeFromBothSides() {
    for (int initial : new int[] {2, 20, 400}) {
      Server server = new Server(20, config(initial, 1, 1000));
      server.run(60 * SECOND);
      int rate = server.run(20 * SECOND);
      assertThat(server.limit.now()).as("from %d", initial).isBetween(12, 60);
      assertThat(rate).as("from %d", initial).isGreaterThan(server.capacity() * 85 / 100);
    }
  }

  @Test
  void itGrowsWhenTheServerGetsFaster() {
    Server server = new Server(10, config(20, 1, 1000));
    server.run(60 * SECOND);
    int before = server.limit.now();
    server.processors = 100;
    server.run(60 * SECOND);
    assertThat(before).isLessThan(35);
    assertThat(server.limit.now()).isGreaterThan(75);
    assertThat(server.run(20 * SECOND)).isGreaterThan(server.capacity() * 80 / 100);
  }

  @Test
  void itShrinksWhenTheServerHasLess() {
    Server server = new Server(100, config(20, 1, 1000));
    server.run(120 * SECOND);
    assertThat(server.limit.now()).isGreaterThan(75);
    server.processors = 10;
    server.run(60 * SECOND);
    assertThat(server.limit.now()).isBetween(6, 35);
  }

  @Test
  void aServerThatIsSlowerForAnotherReasonIsNotHeldDown() {
    Server server = new Server(50, config(20, 1, 1000));
    server.run(60 * SECOND);
    server.serviceNanos = 50 * MILLI;
    server.run(120 * SECOND);
    assertThat(server.run(20 * SECOND)).isGreaterThan(server.capacity() * 75 / 100);
  }

  @Test
  void itStaysWhereItIsWhenNobodyNeedsMore() {
    Server server = new Server(100, config(40, 1, 1000));
    server.wanted = 10;
    server.run(60 * SECOND);
    assertThat(server.limit.now()).isBetween(30, 40);
  }

  @Test
  void failuresMakeItLess() {
    Server server = new Server(100, config(40, 4, 1000));
    server.fails = true;
    server.run(60 * SECOND);
    assertThat(server.limit.now()).isEqualTo(4);
  }

  @Test
  void itStaysWithinItsBoundsWhichLoopsShare() {
    ConcurrencyConfig config = config(40, 4, 100);
    assertThat(new ConcurrencyLimit(config, 4, 0).now()).isEqualTo(10);
    assertThat(new ConcurrencyLimit(config, 400, 0).now()).as("one at least").isEqualTo(1);
    Server server = new Server(1000, config);
    server.run(60 * SECOND);
    assertThat(server.limit.now()).isBetween(50, 100);
  }
}

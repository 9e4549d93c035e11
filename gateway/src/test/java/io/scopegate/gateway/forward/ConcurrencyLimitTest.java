package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The limit against a server that is simulated, by a clock that is, too. */
class ConcurrencyLimitTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;

  /** So many requests wait all the time that the limit is always used. */
  private static final int ANY = Integer.MAX_VALUE;

  private static ConcurrencyConfig config(int initial, int min, int max) {
    return new ConcurrencyConfig(initial, min, max, 150, Duration.ZERO);
  }

  /**
   * A server with so many processors that all requests share, however many there are, for one event
   * loop or several, of processes whose clocks show different times.
   */
  private static final class Server {
    private final List<Loop> loops;
    private final SplittableRandom random = new SplittableRandom(1);
    private final List<Request> running = new ArrayList<>();
    int processors;
    long serviceNanos = 10 * MILLI;
    boolean fails;
    int wanted = ANY;
    private long nowNanos;

    /**
     * An event loop.
     *
     * @param clockNanos what its clock shows when another one shows zero
     */
    private record Loop(ConcurrencyLimit limit, long clockNanos) {
      static Loop of(ConcurrencyConfig config, int parts, int number) {
        long clock = number * 7 * SECOND;
        return new Loop(new ConcurrencyLimit(config, parts, clock, -clock), clock);
      }
    }

    /** What is left to do of a request, in nanoseconds of a processor. */
    private static final class Request {
      final Loop loop;
      final long sinceNanos;
      double left;

      Request(Loop loop, long sinceNanos, double left) {
        this.loop = loop;
        this.sinceNanos = sinceNanos;
        this.left = left;
      }
    }

    Server(int processors, ConcurrencyConfig config) {
      this(processors, config, 1);
    }

    Server(int processors, ConcurrencyConfig config, int parts) {
      this.processors = processors;
      loops = IntStream.range(0, parts).mapToObj(i -> Loop.of(config, parts, i)).toList();
    }

    /** The limits of all event loops. */
    int limit() {
      return loops.stream().mapToInt(loop -> loop.limit().now()).sum();
    }

    /** Lets time pass; returns how many answers came each second. */
    int run(long nanos) {
      int answered = 0;
      for (long end = nowNanos + nanos; nowNanos < end; answered++) {
        loops.forEach(this::beginAll);
        Request next = Collections.min(running, Comparator.comparingDouble(one -> one.left));
        double speed = Math.min(1, (double) processors / running.size());
        double done = next.left;
        running.forEach(one -> one.left -= done);
        nowNanos += (long) (done / speed);
        running.remove(next);
        ConcurrencyLimit limit = next.loop.limit();
        limit.answered(nowNanos - next.sinceNanos, fails, nowNanos + next.loop.clockNanos());
        limit.ended(true);
      }
      return (int) (answered * SECOND / nanos);
    }

    private void beginAll(Loop loop) {
      while (loop.limit().free(nowNanos + loop.clockNanos()) > 0 && wantsMore(loop)) {
        // some take a tenth, some ten times as long as most
        double factor = Math.exp(random.nextGaussian() * 0.7);
        running.add(new Request(loop, nowNanos, serviceNanos * factor));
        loop.limit().sent();
      }
    }

    /** Clients keep to an event loop, as connections do. */
    private boolean wantsMore(Loop loop) {
      return wanted == ANY
          || running.stream().filter(one -> one.loop == loop).count() < wanted / loops.size();
    }

    /** What it answers in a second when it is never idle. */
    int capacity() {
      return (int) (processors * SECOND / (serviceNanos * Math.exp(0.7 * 0.7 / 2)));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 8, 12", "1, 40, 12", "2, 8, 16", "2, 40, 16", "2, 400, 16", "4, 40, 24"})
  void aSmallServerIsNotGivenMoreAndMore(int loops, int initial, int most) {
    Server server = new Server(2, config(initial, 4, 1000), loops);
    server.wanted = 48;
    server.run(60 * SECOND);
    for (int i = 0; i < 30; i++) {
      assertThat(server.run(2 * SECOND)).isGreaterThan(server.capacity() * 85 / 100);
      assertThat(server.limit()).isLessThanOrEqualTo(most);
    }
  }

  @Test
  void requestsThatTakeLongKeepNobodyOut() {
    ConcurrencyLimit limit = new ConcurrencyLimit(config(40, 4, 40), 1, 0, 0);
    for (int i = 0; i < 30; i++) { // streams whose answers have begun
      limit.sent();
      limit.answered(10 * MILLI, false, i);
    }
    int least = 40;
    for (long now = 0; now < 30 * SECOND; now += 10 * MILLI) {
      least = Math.min(least, limit.free(now));
      limit.sent();
      limit.answered(10 * MILLI, false, now);
      limit.ended(true);
    }
    assertThat(least).isGreaterThanOrEqualTo(4);
  }

  @Test
  void aProbeIsOverAfterASecond() {
    ConcurrencyLimit limit = new ConcurrencyLimit(config(40, 1, 40), 1, 0, 0);
    for (int i = 0; i < 30; i++) {
      limit.sent(); // nobody answers them
    }
    long now = 0;
    while (limit.free(now) > 0) {
      now += 10 * MILLI;
      limit.sent();
      limit.answered(10 * MILLI, false, now);
      limit.ended(true);
    }
    assertThat(limit.free(now + SECOND - 1)).isNegative();
    assertThat(limit.free(now + SECOND)).isEqualTo(10);
  }

  @Test
  void itSettlesNearTheKneeFromBothSides() {
    for (int initial : new int[] {2, 20, 400}) {
      Server server = new Server(20, config(initial, 1, 1000));
      server.run(60 * SECOND);
      int rate = server.run(20 * SECOND);
      assertThat(server.limit()).as("from %d", initial).isBetween(12, 60);
      assertThat(rate).as("from %d", initial).isGreaterThan(server.capacity() * 85 / 100);
    }
  }

  @Test
  void itGrowsWhenTheServerGetsFaster() {
    Server server = new Server(10, config(20, 1, 1000));
    server.run(60 * SECOND);
    int before = server.limit();
    server.processors = 100;
    server.run(60 * SECOND);
    assertThat(before).isLessThan(35);
    assertThat(server.limit()).isGreaterThan(75);
    assertThat(server.run(20 * SECOND)).isGreaterThan(server.capacity() * 80 / 100);
  }

  @Test
  void itShrinksWhenTheServerHasLess() {
    Server server = new Server(100, config(20, 1, 1000));
    server.run(120 * SECOND);
    assertThat(server.limit()).isGreaterThan(75);
    server.processors = 10;
    server.run(60 * SECOND);
    assertThat(server.limit()).isBetween(6, 35);
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
    assertThat(server.limit()).isBetween(30, 40);
  }

  @Test
  void failuresMakeItLess() {
    Server server = new Server(100, config(40, 4, 1000));
    server.fails = true;
    server.run(60 * SECOND);
    assertThat(server.limit()).isEqualTo(4);
  }

  @Test
  void itStaysWithinItsBoundsWhichLoopsShare() {
    ConcurrencyConfig config = config(40, 4, 100);
    assertThat(new ConcurrencyLimit(config, 4, 0, 0).now()).isEqualTo(10);
    assertThat(new ConcurrencyLimit(config, 400, 0, 0).now()).as("one at least").isEqualTo(1);
    Server server = new Server(1000, config);
    server.run(60 * SECOND);
    assertThat(server.limit()).isBetween(50, 100);
  }
}

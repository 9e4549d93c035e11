package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.FaultTable.Outcome;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a scenario goes, under a load: what is measured before, meanwhile and afterwards, what has to
 * hold, and how often it comes.
 */
final class FaultWatch {
  private static final int REPEATS =
      repeats(System.getenv("SCOPEGATE_E2E_REPEAT"), System.getenv("SCOPEGATE_E2E_LONG"));

  private static final Duration BEFORE = Duration.ofSeconds(1);

  /** Reads of a cold gateway and client, or of what came before, which are no measure. */
  private static final int COLD = 20;

  /** The gateway notices within two seconds. */
  private static final Duration NOTICED = Duration.ofSeconds(2);

  /** A machine on which reads take long is busy, and gets more time. */
  private static final int MORE_TIMES = 10;

  private static final Duration MOST_NOTICED = Duration.ofSeconds(4);
  private static final Duration WATCHED = Duration.ofSeconds(2);

  /** What is less than that is no delay, on a machine that does other things as well. */
  private static final Duration NO_DELAY = Duration.ofMillis(250);

  private static final Duration USED_AGAIN = Duration.ofSeconds(30);

  private final ConstantLoad load;

  FaultWatch(ConstantLoad load) {
    this.load = load;
  }

  private static int repeats(@Nullable String repeat, @Nullable String isLong) {
    return repeat != null ? Integer.parseInt(repeat) : "true".equals(isLong) ? 10 : 1;
  }

  /** Each row as often as this run wants it: once, unless the environment says otherwise. */
  @SafeVarargs
  static <T> Stream<T> times(T... rows) {
    return Stream.of(rows).flatMap(row -> IntStream.range(0, REPEATS).mapToObj(i -> row));
  }

  /** How often a row comes. */
  static int repeats() {
    return REPEATS;
  }

  /**
   * One of several servers falls ill, and gets well.
   *
   * @param begin makes it ill
   * @param end makes it well
   * @param asked how many requests it has got
   */
  void illness(String scenario, Runnable begin, Runnable end, LongSupplier asked) {
    Outcome row = FaultTable.begin(scenario);
    Duration normal = normal(row);
    long began = System.nanoTime();
    try {
      begin.run();
      Until.passed(noticed(normal));
      hasNoticed(row, began, normal);
    } finally {
      end.run();
    }
    long before = asked.getAsLong();
    long well = System.nanoTime();
    Until.holds("it is used again", USED_AGAIN, () -> asked.getAsLong() > before + 3);
    row.usedAgain(Duration.ofNanos(System.nanoTime() - well));
    nothingIsLost(row);
  }

  /** One of several servers is slow for a while; no read fails. */
  void delay(String scenario, Runnable begin, Runnable end) {
    Outcome row = FaultTable.begin(scenario);
    normal(row);
    long began = System.nanoTime();
    try {
      begin.run();
      Until.passed(WATCHED);
      unnoticed(row, began);
    } finally {
      end.run();
    }
    nothingIsLost(row);
  }

  /**
   * Something changes while all is well.
   *
   * @param name what
   * @param does it, and returns when it is done
   */
  record Change<T>(String name, Consumer<T> does) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Something changes, and no read fails. */
  <T> void change(Change<T> change, T where) {
    change(change.name(), row -> change.does().accept(where));
  }

  /**
   * The same, where more is measured than what becomes of reads.
   *
   * @param change does it, and returns when it is done
   */
  void change(String scenario, Consumer<Outcome> change) {
    Outcome row = FaultTable.begin(scenario);
    normal(row);
    long began = System.nanoTime();
    change.accept(row);
    unnoticed(row, began);
    nothingIsLost(row);
  }

  private void unnoticed(Outcome row, long sinceNanos) {
    ReadLog.Reads all = load.readsSince(sinceNanos);
    row.failed(0, all.failed().size());
    row.then(all.p99());
    assertThat(all.failed()).isEmpty();
  }

  /** The p99 of reads now. */
  Duration normal(Outcome row) {
    long since = System.nanoTime();
    Until.holds("it reads", USED_AGAIN, () -> load.goodReadsSince(since) >= COLD);
    long began = System.nanoTime();
    Until.passed(BEFORE);
    Duration normal = load.readsSince(began).p99();
    row.normal(normal);
    return normal;
  }

  /** Within which time the gateway has to have noticed, by how long reads take on this machine. */
  static Duration noticed(Duration normal) {
    Duration all = NOTICED.plus(normal.multipliedBy(MORE_TIMES));
    return all.compareTo(MOST_NOTICED) < 0 ? all : MOST_NOTICED;
  }

  /**
   * From now on no read fails, reads take about as long as they did, and none is left that began
   * before and waits for who will not answer.
   *
   * @param beganNanos since when the gateway might have noticed
   */
  void hasNoticed(Outcome row, long beganNanos, Duration normal) {
    long fromNanos = System.nanoTime();
    Duration limit = limit(normal);
    Until.passed(WATCHED);
    ReadLog.Reads all = load.readsSince(beganNanos);
    ReadLog.Reads then = all.from(fromNanos);
    row.failed(all.failed().size() - then.failed().size(), then.failed().size());
    row.noticed(all.lastBad(beganNanos, limit));
    row.then(then.p99());
    assertThat(then.failed())
        .as("reads that failed after %s", since(beganNanos, fromNanos))
        .isEmpty();
    assertThat(all.underWay(fromNanos, limit))
        .as(
            "reads that began before, and went on for %s after %s",
            limit, since(beganNanos, fromNanos))
        .isEmpty();
    assertThat(then.p99()).as("p99, before %s", normal).isLessThan(limit);
  }

  private static Duration since(long beganNanos, long nowNanos) {
    return Duration.ofNanos(nowNanos - beganNanos);
  }

  private static Duration limit(Duration normal) {
    Duration twice = normal.multipliedBy(2);
    Duration more = normal.plus(NO_DELAY);
    return twice.compareTo(more) > 0 ? twice : more;
  }

  /** All spans have arrived, and no stream has ended with a status that nobody tries again. */
  void nothingIsLost(Outcome row) {
    long lost = load.lostSpans();
    row.lostSpans(lost);
    assertThat(lost).as("spans that have not arrived").isZero();
    assertThat(load.hasDroppedSpans()).as("the collector has dropped spans").isFalse();
    assertThat(load.lostStreams()).isEmpty();
    row.passed();
  }
}

package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.Fault;
import io.scopegate.testkit.tempo.Surface;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What becomes of a real collector, of readers and of streams while servers, gateways and the API
 * server come, go and fail. A fault is a row: what happens, and how it ends. Whatever it is, no
 * span is lost, no stream ends with a status that its client does not try again, and no read fails
 * once the gateway has noticed, or takes longer than before. {@code SCOPEGATE_E2E_REPEAT} says how
 * often each row comes, once by default, ten times with {@code SCOPEGATE_E2E_LONG=true}. What was
 * measured is in {@code target/faults.tsv}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultsIT {
  private static final boolean LONG = "true".equals(System.getenv("SCOPEGATE_E2E_LONG"));
  private static final int TIMES = times(System.getenv("SCOPEGATE_E2E_REPEAT"));

  /** The gateway notices within two seconds. */
  private static final Duration NOTICED = Duration.ofSeconds(2);

  /** A machine on which reads take longer than that is busy, and gets more time. */
  private static final int MORE_TIMES = 10;

  private static final Duration MOST_NOTICED = Duration.ofSeconds(4);
  private static final Duration NORMAL = Duration.ofSeconds(1);
  private static final Duration WATCHED = Duration.ofSeconds(2);

  /** What is less than that is no delay, on a machine that does other things as well. */
  private static final Duration NO_DELAY = Duration.ofMillis(250);

  private static final Duration USED_AGAIN = Duration.ofSeconds(30);
  private static final Duration ALL_GONE = Duration.ofSeconds(30);
  private static final Duration SPREADS = Duration.ofSeconds(60);
  private static final int COUNTED = 500;

  /**
   * Attempts of a second that an event loop makes to one server by one protocol, while it is gone.
   */
  private static final int ATTEMPTS = 10;

  private static final int PROTOCOLS = 2;

  /** So many connections, or requests more than normally, are no stampede. */
  private static final int FEW = 100;

  private static final String ATTEMPTS_FAILED = "scopegate_upstream_connect_failures_total";

  private FaultyChain chain;

  @BeforeAll
  void start() {
    chain = new FaultyChain();
    Until.holds(
        "all are used",
        USED_AGAIN,
        () -> chain.used().stream().allMatch(tempo -> tempo.asked() > 3));
  }

  @AfterAll
  void stop() {
    chain.close();
  }

  /**
   * One of three Tempos is ill.
   *
   * @param name of the fault
   * @param begin makes it ill
   * @param end makes it well
   */
  private record Illness(String name, Consumer<FaultyTempo> begin, Consumer<FaultyTempo> end) {
    static Illness of(FaultyLink.Mode mode) {
      return new Illness(
          mode.name(), tempo -> tempo.become(mode), tempo -> tempo.become(FaultyLink.Mode.WELL));
    }

    static Illness of(String name, Fault fault) {
      return new Illness(
          name,
          tempo -> tempo.tempo().faults().everywhere(fault),
          tempo -> tempo.tempo().faults().clear());
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Illness> illnesses() {
    return times(
        Illness.of(FaultyLink.Mode.BLACK_HOLE),
        Illness.of(FaultyLink.Mode.SLOW),
        Illness.of(FaultyLink.Mode.RESETTING),
        Illness.of(FaultyLink.Mode.HALF_CLOSED),
        Illness.of(FaultyLink.Mode.GARBAGE),
        Illness.of(FaultyLink.Mode.GONE),
        Illness.of("HANGING", Fault.hang()),
        Illness.of("UNAVAILABLE", Fault.status(503)));
  }

  private static int times(@Nullable String repeat) {
    return repeat != null ? Integer.parseInt(repeat) : LONG ? 10 : 1;
  }

  @SafeVarargs
  private static <T> Stream<T> times(T... rows) {
    return Stream.of(rows).flatMap(row -> IntStream.range(0, TIMES).mapToObj(i -> row));
  }

  @ParameterizedTest
  @MethodSource("illnesses")
  void oneIllTempoOfThreeIsNotNoticed(Illness illness) {
    FaultyTempo ill = chain.used().get(1);
    Duration normal = chain.timesOf(NORMAL).p99();
    long failed = failed();
    illness.begin().accept(ill);
    Duration then;
    try {
      Until.passed(noticed(normal));
      failed = failed() - failed;
      then = watch(normal);
    } finally {
      illness.end().accept(ill);
    }
    long before = ill.asked();
    long start = System.nanoTime();
    Until.holds("it is used again", USED_AGAIN, () -> ill.asked() > before + 3);
    Duration again = Duration.ofNanos(System.nanoTime() - start);
    figures(illness.name(), normal, then, "failed until noticed " + failed, "used again " + again);
    nothingIsLost();
  }

  /** Within which time the gateway has to have noticed, by how long reads take on this machine. */
  private static Duration noticed(Duration normal) {
    Duration all = NOTICED.plus(normal.multipliedBy(MORE_TIMES));
    return all.compareTo(MOST_NOTICED) < 0 ? all : MOST_NOTICED;
  }

  private long failed() {
    return chain.failedReads().values().stream().mapToLong(Long::longValue).sum();
  }

  private static void figures(String row, Duration normal, Duration then, Object... more) {
    String line =
        row
            + "\tp99 "
            + normal.toMillis()
            + " ms\tthen "
            + then.toMillis()
            + " ms\t"
            + Stream.of(more).map(Object::toString).collect(Collectors.joining("\t"))
            + "\n";
    try {
      Files.writeString(
          Path.of("target", "faults.tsv"),
          line,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Something changes while all is well.
   *
   * @param name what
   * @param change does it, and returns when it is done
   */
  private record Change(String name, Consumer<FaultyChain> change) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Change> changes() {
    return times(
        new Change(
            "rolling restart of the Tempos",
            chain -> {
              for (FaultyTempo tempo : chain.used()) {
                tempo.restart();
                Until.holds("it is used again", USED_AGAIN, () -> tempo.asked() > 3);
              }
            }),
        new Change(
            "three Tempos restarted at once", chain -> chain.used().forEach(FaultyTempo::restart)),
        new Change(
            "rolling restart of two gateways",
            chain -> {
              chain.replaceGateway();
              chain.replaceGateway();
            }),
        new Change(
            "an API server that hangs",
            chain -> {
              chain.cluster().api().freeze();
              try {
                Until.passed(NOTICED);
              } finally {
                chain.cluster().api().thaw();
              }
            }),
        new Change("from one to five and back", FaultsIT::scale));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void noReadFailsWhile(Change change) {
    Map<String, Long> before = chain.failedReads();
    change.change().accept(chain);
    assertThat(chain.failedReads()).isEqualTo(before);
    nothingIsLost();
  }

  private static void scale(FaultyChain chain) {
    chain.scale(1);
    List<FaultyTempo> all = chain.tempos();
    Until.holds("one is used", USED_AGAIN, () -> isAlone(chain));
    chain.scale(FaultyChain.TEMPOS);
    Until.holds("each of five has its part", SPREADS, () -> isSpread(chain, all));
    chain.scale(FaultyChain.USED);
    Until.passed(WATCHED);
  }

  private static boolean isAlone(FaultyChain chain) {
    long before = chain.tempos().stream().skip(1).mapToLong(FaultyTempo::asked).sum();
    Until.passed(Duration.ofMillis(500));
    return chain.tempos().stream().skip(1).mapToLong(FaultyTempo::asked).sum() == before;
  }

  private static boolean isSpread(FaultyChain chain, List<FaultyTempo> all) {
    long[] before = all.stream().mapToLong(FaultyTempo::asked).toArray();
    long reads = chain.reads();
    Until.holds("reads go on", SPREADS, () -> chain.reads() - reads >= COUNTED);
    long[] part = new long[before.length];
    long sum = 0;
    for (int i = 0; i < part.length; i++) {
      part[i] = all.get(i).asked() - before[i];
      sum += part[i];
    }
    long whole = sum;
    return IntStream.range(0, part.length)
        .allMatch(i -> part[i] * 100 >= whole * 15 && part[i] * 100 <= whole * 25);
  }

  @Test
  void whenAllAreGoneReadersAreToldWhenToRetryAndNothingIsLost() {
    Duration normal = chain.timesOf(NORMAL).p99();
    long asked = queries();
    Until.passed(NORMAL);
    long perSecond = queries() - asked;
    double attempts = chain.metric(ATTEMPTS_FAILED);
    chain.used().forEach(tempo -> tempo.become(FaultyLink.Mode.GONE));
    try {
      Until.passed(ALL_GONE);
      attempts = (chain.metric(ATTEMPTS_FAILED) - attempts) / ALL_GONE.toSeconds();
      Http.Reply refused = chain.read();
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("retry-after")).isNotEmpty();
    } finally {
      chain.used().forEach(tempo -> tempo.become(FaultyLink.Mode.WELL));
    }
    long connections = connections();
    asked = queries();
    Until.passed(noticed(normal));
    connections = connections() - connections;
    asked = queries() - asked;
    Duration then = watch(normal);
    figures(
        "all gone for " + ALL_GONE,
        normal,
        then,
        "failed attempts per second " + attempts,
        "connections in the seconds after " + connections,
        "requests then " + asked + ", normally per second " + perSecond);
    assertThat(attempts)
        .isLessThanOrEqualTo(
            ATTEMPTS * PROTOCOLS * FaultyChain.USED * Runtime.getRuntime().availableProcessors());
    assertThat(connections).isLessThan(FEW);
    assertThat(asked).isLessThan(2 * perSecond * MOST_NOTICED.toSeconds() + FEW);
    nothingIsLost();
  }

  private long connections() {
    return chain.used().stream().mapToLong(FaultyTempo::connections).sum();
  }

  @Test
  void anOutageDoesNotMultiplyRequests() {
    chain.used().forEach(tempo -> tempo.tempo().faults().everywhere(Fault.status(503)));
    try {
      long clients = chain.asked();
      long upstream = queries();
      Until.holds("a thousand are refused", SPREADS, () -> chain.asked() - clients > 1_000);
      assertThat(queries() - upstream).isLessThan((chain.asked() - clients) * 12 / 10);
    } finally {
      chain.used().forEach(tempo -> tempo.tempo().faults().clear());
    }
    Until.passed(MOST_NOTICED);
    watch(MOST_NOTICED);
    nothingIsLost();
  }

  private long queries() {
    return chain.used().stream()
        .map(tempo -> tempo.tempo().received())
        .mapToLong(all -> all.count(Surface.QUERY_HTTP) + all.count(Surface.QUERY_GRPC))
        .sum();
  }

  /** For a while no read fails, and reads take about as long as they did; returns the p99. */
  private Duration watch(Duration normal) {
    Map<String, Long> before = chain.failedReads();
    Latencies times = chain.timesOf(WATCHED);
    assertThat(chain.failedReads()).isEqualTo(before);
    Duration twice = normal.multipliedBy(2);
    Duration more = normal.plus(NO_DELAY);
    assertThat(times.p99())
        .as("%s, before %s", times, normal)
        .isLessThan(twice.compareTo(more) > 0 ? twice : more);
    return times.p99();
  }

  private void nothingIsLost() {
    chain.awaitSpans();
    assertThat(chain.lostStreams()).isEmpty();
  }
}

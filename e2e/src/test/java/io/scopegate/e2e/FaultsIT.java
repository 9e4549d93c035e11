package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.Fault;
import io.scopegate.testkit.tempo.Surface;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
 * once the gateway has noticed. With {@code SCOPEGATE_E2E_LONG=true} each row comes ten times.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultsIT {
  private static final boolean LONG = "true".equals(System.getenv("SCOPEGATE_E2E_LONG"));
  private static final int TIMES = LONG ? 10 : 1;

  /** The gateway notices within two seconds; a machine that is busy takes longer. */
  private static final Duration NOTICED = Duration.ofSeconds(4);

  private static final Duration WATCHED = Duration.ofSeconds(2);
  private static final Duration USED_AGAIN = Duration.ofSeconds(30);
  private static final Duration ALL_GONE = Duration.ofSeconds(LONG ? 30 : 8);
  private static final Duration SPREADS = Duration.ofSeconds(60);
  private static final int COUNTED = 500;

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

  @SafeVarargs
  private static <T> Stream<T> times(T... rows) {
    return Stream.of(rows).flatMap(row -> IntStream.range(0, TIMES).mapToObj(i -> row));
  }

  @ParameterizedTest
  @MethodSource("illnesses")
  void oneIllTempoOfThreeIsNotNoticed(Illness illness) {
    FaultyTempo ill = chain.used().get(1);
    illness.begin().accept(ill);
    try {
      Until.passed(NOTICED);
      watch();
    } finally {
      illness.end().accept(ill);
    }
    long before = ill.asked();
    Until.holds("it is used again", USED_AGAIN, () -> ill.asked() > before + 3);
    nothingIsLost();
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
                Until.holds(
                    "each event loop uses it again",
                    USED_AGAIN,
                    () -> tempo.asked() > 3 && chain.isWell());
              }
            }),
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
    Until.holds("each event loop uses each server", USED_AGAIN, chain::isWell);
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
    chain.used().forEach(tempo -> tempo.become(FaultyLink.Mode.GONE));
    try {
      Until.passed(ALL_GONE);
      Http.Reply refused = chain.read();
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("retry-after")).isNotEmpty();
    } finally {
      chain.used().forEach(tempo -> tempo.become(FaultyLink.Mode.WELL));
    }
    Until.holds("readers are served", NOTICED, () -> chain.read().status() == 200);
    Until.passed(NOTICED);
    watch();
    nothingIsLost();
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
    Until.passed(NOTICED);
    watch();
    nothingIsLost();
  }

  private long queries() {
    return chain.used().stream()
        .map(tempo -> tempo.tempo().received())
        .mapToLong(all -> all.count(Surface.QUERY_HTTP) + all.count(Surface.QUERY_GRPC))
        .sum();
  }

  /** For a while no read fails. */
  private void watch() {
    Map<String, Long> before = chain.failedReads();
    long reads = chain.reads();
    Until.passed(WATCHED);
    assertThat(chain.failedReads()).isEqualTo(before);
    assertThat(chain.reads()).isGreaterThan(reads);
  }

  private void nothingIsLost() {
    chain.awaitSpans();
    assertThat(chain.lostStreams()).isEmpty();
  }
}

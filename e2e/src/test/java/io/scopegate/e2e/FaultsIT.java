package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.FaultTable.Outcome;
import io.scopegate.e2e.FaultWatch.Change;
import io.scopegate.testkit.Fault;
import io.scopegate.testkit.tempo.Surface;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What becomes of a real collector, of readers and of streams while servers, gateways and the API
 * server come, go and fail. A fault is a row: what happens, and how it ends. Whatever it is, no
 * span is lost, no stream ends with a status that its client does not try again, and no read fails
 * once the gateway has noticed, or takes longer than before. {@code SCOPEGATE_E2E_REPEAT} says how
 * often each row comes, once by default, ten times with {@code SCOPEGATE_E2E_LONG=true}. What was
 * measured is in {@link FaultTable}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultsIT {
  private static final Duration NORMAL = Duration.ofSeconds(1);
  private static final Duration USED_AGAIN = Duration.ofSeconds(30);
  private static final Duration ALL_GONE = Duration.ofSeconds(30);
  private static final Duration SPREADS = Duration.ofSeconds(60);
  private static final Duration HANGS = Duration.ofSeconds(2);
  private static final int COUNTED = 500;

  /**
   * Attempts of a second that an event loop makes to one server by one protocol, while it is gone.
   */
  private static final int ATTEMPTS = 10;

  private static final int PROTOCOLS = 2;

  /** So many connections, or requests more than normally, are no stampede. */
  private static final int FEW = 100;

  /** Writes under way, at most: each exporter of the collector sends so many at a time. */
  private static final int UNFINISHED = 10;

  private static final String REQUESTS = "scopegate_requests_total";
  private static final String ATTEMPTS_FAILED = "scopegate_upstream_connect_failures_total";

  private FaultyChain chain;
  private FaultWatch watch;

  /** Each in turn: who was left out a moment ago is left out for longer. */
  private int turn;

  @BeforeAll
  void start() {
    chain = new FaultyChain();
    watch = new FaultWatch(chain.load());
    Until.holds(
        "all are used",
        USED_AGAIN,
        () -> chain.used().stream().allMatch(tempo -> tempo.asked() > 3));
  }

  @AfterAll
  void stop() {
    chain.close();
    FaultTable.write();
  }

  /**
   * One of three Tempos is ill.
   *
   * @param name of the fault
   * @param begin makes it ill
   * @param end makes it well
   */
  private record Illness(String name, Consumer<FaultyTempo> begin, Consumer<FaultyTempo> end) {
    static Illness of(String name, FaultyLink.Mode mode) {
      return new Illness(
          name, tempo -> tempo.become(mode), tempo -> tempo.become(FaultyLink.Mode.WELL));
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
    return FaultWatch.times(
        Illness.of("one of three: swallows what comes", FaultyLink.Mode.BLACK_HOLE),
        Illness.of("one of three: unreachable", FaultyLink.Mode.UNREACHABLE),
        Illness.of("one of three: slow by 2 s", FaultyLink.Mode.SLOW),
        Illness.of("one of three: resets", FaultyLink.Mode.RESETTING),
        Illness.of("one of three: half-closes", FaultyLink.Mode.HALF_CLOSED),
        Illness.of("one of three: answers garbage", FaultyLink.Mode.GARBAGE),
        Illness.of("one of three: gone", FaultyLink.Mode.GONE),
        Illness.of("one of three: reads and never answers", Fault.hang()),
        Illness.of("one of three: answers 503", Fault.status(503)));
  }

  @ParameterizedTest
  @MethodSource("illnesses")
  void oneIllTempoOfThreeIsNotNoticed(Illness illness) {
    FaultyTempo ill = chain.used().get(turn++ % FaultyChain.USED);
    watch.illness(
        illness.name(),
        () -> illness.begin().accept(ill),
        () -> illness.end().accept(ill),
        ill::asked);
  }

  private static Stream<Change<FaultyChain>> changes() {
    return FaultWatch.times(
        new Change<>(
            "rolling restart of three Tempos",
            chain -> {
              for (FaultyTempo tempo : chain.used()) {
                tempo.restart();
                Until.holds("it is used again", USED_AGAIN, () -> tempo.asked() > 3);
              }
            }),
        new Change<>(
            "three Tempos restarted at once", chain -> chain.used().forEach(FaultyTempo::restart)),
        new Change<>("rolling restart of two gateways", FaultsIT::rollGateways),
        new Change<>(
            "an API server that hangs for 2 s",
            chain -> {
              chain.cluster().api().freeze();
              try {
                Until.passed(HANGS);
              } finally {
                chain.cluster().api().thaw();
              }
            }),
        new Change<>("restart of the API server", chain -> chain.cluster().restartApi()),
        new Change<>("from one to five and back", FaultsIT::scale));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void noReadFailsWhile(Change<FaultyChain> change) {
    watch.change(change, chain);
  }

  /** Two behind one name are replaced by two others, one after the other; one is left. */
  private static void rollGateways(FaultyChain chain) {
    chain.addGateway();
    chain.addGateway();
    chain.endGateways(1);
    chain.addGateway();
    chain.endGateways(2); // the second, and one too many
  }

  private static void scale(FaultyChain chain) {
    chain.scale(1);
    Until.holds("one is used", USED_AGAIN, () -> isAlone(chain));
    chain.scale(FaultyChain.TEMPOS);
    Until.holds("each of five has its part", SPREADS, () -> isSpread(chain));
    chain.scale(1);
    Until.holds("one is used", USED_AGAIN, () -> isAlone(chain));
    chain.scale(FaultyChain.USED);
  }

  private static boolean isAlone(FaultyChain chain) {
    long before = others(chain);
    Until.passed(Duration.ofMillis(500));
    return others(chain) == before;
  }

  private static long others(FaultyChain chain) {
    return chain.tempos().stream().skip(1).mapToLong(FaultyTempo::asked).sum();
  }

  /** Each has between 15 and 25 % of all, and a part of the streams of a client that is old. */
  private static boolean isSpread(FaultyChain chain) {
    long[] before = each(chain, FaultyTempo::asked);
    long[] streams = each(chain, FaultsIT::streams);
    long reads = chain.load().reads();
    Until.holds("reads go on", SPREADS, () -> chain.load().reads() - reads >= COUNTED);
    return hasParts(before, each(chain, FaultyTempo::asked), 15, 25)
        && hasParts(streams, each(chain, FaultsIT::streams), 5, 40);
  }

  private static long streams(FaultyTempo tempo) {
    return tempo.tempo().received().count(Surface.QUERY_GRPC);
  }

  private static long[] each(FaultyChain chain, ToLongFunction<FaultyTempo> count) {
    return chain.tempos().stream().mapToLong(count).toArray();
  }

  private static boolean hasParts(long[] before, long[] after, int least, int most) {
    long[] part = IntStream.range(0, after.length).mapToLong(i -> after[i] - before[i]).toArray();
    long whole = LongStream.of(part).sum();
    return LongStream.of(part).allMatch(p -> p * 100 >= whole * least && p * 100 <= whole * most);
  }

  private static Stream<String> allGone() {
    return FaultWatch.times("all three gone for 30 s");
  }

  @ParameterizedTest
  @MethodSource("allGone")
  void whenAllAreGoneReadersAreToldWhenToRetryAndNothingIsLost(String scenario) {
    Outcome row = FaultTable.begin(scenario);
    long asked = queries();
    Duration normal = watch.normal(row);
    long perSecond = queries() - asked;
    long attempts = failedAttempts();
    long began = System.nanoTime();
    chain.used().forEach(tempo -> tempo.become(FaultyLink.Mode.GONE));
    try {
      Until.passed(ALL_GONE);
      attempts = (failedAttempts() - attempts) / ALL_GONE.toSeconds();
      Http.Reply refused = chain.read();
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("retry-after")).isNotEmpty();
      assertThat(chain.load().readsSince(began).failed())
          .allSatisfy(read -> assertThat(read.result()).isEqualTo("503"));
    } finally {
      chain.used().forEach(tempo -> tempo.become(FaultyLink.Mode.WELL));
    }
    long back = System.nanoTime();
    long connections = connections();
    asked = queries();
    Until.passed(FaultWatch.noticed(normal));
    connections = connections() - connections;
    asked = queries() - asked;
    watch.hasNoticed(row, back, normal);
    System.out.printf(
        "%s: %d attempts to connect a second meanwhile; in the seconds after it %d connections"
            + " and %d requests, %d a second are normal%n",
        scenario, attempts, connections, asked, perSecond);
    assertThat(attempts)
        .isLessThanOrEqualTo(
            ATTEMPTS * PROTOCOLS * FaultyChain.USED * Runtime.getRuntime().availableProcessors());
    assertThat(connections).isLessThan(FEW);
    assertThat(asked).isLessThan(2 * perSecond * FaultWatch.noticed(normal).toSeconds() + FEW);
    watch.nothingIsLost(row);
  }

  private long failedAttempts() {
    return chain.metric(ATTEMPTS_FAILED, "upstream=\"query-frontend\"");
  }

  private long connections() {
    return chain.used().stream().mapToLong(FaultyTempo::connections).sum();
  }

  private static Stream<String> storms() {
    return FaultWatch.times("all three answer 503");
  }

  @ParameterizedTest
  @MethodSource("storms")
  void anOutageDoesNotMultiplyRequests(String scenario) {
    Outcome row = FaultTable.begin(scenario);
    Duration normal = watch.normal(row);
    chain.used().forEach(tempo -> tempo.tempo().faults().everywhere(Fault.status(503)));
    long back;
    try {
      long clients = chain.load().asked();
      long upstream = queries();
      Writes before = writes();
      Until.holds("many are refused", SPREADS, () -> chain.load().asked() - clients > COUNTED);
      assertThat(queries() - upstream).isLessThan((chain.load().asked() - clients) * 12 / 10);
      Writes after = writes();
      assertThat(after.sent() - before.sent())
          .isLessThanOrEqualTo((after.came() - before.came()) * 12 / 10 + UNFINISHED);
    } finally {
      back = System.nanoTime();
      chain.used().forEach(tempo -> tempo.tempo().faults().clear());
    }
    Until.passed(FaultWatch.noticed(normal));
    watch.hasNoticed(row, back, normal);
    watch.nothingIsLost(row);
  }

  /**
   * Writes so far.
   *
   * @param came to the gateway, and ended
   * @param sent to the servers
   */
  private record Writes(long came, long sent) {}

  private Writes writes() {
    return new Writes(
        chain.metric(REQUESTS, "listener=\"otlp-grpc\"")
            + chain.metric(REQUESTS, "listener=\"otlp-http\""),
        asked(List.of(Surface.OTLP_GRPC, Surface.OTLP_HTTP)));
  }

  private long queries() {
    return asked(List.of(Surface.QUERY_HTTP, Surface.QUERY_GRPC));
  }

  private long asked(List<Surface> surfaces) {
    return chain.used().stream()
        .map(tempo -> tempo.tempo().received())
        .mapToLong(all -> surfaces.stream().mapToLong(all::count).sum())
        .sum();
  }
}

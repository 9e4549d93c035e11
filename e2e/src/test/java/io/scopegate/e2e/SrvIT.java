package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.FaultWatch.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Servers by SRV records of a real name server, under a {@link ConstantLoad}: they come, go, move
 * to another port, cannot be found and cannot be reached, and no read fails. Each name has an
 * address of IPv6, too, at which nobody listens.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SrvIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration MISSING = Duration.ofSeconds(3);
  private static final Duration FOUND = Duration.ofSeconds(2);
  private static final String TENANT = "showcase";
  private static final int TEMPOS = 4;

  private static final Map<String, ToIntFunction<GatewayRun.Upstreams>> SERVICES =
      Map.of(
          "_otlp-grpc._tcp.tempo.test", GatewayRun.Upstreams::otlpGrpc,
          "_otlp-http._tcp.tempo.test", GatewayRun.Upstreams::otlpHttp,
          "_query._tcp.tempo.test", GatewayRun.Upstreams::query);

  private NameServer names;
  private Cluster cluster;
  private List<FaultyTempo> tempos;
  private GatewayRun gateway;
  private ConstantLoad load;
  private FaultWatch watch;

  @BeforeAll
  void start() {
    names = new NameServer();
    cluster = Cluster.shared();
    tempos = IntStream.range(0, TEMPOS).mapToObj(i -> new FaultyTempo()).toList();
    serve(0, 1);
    gateway = gateway("srv");
    load = new ConstantLoad(cluster, gateway.ports(), TENANT, this::spans);
    watch = new FaultWatch(load);
  }

  @AfterAll
  void stop() {
    Stream.<AutoCloseable>of(load, gateway, names).forEach(SrvIT::close);
    if (tempos != null) {
      tempos.forEach(FaultyTempo::close);
    }
    FaultTable.write();
  }

  private static void close(AutoCloseable one) {
    if (one != null) { // the start was skipped
      try {
        one.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private GatewayRun gateway(String name) {
    GatewayRun.Upstreams first = tempos.get(0).ports();
    GatewayRun.Setup setup = GatewayRun.of(cluster, first).within(names::within);
    SERVICES.forEach((service, kind) ->
        setup.replace(
            "\"http://127.0.0.1:" + kind.applyAsInt(first) + "\"",
            "\"http://tempo.test:3200\", srv: " + service + ", lookupInterval: 500ms"));
    return setup.start(name);
  }

  private long spans(String tenant, String trace) {
    return tempos.stream().mapToLong(tempo -> tempo.spans(tenant, trace)).sum();
  }

  /** The records name these, each by a name of its own. */
  private void serve(int... which) {
    List<String> records = new ArrayList<>();
    for (int i : which) {
      records.addAll(records("tempo-" + i + ".test", tempos.get(i)));
    }
    names.serve(records);
  }

  private static List<String> records(String host, FaultyTempo tempo) {
    List<String> records = new ArrayList<>(List.of("host-record=" + host + ",127.0.0.1,::1"));
    SERVICES.forEach((service, kind) ->
        records.add("srv-host=" + service + "," + host + "," + kind.applyAsInt(tempo.ports())));
    return records;
  }

  private void untilUsed(int which) {
    long before = tempos.get(which).asked();
    Until.holds("it is used", SOON, () -> tempos.get(which).asked() > before + 3);
  }

  private void untilUnused(int which) {
    Until.holds(
        "it is used no more",
        SOON,
        () -> {
          long before = tempos.get(which).asked();
          Until.passed(Duration.ofMillis(500));
          return tempos.get(which).asked() == before;
        });
  }

  /** Each ends as it began: the records name the first two. */
  private static Stream<Change<SrvIT>> changes() {
    return FaultWatch.times(
        new Change<>(
            "SRV: a server is added, another removed",
            it -> {
              it.serve(0, 1, 2);
              it.untilUsed(2);
              it.serve(1, 2);
              it.untilUnused(0);
              it.serve(0, 1);
              it.untilUsed(0);
            }),
        new Change<>("SRV: a server moves to another port", SrvIT::move),
        new Change<>(
            "SRV: the name is not found for 3 s",
            it -> {
              it.names.serve(List.of());
              Until.passed(MISSING);
              it.serve(0, 1);
            }),
        new Change<>(
            "SRV: the name server is gone for 3 s",
            it -> {
              it.names.end();
              Until.passed(MISSING);
              it.serve(0, 1);
            }),
        new Change<>(
            "SRV: a server ends and is back",
            it -> {
              it.tempos.get(1).restart();
              it.untilUsed(1);
            }));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void noReadFailsWhile(Change<SrvIT> change) {
    watch.change(change, this);
  }

  private void move() {
    List<String> moved = new ArrayList<>(records("tempo-0.test", tempos.get(0)));
    moved.addAll(records("tempo-1.test", tempos.get(3)));
    names.serve(moved);
    untilUsed(3);
    tempos.get(1).become(FaultyLink.Mode.GONE);
    untilUsed(3);
    tempos.get(1).become(FaultyLink.Mode.WELL);
    serve(0, 1);
    untilUsed(1);
  }

  @Test
  void aNameThatIsNotThereYetIsUsedAsSoonAsItIs() {
    names.serve(List.of());
    try (GatewayRun early = gateway("srv-early")) {
      for (int i = 0; i < 20; i++) { // until it would look up as rarely as it may
        assertThat(read(early).status()).isEqualTo(503);
      }
      serve(0, 1);
      Until.holds("its servers are used", FOUND, () -> read(early).status() == 200);
    }
  }

  private Http.Reply read(GatewayRun from) {
    return Http.one(cluster.ca())
        .get(
            from.queryInClearText("/api/search?limit=1"),
            "authorization",
            "Bearer " + cluster.token(TENANT, "query"),
            "x-scope-orgid",
            TENANT);
  }
}

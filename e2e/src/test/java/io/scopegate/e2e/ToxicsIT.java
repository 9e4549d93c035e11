package io.scopegate.e2e;

import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two Tempos, real ones where their binary is there, behind Toxiproxy, which does something to what
 * one of them answers, under a {@link ConstantLoad}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ToxicsIT {
  private static final int TEMPOS = 2;
  private static final String TENANT = "showcase";
  private static final String REQUESTS = "scopegate_upstream_endpoint_requests_total";

  private Cluster cluster;
  private Toxiproxy proxies;
  private List<Tempo> tempos;
  private List<GatewayRun.Upstreams> places;
  private GatewayRun gateway;
  private ConstantLoad load;
  private FaultWatch watch;

  /** Each in turn: who was left out a moment ago is left out for longer. */
  private int turn;

  @BeforeAll
  void start() {
    proxies = new Toxiproxy();
    cluster = Cluster.shared();
    tempos = IntStream.range(0, TEMPOS).parallel().mapToObj(i -> Tempo.start()).toList();
    places = IntStream.range(0, TEMPOS).mapToObj(this::place).toList();
    GatewayRun.Upstreams first = places.get(0);
    GatewayRun.Setup setup = GatewayRun.of(cluster, first);
    for (ToIntFunction<GatewayRun.Upstreams> kind : KINDS) {
      setup.replace(
          "\"http://127.0.0.1:" + kind.applyAsInt(first) + "\"",
          "\"http://tempo:3200\", " + endpoints(kind));
    }
    gateway = setup.start("toxics");
    load = new ConstantLoad(cluster, gateway.ports(), TENANT, this::spans);
    watch = new FaultWatch(load);
  }

  private static final List<ToIntFunction<GatewayRun.Upstreams>> KINDS =
      List.of(
          GatewayRun.Upstreams::otlpGrpc,
          GatewayRun.Upstreams::otlpHttp,
          GatewayRun.Upstreams::query);

  private GatewayRun.Upstreams place(int i) {
    GatewayRun.Upstreams real = tempos.get(i).ports();
    return new GatewayRun.Upstreams(
        proxies.lead("otlp-grpc-" + i, real.otlpGrpc()),
        proxies.lead("otlp-http-" + i, real.otlpHttp()),
        proxies.lead("query-" + i, real.query()));
  }

  private String endpoints(ToIntFunction<GatewayRun.Upstreams> kind) {
    return places.stream()
        .map(place -> "\"127.0.0.1:" + kind.applyAsInt(place) + "\"")
        .collect(Collectors.joining(", ", "endpoints: [", "]"));
  }

  private long spans(String tenant, String trace) {
    return tempos.stream().mapToLong(tempo -> tempo.spans(tenant, trace)).sum();
  }

  @AfterAll
  void stop() {
    if (load != null) { // else the part is missing
      load.close();
      gateway.close();
      tempos.forEach(Tempo::close);
    }
    if (proxies != null) {
      proxies.close();
    }
    FaultTable.write();
  }

  /**
   * What is done to one of the two.
   *
   * @param name what
   * @param type of the toxic
   * @param attributes of the toxic
   */
  private record Toxic(String name, String type, String attributes) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Toxic> faults() {
    return FaultWatch.times(
        new Toxic("answers come 2 s later", "latency", "{\"latency\": 2000, \"jitter\": 200}"),
        new Toxic("answers do not come", "timeout", "{\"timeout\": 0}"),
        new Toxic("connections are reset", "reset_peer", "{\"timeout\": 0}"),
        new Toxic("connections end after 100 bytes", "limit_data", "{\"bytes\": 100}"));
  }

  private static Stream<Toxic> delays() {
    return FaultWatch.times(
        new Toxic("answers come 100 ms later", "latency", "{\"latency\": 100, \"jitter\": 50}"),
        new Toxic("20 KB/s", "bandwidth", "{\"rate\": 20}"),
        new Toxic(
            "answers come in single bytes",
            "slicer",
            "{\"average_size\": 1, \"size_variation\": 0, \"delay\": 10}"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void oneIllTempoOfTwoIsNotNoticed(Toxic toxic) {
    int ill = turn++ % TEMPOS;
    watch.illness(title(toxic), () -> begin(toxic, ill), proxies::clear, () -> asked(ill));
  }

  @ParameterizedTest
  @MethodSource("delays")
  void noReadFailsWhileOneOfTwoIsSlow(Toxic toxic) {
    watch.delay(title(toxic), () -> begin(toxic, turn++ % TEMPOS), proxies::clear);
  }

  private static String title(Toxic toxic) {
    return "one of two"
        + (Parts.has("tempo") ? " real Tempos" : "")
        + ", Toxiproxy: "
        + toxic.name();
  }

  private void begin(Toxic toxic, int ill) {
    for (String kind : List.of("otlp-grpc-", "otlp-http-", "query-")) {
      proxies.add(kind + ill, toxic.type(), toxic.attributes());
    }
  }

  private long asked(int which) {
    String metrics = Http.one(cluster.ca()).get(gateway.admin("/metrics")).text();
    return Metrics.of(metrics)
        .sum(REQUESTS, "endpoint=\"127.0.0.1:" + places.get(which).query() + "\"");
  }
}

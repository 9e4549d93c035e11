package io.scopegate.e2e;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Several Tempos behind a gateway, or several gateways, under a {@link ConstantLoad}. Clients reach
 * the gateways by links, as by a Service, so that others can take their place.
 */
final class FaultyChain implements AutoCloseable {
  static final int TEMPOS = 5;

  /** So many the gateway knows at first. */
  static final int USED = 3;

  private static final String TENANT = "showcase";
  private static final Duration ENDS = Duration.ofSeconds(60);

  private final Cluster cluster = Cluster.shared();
  private final List<FaultyTempo> tempos =
      IntStream.range(0, TEMPOS).mapToObj(i -> new FaultyTempo()).toList();
  private int used = USED;
  private final List<GatewayRun> gateways = new ArrayList<>(List.of(start()));
  private final FaultyLink toOtlpGrpc = new FaultyLink(gateway().ports().otlpGrpc());
  private final FaultyLink toOtlpHttp = new FaultyLink(gateway().ports().otlpHttp());
  private final FaultyLink toQuery = new FaultyLink(gateway().ports().query());
  private final GatewayRun.Ports ports =
      new GatewayRun.Ports(
          toOtlpGrpc.port(), toOtlpHttp.port(), toQuery.port(), gateway().ports().admin());
  private final ConstantLoad load = new ConstantLoad(cluster, ports, TENANT, this::spans);

  // ---- parts

  List<FaultyTempo> tempos() {
    return tempos;
  }

  /** Those that the gateway knows now. */
  List<FaultyTempo> used() {
    return tempos.subList(0, used);
  }

  Cluster cluster() {
    return cluster;
  }

  /** The first of the gateways. */
  GatewayRun gateway() {
    return gateways.get(0);
  }

  ConstantLoad load() {
    return load;
  }

  private long spans(String tenant, String trace) {
    return tempos.stream().mapToLong(tempo -> tempo.spans(tenant, trace)).sum();
  }

  private GatewayRun start() {
    GatewayRun.Upstreams first = tempos.get(0).ports();
    GatewayRun.Setup setup =
        GatewayRun.of(cluster, first).jvm("-Dio.netty.leakDetection.level=simple");
    for (ToIntFunction<GatewayRun.Upstreams> kind : kinds()) {
      setup.replace(
          "\"http://127.0.0.1:" + kind.applyAsInt(first) + "\"",
          "\"http://tempo:3200\", " + endpoints(kind, used));
    }
    return setup.start("faults");
  }

  private static List<ToIntFunction<GatewayRun.Upstreams>> kinds() {
    return List.of(
        GatewayRun.Upstreams::otlpGrpc,
        GatewayRun.Upstreams::otlpHttp,
        GatewayRun.Upstreams::query);
  }

  private String endpoints(ToIntFunction<GatewayRun.Upstreams> kind, int known) {
    return tempos.stream()
        .limit(known)
        .map(tempo -> "\"127.0.0.1:" + kind.applyAsInt(tempo.ports()) + "\"")
        .collect(Collectors.joining(", ", "endpoints: [", "]"));
  }

  /** Has the gateways use so many of them, by a changed configuration. */
  void scale(int count) {
    for (GatewayRun gateway : gateways) {
      Path file = gateway.directory().resolve("scopegate.yaml");
      String text = Scratch.read(file);
      for (ToIntFunction<GatewayRun.Upstreams> kind : kinds()) {
        text = text.replace(endpoints(kind, used), endpoints(kind, count));
      }
      Scratch.write(file, text);
    }
    used = count;
  }

  /** Starts one more gateway behind the name of the first. */
  void addGateway() {
    gateways.add(start());
    lead();
  }

  /** Has new connections lead to other gateways than the first, and ends those by SIGTERM. */
  void endGateways(int count) {
    List<GatewayRun> old = List.copyOf(gateways.subList(0, count));
    gateways.removeAll(old);
    lead();
    old.forEach(gateway -> gateway.process().terminate());
    for (GatewayRun gateway : old) {
      if (gateway.process().awaitEnd(ENDS) != 0) {
        throw new AssertionError(gateway.process().output());
      }
      gateway.close();
    }
  }

  private void lead() {
    toOtlpGrpc.lead(ports(GatewayRun.Ports::otlpGrpc));
    toOtlpHttp.lead(ports(GatewayRun.Ports::otlpHttp));
    toQuery.lead(ports(GatewayRun.Ports::query));
  }

  private int[] ports(ToIntFunction<GatewayRun.Ports> kind) {
    return gateways.stream().map(GatewayRun::ports).mapToInt(kind).toArray();
  }

  /** The sum of a metric over what has this label, in all gateways. */
  long metric(String name, String label) {
    Http http = Http.one(cluster.ca());
    return gateways.stream()
        .map(gateway -> Metrics.of(http.get(gateway.admin("/metrics")).text()))
        .mapToLong(metrics -> metrics.sum(name, label))
        .sum();
  }

  /** One answer to a reader now. */
  Http.Reply read() {
    return Http.one(cluster.ca())
        .get(
            "http://localhost:" + toQuery.port() + "/api/search?limit=1",
            "authorization",
            "Bearer " + cluster.token(TENANT, "query"),
            "x-scope-orgid",
            TENANT);
  }

  @Override
  public void close() {
    load.close();
    gateways.forEach(GatewayRun::close);
    List.of(toOtlpGrpc, toOtlpHttp, toQuery).forEach(FaultyLink::close);
    tempos.forEach(FaultyTempo::close);
  }
}

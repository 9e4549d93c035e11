package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.MoodyServer.Mood;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An upstream of three servers, one of which is ill in every way: readers notice nothing. */
final class EndpointsIT {
  private static final int SERVERS = 3;
  private static final int CLIENTS = 8;
  private static final long SETTLED_NANOS = 1_500_000_000L;
  private static final long WATCHED_NANOS = 700_000_000L;
  private static final int COUNTED = 800; // of few requests the shares differ by chance
  private static final String SEARCH = "/tempopb.StreamingQuerier/Search";

  private static final List<MoodyServer> http1 = new ArrayList<>();
  private static final List<MoodyServer> grpc = new ArrayList<>();
  private static GatewayHarness harness;

  @BeforeAll
  static void start() throws IOException {
    for (int i = 0; i < SERVERS; i++) {
      http1.add(MoodyServer.http1());
      grpc.add(MoodyServer.grpc());
    }
    String health =
        "connections: {maxAge: 1s}, timeouts: {connect: 500ms}, health: {silence: 300ms,"
            + " leaveOut: 200ms, maxLeaveOut: 1s, slowStart: 500ms}";
    harness =
        GatewayHarness.start(
            """
            upstreams:
              http1: {url: "http://tempo:1", protocol: http1, endpoints: [%s], %s}
              grpc: {url: "http://tempo:1", protocol: h2c, endpoints: [%s], %s}
            listeners:
              http1: {address: "127.0.0.1:0", serves: [tempo-query], upstream: http1}
              grpc: {address: "127.0.0.1:0", serves: [tempo-query], upstream: grpc}
            """
                .formatted(places(http1), health, places(grpc), health));
  }

  private static String places(List<MoodyServer> servers) {
    return String.join(
        ", ", servers.stream().map(server -> "\"127.0.0.1:" + server.port() + "\"").toList());
  }

  @AfterAll
  static void stop() throws IOException {
    harness.close();
    for (MoodyServer server : all()) {
      server.close();
    }
  }

  private static List<MoodyServer> all() {
    List<MoodyServer> all = new ArrayList<>(http1);
    all.addAll(grpc);
    return all;
  }

  /** All are well, and known to be. */
  @BeforeEach
  void cure() throws IOException {
    for (MoodyServer server : all()) {
      server.become(Mood.WELL);
    }
  }

  // ---- load

  /** Clients that read one after the other, each over a connection of its own. */
  private static final class Load implements AutoCloseable {
    final AtomicInteger good = new AtomicInteger();
    final AtomicInteger bad = new AtomicInteger();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    private final List<Future<?>> clients = new ArrayList<>();
    private volatile String last = "";

    Load(String listener) {
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(
            threads.submit(() -> {
              if (listener.equals("grpc")) {
                call();
              } else {
                get();
              }
              return null;
            }));
      }
    }

    private void get() throws IOException {
      Wire client = Wire.connect(harness.port("http1"));
      while (!ended.get()) {
        client.write(harness.http1("GET", "/api/search?q=x"));
        Wire.Head head = client.readHead();
        client.readBody(head);
        count(head.status() == 200, head.text());
      }
      client.close();
    }

    private void call() throws IOException {
      try (H2Wire client = H2Wire.connect(harness.port("grpc"))) {
        while (!ended.get()) {
          int id = client.request(harness.grpc(SEARCH), false);
          client.data(id, Spans.message(false, new byte[0]), true);
          H2Wire.Message answer = client.message(id);
          count("0".equals(answer.grpcStatus()), String.valueOf(answer.head()));
        }
      }
    }

    private void count(boolean isGood, String answer) {
      (isGood ? good : bad).incrementAndGet();
      if (!isGood) {
        last = answer;
      }
      LockSupport.parkNanos(4_000_000);
    }

    /** Lets it go on for so long. */
    void goOn(long nanos) {
      long end = System.nanoTime() + nanos;
      GatewayHarness.until(() -> System.nanoTime() - end > 0);
    }

    void assertAllGood() {
      int before = bad.get();
      int goodBefore = good.get();
      goOn(WATCHED_NANOS);
      assertThat(bad.get() - before).as("failed: %s", last).isZero();
      assertThat(good.get() - goodBefore).isGreaterThan(CLIENTS);
    }

    @Override
    public void close() throws Exception {
      ended.set(true);
      threads.shutdown();
      assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
      for (Future<?> client : clients) {
        client.get();
      }
    }
  }

  private static List<MoodyServer> servers(String listener) {
    return listener.equals("grpc") ? grpc : http1;
  }

  private static void untilUsed(List<MoodyServer> servers) {
    for (MoodyServer server : servers) {
      int before = server.served();
      GatewayHarness.until(() -> server.served() > before + 5);
    }
  }

  // ---- faults

  /** Every mood by one of both protocols; by both with SCOPEGATE_E2E_LONG. */
  static Stream<Arguments> faults() {
    boolean all = Boolean.parseBoolean(System.getenv("SCOPEGATE_E2E_LONG"));
    return Stream.of(Mood.values())
        .filter(mood -> mood != Mood.WELL)
        .flatMap(mood ->
            Stream.of("http1", "grpc")
                .filter(
                    listener -> all || listener.equals(mood.ordinal() % 2 == 0 ? "grpc" : "http1"))
                .map(listener -> Arguments.of(listener, mood)));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void oneIllServerOfThreeIsNotNoticedAndUsedAgainWhenItIsWell(String listener, Mood mood)
      throws Exception {
    try (Load load = new Load(listener)) {
      untilUsed(servers(listener));
      MoodyServer ill = servers(listener).get(1);

      ill.become(mood);
      load.goOn(SETTLED_NANOS);
      load.assertAllGood();

      ill.become(Mood.WELL);
      untilUsed(List.of(ill));
      load.assertAllGood();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http1", "grpc"})
  void anOutageDoesNotMultiplyRequests(String listener) throws Exception {
    try (Load load = new Load(listener)) {
      untilUsed(servers(listener));
      for (MoodyServer server : servers(listener)) {
        server.become(Mood.UNAVAILABLE);
      }
      double retries = metric("scopegate_upstream_retries_total", listener);
      int before = load.bad.get();
      GatewayHarness.until(() -> load.bad.get() > before + 400);

      double again = metric("scopegate_upstream_retries_total", listener) - retries;
      assertThat(again).isLessThan(0.2 * (load.bad.get() - before));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http1", "grpc"})
  void eachServerHasItsShareWhateverConnectionsThereAre(String listener) throws Exception {
    try (Load load = new Load(listener)) {
      untilUsed(servers(listener));
      load.goOn(WATCHED_NANOS);
      int[] before = servers(listener).stream().mapToInt(MoodyServer::served).toArray();
      int good = load.good.get();
      GatewayHarness.until(() -> load.good.get() - good >= COUNTED);
      int all = 0;
      int[] part = new int[SERVERS];
      for (int i = 0; i < SERVERS; i++) {
        part[i] = servers(listener).get(i).served() - before[i];
        all += part[i];
      }
      for (int one : part) {
        assertThat((double) one / all).isBetween(0.23, 0.43);
      }
    }
  }

  /** Calls of a client whose connection is old, over the same connection. */
  private static void call(H2Wire client, GatewayHarness gateway, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      int id = client.request(gateway.grpc(SEARCH), false);
      client.data(id, Spans.message(false, new byte[0]), true);
      assertThat(client.message(id).grpcStatus()).isEqualTo("0");
    }
  }

  private static String scaled(int servers) {
    return """
    upstreams:
      up: {url: "http://tempo:1", protocol: h2c, endpoints: [%s]}
    listeners:
      in: {address: "127.0.0.1:0", serves: [tempo-query], upstream: up}
    """
        .formatted(places(grpc.subList(0, servers)));
  }

  @Test
  void callsOfAnOldConnectionReachServersThatAreAdded() throws Exception {
    try (GatewayHarness scaling = GatewayHarness.following(scaled(1));
        H2Wire client = H2Wire.connect(scaling.port("in"))) {
      call(client, scaling, 20);
      int[] before = grpc.stream().mapToInt(MoodyServer::served).toArray();

      scaling.reload(scaled(3));
      call(client, scaling, 300);
      for (int i = 0; i < SERVERS; i++) {
        assertThat(grpc.get(i).served() - before[i]).isBetween(60, 140);
      }

      scaling.reload(scaled(1));
      call(client, scaling, 50);
      assertThat(scaling.metrics())
          .contains(
              "scopegate_upstream_endpoint_usable{endpoint=\""
                  + place(0)
                  + "\",upstream=\"up\"} 1.0")
          .doesNotContain("endpoint=\"" + place(1) + "\"");
    }
  }

  private static String place(int server) {
    return "127.0.0.1:" + grpc.get(server).port();
  }

  private static double metric(String name, String upstream) {
    return harness
        .metrics()
        .lines()
        .filter(line -> line.startsWith(name + "{upstream=\"" + upstream + "\"}"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  // ---- lookups

  @Test
  void localhostHasOneServerOrTwo() throws Exception {
    try (MoodyServer server = MoodyServer.http1();
        GatewayHarness other =
            GatewayHarness.start(
                """
                upstreams:
                  up: {url: "http://localhost:%d", protocol: http1}
                listeners:
                  in: {address: "127.0.0.1:0", serves: [tempo-query], upstream: up}
                """
                    .formatted(server.port()));
        Wire client = Wire.connect(other.port("in"))) {
      for (int i = 0; i < 20; i++) {
        client.write(other.http1("GET", "/api/search"));
        Wire.Head head = client.readHead();
        client.readBody(head);
        assertThat(head.status()).isEqualTo(200);
      }
    }
  }
}

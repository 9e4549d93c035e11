package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.RawHttp1;
import io.scopegate.testkit.tempo.Surface;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.Traces;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.vertx.core.Future;
import io.vertx.grpc.common.GrpcStatus;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many streams, slow clients and large bodies through TLS, in bounded memory. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EnduranceIT {
  private static final int MIB = 1024 * 1024;
  private static final int LARGE = 64 * MIB;
  private static final Duration STALL = Duration.ofSeconds(30);
  private static final Duration SOON = Duration.ofSeconds(60);

  /** The JVM's own share is about 180 MiB with this heap; eight bodies alone would be 512. */
  private static final long MEMORY_MIB = 400;

  private Cluster cluster;
  private String[] query;
  private String[] ingest;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    query = as("query");
    ingest = as("ingest");
  }

  @Test
  void thousandStreamsOfOneConnectionAreServedAtATime() throws Exception {
    int streams = 1_000;
    try (TempoStandIn tempo = TempoStandIn.start();
        Rpc rpc = new Rpc(cluster.ca());
        GatewayRun gateway = small(Tempo.portsOf(tempo)).start("streams")) {
      tempo
          .store()
          .add(
              "showcase",
              Traces.batch(Traces.newId(), "checkout", "POST /cart", 2).getResourceSpansList());
      tempo.streaming().close();
      List<Future<Rpc.Called>> calls = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        calls.add(
            rpc.start(
                gateway.ports().query(),
                "tempopb.StreamingQuerier/Search",
                SearchRequest.getDefaultInstance(),
                query));
      }
      Until.holds(
          "all are open at Tempo",
          SOON,
          () -> tempo.received().count(Surface.QUERY_GRPC) == streams);
      tempo.streaming().open();

      Future.all(calls).toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
      assertThat(calls)
          .allSatisfy(call -> {
            assertThat(call.result().status()).isEqualTo(GrpcStatus.OK);
            assertThat(call.result().messages()).isNotEmpty();
          });
      nothingIsHeld(gateway);
    }
  }

  @Test
  void clientsThatDoNotReadForHalfAMinuteCostNoMemoryAndLoseNothing() throws IOException {
    int clients = 4;
    SSLSocketFactory tls = Http.trusting(cluster.ca()).getSocketFactory();
    byte[] expected = BodyUpstream.body(LARGE);
    try (BodyUpstream upstream = new BodyUpstream();
        GatewayRun gateway = small(GatewayRun.Upstreams.one(upstream.port())).start("stall")) {
      List<RawHttp1> stalled = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        RawHttp1 client = RawHttp1.connect(gateway.ports().query(), tls);
        client.write(
            "GET /api/search?bytes=%d HTTP/1.1\r\nHost: localhost\r\n%s: %s\r\n%s: %s\r\n\r\n"
                .formatted(LARGE, query[0], query[1], query[2], query[3]));
        assertThat(client.readHead()).startsWith("HTTP/1.1 200");
        stalled.add(client);
      }
      List<InputStream> unread = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        unread.add(Http.two(cluster.ca()).open(gateway.query("/api/search?bytes=" + LARGE), query));
      }
      Http other = Http.two(cluster.ca());
      long end = System.nanoTime() + STALL.toNanos();
      while (System.nanoTime() - end < 0) {
        assertThat(other.get(gateway.query("/api/search?bytes=1000"), query).body()).hasSize(1_000);
        Until.passed(Duration.ofSeconds(1));
      }
      assertThat(gateway.process().peakMemoryMib()).isLessThan(MEMORY_MIB);
      for (RawHttp1 client : stalled) {
        assertThat(Arrays.equals(client.read(LARGE), expected)).isTrue();
        client.close();
      }
      for (InputStream body : unread) {
        assertThat(Arrays.equals(body.readAllBytes(), expected)).isTrue();
      }
      assertThat(gateway.process().peakMemoryMib()).isLessThan(MEMORY_MIB);
      nothingIsHeld(gateway);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void largeBodiesPassBothWaysAtATime(boolean http2) throws Exception {
    byte[] body = BodyUpstream.body(LARGE);
    Http http = http2 ? Http.two(cluster.ca()) : Http.one(cluster.ca());
    try (BodyUpstream upstream = new BodyUpstream();
        GatewayRun gateway = small(GatewayRun.Upstreams.one(upstream.port())).start("large")) {
      List<CompletableFuture<Http.Reply>> up = new ArrayList<>();
      List<CompletableFuture<Http.Reply>> down = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        up.add(
            http.sendAsync(
                "POST",
                gateway.otlpHttp("/v1/traces"),
                HttpRequest.BodyPublishers.ofByteArray(body),
                with(ingest, "content-type", "application/x-protobuf")));
        down.add(
            http.sendAsync(
                "GET",
                gateway.query("/api/search?bytes=" + LARGE),
                HttpRequest.BodyPublishers.noBody(),
                query));
      }
      for (CompletableFuture<Http.Reply> reply : up) {
        assertThat(reply.get(60, TimeUnit.SECONDS).text()).isEqualTo(BodyUpstream.receipt(body));
      }
      for (CompletableFuture<Http.Reply> reply : down) {
        assertThat(Arrays.equals(reply.get(60, TimeUnit.SECONDS).body(), body)).isTrue();
      }
      assertThat(gateway.process().peakMemoryMib()).isLessThan(MEMORY_MIB);
      nothingIsHeld(gateway);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1_000, 16_384, 16_385, 65_536, MIB})
  void bodiesOfAnySizePassUnchanged(int bytes) {
    byte[] body = BodyUpstream.body(bytes);
    try (BodyUpstream upstream = new BodyUpstream();
        GatewayRun gateway = small(GatewayRun.Upstreams.one(upstream.port())).start("sizes")) {
      for (Http http : List.of(Http.one(cluster.ca()), Http.two(cluster.ca()))) {
        assertThat(
                http.post(
                        gateway.otlpHttp("/v1/traces"),
                        body,
                        with(ingest, "content-type", "application/x-protobuf"))
                    .text())
            .isEqualTo(BodyUpstream.receipt(body));
        assertThat(http.get(gateway.query("/api/search?bytes=" + bytes), query).body())
            .isEqualTo(body);
      }
    }
  }

  private GatewayRun.Setup small(GatewayRun.Upstreams upstreams) {
    return GatewayRun.of(cluster, upstreams).jvm("-Xmx128m");
  }

  /** Every body's bytes are given back once all is quiet. */
  private void nothingIsHeld(GatewayRun gateway) {
    Http http = Http.one(cluster.ca());
    Until.holds(
        "no bytes are in flight",
        SOON,
        () ->
            http.get(gateway.admin("/metrics"))
                .text()
                .lines()
                .anyMatch(line -> line.matches("scopegate_in_flight_bytes(\\{.*})? 0(\\.0)?")));
  }

  private String[] as(String account) {
    return new String[] {
      "authorization", "Bearer " + cluster.token("showcase", account), "x-scope-orgid", "showcase"
    };
  }

  private static String[] with(String[] headers, String name, String value) {
    String[] all = Arrays.copyOf(headers, headers.length + 2);
    all[headers.length] = name;
    all[headers.length + 1] = value;
    return all;
  }
}

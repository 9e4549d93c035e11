package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.scopegate.testkit.Fault;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.tempo.Surface;
import io.scopegate.testkit.tempo.TempoOptions;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.Traces;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.scopegate.testkit.tempo.proto.SearchTagsRequest;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.GrpcStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The gateway as its operators have it: signals, exit codes, ports, certificates, logs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OperationIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String SEARCH = "tempopb.StreamingQuerier/Search";
  private static final byte[] SERVING = {8, 1};

  private Cluster cluster;
  @AutoClose private TempoStandIn tempo;
  private Http http;
  @AutoClose private Rpc rpc;
  private String[] query;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    tempo = TempoStandIn.start();
    http = Http.one(cluster.ca());
    rpc = new Rpc(cluster.ca());
    query =
        new String[] {
          "authorization",
          "Bearer " + cluster.token("showcase", "query"),
          "x-scope-orgid",
          "showcase"
        };
    tempo
        .store()
        .add(
            "showcase",
            Traces.batch(Traces.newId(), "checkout", "POST /cart", 2).getResourceSpansList());
  }

  @BeforeEach
  void healthy() {
    tempo.faults().clear();
    tempo.streaming().open();
    tempo.received().clear();
  }

  @Test
  void whatIsInFlightFinishesAfterSigterm() throws Exception {
    tempo.faults().always(Surface.QUERY_HTTP, Fault.slow(Duration.ofSeconds(4)));
    tempo.streaming().close();
    try (GatewayRun gateway = setup().add("forwarding: {drain: 20s}").start("sigterm")) {
      CompletableFuture<Http.Reply> slow =
          http.sendAsync(
              "GET", gateway.query("/api/search"), HttpRequest.BodyPublishers.noBody(), query);
      Future<Rpc.Called> stream =
          rpc.start(gateway.ports().query(), SEARCH, SearchRequest.getDefaultInstance(), query);
      tempo.received().await(r -> r.surface() == Surface.QUERY_HTTP);
      tempo.received().await(r -> r.surface() == Surface.QUERY_GRPC);

      gateway.process().terminate();

      Until.holds(
          "it is not ready any more",
          SOON,
          () -> http.get(gateway.admin("/readyz")).status() == 503);
      assertThat(slow.get(30, TimeUnit.SECONDS).status()).isEqualTo(200);
      tempo.streaming().open();
      Rpc.Called called =
          stream.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
      assertThat(called.status()).isEqualTo(GrpcStatus.OK);
      assertThat(called.messages()).isNotEmpty();
      assertThat(gateway.process().awaitEnd(SOON)).isZero();
    }
  }

  @Test
  void portInUseEndsItWithOneLineAndCodeOne() throws IOException {
    GatewayRun.Ports ports = GatewayRun.Ports.free();
    try (ServerSocket taken = new ServerSocket(ports.query(), 1, InetAddress.getLoopbackAddress());
        GatewayRun gateway = setup().on(ports).launch("in-use")) {
      assertThat(gateway.process().awaitEnd(SOON)).isEqualTo(1);
      assertThat(gateway.process().output())
          .contains("listeners.query.address", "127.0.0.1:" + taken.getLocalPort())
          .doesNotContain("\tat ");
    }
  }

  @Test
  void unusableConfigurationEndsItWithCodeOne() {
    try (GatewayRun gateway = setup().add("limts: {}").launch("invalid")) {
      assertThat(gateway.process().awaitEnd(SOON)).isEqualTo(1);
      assertThat(gateway.process().output()).contains("limts", "limits");
    }
  }

  @Test
  void certificateIsFollowedThroughTheSymlinkSwapOfAMountedSecret() throws Exception {
    Path mount = Scratch.directory("mount");
    TestCa.Issued first = cluster.ca().server();
    TestCa.Issued second = cluster.ca().server();
    swap(mount, first);
    Files.createSymbolicLink(mount.resolve("tls.crt"), Path.of("..data/tls.crt"));
    Files.createSymbolicLink(mount.resolve("tls.key"), Path.of("..data/tls.key"));
    try (GatewayRun gateway = setup().certificates(mount).start("rotation")) {
      assertThat(shown(gateway)).isEqualTo(first.certificate());
      // an old connection and new ones, all the while
      assertThat(search(gateway).status()).isEqualTo(200);

      swap(mount, second);

      Until.holds(
          "the new certificate is shown",
          SOON,
          () -> {
            assertThat(search(gateway).status()).isEqualTo(200);
            assertThat(Http.one(cluster.ca()).get(gateway.query("/api/search"), query).status())
                .isEqualTo(200);
            return shown(gateway).equals(second.certificate());
          });
      Until.holds(
          "it is logged", SOON, () -> gateway.process().output().contains(".tls: reloaded"));
    }
  }

  @Test
  void tellsItsHealthAndMetrics() {
    try (GatewayRun gateway = setup().start("admin")) {
      assertThat(search(gateway).status()).isEqualTo(200);
      assertThat(http.get(gateway.admin("/livez")).status()).isEqualTo(200);
      assertThat(http.get(gateway.admin("/readyz")).text()).isEqualTo("ok\n");
      Until.holds( // a request may be counted after its answer
          "the request is counted",
          SOON,
          () -> http.get(gateway.admin("/metrics")).text().contains("tenant=\"showcase\""));
      Http.Reply metrics = http.get(gateway.admin("/metrics"));
      assertThat(metrics.header("content-type")).startsWith("text/plain; version=0.0.4");
      assertThat(metrics.text().lines().filter(line -> !line.startsWith("#")))
          .isNotEmpty()
          .allMatch(line ->
              line.matches("[a-zA-Z_:][a-zA-Z0-9_:]*(\\{[^\\n]*})? ([-+0-9.eE]+|NaN|[-+]?Inf)"));
      assertThat(metrics.text()).contains("scopegate_");
      assertThat(cluster.tokens()).noneMatch(metrics.text()::contains);
      Rpc.Called health =
          rpc.callInClearText(
              gateway.ports().admin(),
              "grpc.health.v1.Health/Check",
              SearchTagsRequest.getDefaultInstance());
      assertThat(health.status()).isEqualTo(GrpcStatus.OK);
      assertThat(health.messages()).singleElement().isEqualTo(SERVING);
    }
  }

  @Test
  void accessLogIsJsonAndHoldsNoToken() {
    try (GatewayRun gateway = setup().start("log")) {
      search(gateway);
      http.get(gateway.query("/api/search"), query[0], query[1], query[2], "payments");
      http.get(gateway.query("/api/search"), query[0], query[1] + "x", query[2], "showcase");
      http.get(gateway.query("/api/search?token=" + query[1].substring(7)), query[2], "showcase");
      Until.holds("four requests are logged", SOON, () -> access(gateway).size() == 4);

      assertThat(gateway.process().standardOutput().lines())
          .allSatisfy(
              line -> assertThatCode(() -> new JsonObject(line)).doesNotThrowAnyException());
      // in no order: connections have event loops, and each of those has lines of its own
      JsonObject allowed =
          access(gateway).stream()
              .filter(line -> line.getInteger("status") == 200)
              .findFirst()
              .orElseThrow();
      assertThat(allowed.getString("tenant")).isEqualTo("showcase");
      assertThat(allowed.getString("user")).isEqualTo("system:serviceaccount:showcase:query");
      assertThat(access(gateway).stream().map(line -> line.getInteger("status")))
          .containsExactlyInAnyOrder(200, 403, 401, 401);
      assertThat(cluster.tokensSeenIn(gateway.process())).isEmpty();
    }
  }

  @Test
  void contractsFileServesAsItIs() {
    for (int port : new int[] {4317, 4318, 3200, 8080, 8081, 14317, 14318, 13200}) {
      assumeTrue(FreePorts.isFree(port), "port " + port + " of the contract's file is in use");
    }
    try (TempoStandIn usual =
            TempoStandIn.start(TempoOptions.defaults().withPorts(14317, 14318, 13200));
        GatewayRun gateway =
            GatewayRun.of(cluster, Tempo.portsOf(usual)).literally().start("contract")) {
      assertThat(search(gateway).status()).isEqualTo(200);
      assertThat(http.get(gateway.queryInClearText("/api/search"), query).status()).isEqualTo(200);
    }
  }

  private GatewayRun.Setup setup() {
    return GatewayRun.of(cluster, Tempo.portsOf(tempo));
  }

  private Http.Reply search(GatewayRun gateway) {
    return http.get(gateway.query("/api/search"), query);
  }

  private static List<JsonObject> access(GatewayRun gateway) {
    return gateway
        .process()
        .standardOutput()
        .lines()
        .filter(line -> line.contains("\"type\":\"access\"") && line.endsWith("}"))
        .map(JsonObject::new)
        .toList();
  }

  /**
   * What the kubelet does when a Secret changes: a new directory, and a link renamed over the old.
   */
  private static void swap(Path mount, TestCa.Issued issued) throws IOException {
    Path version =
        Files.setPosixFilePermissions(
            Files.createTempDirectory(mount, "..version-"), Scratch.PUBLIC);
    issued.writeCertificate(version.resolve("tls.crt"));
    issued.writeKey(version.resolve("tls.key"));
    Path link = mount.resolve("..data_tmp");
    Files.createSymbolicLink(link, version.getFileName());
    Files.move(link, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }

  private Certificate shown(GatewayRun gateway) throws IOException {
    try (SSLSocket socket =
        (SSLSocket)
            Http.trusting(cluster.ca())
                .getSocketFactory()
                .createSocket("localhost", gateway.ports().query())) {
      socket.startHandshake();
      return socket.getSession().getPeerCertificates()[0];
    }
  }
}

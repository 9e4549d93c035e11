package io.scopegate.gateway.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.TestFiles;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.forward.UpstreamPlace;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.testkit.Await;
import io.scopegate.testkit.ClosedPort;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.tempo.TempoOptions;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the checks of upstreams say about Tempos as they are, and as they should not be. */
final class UpstreamChecksIT {
  private static final long PATIENCE_SECONDS = 20;

  @TempDir private Path directory;
  private final Vertx vertx = Vertx.vertx();
  private final Telemetry telemetry = new Telemetry(null, 10, "test");
  private final LogCapture log = new LogCapture(UpstreamChecks.class);
  private final BlockingQueue<Told> told = new LinkedBlockingQueue<>();
  private @Nullable UpstreamChecks checks;
  private ServerFinder finder =
      (name, config) -> Future.failedFuture("not found (expected: a listed server)");

  private record Told(List<String> reasons, List<String> warnings) {}

  @AfterEach
  void close() {
    if (checks != null) {
      checks.close();
    }
    log.close();
    telemetry.close();
    Await.result(vertx.close());
  }

  private Told check(String yaml) throws InterruptedException {
    LoadedConfig loaded = TestFiles.load(directory, yaml);
    assertThat(loaded.problems()).isEmpty();
    GatewayConfig config = loaded.config();
    UpstreamChecks made =
        new UpstreamChecks(
            vertx,
            () ->
                new UpstreamChecks.Plan(
                    config.effectiveUpstreams(), config.listeners(), config.upstreamChecks()),
            finder,
            telemetry.upstreamStates(),
            (reasons, warnings) -> told.add(new Told(reasons, warnings)));
    checks = made;
    made.check();
    return next();
  }

  private Told next() throws InterruptedException {
    Told next = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(next).as("a round").isNotNull();
    return next;
  }

  private static String yaml(TempoStandIn tempo) {
    return yaml("http", tempo.otlpGrpcPort(), tempo.otlpHttpPort(), tempo.queryPort(), "");
  }

  private static String yaml(String scheme, int grpc, int http, int query, String more) {
    return """
    upstreams:
      distributor-otlp-grpc: {url: "%1$s://localhost:%2$d"%5$s}
      distributor-otlp-http: {url: "%1$s://localhost:%3$d"%5$s}
      query-frontend: {url: "%1$s://localhost:%4$d"%5$s}
    """
        .formatted(scheme, grpc, http, query, more);
  }

  private String metrics() {
    return new String(telemetry.scrape(), StandardCharsets.UTF_8);
  }

  @Test
  void aTempoAsItShouldBeIsFine() throws InterruptedException {
    try (TempoStandIn tempo = TempoStandIn.start()) {
      Told found = check(yaml(tempo));

      assertThat(found.reasons()).isEmpty();
      assertThat(found.warnings()).isEmpty();
      assertThat(metrics())
          .contains("scopegate_upstream_up{upstream=\"query-frontend\"} 1")
          .contains("scopegate_upstream_up{upstream=\"distributor-otlp-grpc\"} 1")
          .contains("scopegate_upstream_multitenant{upstream=\"query-frontend\"} 1")
          .doesNotContain("scopegate_upstream_multitenant{upstream=\"distributor");
      assertThat(log.lines()).hasSize(4).allMatch(line -> line.startsWith("INFO "));
      assertThat(tempo.received().forbidden()).isEmpty();
    }
  }

  @Test
  void eachListedServerIsAskedAndOneOfThemIsEnough() throws InterruptedException {
    try (TempoStandIn tempo = TempoStandIn.start();
        TempoStandIn open = TempoStandIn.start(TempoOptions.defaults().withoutTenants())) {
      String servers =
          """
          upstreams:
            distributor-otlp-grpc: {url: "http://tempo:4317", endpoints: ["127.0.0.1:%d", "127.0.0.1:1"]}
            distributor-otlp-http: {url: "http://tempo:4318", endpoints: ["127.0.0.1:%d"]}
            query-frontend: {url: "http://tempo:3200", endpoints: ["127.0.0.1:%d", "127.0.0.1:%d"]}
          """
              .formatted(
                  tempo.otlpGrpcPort(), tempo.otlpHttpPort(), tempo.queryPort(), open.queryPort());
      Told found = check(servers);

      assertThat(found.reasons())
          .containsExactly("upstream query-frontend is not multi-tenant (multitenancy_enabled)");
      assertThat(metrics())
          .contains("scopegate_upstream_up{upstream=\"distributor-otlp-grpc\"} 1")
          .contains("scopegate_upstream_up{upstream=\"distributor-otlp-http\"} 1")
          .contains("scopegate_upstream_multitenant{upstream=\"query-frontend\"} 0");
      assertThat(log.lines())
          .anySatisfy(line -> assertThat(line).contains("http://127.0.0.1:1 is unreachable"));
    }
  }

  private static final String FOUND =
      """
      upstreams:
        query: {url: "http://no-such-host.invalid:3200", srv: _http._tcp.query.tempo.svc}
      listeners:
        query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: query}
      upstreamChecks: {unreachable: not-ready, interval: 100ms}
      """;

  @Test
  void serversThatAreFoundAreAskedAndTheUrlIsNot() throws InterruptedException {
    try (TempoStandIn tempo = TempoStandIn.start()) {
      AtomicBoolean isThere = new AtomicBoolean();
      finder =
          (name, config) ->
              isThere.get()
                  ? Future.succeededFuture(
                      List.of(new UpstreamPlace("127.0.0.1", tempo.queryPort(), null)))
                  : Future.failedFuture("no SRV record names a server");

      assertThat(check(FOUND).reasons()).hasSize(1);
      assertThat(log.lines())
          .containsExactly(
              "WARN upstreams.query: srv names no server: no SRV record names a server; check"
                  + " upstreams.query.srv");

      isThere.set(true);
      while (!next().reasons().isEmpty()) {
        // the next round
      }
      assertThat(metrics()).contains("scopegate_upstream_multitenant{upstream=\"query\"} 1");
    }
  }

  @Test
  void whoFindsNothingInTimeIsNotWaitedFor() throws InterruptedException {
    finder = (name, config) -> Promise.<List<UpstreamPlace>>promise().future();
    String yaml = FOUND.replace("interval: 100ms", "timeout: 200ms");

    assertThat(check(yaml).reasons()).hasSize(1);
    assertThat(log.lines())
        .singleElement()
        .asString()
        .contains("srv names no server: nothing was found within 200ms");
  }

  @Test
  void anUpstreamOnASocketIsAskedThere() throws Exception {
    Path socket = directory.resolve("tempo.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread answering =
          new Thread(() -> {
            byte[] answer =
                "HTTP/1.1 401 Unauthorized\r\nContent-Length: 9\r\n\r\nno org id"
                    .getBytes(StandardCharsets.UTF_8);
            try (SocketChannel client = server.accept()) {
              client.read(ByteBuffer.allocate(4096));
              client.write(ByteBuffer.wrap(answer));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      answering.start();
      check(
          """
          upstreams: {tempo: {url: "unix://%s", protocol: http1}}
          listeners:
            query: {address: "127.0.0.1:0", routes: [{serves: [tempo-query], upstream: tempo}]}
          """
              .formatted(socket));
      answering.join();

      assertThat(metrics()).contains("scopegate_upstream_multitenant{upstream=\"tempo\"} 1");
    }
  }

  @Test
  void aTempoWithoutTenantsIsAnErrorAndNotReady() throws InterruptedException {
    try (TempoStandIn tempo = TempoStandIn.start(TempoOptions.defaults().withoutTenants())) {
      Told found = check(yaml(tempo));

      assertThat(found.reasons())
          .containsExactly("upstream query-frontend is not multi-tenant (multitenancy_enabled)");
      assertThat(found.warnings()).isEmpty();
      assertThat(metrics())
          .contains("scopegate_upstream_multitenant{upstream=\"query-frontend\"} 0")
          .contains("scopegate_upstream_up{upstream=\"query-frontend\"} 1");
      assertThat(log.lines())
          .anySatisfy(line ->
              assertThat(line)
                  .startsWith("ERROR upstreams.query-frontend: http://localhost:")
                  .contains("everybody who may read one tenant can read all traces")
                  .endsWith("set multitenancy_enabled: true in Tempo"));
    }
  }

  @Test
  void aTempoWithoutTenantsMayBeReadyByChoiceAndIsStillAnError() throws InterruptedException {
    try (TempoStandIn tempo = TempoStandIn.start(TempoOptions.defaults().withoutTenants())) {
      Told found = check(yaml(tempo) + "upstreamChecks: {singleTenant: ready}\n");

      assertThat(found.reasons()).isEmpty();
      assertThat(found.warnings()).hasSize(1);
      assertThat(log.lines()).anyMatch(line -> line.startsWith("ERROR "));
    }
  }

  @Test
  void aTempoWithoutGrpcOnItsQueryPortIsNamedAsSuch() throws InterruptedException {
    TempoOptions options = TempoOptions.defaults().withoutStreamOverHttp();
    try (TempoStandIn tempo = TempoStandIn.start(options)) {
      Told found = check(yaml(tempo));

      assertThat(found.reasons()).isEmpty();
      assertThat(found.warnings()).hasSize(1);
      assertThat(log.lines())
          .anySatisfy(line ->
              assertThat(line)
                  .startsWith("WARN upstreams.query-frontend: http://localhost:")
                  .contains("does not speak gRPC")
                  .contains("stream_over_http_enabled")
                  .contains("upstreams.query-frontend.grpcUrl"));
      assertThat(metrics()).contains("scopegate_upstream_up{upstream=\"query-frontend\"} 0");
    }
  }

  @Test
  void anUpstreamThatIsAwayIsAWarningUntilItIsBackAndIsLoggedOnce() throws Exception {
    try (ClosedPort away = ClosedPort.any()) {
      int port = away.number();
      String yaml = yaml("http", port, port, port, "") + "upstreamChecks: {interval: 100ms}\n";
      Told found = check(yaml);

      assertThat(found.reasons()).isEmpty();
      assertThat(found.warnings()).hasSize(3);
      assertThat(log.lines()).hasSize(3);
      assertThat(log.lines().get(0))
          .startsWith("WARN upstreams.distributor-otlp-grpc: http://localhost:" + port)
          .contains("unreachable: the connection is refused, so nothing listens there");
      next();
      assertThat(log.lines()).hasSize(3);

      try (TempoStandIn tempo = TempoStandIn.start(TempoOptions.defaults().withPorts(0, 0, port))) {
        assertThat(tempo.queryPort()).isEqualTo(port);
        while (next().warnings().size() > 0) {
          // the next round
        }
        assertThat(log.lines()).anyMatch(line -> line.startsWith("INFO upstreams.query-frontend"));
      }
    }
  }

  @Test
  void namesThatDoNotResolveAndPortsThatSpeakSomethingElseAreTold() throws Exception {
    try (TempoStandIn tempo = TempoStandIn.start()) {
      check(
          """
          upstreams:
            distributor-otlp-grpc: {url: "http://no-such-host.invalid:4317"}
            distributor-otlp-http: {url: "https://localhost:%d"}
            query-frontend: {url: "http://localhost:%d", pathPrefix: /tempo}
          upstreamChecks: {unreachable: not-ready}
          """
              .formatted(tempo.otlpHttpPort(), tempo.queryPort()));

      assertThat(log.lines())
          .anyMatch(line -> line.contains("the name no-such-host.invalid does not resolve"))
          .anyMatch(line -> line.contains("cannot be used: it does not speak TLS"));
    }
  }

  /** As with gRPC's server for Go, whose answer has not ended when the check has. */
  @Test
  void anAnswerThatIsCutOffByTheCheckItselfIsNoErrorOfTheLog() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    HttpServer server =
        vertx
            .createHttpServer()
            .connectionHandler(connection -> connection.closeHandler(end -> closed.countDown()))
            .requestHandler(request ->
                request
                    .response()
                    .putHeader("content-type", "application/grpc")
                    .setChunked(true)
                    .writeHead());
    int port = Await.result(server.listen(0)).actualPort();
    try (LogCapture http = new LogCapture("io.vertx.core.http.impl");
        TempoStandIn tempo = TempoStandIn.start()) {
      check(yaml("http", port, tempo.otlpHttpPort(), tempo.queryPort(), ""));

      assertThat(closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      Await.result(server.close());
      assertThat(log.lines())
          .contains(
              "INFO upstreams.distributor-otlp-grpc: http://localhost:" + port + " speaks gRPC");
      assertThat(http.lines()).isEmpty();
    }
  }

  @Test
  void byTlsTheCertificateIsChecked() throws Exception {
    TestCa ca = TestCa.create();
    ca.writePem(directory.resolve("ca.crt"));
    try (TempoStandIn tempo = TempoStandIn.start(TempoOptions.defaults().withTls(ca.server()))) {
      String good = ", tls: {caFile: \"" + directory.resolve("ca.crt") + "\"}";
      Told found =
          check(yaml("https", tempo.otlpGrpcPort(), tempo.otlpHttpPort(), tempo.queryPort(), good));
      assertThat(found.warnings()).isEmpty();
      assertThat(found.reasons()).isEmpty();
    }
    try (TempoStandIn tempo = TempoStandIn.start(TempoOptions.defaults().withTls(ca.server()))) {
      Told found =
          check(yaml("https", tempo.otlpGrpcPort(), tempo.otlpHttpPort(), tempo.queryPort(), ""));
      assertThat(found.warnings()).hasSize(3);
      assertThat(log.lines())
          .anyMatch(line -> line.contains("its certificate is not signed by a trusted CA"));
    }
  }

  @Test
  void whatIsBehindAProxyIsNotChecked() throws IOException, InterruptedException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Told found =
          check(
              """
              upstreams: {up: {url: "http://127.0.0.1:%d"}}
              listeners: {in: {address: "127.0.0.1:0", serves: [proxy], upstream: up}}
              authorization: {mapping: non-resource}
              """
                  .formatted(silent.getLocalPort()));

      assertThat(found.warnings()).isEmpty();
      assertThat(metrics()).doesNotContain("scopegate_upstream_up{");
    }
  }

  @Test
  void aSilentUpstreamIsGivenUpAfterTheTimeout() throws IOException, InterruptedException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      int port = silent.getLocalPort();
      Told found = check(yaml("http", port, port, port, "") + "upstreamChecks: {timeout: 200ms}\n");

      assertThat(found.warnings()).hasSize(3);
      assertThat(log.lines()).allMatch(line -> line.contains("no answer within 200ms"));
    }
  }
}

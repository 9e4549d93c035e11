package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.tempo.TempoStandIn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** HTTP/2 by h2spec, and gRPC's interoperability cases by its own client and server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConformanceIT {
  private static final Duration H2SPEC = Duration.ofMinutes(4);
  private static final Duration CASE = Duration.ofSeconds(30);
  private static final Pattern SUMMARY =
      Pattern.compile("(\\d+) tests, (\\d+) passed, (\\d+) skipped, (\\d+) failed");

  private final Map<Way, Chain> chains = new EnumMap<>(Way.class);
  private Cluster cluster;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
  }

  @Test
  void http2OverTlsIsAsSpecified() {
    assertThat(h2spec("-t", "-k")).isEqualTo("145 tests, 145 passed, 0 skipped, 0 failed");
  }

  /** A wrong preface is no HTTP/2 on a port where HTTP/1.1 is spoken as well. */
  @Test
  void http2InClearTextIsAsSpecifiedButForTheInvalidPreface() {
    assertThat(h2spec())
        .isIn(
            "145 tests, 144 passed, 0 skipped, 1 failed",
            "145 tests, 145 passed, 0 skipped, 0 failed");
  }

  private String h2spec(String... flags) {
    Path h2spec = Parts.need("h2spec");
    try (TempoStandIn tempo = TempoStandIn.start();
        GatewayRun gateway = GatewayRun.of(cluster, Tempo.portsOf(tempo)).start("h2spec")) {
      List<String> command = new ArrayList<>(List.of(h2spec.toString(), "-h", "127.0.0.1"));
      command.addAll(List.of("-p", Integer.toString(gateway.ports().query())));
      command.addAll(List.of(flags));
      Part.Ended ended = Part.run("h2spec", gateway.directory(), Map.of(), H2SPEC, command);
      Matcher summary = SUMMARY.matcher(ended.output());
      assertThat(summary.find()).as(ended.output()).isTrue();
      if (!summary.group(4).equals("0")) {
        assertThat(failures(ended.output()))
            .as(ended.output())
            .contains("invalid connection preface");
      }
      return summary.group();
    }
  }

  private static String failures(String output) {
    int at = output.indexOf("Failures:");
    return at < 0 ? "" : output.substring(at);
  }

  /** How a client and the server of the interoperability cases are joined. */
  enum Way {
    TLS(true, false),
    H2C(false, false),
    TLS_TO_TLS(true, true);

    private final boolean client;
    private final boolean server;

    Way(boolean client, boolean server) {
      this.client = client;
      this.server = server;
    }
  }

  private static Stream<Arguments> interop() {
    return Stream.of(Way.values())
        .flatMap(way ->
            Stream.of(
                    "empty_unary",
                    "large_unary",
                    "client_streaming",
                    "server_streaming",
                    "ping_pong",
                    "empty_stream",
                    "timeout_on_sleeping_server",
                    "cancel_after_begin",
                    "cancel_after_first_response",
                    "status_code_and_message",
                    "special_status_message",
                    "custom_metadata",
                    "unimplemented_method",
                    "unimplemented_service")
                .map(name -> Arguments.of(way, name)));
  }

  @AfterAll
  void end() {
    chains.values().forEach(Chain::close);
  }

  @ParameterizedTest
  @MethodSource
  void interop(Way way, String testCase) {
    Path client = Parts.need("grpc-interop-client");
    Chain chain = chains.computeIfAbsent(way, this::chain);
    List<String> command = new ArrayList<>(List.of(client.toString()));
    command.addAll(
        List.of(
            "--server_host=127.0.0.1",
            "--server_port=" + chain.gateway().ports().otlpGrpc(),
            "--test_case=" + testCase,
            "--additional_metadata=authorization:Bearer "
                + chain.token()
                + ";x-scope-orgid:showcase"));
    if (way.client) {
      Path trusted = cluster.ca().writePem(cluster.file("ca"));
      command.addAll(
          List.of(
              "--use_tls",
              "--use_test_ca",
              "--ca_file=" + trusted,
              "--server_host_override=localhost"));
    }
    Part.Ended ended = Part.run("client", chain.gateway().directory(), Map.of(), CASE, command);
    assertThat(ended.code()).as(ended.output()).isZero();
  }

  private Chain chain(Way way) {
    int port = FreePorts.next();
    Path directory = Scratch.directory("interop");
    List<String> command =
        new ArrayList<>(List.of(Parts.need("grpc-interop-server").toString(), "--port=" + port));
    GatewayRun.Setup setup =
        GatewayRun.of(cluster, GatewayRun.Upstreams.one(port))
            .replace("serves: [otlp-grpc]", "serves: [generic-write]");
    if (way.server) {
      TestCa.Issued issued = cluster.ca().server();
      Path certificate = issued.writeCertificate(directory.resolve("tls.crt"));
      Path key = issued.writeKey(directory.resolve("tls.key"));
      Path trusted = cluster.ca().writePem(directory.resolve("ca.crt"));
      command.addAll(
          List.of("--use_tls", "--tls_cert_file=" + certificate, "--tls_key_file=" + key));
      setup.replace(
          "{url: \"http://127.0.0.1:%d\", protocol: h2c}".formatted(port),
          "{url: \"https://127.0.0.1:%d\", protocol: h2, tls: {caFile: \"%s\"}}"
              .formatted(port, trusted));
    }
    Part server = Part.start("server", directory, Map.of(), command);
    Until.holds("the interop server is up", CASE, () -> !FreePorts.isFree(port));
    return new Chain(server, setup.start("interop"), cluster.token("showcase", "ingest"));
  }

  private record Chain(Part server, GatewayRun gateway, String token) {
    void close() {
      gateway.close();
      server.close();
    }
  }
}

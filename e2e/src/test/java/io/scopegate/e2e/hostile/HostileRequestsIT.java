package io.scopegate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.Http;
import io.scopegate.e2e.KeptAlive;
import io.scopegate.e2e.Rpc;
import io.scopegate.e2e.Until;
import io.scopegate.e2e.wire.Frames;
import io.scopegate.e2e.wire.Hpack;
import io.scopegate.e2e.wire.RawHttp2;
import io.scopegate.e2e.wire.Wires;
import io.scopegate.testkit.RawHttp1;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Single requests that must not pass, and what they leave behind. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileRequestsIT {
  private static final int PROTOCOL_ERROR = 1;
  private static final Duration SOON = Duration.ofSeconds(20);

  @AutoClose private Surroundings around;
  @AutoClose private Target target;
  @AutoClose private Wires wires;
  private SSLSocketFactory tls;

  @BeforeAll
  void start() {
    around = new Surroundings();
    target = Target.start(around);
    wires = new Wires(around.ca());
    tls = Http.trusting(around.ca()).getSocketFactory();
  }

  @ParameterizedTest
  @EnumSource(
      value = Door.class,
      names = {"H2_CLEAR", "H2_TLS", "H2_UPGRADE"})
  void honestRequestsOfTheseClientsAreServed(Door door) throws IOException {
    try (RawHttp2 client = http2(door)) {
      int stream = door.firstStream();
      assertThat(
              client
                  .send(Frames.request(stream, credentials(Hpack.get("/api/search"))))
                  .outcome(stream))
          .isEqualTo("200");
    }
  }

  /** Extended CONNECT was not offered, so the pseudo-header makes the request malformed. */
  @ParameterizedTest
  @EnumSource(
      value = Door.class,
      names = {"H2_CLEAR", "H2_TLS", "H2_UPGRADE"})
  void protocolOfExtendedConnectIsRefused(Door door) throws IOException {
    for (String method : new String[] {"CONNECT", "GET"}) {
      Hpack head =
          new Hpack()
              .field(":method", method)
              .field(":protocol", "websocket")
              .field(":scheme", "http")
              .field(":path", "/api/search?protocol")
              .field(":authority", "localhost");
      assertThat(outcome(door, credentials(head))).as(method).isIn(refusals(method));
    }
    assertThat(around.tempo().received().all())
        .noneMatch(request -> request.uri().contains("protocol"));
  }

  /** CONNECT may be refused for what it is. */
  private static List<String> refusals(String method) {
    List<String> malformed = List.of("400", "reset " + PROTOCOL_ERROR, "goaway " + PROTOCOL_ERROR);
    return method.equals("GET")
        ? malformed
        : Stream.concat(malformed.stream(), Stream.of("405", "501")).toList();
  }

  @DisplayName("CVE-2026-89044: chunked, xchunked in a request is refused, and the connection ends")
  @ParameterizedTest
  @EnumSource(
      value = Door.class,
      names = {"H1_CLEAR", "H1_TLS", "H1_ADMIN", "H1_CONSOLE"})
  void transferCodingThatIsNotTheLastIsRefused(Door door) throws IOException {
    String lines =
        "Host: localhost\r\nAuthorization: Bearer %s\r\nX-Scope-OrgID: showcase\r\n"
            .formatted(around.honestToken());
    try (RawHttp1 client = http1(door)) {
      client.write(
          "GET /api/search?smuggled HTTP/1.1\r\n"
              + lines
              + "Transfer-Encoding: chunked, xchunked\r\n\r\n0\r\n\r\n"
              + "GET /livez HTTP/1.1\r\n"
              + lines
              + "\r\n");
      assertThat(client.readHead()).matches("(?s)HTTP/1\\.[01] (400|404|501) .*");
      assertThat(rest(client))
          .as("what follows the refusal")
          .doesNotContainPattern("HTTP/1\\.[01] \\d{3}");
    }
    assertThat(around.tempo().received().all())
        .noneMatch(request -> request.uri().contains("smuggled"));
  }

  /** Until the end of the connection, which may be a reset: not all that was sent was read. */
  private static String rest(RawHttp1 client) throws IOException {
    StringBuilder all = new StringBuilder();
    try {
      for (byte[] next; (next = client.read(1)).length > 0; ) {
        all.append((char) next[0]);
      }
    } catch (SocketException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
    return all.toString();
  }

  @DisplayName("CVE-2026-10601: paths that lead elsewhere are refused")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/../flush",
        "/api/search/../../flush",
        "/api/search/..%2f..%2fflush",
        "/api/search/%2e%2e/%2e%2e/flush",
        "/api/search/%2E%2E%2F%2E%2E%2Fflush",
        "/api/search/..%5c..%5cflush",
        "/api/search/..\\..\\flush",
        "/api/search/..;/..;/flush",
        "/api/search/tag/../../../flush",
        "/api/search/tag/%2e%2e%2f%2e%2e%2f%2e%2e%2fflush/values",
        "/api/traces/..%2f..%2fflush",
        "/api/traces/%2e%2e",
        "//flush",
        "/./flush",
        "/api//search/../../flush"
      })
  void pathsThatLeadElsewhereAreRefused(String path) throws IOException {
    try (KeptAlive client = KeptAlive.connect(target.port(Listener.QUERY))) {
      assertThat(client.status(KeptAlive.get(path, lines()))).isIn(400, 404);
    }
    assertThat(outcome(Door.H2_CLEAR, credentials(Hpack.get(path)))).isIn("400", "404");
    assertThat(around.tempo().received().all())
        .noneMatch(request -> request.uri().contains("flush") || request.uri().contains(".."));
  }

  @DisplayName("tempo#7153: redaction of other tenants' traces is out of reach")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "tempopb.BackendScheduler/SubmitRedaction",
        "tempopb.BackendScheduler/Next",
        "tempopb.BackendWorker/Redact"
      })
  void redactionIsRefused(String method) throws Exception {
    try (Rpc rpc = new Rpc(around.ca())) {
      Rpc.Called called =
          rpc.start(
                  target.port(Listener.QUERY),
                  method,
                  SearchRequest.getDefaultInstance(),
                  "authorization",
                  "Bearer " + around.honestToken(),
                  "x-scope-orgid",
                  Surroundings.HONEST)
              .toCompletionStage()
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);
      assertThat(called.status()).isEqualTo(GrpcStatus.UNIMPLEMENTED);
    }
    for (String path : new String[] {"/api/redactions", "/api/redact", "/api/backendscheduler"}) {
      try (KeptAlive client = KeptAlive.connect(target.port(Listener.QUERY))) {
        assertThat(client.status(KeptAlive.get(path, lines()))).isEqualTo(404);
      }
    }
    assertThat(around.tempo().received().forbidden()).isEmpty();
  }

  /** What clients say without a credential must not be written down at a multiple of its size. */
  @Test
  void theLogGrowsSlowerThanWhatStrangersSend() {
    target.takeDefects();
    byte[] shortest = "GET / HTTP/1.1\r\nHost:\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    Attack flood =
        Attack.called("refused requests")
            .through(EnumSet.of(Door.H1_CLEAR))
            .from(4)
            .times(1_000)
            .every(Duration.ofMillis(2)) // slowly, so that no line is dropped for want of time
            .sends((scene, number) -> shortest);
    try (Assault assault = Assault.begin(wires, target, flood, Set.of(Door.H1_CLEAR), 1)) {
      Until.holds("all is sent", SOON, () -> assault.messages() >= 4_000);
      Until.holds("all are answered", SOON, () -> target.metric("scopegate_streams") == 0);
      Until.passed(Duration.ofSeconds(2)); // a log is written when there is time
      System.out.printf("%d bytes of log after %s%n", target.logBytes(), assault);
      assertThat(target.logBytes()).as("bytes of log").isLessThan(assault.bytes());
    }
  }

  private String outcome(Door door, Hpack head) throws IOException {
    try (RawHttp2 client = http2(door)) {
      return client.send(Frames.request(door.firstStream(), head)).outcome(door.firstStream());
    } catch (EOFException e) {
      return "closed";
    }
  }

  private RawHttp2 http2(Door door) throws IOException {
    int port = target.port(door.listener(Listener.QUERY));
    return switch (door) {
      case H2_TLS -> RawHttp2.connect(port, tls);
      case H2_UPGRADE -> RawHttp2.upgrade(port);
      default -> RawHttp2.connect(port);
    };
  }

  private RawHttp1 http1(Door door) throws IOException {
    int port = target.port(door.listener(Listener.QUERY));
    return door == Door.H1_TLS ? RawHttp1.connect(port, tls) : RawHttp1.connect(port);
  }

  private Hpack credentials(Hpack head) {
    return head.field("x-scope-orgid", Surroundings.HONEST)
        .field("authorization", "Bearer " + around.honestToken());
  }

  private String lines() {
    return "Authorization: Bearer %s\r\nX-Scope-OrgID: %s\r\n"
        .formatted(around.honestToken(), Surroundings.HONEST);
  }
}

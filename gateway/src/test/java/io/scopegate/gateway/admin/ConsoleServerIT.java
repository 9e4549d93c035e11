package io.scopegate.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scopegate.config.HostPort;
import io.scopegate.gateway.telemetry.LastReload;
import io.scopegate.testkit.Await;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The console's page and its events, beside a gateway of which a test says what it does. */
final class ConsoleServerIT {
  private static final Duration OFTEN = Duration.ofMillis(20);
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Set<String> PARTS =
      Set.of(
          "status",
          "traffic",
          "refusals",
          "upstreams",
          "cluster",
          "budgets",
          "certificates",
          "reload");

  private final Vertx vertx = AdminVertx.create();
  private final ConsoleStandIn gateway = new ConsoleStandIn();
  private final Readiness readiness = new Readiness(Set.of());
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private ConsoleServer server = server(LONG);
  private int port = Await.result(server.listen());

  private ConsoleServer server(Duration stream) {
    return new ConsoleServer(
        vertx,
        gateway,
        readiness,
        new HostPort("127.0.0.1", 0),
        new ConsoleEvents.Times(OFTEN, stream));
  }

  @AfterEach
  void close() {
    Await.result(server.close());
    Await.result(vertx.close());
  }

  private static void until(String what, BooleanSupplier holds) {
    long end = System.nanoTime() + 30_000_000_000L;
    while (!holds.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as(what).isNegative();
      LockSupport.parkNanos(5_000_000);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request(path);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  // ---- the page

  private static final String PAGE_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  @ParameterizedTest
  @CsvSource({
    "/, 200, text/html; charset=utf-8",
    "/assets/main.js, 200, text/javascript; charset=utf-8",
    "/assets/uplot.js, 200, text/javascript; charset=utf-8",
    "/assets/console.css, 200, text/css; charset=utf-8",
    "/assets/icon.svg, 200, image/svg+xml",
    "/assets/none.js, 404, text/plain; charset=utf-8",
    "/assets/..%2FConsoleServer.class, 404, text/plain; charset=utf-8",
    "/none, 404, text/plain; charset=utf-8",
    "/api/explain, 400, text/plain; charset=utf-8",
    "/api/config, 200, application/yaml",
    "/api/cluster, 200, application/json",
    "/api/upstreams, 200, application/json",
    "/api/certificates, 200, application/json",
    "/api/reload, 200, application/json",
    "/api/refusals, 200, application/json",
  })
  void everyAnswerForbidsWhatItDoesNotNeed(String path, int status, String type)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = get(path);

    assertThat(answer.statusCode()).isEqualTo(status);
    Map<String, List<String>> headers = answer.headers().map();
    assertThat(headers.get("content-type")).containsExactly(type);
    assertThat(headers.get("x-content-type-options")).containsExactly("nosniff");
    assertThat(headers.get("cross-origin-resource-policy")).containsExactly("same-origin");
    assertThat(headers.get("referrer-policy")).containsExactly("no-referrer");
    assertThat(headers).doesNotContainKey("access-control-allow-origin");
    boolean isPage = status == 200 && !path.startsWith("/api");
    assertThat(headers.get("content-security-policy"))
        .containsExactly(isPage ? PAGE_POLICY : "default-src 'none'; frame-ancestors 'none'");
    assertThat(headers.get("cache-control")).containsExactly(isPage ? "no-cache" : "no-store");
  }

  @Test
  void aBrowserThatHasAFileDoesNotGetItAgain() throws IOException, InterruptedException {
    String etag = get("/assets/main.js").headers().firstValue("etag").orElseThrow();

    HttpResponse<String> again = get("/assets/main.js", "If-None-Match", etag);

    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(get("/assets/main.js", "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
  }

  @Test
  void certificatesAreSortedByTheirExpiry() throws IOException, InterruptedException {
    JsonArray all = new JsonObject(get("/api/certificates").body()).getJsonArray("certificates");

    assertThat(all.getJsonObject(0))
        .isEqualTo(
            new JsonObject()
                .put("used_by", "listeners.early.tls")
                .put("file", "tls.crt")
                .put("expires", "1970-01-02T00:00:00Z"));
    assertThat(all.getJsonObject(1).getString("used_by")).isEqualTo("listeners.late.tls");
  }

  @Test
  void tellsWhatBecameOfTheLastReload() throws IOException, InterruptedException {
    gateway.reload =
        new LastReload(
            Instant.EPOCH,
            false,
            List.of("limits.defaults.spansPerSecond"),
            List.of("admin.console"),
            List.of("a problem"));

    assertThat(new JsonObject(get("/api/reload").body()))
        .isEqualTo(
            new JsonObject()
                .put("time", "1970-01-01T00:00:00Z")
                .put("current", true)
                .put("start", false)
                .put("changed", new JsonArray().add("limits.defaults.spansPerSecond"))
                .put("at_next_start", new JsonArray().add("admin.console"))
                .put("problems", new JsonArray().add("a problem")));
  }

  // ---- the events

  /** A subscriber that reads. */
  private final class Reader implements AutoCloseable {
    private final Stream<String> lines;
    private final Iterator<String> iterator;

    Reader() throws IOException, InterruptedException {
      HttpResponse<Stream<String>> answer =
          client.send(request("/api/events").build(), HttpResponse.BodyHandlers.ofLines());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().map().get("content-type")).containsExactly("text/event-stream");
      assertThat(answer.headers().map().get("cache-control")).containsExactly("no-store");
      assertThat(answer.headers().map().get("x-content-type-options")).containsExactly("nosniff");
      assertThat(answer.headers().map().get("content-security-policy"))
          .containsExactly("default-src 'none'; frame-ancestors 'none'");
      this.lines = answer.body();
      this.iterator = lines.iterator();
    }

    /** The next event; null at the end. */
    Map.Entry<String, JsonObject> next() {
      String name = "";
      while (iterator.hasNext()) {
        String line = iterator.next();
        if (line.startsWith("event: ")) {
          name = line.substring("event: ".length());
        } else if (line.startsWith("data: ")) {
          return Map.entry(name, new JsonObject(line.substring("data: ".length())));
        }
      }
      return Map.entry("", new JsonObject());
    }

    /** The next event of this name. */
    JsonObject next(String name) {
      Map.Entry<String, JsonObject> event = next();
      while (!event.getKey().equals(name)) {
        assertThat(event.getKey()).as("the stream goes on").isNotEmpty();
        event = next();
      }
      return event.getValue();
    }

    @Override
    public void close() {
      lines.close();
    }
  }

  @Test
  void tellsEverythingAtOnceAndThenWhatHasChanged() throws IOException, InterruptedException {
    try (Reader reader = new Reader()) {
      Map<String, JsonObject> first = new LinkedHashMap<>();
      for (int i = 0; i < PARTS.size(); i++) {
        Map.Entry<String, JsonObject> event = reader.next();
        first.put(event.getKey(), event.getValue());
      }
      assertThat(first.keySet()).isEqualTo(PARTS);
      assertThat(first.get("traffic").getDouble("seconds")).isZero();
      assertThat(first.get("status").getJsonArray("busy")).containsExactly("bytes");
      assertThat(first.get("budgets").getDouble("bytes")).isEqualTo(0.9);
      assertThat(first.get("cluster").getJsonObject("issuer_keys").getInteger("cluster"))
          .isEqualTo(2);
      assertThat(first.get("cluster").getString("own_credential_expires"))
          .isEqualTo("1970-01-01T01:00:00Z");
      JsonObject upstream = first.get("upstreams").getJsonArray("upstreams").getJsonObject(0);
      assertThat(upstream.getString("state")).isEqualTo("unknown");
      assertThat(upstream.getJsonArray("endpoints").getJsonObject(0).getString("check"))
          .isEqualTo("passes");

      Map.Entry<String, JsonObject> second = reader.next();
      assertThat(second.getKey()).isEqualTo("traffic");
      double seconds = second.getValue().getDouble("seconds");
      assertThat(seconds).isPositive();
      JsonObject tenant = second.getValue().getJsonArray("tenants").getJsonObject(0);
      assertThat(tenant.getString("name")).isEqualTo("tenant0");
      assertThat(tenant.getDouble("requests") * seconds).isCloseTo(1, within(0.1));

      readiness.drain();
      Map.Entry<String, JsonObject> changed = reader.next();
      while (changed.getKey().equals("traffic")) {
        changed = reader.next();
      }
      assertThat(changed.getKey()).isEqualTo("status");
      assertThat(changed.getValue().getJsonArray("reasons")).containsExactly("draining");
    }
  }

  @Test
  void showsTheBusiestOfManyTenants() throws IOException, InterruptedException {
    gateway.tenants = 500;
    try (Reader reader = new Reader()) {
      reader.next("traffic");
      JsonObject traffic = reader.next("traffic");
      assertThat(traffic.getJsonArray("tenants")).hasSize(ConsoleView.MOST_TENANTS);
      assertThat(traffic.getInteger("all_tenants")).isEqualTo(500);
    }
  }

  @Test
  void whatStrangersWriteStaysOneEvent() throws IOException, InterruptedException {
    gateway.name = "a\n\nevent: status\ndata: {\"version\":\"hacked\"}\r\n\r\n\u2028</script>";
    try (Reader reader = new Reader()) {
      assertThat(reader.next("status").getString("version")).isEmpty();
      JsonObject tenant = reader.next("traffic").getJsonArray("tenants").getJsonObject(0);
      assertThat(tenant.getString("name")).isEqualTo(gateway.name + "0");
    }
  }

  @Test
  void aHundredThatLookAreEightAtATime() throws Exception {
    List<Reader> readers = new ArrayList<>();
    for (int i = 0; i < ConsoleEvents.MOST; i++) {
      readers.add(new Reader());
    }
    for (int i = ConsoleEvents.MOST; i < 100; i++) {
      HttpResponse<String> refused = get("/api/events");
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("retry-after")).contains("5");
    }
    assertThat(server.events().subscribers()).isEqualTo(ConsoleEvents.MOST);
    for (Reader reader : readers) {
      assertThat(reader.next("traffic").getInteger("all_tenants")).isEqualTo(1);
    }

    readers.get(0).close();
    until("its place is free", () -> server.events().subscribers() < ConsoleEvents.MOST);
    new Reader().close();
    readers.forEach(Reader::close);
  }

  @Test
  void allOfThemShareOneLook() throws IOException, InterruptedException {
    try (Reader one = new Reader();
        Reader other = new Reader()) {
      long time = one.next("traffic").getLong("time");
      Map<Long, Integer> seen = new LinkedHashMap<>();
      for (int i = 0; i < 20; i++) {
        seen.merge(one.next("traffic").getLong("time"), 1, Integer::sum);
      }
      for (int i = 0; i < 20; i++) {
        seen.merge(other.next("traffic").getLong("time"), 1, Integer::sum);
      }
      assertThat(seen.keySet()).allMatch(at -> at >= time);
      assertThat(seen.values()).as("looks that both were told of").contains(2);
    }
  }

  @Test
  void nothingIsLookedAtWhileNobodyLooks() throws IOException, InterruptedException {
    assertThat(server.events().isRunning()).isFalse();
    try (Reader reader = new Reader()) {
      reader.next("traffic");
      assertThat(server.events().isRunning()).isTrue();
    }
    until("the timer has ended", () -> !server.events().isRunning());
    int looks = gateway.looks.get();
    get("/api/cluster");
    assertThat(gateway.looks).hasValue(looks);

    try (Reader reader = new Reader()) {
      assertThat(reader.next("traffic").getDouble("seconds"))
          .as("nothing was kept to be compared with")
          .isZero();
    }
  }

  @Test
  void whoDoesNotReadIsDisconnected() throws IOException, InterruptedException {
    gateway.tenants = 20;
    gateway.name = "x".repeat(10_000);
    try (Socket silent = new Socket();
        Reader reader = new Reader()) {
      silent.setReceiveBufferSize(4096);
      silent.connect(new InetSocketAddress("127.0.0.1", port), 10_000);
      silent
          .getOutputStream()
          .write(
              "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      until("both look", () -> server.events().subscribers() == 2);
      while (server.events().subscribers() == 2) {
        assertThat(reader.next("traffic").isEmpty()).isFalse();
      }
      assertThat(reader.next("traffic").getInteger("all_tenants")).isEqualTo(20);
      silent.setSoTimeout(30_000);
      assertThat(drained(silent.getInputStream())).isTrue();
    }
  }

  /** Whether it ends, in whichever way. */
  private static boolean drained(InputStream in) {
    byte[] buffer = new byte[64 * 1024];
    try {
      while (in.read(buffer) >= 0) {
        // what was on its way
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void aStreamEndsAfterItsTimeAndMayBeginAgain() throws IOException, InterruptedException {
    Await.result(server.close());
    server = server(Duration.ofMillis(200));
    port = Await.result(server.listen());
    for (int i = 0; i < 2; i++) {
      try (Reader reader = new Reader()) {
        int events = 0;
        while (!reader.next().getKey().isEmpty()) {
          events++;
        }
        assertThat(events).isGreaterThanOrEqualTo(PARTS.size());
      }
    }
    assertThat(server.events().subscribers()).isZero();
  }

  @Test
  void aConsoleThatClosesEndsTheStreams() throws IOException, InterruptedException {
    try (Reader reader = new Reader()) {
      reader.next("traffic");
      Await.result(server.close());
      Map.Entry<String, JsonObject> last = reader.next();
      while (!last.getKey().isEmpty()) {
        last = reader.next();
      }
      assertThat(server.events().subscribers()).isZero();
      assertThat(server.events().isRunning()).isFalse();
    }
  }

  @Test
  void aLookThatFailsIsNotTheLast() throws IOException, InterruptedException {
    gateway.onLook =
        look -> {
          if (look == 2) {
            throw new IllegalStateException("look " + look);
          }
        };
    try (Reader reader = new Reader()) {
      reader.next("traffic");
      assertThat(reader.next("traffic").getDouble("seconds")).isPositive();
      assertThat(gateway.looks.get()).isGreaterThanOrEqualTo(3);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "DELETE", "PUT"})
  void eventsAreOnlyRead(String method) throws IOException, InterruptedException {
    HttpRequest request =
        request("/api/events").method(method, HttpRequest.BodyPublishers.noBody()).build();
    assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(405);
  }
}

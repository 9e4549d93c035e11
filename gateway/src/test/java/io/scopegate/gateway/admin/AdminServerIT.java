package io.scopegate.gateway.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.admin.Readiness.Condition;
import io.scopegate.gateway.telemetry.Scrape;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminServerIT {
  private static final Duration PATIENCE = Duration.ofMillis(500);
  private static final byte SERVING = 1;
  private static final byte NOT_SERVING = 2;
  private static final byte SERVICE_UNKNOWN = 3;

  private final Vertx vertx = AdminVertx.create();
  private final Readiness readiness =
      new Readiness(EnumSet.of(Condition.LISTENERS, Condition.REVIEW));
  private final AdminServer server =
      new AdminServer(
          vertx,
          accept -> new Scrape("for " + accept, "up 1\n".getBytes(StandardCharsets.UTF_8)),
          readiness,
          Set.of("tempopb.StreamingQuerier"));
  private int port;

  @BeforeEach
  void listen() throws Exception {
    port = await(server.listen("127.0.0.1", 0));
  }

  @AfterEach
  void close() throws Exception {
    await(server.close());
    await(vertx.close());
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void givesMetricsOverBothVersions(HttpVersion version) throws Exception {
    Answer answer = ask(version, HttpMethod.GET, "/metrics", "*/*");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.type()).isEqualTo("for */*");
    assertThat(answer.body()).isEqualTo("up 1\n");
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void answersHeadWithoutABody(HttpVersion version) throws Exception {
    Answer answer = ask(version, HttpMethod.HEAD, "/metrics", "*/*");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.length()).isEqualTo("5");
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void isAliveBeforeItIsReady() throws Exception {
    assertThat(get("/livez").status()).isEqualTo(200);
    Answer starting = get("/readyz");
    assertThat(starting.status()).isEqualTo(503);
    assertThat(starting.body())
        .isEqualTo(
            "not ready: listeners are not open yet, no review by Kubernetes has succeeded yet\n");
  }

  @Test
  void becomesReadyAndDrains() throws Exception {
    ready();
    assertThat(get("/readyz").status()).isEqualTo(200);
    assertThat(get("/readyz").body()).isEqualTo("ok\n");

    readiness.drain();
    assertThat(get("/readyz").status()).isEqualTo(503);
    assertThat(get("/readyz").body()).isEqualTo("not ready: draining\n");
    assertThat(get("/livez").status()).isEqualTo(200);
  }

  @Test
  void isReadyWithWarnings() throws Exception {
    ready();
    readiness.upstreams(List.of(), List.of("upstream a is unreachable", "upstream b too"));

    assertThat(get("/readyz").status()).isEqualTo(200);
    assertThat(get("/readyz").body())
        .isEqualTo("ok\nwarning: upstream a is unreachable, upstream b too\n");
    assertThat(new JsonObject(get("/readyz?verbose").body()).getJsonArray("warnings")).hasSize(2);
  }

  @Test
  void tellsProgramsInJson() throws Exception {
    readiness.reached(Condition.LISTENERS);
    JsonObject expected =
        new JsonObject()
            .put("ready", false)
            .put("reasons", new JsonArray().add("no review by Kubernetes has succeeded yet"))
            .put("warnings", new JsonArray());

    Answer byHeader = ask(HttpVersion.HTTP_1_1, HttpMethod.GET, "/readyz", "application/json");
    Answer byQuery = get("/readyz?verbose");

    assertThat(byHeader.status()).isEqualTo(503);
    assertThat(byHeader.type()).isEqualTo("application/json");
    assertThat(new JsonObject(byHeader.body())).isEqualTo(expected);
    assertThat(new JsonObject(byQuery.body())).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/metric", "/config", "/readyz/x"})
  void hasNothingElse(String path) throws Exception {
    assertThat(get(path).status()).isEqualTo(404);
  }

  @Test
  void onlyReads() throws Exception {
    Answer answer = ask(HttpVersion.HTTP_1_1, HttpMethod.POST, "/metrics", "*/*");

    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.allow()).isEqualTo("GET, HEAD");
  }

  @Test
  void tellsItsHealthByGrpc() throws Exception {
    assertThat(check("")).isEqualTo(NOT_SERVING);
    assertThat(check("tempopb.StreamingQuerier")).isEqualTo(NOT_SERVING);
    ready();
    assertThat(check("")).isEqualTo(SERVING);
    assertThat(check("tempopb.StreamingQuerier")).isEqualTo(SERVING);
    readiness.drain();
    assertThat(check("")).isEqualTo(NOT_SERVING);
  }

  @Test
  void knowsNoOtherService() throws Exception {
    GrpcClient client = GrpcClient.client(vertx);
    GrpcClientResponse<Buffer, Buffer> response =
        await(call(client, "Check").compose(request -> send(request, "tempopb.Pusher")));
    await(ended(response));

    assertThat(response.status()).isEqualTo(GrpcStatus.NOT_FOUND);
    await(client.close());
  }

  @Test
  void refusesWhatIsNoHealthCheckRequest() throws Exception {
    GrpcClient client = GrpcClient.client(vertx);
    GrpcClientResponse<Buffer, Buffer> response =
        await(
            call(client, "Check")
                .compose(request -> {
                  request.end(Buffer.buffer(new byte[] {10, 100, 1}));
                  return request.response();
                }));
    await(ended(response));

    assertThat(response.status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    await(client.close());
  }

  @Test
  void watchersAreToldOfEachChangeAtOnce() throws Exception {
    GrpcClient client = GrpcClient.client(vertx);
    BlockingQueue<Byte> overall = watch(client, "");
    BlockingQueue<Byte> unknown = watch(client, "tempopb.Pusher");

    assertThat(next(overall)).isEqualTo(NOT_SERVING);
    assertThat(next(unknown)).isEqualTo(SERVICE_UNKNOWN);
    ready();
    assertThat(next(overall)).isEqualTo(SERVING);
    readiness.drain();
    assertThat(next(overall)).isEqualTo(NOT_SERVING);
    assertThat(unknown).isEmpty();
    await(client.close());
  }

  @Test
  void forgetsWatchersThatLeft() throws Exception {
    // Given two watchers on two connections
    GrpcClient leaving = GrpcClient.client(vertx);
    GrpcClient staying = GrpcClient.client(vertx);
    BlockingQueue<Byte> left = watch(leaving, "");
    BlockingQueue<Byte> stayed = watch(staying, "");
    assertThat(next(left)).isEqualTo(NOT_SERVING);
    assertThat(next(stayed)).isEqualTo(NOT_SERVING);
    assertThat(server.watchers()).isEqualTo(2);

    // When one connection goes
    await(leaving.close());

    // Then it is forgotten, and the other one is not
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (server.watchers() != 1 && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(server.watchers()).isEqualTo(1);
    ready();
    assertThat(next(stayed)).isEqualTo(SERVING);
    await(staying.close());
  }

  private void ready() {
    readiness.reached(Condition.LISTENERS);
    readiness.reached(Condition.REVIEW);
  }

  private byte check(String service) throws Exception {
    GrpcClient client = GrpcClient.client(vertx);
    Buffer answer =
        await(
            call(client, "Check")
                .compose(request -> send(request, service))
                .compose(GrpcClientResponse::last));
    await(client.close());
    return status(answer);
  }

  /**
   * What a watcher is told. The handler is there on the event loop when the answer begins: this
   * thread might come after the first message, which nobody would keep.
   */
  private BlockingQueue<Byte> watch(GrpcClient client, String service) {
    BlockingQueue<Byte> told = new LinkedBlockingQueue<>();
    call(client, "Watch")
        .compose(request ->
            send(request, service)
                .onSuccess(response -> response.handler(message -> told.add(status(message)))));
    return told;
  }

  private static byte next(BlockingQueue<Byte> told) throws InterruptedException {
    Byte status = told.poll(20, TimeUnit.SECONDS);
    assertThat(status).as("nothing was told").isNotNull();
    return status;
  }

  private Future<GrpcClientRequest<Buffer, Buffer>> call(GrpcClient client, String method) {
    return client.request(
        SocketAddress.inetSocketAddress(port, "127.0.0.1"),
        ServiceMethod.client(
            ServiceName.create("grpc.health.v1", "Health"),
            method,
            GrpcMessageEncoder.IDENTITY,
            GrpcMessageDecoder.IDENTITY));
  }

  private static Future<GrpcClientResponse<Buffer, Buffer>> send(
      GrpcClientRequest<Buffer, Buffer> request, String service) {
    byte[] name = service.getBytes(StandardCharsets.UTF_8);
    Buffer message = Buffer.buffer();
    if (name.length > 0) {
      message.appendByte((byte) 10).appendByte((byte) name.length).appendBytes(name);
    }
    request.end(message);
    return request.response();
  }

  /** Completes at the end whatever the status: the client has its end fail with any but OK. */
  private static Future<Void> ended(GrpcClientResponse<Buffer, Buffer> response) {
    return response.end().otherwiseEmpty();
  }

  private static byte status(Buffer message) {
    assertThat(message.length()).isEqualTo(2);
    assertThat(message.getByte(0)).isEqualTo((byte) 8);
    return message.getByte(1);
  }

  private Answer get(String path) throws Exception {
    return ask(HttpVersion.HTTP_1_1, HttpMethod.GET, path, "*/*");
  }

  private Answer ask(HttpVersion version, HttpMethod method, String path, String accept)
      throws Exception {
    HttpClient client =
        vertx.createHttpClient(
            new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false));
    try {
      return await(
          client
              .request(method, port, "127.0.0.1", path)
              .compose(request ->
                  request.putHeader("accept", accept).send().compose(AdminServerIT::read)));
    } finally {
      await(client.close());
    }
  }

  private static Future<Answer> read(HttpClientResponse response) {
    return response
        .body()
        .map(body ->
            new Answer(
                response.statusCode(),
                response.getHeader("content-type"),
                response.getHeader("content-length"),
                response.getHeader("allow"),
                body.toString()));
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  // ---- who asks nothing, or too much

  private Socket connected(int to) throws IOException {
    Socket socket = new Socket("127.0.0.1", to);
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** Waits for the end; a connection that is closed with something unread is reset. */
  private static boolean hasEnded(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException e) {
      return true;
    }
  }

  private static String statusLine(Socket socket, String request) throws IOException {
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
        .readLine();
  }

  private AdminServer server(Duration patience, Supplier<byte[]> metrics) {
    return new AdminServer(
        vertx,
        accept -> new Scrape("text/plain", metrics.get()),
        readiness,
        Set.of(),
        new PortBounds(64, 16, 4096, 8192, 4096, patience, patience));
  }

  @Test
  void metricsThatCannotBeReadAreAnsweredInWordsAndTheNextOnesAsUsual() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    AdminServer other =
        server(
            Duration.ofSeconds(20),
            () -> {
              if (broken.get()) {
                throw new IllegalArgumentException("told to fail");
              }
              return "up 1\n".getBytes(StandardCharsets.UTF_8);
            });
    port = await(other.listen("127.0.0.1", 0));

    Answer first = ask(HttpVersion.HTTP_1_1, HttpMethod.GET, "/metrics", "*/*");
    broken.set(false);
    Answer next = ask(HttpVersion.HTTP_1_1, HttpMethod.GET, "/metrics", "*/*");

    assertThat(first.status()).isEqualTo(500);
    assertThat(first.body()).isEqualTo("metrics: they cannot be read; see the log\n");
    assertThat(next.status()).isEqualTo(200);
    await(other.close());
  }

  @Test
  void fewConnectionsMaySendAHeadThatDoesNotEnd() throws Exception {
    List<Socket> halves = new ArrayList<>();
    try {
      for (int i = 0; i < 4 * YoungConnections.MOST; i++) {
        Socket half = connected(port);
        half.getOutputStream().write("GET /livez HTTP/1.1\r\na:\r\n".getBytes(US_ASCII));
        halves.add(half);
      }
      for (Socket displaced : halves.subList(0, 3 * YoungConnections.MOST)) {
        assertThat(hasEnded(displaced)).isTrue();
      }
      YoungConnections young = requireNonNull(AdminVertx.young(vertx));
      assertThat(young.count()).isEqualTo(YoungConnections.MOST);
      assertThat(get("/livez").status()).isEqualTo(200);
      Socket last = halves.get(halves.size() - 1);
      assertThat(statusLine(last, "Host: a\r\n\r\n")).contains("200");
      assertThat(young.count())
          .as("it has asked, and another one was displaced")
          .isLessThan(YoungConnections.MOST);
    } finally {
      for (Socket half : halves) {
        half.close();
      }
    }
  }

  /** All but the kubelet's own connection would stay for minutes if the port were not full. */
  @Test
  void theKubeletIsAnsweredWhileHalfRequestsHoldThePort() throws Exception {
    AdminServer patient = server(Duration.ofMinutes(5), () -> new byte[0]);
    int open = await(patient.listen("127.0.0.1", 0));
    List<Socket> halves = new ArrayList<>();
    try (Socket served = connected(open)) {
      assertThat(statusLine(served, "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")).contains("200");
      for (int i = 0; i < 200; i++) {
        Socket half = connected(open);
        assertThat(statusLine(half, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"))
            .contains("405");
        halves.add(half);
      }
      // without the ceiling its end would not come, and this times out
      assertThat(halves.get(0).getInputStream().readAllBytes()).hasSizeLessThan(1_000);
      assertThat(statusLine(served, "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")).contains("200");
      try (Socket kubelet = connected(open)) {
        assertThat(statusLine(kubelet, "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")).contains("200");
      }
    } finally {
      for (Socket socket : halves) {
        socket.close();
      }
      await(patient.close());
    }
  }

  @Test
  void aWatcherStaysHoweverLongNothingChanges() throws Exception {
    AdminServer hasty = server(PATIENCE, () -> new byte[0]);
    int open = await(hasty.listen("127.0.0.1", 0));
    port = open;
    GrpcClient client = GrpcClient.client(vertx);
    try {
      BlockingQueue<Byte> told = watch(client, "");
      assertThat(next(told)).isEqualTo(NOT_SERVING);
      for (int i = 0; i < 4; i++) { // each is closed when it has been silent for too long
        try (Socket silent = connected(open)) {
          assertThat(silent.getInputStream().read()).isNegative();
        }
      }
      ready();
      assertThat(next(told)).isEqualTo(SERVING);
    } finally {
      await(client.close());
      await(hasty.close());
    }
  }

  @Test
  void makesNoMorePagesOfMetricsThanItCanHold() throws Exception {
    CountDownLatch asked = new CountDownLatch(8);
    CountDownLatch goOn = new CountDownLatch(1);
    AdminServer slow =
        server(
            Duration.ofMinutes(5),
            () -> {
              asked.countDown();
              try {
                goOn.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return new byte[0];
            });
    port = await(slow.listen("127.0.0.1", 0));
    List<Socket> scrapers = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        Socket scraper = connected(port);
        scrapers.add(scraper);
        scraper
            .getOutputStream()
            .write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(get("/metrics").status()).isEqualTo(503);
      goOn.countDown();
      for (Socket scraper : scrapers) {
        assertThat(statusLine(scraper, "")).contains("200");
      }
      assertThat(get("/metrics").status()).isEqualTo(200);
    } finally {
      goOn.countDown();
      for (Socket scraper : scrapers) {
        scraper.close();
      }
      await(slow.close());
    }
  }

  @Test
  void theKubeletIsAnsweredWhileWatchersHoldThePort() throws Exception {
    List<GrpcClient> clients = new ArrayList<>();
    for (int i = 0; i < 70; i++) {
      GrpcClient client = GrpcClient.client(vertx);
      clients.add(client);
      assertThat(next(watch(client, ""))).isEqualTo(NOT_SERVING);
    }
    assertThat(get("/livez").status()).isEqualTo(200);
    for (GrpcClient client : clients) {
      await(client.close());
    }
  }

  @Test
  void answersALargeHeadAndPipelinedRequestsInTheirOrder() throws Exception {
    try (Socket socket = connected(port)) {
      String large = "GET /livez?" + "a".repeat(3_900) + " HTTP/1.1\r\nHost: a\r\n\r\n";
      String other = "GET /none HTTP/1.1\r\nHost: a\r\n\r\n";
      String last = "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
      socket
          .getOutputStream()
          .write((large + other.repeat(50) + last).getBytes(StandardCharsets.US_ASCII));
      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

      assertThat(all).startsWith("HTTP/1.1 200").endsWith("ok\n");
      assertThat(all.split("HTTP/1.1 404", -1)).hasSize(51);
    }
  }

  @Test
  void closesWhoNeverEndsAHeadOrAnAnswer() throws Exception {
    AdminServer hasty = server(PATIENCE, () -> new byte[8 << 20]);
    int open = await(hasty.listen("127.0.0.1", 0));
    try (Socket silent = connected(open);
        Socket half = connected(open);
        Socket trickling = connected(open);
        Socket halfOfTheSecond = connected(open);
        Socket unread = new Socket()) {
      half.getOutputStream().write("GET /livez HTTP/1.1\r\nA".getBytes(StandardCharsets.US_ASCII));
      assertThat(statusLine(halfOfTheSecond, "GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET"))
          .contains("200");
      unread.setReceiveBufferSize(4096);
      unread.connect(new InetSocketAddress("127.0.0.1", open));
      unread.setSoTimeout(20_000);
      unread
          .getOutputStream()
          .write(
              "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"
                  .repeat(1_000)
                  .getBytes(StandardCharsets.US_ASCII));

      assertThat(silent.getInputStream().read()).isNegative();
      assertThat(half.getInputStream().read()).isNegative();
      trickling.getOutputStream().write("GET /".getBytes(StandardCharsets.US_ASCII));
      assertThat(isReset(trickling, 'a')).isTrue();
      assertThat(isReset(unread, '\n')).isTrue();
    } finally {
      await(hasty.close());
    }
  }

  /** Whether a connection is reset in the end, though a byte comes now and then. */
  private static boolean isReset(Socket socket, char next) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (System.nanoTime() < end) {
      try {
        socket.getOutputStream().write(next);
      } catch (IOException reset) {
        return true;
      }
      LockSupport.parkNanos(10_000_000);
    }
    return false;
  }

  private record Answer(
      int status,
      @Nullable String type,
      @Nullable String length,
      @Nullable String allow,
      String body) {}
}

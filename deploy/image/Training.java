import io.scopegate.testkit.Await;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.Traces;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the image's training run talks to: an API server and a Tempo (testkit's stand-ins), and
 * clients of every protocol. Run from its source: {@code java -cp demo/target/scopegate.jar:... \
 * Training.java DIRECTORY SEEN SECONDS}. It writes the gateway's files into the directory, which the
 * gateway sees as SEEN, {@code scopegate.yaml} last, waits until the gateway is ready, which has then
 * warmed up by itself, sends for so many seconds or longer, prints what was answered and ends. Exit
 * code 1 if the gateway did not become ready or a request had an unexpected answer.
 */
public final class Training {
  private static final long READY_SECONDS = 120;
  private static final int AT_ONCE = 8;

  /** A machine that is busy with other things needs longer for what is worth anything. */
  private static final int FEWEST_ROUNDS = 100;

  private static final long MOST_SECONDS = 300;
  private static final String SEARCH = "/api/search?q=%7B%7D";
  private static final String EXPORT =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

  private final Vertx vertx = Vertx.vertx();
  private final TestCa ca = TestCa.create();
  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private final Map<String, Integer> answers = new TreeMap<>();
  private final List<HttpClient> clients =
      List.of(
          client(HttpVersion.HTTP_1_1, false),
          client(HttpVersion.HTTP_1_1, true),
          client(HttpVersion.HTTP_2, false),
          client(HttpVersion.HTTP_2, true));

  public static void main(String[] args) throws Exception {
    boolean good = new Training().run(Path.of(args[0]), args[1], Integer.parseInt(args[2]));
    System.exit(good ? 0 : 1);
  }

  private boolean run(Path directory, String seen, int seconds) throws Exception {
    KubernetesStandIn kubernetes = KubernetesStandIn.start();
    kubernetes.apply(resource("/io/scopegate/demo/rbac.yaml"));
    TempoStandIn tempo = TempoStandIn.start();
    for (String name : List.of("OTLP_GRPC", "OTLP_HTTP", "QUERY", "ADMIN")) {
      try (ServerSocket free = new ServerSocket(0)) {
        ports.put(name, free.getLocalPort());
      }
    }
    files(directory, seen, kubernetes, tempo);
    String writer = kubernetes.token(kubernetes.serviceAccount("showcase", "collector"));
    String reader = kubernetes.token(kubernetes.serviceAccount("showcase", "grafana"));
    long end = System.nanoTime() + READY_SECONDS * 1_000_000_000L;
    while (!ready()) {
      if (System.nanoTime() > end) {
        System.err.println("the gateway did not become ready");
        return false;
      }
      Thread.sleep(50);
    }
    long start = System.nanoTime();
    for (int rounds = 0; !isEnough(rounds, System.nanoTime() - start, seconds); rounds++) {
      round(writer, reader);
    }
    System.out.println("answers: " + answers);
    return answers.keySet().stream().noneMatch(key -> key.endsWith("unexpected"));
  }

  private static boolean isEnough(int rounds, long nanos, int seconds) {
    return nanos >= MOST_SECONDS * 1_000_000_000L
        || rounds >= FEWEST_ROUNDS && nanos >= seconds * 1_000_000_000L;
  }

  private void files(
      Path directory, String seen, KubernetesStandIn kubernetes, TempoStandIn tempo)
      throws Exception {
    TestCa.Issued issued = ca.server();
    Files.writeString(directory.resolve("tls.crt"), issued.certificatePem());
    Files.writeString(directory.resolve("tls.key"), issued.keyPem());
    ServiceAccount own = kubernetes.serviceAccount("scopegate", "scopegate");
    kubernetes.kubeconfig().withToken(directory.resolve("kubeconfig"), kubernetes.token(own));
    String configuration =
        """
        upstreams:
          grpc: {url: "http://127.0.0.1:%d", protocol: h2c}
          http: {url: "http://127.0.0.1:%d", protocol: http1}
          query: {url: "http://127.0.0.1:%d", protocol: auto}
        listeners:
          otlp-grpc: {address: "127.0.0.1:%d", serves: [otlp-grpc], upstream: grpc}
          otlp-http: {address: "127.0.0.1:%d", serves: [otlp-http], upstream: http}
          query: {address: "127.0.0.1:%d", serves: [tempo-query], upstream: query}
        tls: {mode: optional, certificateFile: SEEN/tls.crt, keyFile: SEEN/tls.key}
        authentication: {kubernetes: {kubeconfig: SEEN/kubeconfig}}
        limits: {defaults: {spansPerSecond: 1000000, queriesPerSecond: 100000}}
        forwarding: {drain: 1s}
        admin: {address: "127.0.0.1:%d", console: null, warmUp: 20s}
        """
            .replace("SEEN", seen)
            .formatted(
                tempo.otlpGrpcPort(),
                tempo.otlpHttpPort(),
                tempo.queryPort(),
                ports.get("OTLP_GRPC"),
                ports.get("OTLP_HTTP"),
                ports.get("QUERY"),
                ports.get("ADMIN"));
    Path part = Files.writeString(directory.resolve("scopegate.yaml.part"), configuration);
    Files.move(part, directory.resolve("scopegate.yaml"));
  }

  private boolean ready() {
    try {
      return Await.result(
              send(clients.get(0), HttpMethod.GET, "ADMIN", false, "/readyz", Map.of(), null))
          == 200;
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** Every kind of request once by each protocol, several at a time. */
  private void round(String writer, String reader) {
    Buffer spans =
        Buffer.buffer(
            Traces.batch(Traces.newId(), "trainer", "train", 20, System.nanoTime()).toByteArray());
    Buffer message =
        Buffer.buffer().appendByte((byte) 0).appendInt(spans.length()).appendBuffer(spans);
    Future<?>[] all = new Future<?>[AT_ONCE];
    for (int i = 0; i < AT_ONCE; i++) {
      boolean tls = i % 2 == 1;
      HttpClient http1 = clients.get(tls ? 1 : 0);
      HttpClient http2 = clients.get(tls ? 3 : 2);
      HttpClient either = i % 4 < 2 ? http1 : http2;
      all[i] =
          expect("grpc", 200, send(http2, HttpMethod.POST, "OTLP_GRPC", tls, EXPORT,
                  headers(writer, "application/grpc"), message))
              .compose(x -> expect("export", 200, send(either, HttpMethod.POST, "OTLP_HTTP", tls,
                  "/v1/traces", headers(writer, "application/x-protobuf"), spans)))
              .compose(x -> expect("search", 200, send(either, HttpMethod.GET, "QUERY", tls,
                  SEARCH, headers(reader, null), null)))
              .compose(x -> expect("forbidden", 403, send(either, HttpMethod.GET, "QUERY", tls,
                  SEARCH, headers(writer, null), null)))
              .compose(x -> expect("unknown", 401, send(either, HttpMethod.GET, "QUERY", tls,
                  SEARCH, Map.of(), null)))
              .compose(x -> expect("metrics", 200, send(clients.get(0), HttpMethod.GET, "ADMIN",
                  false, "/metrics", Map.of(), null)));
    }
    for (Future<?> one : all) {
      Await.result(one);
    }
  }

  private Future<Integer> expect(String what, int status, Future<Integer> answer) {
    return answer.onComplete(done -> {
      String key =
          done.succeeded() && done.result() == status
              ? what
              : "%s %s unexpected".formatted(what, done.succeeded() ? done.result() : done.cause());
      synchronized (answers) {
        answers.merge(key, 1, Integer::sum);
      }
    });
  }

  private static Map<String, String> headers(String token, String type) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("authorization", "Bearer " + token);
    headers.put("x-scope-orgid", "showcase");
    if (type != null) {
      headers.put("content-type", type);
      headers.put("te", "trailers");
    }
    return headers;
  }

  private Future<Integer> send(
      HttpClient client,
      HttpMethod method,
      String port,
      boolean tls,
      String path,
      Map<String, String> headers,
      Buffer body) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(method)
            .setHost("localhost")
            .setPort(ports.get(port))
            .setSsl(tls)
            .setURI(path)
            .setTimeout(10_000);
    return client
        .request(options)
        .compose(request -> {
          headers.forEach(request::putHeader);
          return (body == null ? request.send() : request.send(body))
              .compose(response -> response.body().map(read -> response.statusCode()));
        });
  }

  private HttpClient client(HttpVersion version, boolean tls) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(version)
            .setHttp2ClearTextUpgrade(false)
            .setSsl(tls)
            .setUseAlpn(tls);
    if (tls) {
      options.setTrustOptions(ca.trustOptions());
    }
    return vertx.createHttpClient(options, new PoolOptions().setHttp1MaxSize(AT_ONCE));
  }

  private static String resource(String name) throws Exception {
    try (var in = Training.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}

package io.scopegate.gateway.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.config.Secret;
import io.scopegate.gateway.HostileCase;
import io.scopegate.gateway.OutcomeCase;
import io.scopegate.gateway.TestFiles;
import io.scopegate.gateway.access.Enforcement;
import io.scopegate.gateway.answer.Cors;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.explain.ExplainConfig;
import io.scopegate.gateway.explain.ExplainRequest;
import io.scopegate.gateway.explain.Explainer;
import io.scopegate.gateway.explain.Explanation;
import io.scopegate.gateway.explain.ExplanationJson;
import io.scopegate.gateway.explain.ExplanationText;
import io.scopegate.gateway.explain.MatchedListener;
import io.scopegate.gateway.limit.ListenerLimits;
import io.scopegate.gateway.limit.TenantLimits;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.listen.RouteConfig;
import io.scopegate.gateway.request.PipelineFixture.RecordingClient;
import io.scopegate.gateway.request.PipelineFixture.StubAccess;
import io.scopegate.gateway.route.EndpointScenario;
import io.scopegate.gateway.route.Operation;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.telemetry.RequestRecord;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Takes every request of the scenarios that its head decides through the data path, through its
 * early refusal and through {@code explain}, over several kinds of listeners: all three say the
 * same, and whoever has to decide gets the same head.
 */
class HeadDecisionsTest {
  private static final ListenerLimits NO_CEILING = new ListenerLimits(null, null, null);
  private static final TenantLimits NO_WRITES =
      new TenantLimits(null, null, 0.0, null, null, null, null, null, null, null, null, null);
  private static final String PAGE = "https://page.example";
  private static final String BASE =
      """
      tempo: {distributor: HOST, queryFrontend: HOST}
      listeners:
        plain: {address: "127.0.0.1:0", serves: [otlp-http], upstream: distributor-otlp-http}
        tokens-by-tls:
          address: "127.0.0.1:0"
          serves: [otlp-http]
          upstream: distributor-otlp-http
          tls:
            mode: optional
            certificateFile: "${CRT}"
            keyFile: "${KEY}"
            clearTextTokens: refuse
        pages:
          address: "127.0.0.1:0"
          serves: [otlp-http]
          upstream: distributor-otlp-http
          cors: {origins: ["https://page.example"]}
      """;

  @TempDir private static Path directory;
  private static GatewayConfig config;

  @BeforeAll
  static void load() {
    config = TestFiles.load(directory, BASE).config();
  }

  /** The kinds of listeners. */
  private enum Kind {
    PLAIN("plain"),
    TOKENS_BY_TLS("tokens-by-tls"),
    PAGES("pages");

    private final String listener;

    Kind(String listener) {
      this.listener = listener;
    }
  }

  /**
   * A request.
   *
   * @param hosts as {@code Host} by HTTP/1.1; by HTTP/2 the first is the authority
   */
  private record Request(
      String name,
      String method,
      String target,
      String contentType,
      List<String> hosts,
      String tenant,
      boolean http2) {
    Http2Headers head() {
      // a character for each byte, as the codecs have it
      String read =
          new String(target.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
      Http2Headers head = new DefaultHttp2Headers(false).method(method).path(read);
      head.scheme("http");
      for (int i = 0; i < hosts.size(); i++) {
        if (i == 0 && http2) {
          head.authority(hosts.get(i));
        } else {
          head.add("host", hosts.get(i));
        }
      }
      if (contentType != null) {
        head.add("content-type", contentType);
      }
      if (tenant != null) {
        head.add("x-scope-orgid", tenant);
      }
      head.add("authorization", "Bearer token").add("origin", PAGE);
      if (method.equals("OPTIONS")) {
        head.add("access-control-request-method", "POST");
      }
      return head;
    }

    boolean isPlainCall() {
      return contentType != null
          && contentType.startsWith("application/grpc")
          && !contentType.startsWith("application/grpc-web")
          && method.equals("POST")
          && hosts.size() < 2;
    }

    /** As somebody would ask about it; null for what no client could be asked about. */
    ExplainRequest explained() {
      try {
        return new ExplainRequest(
            "in",
            method,
            target,
            false,
            new ExplainRequest.Headers(
                contentType == null ? "" : contentType,
                tenant,
                hosts,
                PAGE,
                List.of(Secret.parse("Bearer token"))),
            new ExplainRequest.Connection(http2 ? "2" : "1.1", true));
      } catch (IllegalArgumentException e) {
        return null;
      }
    }

    @Override
    public String toString() {
      return name + ": " + method + " " + target + " " + contentType + (http2 ? " by 2" : "");
    }
  }

  /** A listener's configuration for some routes. */
  private static ListenerConfig listener(
      Kind kind,
      List<Set<Protocol>> routes,
      boolean tenantInPath,
      Map<String, String> aliases,
      boolean grpcWeb) {
    ListenerConfig base = Objects.requireNonNull(config.listeners().get(kind.listener));
    return new ListenerConfig(
        base.address(),
        null,
        null,
        routes.stream()
            .map(serves -> new RouteConfig(List.copyOf(serves), "distributor-otlp-http"))
            .toList(),
        tenantInPath,
        aliases,
        grpcWeb,
        base.cors(),
        List.of(),
        List.of(),
        base.tls(),
        base.clients(),
        base.proxyProtocol(),
        base.health(),
        base.limits(),
        base.enforce());
  }

  /** One listener, three times: the data path, the data path over a rate, and explain. */
  private static final class Listener implements AutoCloseable {
    private final boolean pages;
    private final PipelineFixture pipeline;
    private final PipelineFixture overRate;
    private final Explainer explainer;

    Listener(ListenerConfig listener) {
      pages = !listener.cors().origins().isEmpty();
      int routes = listener.effectiveRoutes().size();
      pipeline = new PipelineFixture(plan(listener), routes, TenantLimits.NONE, NO_CEILING);
      overRate = new PipelineFixture(plan(listener), routes, NO_WRITES, NO_CEILING);
      explainer =
          new Explainer(
              new ExplainConfig(
                  Map.of("in", listener),
                  config.effectiveUpstreams(),
                  config.authorization(),
                  config.tenancy(),
                  tenant -> TenantLimits.NONE,
                  Enforcement.DENY,
                  config.forwarding()),
              InstantSource.system());
    }

    private static RequestPlan plan(ListenerConfig listener) {
      String header = config.tenancy().header();
      return new RequestPlan(
          listener.endpoints(header),
          Cors.of(listener.cors(), header),
          listener.tls().clearTextTokens());
    }

    @Override
    public void close() {
      pipeline.close();
      overRate.close();
    }

    /** What the data path does; what it refuses is told by its text. */
    private String byPipeline(Request request) {
      pipeline.endAll();
      RecordingClient client = pipeline.send(request.head(), true, request.http2(), false);
      RequestRecord record = client.own().record;
      if (!pipeline.access.heads.isEmpty()) {
        return decide(pipeline.access);
      }
      return record.refusal != null
          ? "refuse " + client.status() + " " + record.refusal.detail()
          : "answer " + client.status();
    }

    private String byExplainer(ExplainRequest request) {
      StubAccess access = new StubAccess();
      MatchedListener place = explainer.place(request);
      Explanation explanation = explainer.explain(request, place, access).result();
      assertThat(ExplanationText.of(explanation)).contains("\nanswer ");
      if (!access.heads.isEmpty()) {
        return decide(access);
      }
      JsonObject answer = ExplanationJson.of(explanation).getJsonObject("answer");
      assertThat(answer.getString("by")).isEqualTo("gateway");
      String text = answer.getString("text");
      return text == null
          ? "answer " + answer.getInteger("http_status")
          : "refuse " + answer.getInteger("http_status") + " " + text;
    }

    /**
     * The early refusal gives up on what is not a plain call that stores; where it refuses, the
     * call would have been decided about. It leaves the head as it came.
     */
    private void assertEarly(Request request, String expected) {
      overRate.endAll();
      Http2Headers head = request.head();
      RequestRecord refused =
          overRate.pipeline.refuseAgain(
              head, overRate.memo, PipelineFixture.connection(true, false));

      assertThat(head).as(request.toString()).isEqualTo(request.head());
      boolean stores =
          expected.startsWith("decide")
              && !pages
              && request.isPlainCall()
              && pipeline.access.endpoints.get(0).operation() == Operation.WRITE;
      assertThat(refused != null).as(request + " " + expected).isEqualTo(stores);
      if (refused != null) {
        assertThat(decide(overRate.access)).isEqualTo(expected);
      }
    }

    private String agreed(Request request) {
      String expected = byPipeline(request);
      if (request.http2()) {
        assertEarly(request, expected);
      }
      ExplainRequest explained = request.explained();
      if (explained != null) {
        assertThat(byExplainer(explained)).as(request.toString()).isEqualTo(expected);
      } else if (!expected.startsWith("answer 204")) { // whatever a browser asks about
        assertThat(expected).as(request.toString()).startsWith("refuse ");
      }
      return expected;
    }
  }

  private static String decide(StubAccess access) {
    return "decide " + access.endpoints.get(0).name() + " " + access.heads.get(0);
  }

  // ---- the scenarios

  private static Stream<Request> requests(EndpointScenario scenario) {
    String target = scenario.text("request").substring(scenario.method().length() + 1);
    String type = scenario.optional("contentType");
    return Stream.of(null, "acme", "other")
        .flatMap(tenant ->
            Stream.of(true, false)
                .map(http2 ->
                    new Request(
                        scenario.toString(),
                        scenario.method(),
                        target,
                        type,
                        List.of("tempo.example"),
                        tenant,
                        http2)));
  }

  @ParameterizedTest
  @EnumSource
  void allThreeAgreeAboutEveryEndpoint(Kind kind) {
    List<String> all = new ArrayList<>();
    EndpointScenario.all()
        .forEach(scenario -> {
          ListenerConfig listener =
              listener(
                  kind,
                  scenario.routes(),
                  scenario.fields().get("tenantInPath") != null,
                  scenario.aliases(),
                  scenario.fields().get("grpcWeb") != null);
          try (Listener three = new Listener(listener)) {
            requests(scenario).forEach(request -> all.add(three.agreed(request)));
          }
        });
    assertThat(all).anyMatch(one -> one.startsWith("refuse 404"));
    assertThat(all).anyMatch(one -> one.startsWith("refuse 415"));
    assertThat(all.stream().anyMatch(one -> one.startsWith("decide")))
        .isEqualTo(kind != Kind.TOKENS_BY_TLS);
  }

  private static ListenerConfig everything(Kind kind, boolean tenantInPath) {
    Set<Protocol> rows = EnumSet.allOf(Protocol.class);
    rows.removeAll(
        Set.of(Protocol.PROXY, Protocol.HEALTH, Protocol.GENERIC_READ, Protocol.GENERIC_WRITE));
    return listener(kind, List.of(rows), tenantInPath, Map.of(), true);
  }

  @ParameterizedTest
  @EnumSource
  void allThreeAgreeAboutEveryOutcome(Kind kind) {
    Listener listener = new Listener(everything(kind, true));
    OutcomeCase.all()
        .forEach(outcome -> {
          for (String method : List.of(outcome.method(), "PUT", "OPTIONS")) {
            for (boolean http2 : new boolean[] {true, false}) {
              String target = outcome.target("1f");
              String type = outcome.type().isEmpty() ? null : outcome.type();
              for (String path : List.of(target, "/api/traces/v1/acme/tempo" + target)) {
                Request request =
                    new Request(
                        outcome.toString(),
                        method,
                        path,
                        type,
                        List.of("tempo.example"),
                        "acme",
                        http2);
                String said = listener.agreed(request);
                if (kind == Kind.PLAIN && path.equals(target) && method.equals(outcome.method())) {
                  assertThat(said.startsWith("decide"))
                      .as(request.toString())
                      .isEqualTo(http2 || !outcome.grpc());
                }
              }
            }
          }
        });
    listener.close();
  }

  @ParameterizedTest
  @EnumSource
  void allThreeAgreeAboutWhatIsHostile(Kind kind) {
    Listener listener =
        new Listener(
            listener(
                kind,
                List.of(
                    Set.of(Protocol.OTLP_GRPC),
                    Set.of(Protocol.OTLP_HTTP),
                    Set.of(Protocol.TEMPO_QUERY)),
                false,
                Map.of(),
                false));
    long refused =
        HostileCase.all()
            .flatMap(HeadDecisionsTest::requests)
            .map(listener::agreed)
            .filter(said -> said.startsWith("refuse 400") || said.startsWith("refuse 405"))
            .count();
    listener.close();
    assertThat(refused).isGreaterThan(5);
  }

  /** What reaches the pipeline of a hostile request: codecs have taken the rest out. */
  private static Stream<Request> requests(HostileCase hostile) {
    return Stream.of("http1", "http2", "grpc")
        .filter(protocol -> hostile.expected(protocol) != null)
        .filter(protocol -> hostile.expected(protocol).matches("[0-9]+"))
        .filter(protocol -> !hostile.expected(protocol).equals("431"))
        .filter(protocol -> hostile.text("line", token -> token).isEmpty())
        .filter(protocol -> hostile.text("raw", token -> token).isEmpty())
        .map(protocol -> request(hostile, protocol));
  }

  private static Request request(HostileCase hostile, String protocol) {
    boolean grpc = protocol.equals("grpc");
    boolean http2 = !protocol.equals("http1");
    String target = hostile.text("target", token -> token);
    if (target.isEmpty() || grpc) {
      target =
          grpc
              ? "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
              : hostile.writes() ? "/v1/traces" : "/api/search";
    }
    String method = grpc || hostile.writes() ? "POST" : "GET";
    List<String> hosts = new ArrayList<>(List.of("tempo.example"));
    if (http2) {
      add(hosts, hostile.pairs("fields", token -> token), "host");
    } else {
      hosts = hostile.texts("host", "tempo.example", token -> token);
    }
    List<String> pseudo = http2 ? hostile.pairs("pseudo", token -> token) : List.of();
    for (int i = 0; i < pseudo.size(); i += 2) {
      switch (pseudo.get(i)) {
        case ":method" -> method = pseudo.get(i + 1);
        case ":path" -> target = pseudo.get(i + 1);
        case ":authority" -> hosts = List.of(pseudo.get(i + 1));
        default -> {}
      }
    }
    List<String> tenants = hostile.texts("tenant", "acme", token -> token);
    String type = grpc ? "application/grpc" : hostile.writes() ? "application/x-protobuf" : null;
    String tenant = tenants.isEmpty() ? null : tenants.get(0);
    return new Request(hostile.toString(), method, target, type, hosts, tenant, http2);
  }

  private static void add(List<String> values, List<String> pairs, String name) {
    for (int i = 0; i < pairs.size(); i += 2) {
      if (pairs.get(i).equals(name)) {
        values.add(pairs.get(i + 1));
      }
    }
  }

  // ---- by what explain takes for granted

  @Test
  void explainFindsEveryRowWithoutBeingToldAContentType() {
    Listener listener = new Listener(everything(Kind.PLAIN, true));
    OutcomeCase.all()
        .forEach(outcome -> {
          String target = outcome.target("1f");
          List<String> methods = new ArrayList<>();
          methods.add(outcome.method());
          if (List.of("GET", "POST").contains(outcome.method()) && !both(target)) {
            methods.add(null);
          }
          for (String method : methods) {
            ExplainRequest request =
                ExplainRequest.of(
                    null,
                    outcome.grpc() ? null : method,
                    outcome.grpc() ? null : target,
                    outcome.grpc() ? outcome.row() : null,
                    new ExplainRequest.Headers(null, "acme", List.of(), null, List.of()),
                    ExplainRequest.Connection.USUAL);
            assertThat(listener.byExplainer(request))
                .as(outcome.toString())
                .startsWith("decide " + outcome.row() + " " + outcome.method() + " ");
          }
        });
    listener.close();
  }

  /** Whether both usual methods are served: the first is taken when none is given. */
  private static boolean both(String target) {
    return target.equals("/api/mcp") || target.equals("/api/overrides");
  }

  @Test
  void explainKnowsTheKindOfConnection() {
    Listener listener = new Listener(everything(Kind.TOKENS_BY_TLS, false));
    ExplainRequest.Headers headers =
        new ExplainRequest.Headers(
            null, "acme", List.of(), null, List.of(Secret.parse("Bearer token")));
    for (boolean clearText : new boolean[] {false, true}) {
      ExplainRequest request =
          ExplainRequest.of(
              null,
              null,
              "/api/search",
              null,
              headers,
              new ExplainRequest.Connection(null, clearText));
      assertThat(listener.byExplainer(request))
          .startsWith(clearText ? "refuse 401 access: the token came in clear text" : "decide");
    }
    listener.close();
  }
}

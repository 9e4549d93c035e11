package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.route.EndpointRows;
import io.scopegate.testkit.Fault;
import io.scopegate.testkit.kubernetes.RequestKind;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.tempo.SpanBodies;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.Traces;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of the endpoint table in every situation, all of them on one port. */
final class OutcomesIT {
  private static final long START = 1_700_000_000_000_000_000L;
  private static final String TIGHT = "tight";

  private static TempoStandIn tempo;
  private static GatewayHarness harness;

  /** Nobody answers its questions. */
  private static GatewayHarness alone;

  private static String configurer;
  private static String stranger;

  @BeforeAll
  static void start() {
    tempo = TempoStandIn.start();
    harness = GatewayHarness.start(configuration());
    alone = GatewayHarness.start(configuration());
    configurer = account(harness, "configurer", GatewayHarness.TENANT, TIGHT);
    stranger = account(harness, "stranger");
    alone.kubernetes.faults().always(RequestKind.TOKEN_REVIEW, Fault.status(500));
  }

  @AfterAll
  static void stop() {
    alone.kubernetes.faults().clear();
    alone.close();
    harness.close();
    tempo.close();
  }

  private static String configuration() {
    return """
    upstreams:
      otlp-grpc: {url: "http://127.0.0.1:%d", protocol: h2c}
      otlp-http: {url: "http://127.0.0.1:%d", protocol: http1}
      zipkin: {url: "http://127.0.0.1:%d", protocol: http1}
      jaeger-thrift: {url: "http://127.0.0.1:%d", protocol: http1}
      jaeger-grpc: {url: "http://127.0.0.1:%d", protocol: h2c}
      opencensus: {url: "http://127.0.0.1:%d", protocol: h2c}
      query: {url: "http://127.0.0.1:%d"}
    listeners:
      all:
        address: "127.0.0.1:0"
        tenantInPath: true
        routes:
          - {serves: [otlp-grpc], upstream: otlp-grpc}
          - {serves: [otlp-http], upstream: otlp-http}
          - {serves: [zipkin], upstream: zipkin}
          - {serves: [jaeger-thrift-http], upstream: jaeger-thrift}
          - {serves: [jaeger-grpc], upstream: jaeger-grpc}
          - {serves: [opencensus], upstream: opencensus}
          - {serves: [tempo-query, tempo-overrides], upstream: query}
    limits:
      tenants:
        tight: {ingestRequestsPerSecond: 0, queriesPerSecond: 0}
    """
        .formatted(
            tempo.otlpGrpcPort(),
            tempo.otlpHttpPort(),
            tempo.zipkinPort(),
            tempo.jaegerThriftPort(),
            tempo.jaegerGrpcPort(),
            tempo.openCensusPort(),
            tempo.queryPort());
  }

  private static String account(GatewayHarness of, String name, String... tenants) {
    ServiceAccount account = of.kubernetes.serviceAccount("apps", name);
    for (String tenant : tenants) {
      of.kubernetes.grant(
          account.subject(),
          Rule.readTraces(tenant),
          Rule.writeTraces(tenant),
          Rule.configureTraces(tenant));
    }
    return of.kubernetes.token(account);
  }

  static Stream<OutcomeCase> cases() {
    return OutcomeCase.all();
  }

  @Test
  void everyMethodOfEveryRowHasAnAnswerInEverySituation() {
    Set<String> covered =
        cases().map(one -> one.method() + ' ' + one.row()).collect(Collectors.toSet());

    assertThat(covered).containsExactlyInAnyOrderElementsOf(Set.copyOf(EndpointRows.all()));
    assertThat(cases())
        .allSatisfy(one ->
            assertThat(one.answers())
                .containsOnlyKeys(
                    "allowed",
                    "unauthenticated",
                    "forbidden",
                    "limited",
                    "undecided",
                    "wrongMethod",
                    "badTenant"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void allowed(OutcomeCase one) throws IOException {
    String trace = Traces.newId();
    SpanBodies span = new SpanBodies(trace, "shop", "checkout", START);
    if (!one.stored()) {
      tempo
          .store()
          .add(GatewayHarness.TENANT, Traces.batch(trace, "shop", "x", 1).getResourceSpansList());
    }
    long before = tempo.received().count();

    check(one, "allowed", ask(harness, one, one.method(), "Bearer " + configurer, "acme", span));

    assertThat(tempo.received().count()).isEqualTo(before + 1);
    if (one.stored()) {
      assertThat(tempo.store().trace(GatewayHarness.TENANT, trace))
          .singleElement()
          .satisfies(found -> {
            assertThat(found.serviceName()).isEqualTo("shop");
            assertThat(found.span().getName()).isEqualTo("checkout");
          });
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void unauthenticated(OutcomeCase one) throws IOException {
    refused(one, "unauthenticated", harness, one.method(), "", "acme");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void forbidden(OutcomeCase one) throws IOException {
    refused(one, "forbidden", harness, one.method(), "Bearer " + stranger, "acme");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void limited(OutcomeCase one) throws IOException {
    Answer answer = refused(one, "limited", harness, one.method(), "Bearer " + configurer, TIGHT);

    if (!one.answers().get("limited").equals("200")) {
      assertThat(answer.delayed()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void undecided(OutcomeCase one) throws IOException {
    String token = alone.kubernetes.token(alone.kubernetes.serviceAccount("apps", "unknown"));

    assertThat(refused(one, "undecided", alone, one.method(), "Bearer " + token, "acme").delayed())
        .isTrue();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void wrongMethod(OutcomeCase one) throws IOException {
    Answer answer = refused(one, "wrongMethod", harness, "PUT", "Bearer " + configurer, "acme");

    assertThat(answer.allow()).contains(one.method());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void badTenant(OutcomeCase one) throws IOException {
    refused(one, "badTenant", harness, one.method(), "Bearer " + configurer, "acme:x=y");
  }

  static Stream<OutcomeCase> casesInPaths() {
    return cases().filter(OutcomeCase::inPath);
  }

  @ParameterizedTest
  @MethodSource("casesInPaths")
  void theAnswersAreTheSameForATenantInThePath(OutcomeCase one) throws IOException {
    String good = "Bearer " + configurer;
    SpanBodies span = new SpanBodies(Traces.newId(), "shop", "checkout", START);
    tempo
        .store()
        .add(
            GatewayHarness.TENANT,
            Traces.batch(span.traceId(), "shop", "x", 1).getResourceSpansList());
    long before = tempo.received().count();

    check(one, "allowed", askInPath(harness, one, one.method(), good, "acme", span));
    assertThat(tempo.received().count()).isEqualTo(before + 1);
    assertThat(tempo.received().last().uri()).isEqualTo(one.target(span.traceId()));

    check(one, "unauthenticated", askInPath(harness, one, one.method(), "", "acme", span));
    check(
        one,
        "forbidden",
        askInPath(harness, one, one.method(), "Bearer " + stranger, "acme", span));
    check(one, "limited", askInPath(harness, one, one.method(), good, TIGHT, span));
    check(one, "wrongMethod", askInPath(harness, one, "PUT", good, "acme", span));
    check(one, "badTenant", askInPath(harness, one, one.method(), good, "acme:x=y", span));
  }

  /** Where a row is open, an answer of Tempo's; else one that Tempo hears nothing of. */
  private static Answer refused(
      OutcomeCase one,
      String situation,
      GatewayHarness by,
      String method,
      String authorization,
      String tenant)
      throws IOException {
    SpanBodies span = new SpanBodies(Traces.newId(), "shop", "checkout", START);
    long before = tempo.received().count();

    Answer answer = ask(by, one, method, authorization, tenant, span);

    check(one, situation, answer);
    boolean passed = one.answers().get(situation).equals("200");
    assertThat(tempo.received().count()).isEqualTo(passed ? before + 1 : before);
    return answer;
  }

  private static void check(OutcomeCase one, String situation, Answer answer) {
    assertThat(answer.status()).isEqualTo(one.answers().get(situation));
  }

  /**
   * How a request was answered.
   *
   * @param delayed whether it says when to come again
   */
  private record Answer(String status, boolean delayed, String allow) {}

  private static Answer ask(
      GatewayHarness by,
      OutcomeCase one,
      String method,
      String authorization,
      String tenant,
      SpanBodies span)
      throws IOException {
    Http2Headers head = head(method, one.target(span.traceId()), authorization);
    return send(by, one, head.add("x-scope-orgid", tenant), span);
  }

  private static Answer askInPath(
      GatewayHarness by,
      OutcomeCase one,
      String method,
      String authorization,
      String tenant,
      SpanBodies span)
      throws IOException {
    String target = one.target(span.traceId());
    String path =
        "/api/traces/v1/" + tenant + (target.startsWith("/api/") ? "/tempo" : "") + target;
    return send(by, one, head(method, path, authorization), span);
  }

  private static Http2Headers head(String method, String target, String authorization) {
    Http2Headers head =
        H2Wire.fields(
            ":method", method, ":scheme", "http", ":path", target, ":authority", "tempo.example");
    return authorization.isEmpty() ? head : head.add("authorization", authorization);
  }

  private static Answer send(GatewayHarness by, OutcomeCase one, Http2Headers head, SpanBodies span)
      throws IOException {
    byte[] body = one.body(span);
    try (H2Wire client = H2Wire.connect(by.port("all"))) {
      if (!one.type().isEmpty()) {
        head.add("content-type", one.type());
      }
      boolean bodyless = one.type().isEmpty();
      int stream = client.request(head, bodyless);
      if (!bodyless) {
        client.data(stream, one.grpc() ? Spans.message(false, body) : body, true);
      }
      return answer(client.message(stream));
    }
  }

  private static Answer answer(H2Wire.Message message) {
    boolean rpc = !message.grpcStatus().isEmpty();
    return new Answer(
        rpc ? "grpc " + message.grpcStatus() : Integer.toString(message.status()),
        rpc
            ? !message.field("grpc-status-details-bin").isEmpty()
            : !message.field("retry-after").isEmpty(),
        message.field("allow"));
  }
}

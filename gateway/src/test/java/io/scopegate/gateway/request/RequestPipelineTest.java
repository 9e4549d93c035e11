package io.scopegate.gateway.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.config.DataSize;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.answer.Cors;
import io.scopegate.gateway.answer.CorsConfig;
import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.limit.ListenerLimits;
import io.scopegate.gateway.limit.TenantLimits;
import io.scopegate.gateway.request.PipelineFixture.RecordingClient;
import io.scopegate.gateway.request.PipelineFixture.RecordingUpstream;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.telemetry.RequestRecord;
import io.scopegate.gateway.tls.TlsConfig.ClearTextTokens;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What each step of a request's way does to it. */
class RequestPipelineTest {
  private static final ListenerLimits NO_CEILING = new ListenerLimits(null, null, null);
  private static final String SEARCH = "/tempopb.StreamingQuerier/Search";
  private static final String EXPORT =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final Refusal FORBIDDEN = Refusal.of(Reason.FORBIDDEN, "access: no");

  /** A search from 10 to 70 s after the epoch, with its prefix. */
  private static final byte[] RANGE = {0, 0, 0, 0, 4, 0x28, 10, 0x30, 70};

  private PipelineFixture made = fixture(TenantLimits.NONE, NO_CEILING);

  private static PipelineFixture fixture(TenantLimits limits, ListenerLimits ceiling) {
    return new PipelineFixture(plan(null, ClearTextTokens.ALLOW), 1, limits, ceiling);
  }

  private static RequestPlan plan(Cors cors, ClearTextTokens tokens) {
    EndpointTable table =
        EndpointTable.of(
            List.of(Set.of(Protocol.OTLP_GRPC, Protocol.OTLP_HTTP, Protocol.TEMPO_QUERY)));
    return new RequestPlan(table, cors, tokens);
  }

  private PipelineFixture replace(PipelineFixture next) {
    made.close();
    made = next;
    return next;
  }

  @AfterEach
  void close() {
    made.close();
  }

  private static Http2Headers head(String method, String path) {
    return new DefaultHttp2Headers(false)
        .method(method)
        .path(path)
        .scheme("http")
        .authority("tempo.example")
        .add("authorization", "Bearer token");
  }

  private static Http2Headers call(String path) {
    return head("POST", path).add("content-type", "application/grpc").add("te", "trailers");
  }

  private static Reason reason(RecordingClient client) {
    Refusal refusal = client.own().record.refusal;
    return refusal == null ? null : refusal.reason();
  }

  private RecordingClient search() {
    return made.send(head("GET", "/api/search?q=x"), true, false, false);
  }

  // ---- the head

  @Test
  void whatIsAllowedIsForwardedAsItsTenant() {
    RecordingClient client = search();

    assertThat(reason(client)).isNull();
    RecordingUpstream up = made.upstream.opened.get(0);
    assertThat(up.head.path()).hasToString("/prefix/api/search?q=x");
    assertThat(up.head.get("x-scope-orgid")).hasToString("acme");
    assertThat(up.head.get("authorization")).isNull();
    assertThat(up.ended).isTrue();
    assertThat(client.peer()).isSameAs(up);
    assertThat(client.proceeded).isEqualTo(1);
    assertThat(client.own().record.tenant).isEqualTo("acme");
    assertThat(client.own().record.upstream).isEqualTo("up");
    assertThat(client.own().record.path()).hasToString("/api/search");
  }

  @Test
  void whatTheHeadForbidsIsRefusedBeforeAnybodyIsAsked() {
    Http2Headers connect = new DefaultHttp2Headers(false).method("CONNECT").authority("a:1");
    assertThat(reason(made.send(connect, true, true, false))).isEqualTo(Reason.MALFORMED);
    assertThat(reason(made.send(head("GET", "/flush"), true, false, false)))
        .isEqualTo(Reason.NOT_FOUND);
    Http2Headers twoHosts = head("GET", "/api/search").add("host", "other.example");
    assertThat(reason(made.send(twoHosts, true, true, false))).isEqualTo(Reason.MALFORMED);

    assertThat(made.access.endpoints).isEmpty();
    assertThat(made.upstream.opened).isEmpty();
  }

  @Test
  void aTokenInClearTextIsRefusedAndNotLookedAt() {
    replace(
        new PipelineFixture(plan(null, ClearTextTokens.REFUSE), 1, TenantLimits.NONE, NO_CEILING));

    assertThat(reason(search())).isEqualTo(Reason.UNAUTHENTICATED);
    assertThat(made.access.endpoints).isEmpty();
    RecordingClient overTls = made.send(head("GET", "/api/search"), true, false, true);
    assertThat(reason(overTls)).isNull();
  }

  @Test
  void aBrowsersQuestionIsAnsweredWithoutAnEndpoint() {
    CorsConfig config =
        new CorsConfig(List.of("https://page.example"), List.of(), false, Duration.ofHours(1));
    Cors cors = Cors.of(config, "X-Scope-OrgID");
    replace(
        new PipelineFixture(plan(cors, ClearTextTokens.REFUSE), 1, TenantLimits.NONE, NO_CEILING));

    Http2Headers question =
        head("OPTIONS", "/flush")
            .add("origin", "https://page.example")
            .add("access-control-request-method", "GET");
    RecordingClient client = made.send(question, true, false, false);

    assertThat(client.status()).isEqualTo("204");
    assertThat(reason(client)).isNull();
    assertThat(made.access.endpoints).isEmpty();
  }

  @Test
  void theGatewaysHealthIsAnsweredHere() {
    EndpointTable health = EndpointTable.of(List.of(Set.of(Protocol.HEALTH)));
    RequestPlan plan = new RequestPlan(health, null, ClearTextTokens.REFUSE);
    replace(new PipelineFixture(plan, 0, TenantLimits.NONE, NO_CEILING));

    assertThat(made.send(head("GET", "/healthz"), true, false, false).status()).isEqualTo("200");
    assertThat(made.access.endpoints).isEmpty();
  }

  @Test
  void grpcOverHttp1IsNotFoundBecauseItsClientReadsNoTrailers() {
    assertThat(made.send(call(EXPORT), true, false, false).status()).isEqualTo("404");
    assertThat(made.send(call(SEARCH), true, false, false).status()).isEqualTo("404");

    assertThat(made.access.endpoints).isEmpty();
    assertThat(reason(made.send(call(EXPORT), true, true, false))).isNull();
  }

  @Test
  void onlyCallsOfTempoLeaveThePathOfTheirUpstream() {
    made.send(call(EXPORT), true, true, false);
    assertThat(made.upstream.opened.get(0).head.path()).hasToString(EXPORT);

    EndpointTable proxy = EndpointTable.of(List.of(Set.of(Protocol.PROXY)));
    RequestPlan plan = new RequestPlan(proxy, null, ClearTextTokens.ALLOW);
    replace(new PipelineFixture(plan, 1, TenantLimits.NONE, NO_CEILING));
    made.send(call("/any.Service/Method"), true, true, false);

    assertThat(made.upstream.opened.get(0).head.path()).hasToString("/prefix/any.Service/Method");
  }

  @Test
  void theUpstreamIsToldWhoseShareItsConnectionCountsIn() {
    RecordingClient one = search();
    RecordingClient other = search();

    assertThat(made.upstream.tenants.get(0)).isNotNull().isSameAs(one.own().share());
    assertThat(made.upstream.tenants.get(1)).isSameAs(other.own().share());
  }

  // ---- the listener

  @Test
  void aListenerThatIsFullAsksNobody() {
    replace(fixture(TenantLimits.NONE, new ListenerLimits(0.0, null, null)));

    assertThat(reason(search())).isEqualTo(Reason.UNAVAILABLE);
    assertThat(made.access.endpoints).isEmpty();
  }

  @Test
  void aGatewayThatIsFullAsksNobody() {
    replace(
        new PipelineFixture(
            plan(null, ClearTextTokens.ALLOW), 1, TenantLimits.NONE, NO_CEILING, 2));
    made.client(true, false);
    made.client(true, false);
    made.client(true, false);

    assertThat(reason(search())).isEqualTo(Reason.UNAVAILABLE);
    assertThat(made.access.endpoints).isEmpty();
  }

  // ---- access

  @Test
  void whatIsForbiddenGoesNowhere() {
    made.access.known = new AccessDecision(FORBIDDEN, null, "acme", "grafana", 0);

    RecordingClient client = search();

    assertThat(client.status()).isEqualTo("403");
    assertThat(client.own().record.user).isEqualTo("grafana");
    assertThat(made.upstream.opened).isEmpty();
  }

  @Test
  void whatIsNotKnownIsAskedAndWaitsWithItsBody() {
    made.access.known = null;
    RecordingClient client = made.send(call(EXPORT), false, true, false);
    client.more(new byte[] {'a', 'b'}, false);
    assertThat(made.upstream.opened).isEmpty();
    assertThat(client.proceeded).isZero();

    made.access.asked.get(0).complete(PipelineFixture.ALLOWED);
    client.more(new byte[] {'c'}, true);

    RecordingUpstream up = made.upstream.opened.get(0);
    assertThat(up.body()).isEqualTo("abc");
    assertThat(up.ended).isTrue();
    assertThat(client.proceeded).isEqualTo(1);
  }

  @Test
  void anAnswerThatSaysNoEndsWhatWaited() {
    made.access.known = null;
    RecordingClient client = made.send(call(EXPORT), false, true, false);
    client.more(new byte[] {'a'}, false);

    made.access.asked.get(0).complete(new AccessDecision(FORBIDDEN, null, "", "", 0));

    assertThat(reason(client)).isEqualTo(Reason.FORBIDDEN);
    assertThat(client.head.get("grpc-status")).hasToString("7");
    assertThat(made.upstream.opened).isEmpty();
    assertThat(made.budget.heldBytes()).isZero();
  }

  @Test
  void aClientThatHangsUpMeanwhileIsNotForwarded() {
    made.access.known = null;
    RecordingClient client = made.send(call(EXPORT), false, true, false);
    client.hangUp();

    made.access.asked.get(0).complete(PipelineFixture.ALLOWED);

    assertThat(made.upstream.opened).isEmpty();
    assertThat(client.own().record.tenant).isEqualTo("acme"); // it is in the audit log
  }

  @Test
  void anAskThatFailsIsADefect() {
    made.access.known = null;
    RecordingClient client = search();

    made.access.asked.get(0).fail("broken");

    assertThat(reason(client)).isEqualTo(Reason.DEFECT);
  }

  @Test
  void aDefectEndsItsRequestAndNoOther() {
    made.access.defect = new IllegalStateException("broken");
    assertThat(reason(search())).isEqualTo(Reason.DEFECT);
    made.access.defect = null;

    assertThat(reason(search())).isNull();
    made.upstream.opening =
        end -> {
          throw new IllegalStateException("broken");
        };
    made.access.known = null;
    RecordingClient client = search();
    made.access.asked.get(0).complete(PipelineFixture.ALLOWED);
    assertThat(reason(client)).isEqualTo(Reason.DEFECT);
  }

  // ---- limits

  private static TenantLimits reads(Double perSecond, Duration longestRange) {
    return new TenantLimits(
        null, null, null, null, null, perSecond, null, null, longestRange, null, null, null);
  }

  @Test
  void aTenantOverItsRateIsRefused() {
    replace(fixture(reads(0.0, null), NO_CEILING));

    assertThat(reason(search())).isEqualTo(Reason.LIMITED);
    made.access.known = null;
    RecordingClient asked = search();
    made.access.asked.get(0).complete(PipelineFixture.ALLOWED);
    assertThat(reason(asked)).isEqualTo(Reason.LIMITED);
    assertThat(made.upstream.opened).isEmpty();
  }

  @Test
  void aBodyThatCameBeforeTheAnswerIsMeasuredWithIt() {
    DataSize size = new DataSize(3);
    replace(
        fixture(
            new TenantLimits(
                null, null, null, null, size, null, null, null, null, null, null, null),
            NO_CEILING));
    made.access.known = null;
    Http2Headers head = head("POST", "/v1/traces").add("content-type", "application/x-protobuf");
    RecordingClient client = made.send(head, false, true, false);
    client.more(new byte[10], false);

    made.access.asked.get(0).complete(PipelineFixture.ALLOWED);

    assertThat(reason(client)).isEqualTo(Reason.TOO_LARGE);
    assertThat(made.upstream.opened).isEmpty();
  }

  @Test
  void aQueryIsHeldUntilItsRangeIsKnown() {
    replace(fixture(reads(null, Duration.ofMinutes(1)), NO_CEILING));
    RecordingClient client = made.send(call(SEARCH), false, true, false);
    assertThat(client.proceeded).isEqualTo(1);
    assertThat(made.upstream.opened).isEmpty();

    client.more(RANGE, true);

    assertThat(made.upstream.opened.get(0).ended).isTrue();
    assertThat(made.upstream.opened.get(0).body()).hasSize(RANGE.length);
  }

  @Test
  void aQueryThatIsHeldAndTooLongIsRefused() {
    replace(fixture(reads(null, Duration.ofSeconds(59)), NO_CEILING));
    RecordingClient known = made.send(call(SEARCH), false, true, false);
    known.more(RANGE, true);
    assertThat(reason(known)).isEqualTo(Reason.RANGE_TOO_LONG);

    made.access.known = null;
    RecordingClient asked = made.send(call(SEARCH), false, true, false);
    made.access.asked.get(0).complete(PipelineFixture.ALLOWED);
    asked.more(RANGE, true);
    assertThat(reason(asked)).isEqualTo(Reason.RANGE_TOO_LONG);

    made.access.known = PipelineFixture.ALLOWED;
    RecordingClient large = made.send(call(SEARCH), false, true, false);
    large.more(new byte[70_000], false);
    assertThat(reason(large)).isEqualTo(Reason.MALFORMED);
    assertThat(made.upstream.opened).isEmpty();
  }

  @Test
  void aDefectBehindAHeldQueryEndsIt() {
    replace(fixture(reads(null, Duration.ofMinutes(1)), NO_CEILING));
    made.upstream.opening =
        end -> {
          throw new IllegalStateException("broken");
        };
    RecordingClient client = made.send(call(SEARCH), false, true, false);

    client.more(RANGE, true);

    assertThat(reason(client)).isEqualTo(Reason.DEFECT);
  }

  // ---- the early refusal

  private RequestRecord again(Http2Headers head) {
    return made.pipeline.refuseAgain(head, made.memo, PipelineFixture.connection(true, false));
  }

  @Test
  void aCallStillOverItsRateIsRefusedWithoutAnExchange() {
    TenantLimits none =
        new TenantLimits(null, null, 0.0, null, null, null, null, null, null, null, null, null);
    replace(fixture(none, NO_CEILING));

    RequestRecord refused = again(call(EXPORT));
    assertThat(refused.refusal.reason()).isEqualTo(Reason.LIMITED);
    assertThat(refused.tenant).isEqualTo("acme");
    assertThat(refused.path()).hasToString(EXPORT);

    assertThat(again(call(SEARCH))).as("reads").isNull();
    assertThat(again(call("/a.B/C"))).as("unknown").isNull();
    assertThat(again(call(EXPORT).add("host", "tempo.example"))).as("changes").isNull();
    made.access.known = null;
    assertThat(again(call(EXPORT))).as("not known").isNull();
    made.access.defect = new IllegalStateException("broken");
    assertThat(again(call(EXPORT))).as("a defect").isNull();
    assertThat(made.upstream.opened).isEmpty();
  }

  @Test
  void aCallWithoutTheRightOrACredentialIsRefusedWithoutAnExchange() {
    made.access.known = new AccessDecision(FORBIDDEN, null, "acme", "ada", 0);
    RequestRecord forbidden = again(call(EXPORT));
    assertThat(forbidden.refusal).isSameAs(FORBIDDEN);
    assertThat(forbidden.tenant).isEqualTo("acme");
    assertThat(forbidden.user).isEqualTo("ada");
    assertThat(again(call(SEARCH))).as("reads").isNull();

    Refusal unknown = Refusal.of(Reason.UNAUTHENTICATED, "authentication: no");
    made.access.known = new AccessDecision(unknown, null, "", "", 0);
    assertThat(again(call(EXPORT)).refusal).isSameAs(unknown);

    for (Reason other : Reason.values()) {
      if (other != Reason.FORBIDDEN && other != Reason.UNAUTHENTICATED) {
        made.access.known = new AccessDecision(Refusal.of(other, "no"), null, "acme", "", 0);
        assertThat(again(call(EXPORT))).as(other.label()).isNull();
      }
    }
    assertThat(made.upstream.opened).isEmpty();
  }

  @Test
  void aCallWithinItsRateIsNotRefusedEarly() {
    assertThat(again(call(EXPORT))).isNull();
  }

  @Test
  void whatCannotBeReadIsAnsweredWithAnId() {
    RecordingClient client = made.client(true, false);

    made.pipeline.malformed(client.own(), Refusal.of(Reason.MALFORMED, "http: broken"));

    assertThat(client.status()).isEqualTo("400");
    assertThat(client.own().record.requestId()).isNotEmpty();
  }

  @Test
  void aGrpcWebCallGoesOnAsGrpc() {
    EndpointTable web = EndpointTable.of(List.of(Set.of(Protocol.OTLP_GRPC))).withGrpcWeb();
    RequestPlan plan = new RequestPlan(web, null, ClearTextTokens.ALLOW);
    replace(new PipelineFixture(plan, 1, TenantLimits.NONE, NO_CEILING));
    Http2Headers head = head("POST", EXPORT).add("content-type", "application/grpc-web+proto");

    RecordingClient client = made.send(head, true, false, false);

    assertThat(client.own().dialect()).isEqualTo(Dialect.GRPC_WEB);
    assertThat(made.upstream.opened.get(0).head.get("content-type"))
        .isEqualTo(AsciiString.of("application/grpc+proto"));
  }
}

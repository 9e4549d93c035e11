package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.authz.Authentication;
import io.scopegate.config.DataSize;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.DecisionBasis;
import io.scopegate.gateway.access.Enforcement;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.RecordingEnd;
import io.scopegate.gateway.exchange.TestContexts;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.route.Routed;
import io.scopegate.gateway.telemetry.Telemetry;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is looked at in a request's head, and what its exchange gives back at its end. */
class AdmittedRequestsTest {
  private static final ListenerLimits NO_CEILING = new ListenerLimits(null, null, null);
  private static final String PROTOBUF = "application/x-protobuf";

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Budget budget = new Budget(1 << 20, 100);
  private final LoopContext loop = new LoopContext(channel.eventLoop(), budget);
  private final Telemetry telemetry = new Telemetry(null, 10, "test");
  private final EndpointTable table =
      EndpointTable.of(
          List.of(Set.of(Protocol.OTLP_GRPC, Protocol.OTLP_HTTP, Protocol.TEMPO_QUERY)));
  private final Limiter limiter =
      new Limiter(
          budget,
          telemetry,
          () -> 0,
          InstantSource.system(),
          new LocalBuckets(() -> 0),
          new Delays(bound -> 0));
  private final List<Exchange> exchanges = new ArrayList<>();

  @AfterEach
  void close() {
    exchanges.forEach(x -> x.end(false));
    assertThat(budget.heldBytes()).isZero();
    telemetry.close();
    channel.close();
  }

  private void limit(TenantLimits limits) {
    StoreConfig store = StoreConfig.local();
    limiter.reconfigure(
        Limits.of(
            new LimitsConfig(
                limits,
                Map.of(),
                null,
                Enforcement.DENY,
                LimitsConfig.UnmeasuredCodings.REFUSE,
                store),
            Map.of(),
            TempoOverrides.NONE));
  }

  private AdmissionControl control(ListenerLimits ceiling) {
    return limiter.admissions("in", ceiling, loop);
  }

  private Exchange exchange() {
    Exchange x = new Exchange(new RecordingEnd(loop), TestContexts.http2(telemetry));
    exchanges.add(x);
    return x;
  }

  private static AccessDecision allowed(String tenant, String... members) {
    DecisionBasis basis =
        new DecisionBasis(
            Authentication.unauthenticated("", 0, Authentication.Proof.Source.NONE),
            List.of(members),
            "header",
            List.of(),
            List.of(),
            () -> Future.failedFuture("not asked"));
    return new AccessDecision(null, AsciiString.of(tenant), tenant, "jane", Long.MAX_VALUE, basis);
  }

  private static Http2Headers head(String method, String path, String... fields) {
    Http2Headers head = new DefaultHttp2Headers(false).method(method).path(path);
    for (int i = 0; i < fields.length; i += 2) {
      head.add(fields[i], fields[i + 1]);
    }
    return head;
  }

  private @Nullable Refusal admit(Exchange x, Http2Headers head, boolean end, AccessDecision who) {
    Routed to = table.route(head.method(), head.path(), head.get("content-type"), true);
    assertThat(to.endpoint()).isNotNull();
    return control(NO_CEILING).admit(x, to, head, end, who);
  }

  private static TenantLimits reads(@Nullable Integer queries, @Nullable Duration range) {
    return new TenantLimits(
        null, null, null, null, null, null, queries, null, range, null, null, null);
  }

  private static TenantLimits largest(long bytes) {
    return new TenantLimits(
        null, null, null, null, new DataSize(bytes), null, null, null, null, null, null, null);
  }

  @Test
  void aListenersPlaceIsGivenBackAtTheEnd() {
    AdmissionControl one = control(new ListenerLimits(null, null, 1));
    Exchange x = exchange();
    assertThat(one.begin(x)).isNull();
    assertThat(one.begin(exchange())).isNotNull();

    x.end(false);

    assertThat(one.begin(exchange())).isNull();
    assertThat(control(new ListenerLimits(null, null, 2)).begin(exchange())).isNull();
  }

  @Test
  void aReadsPlaceIsGivenBackAtTheEnd() {
    limit(reads(1, null));
    Exchange x = exchange();
    assertThat(admit(x, head("GET", "/api/search"), true, allowed("a"))).isNull();
    assertThat(x.share()).isNotNull();
    Refusal refusal = admit(exchange(), head("GET", "/api/search"), true, allowed("a"));
    assertThat(refusal.reason()).isEqualTo(Reason.LIMITED);

    x.end(false);

    assertThat(admit(exchange(), head("GET", "/api/search"), true, allowed("a"))).isNull();
  }

  @Test
  void aReadOfSeveralTenantsCountsForEachOfThem() {
    limit(reads(1, null));
    assertThat(admit(exchange(), head("GET", "/api/search"), true, allowed("a|b", "b", "a")))
        .isNull();

    for (String tenant : List.of("a", "b")) {
      assertThat(admit(exchange(), head("GET", "/api/search"), true, allowed(tenant)).detail())
          .contains("tenant " + tenant);
    }
    assertThat(admit(exchange(), head("GET", "/api/search"), true, allowed("|c", "c"))).isNull();
    assertThat(admit(exchange(), head("GET", "/api/search"), true, allowed("c"))).isNotNull();
  }

  @Test
  void theRangeOfAQueryIsThatOfItsQueryString() {
    limit(reads(null, Duration.ofHours(1)));

    assertThat(admit(exchange(), head("GET", "/api/search"), true, allowed("a"))).isNull();
    assertThat(admit(exchange(), head("GET", "/api/search?start=0&end=3600"), true, allowed("a")))
        .isNull();
    assertThat(
            admit(exchange(), head("GET", "/api/search?start=0&end=3601"), true, allowed("a"))
                .reason())
        .isEqualTo(Reason.RANGE_TOO_LONG);
  }

  @Test
  void whatAnyTokenOpensCountsAsItsCallers() {
    Exchange x = exchange();
    assertThat(admit(x, head("GET", "/api/echo"), true, allowed(""))).isNull();
    assertThat(x.share()).isSameAs(limiter.caller("jane").share());
    for (int i = 1; i < CallerAdmission.RATE.burst(); i++) {
      assertThat(admit(exchange(), head("GET", "/api/echo"), true, allowed(""))).isNull();
    }
    assertThat(admit(exchange(), head("GET", "/api/echo"), true, allowed("")).reason())
        .isEqualTo(Reason.LIMITED);
  }

  @Test
  void whatIsForNoTenantIsNotLimited() {
    limit(reads(0, null));
    assertThat(admit(exchange(), head("GET", "/api/search"), true, allowed(""))).isNull();
  }

  // ---- what stores

  private Http2Headers export(String... fields) {
    return head("POST", "/v1/traces", fields).add("content-type", PROTOBUF);
  }

  @Test
  void aLengthInTheHeadIsTheSizeUnlessTheBodyIsEncoded() {
    limit(largest(10));
    assertThat(admit(exchange(), export("content-length", "10"), false, allowed("a"))).isNull();
    assertThat(admit(exchange(), export("content-length", "11"), false, allowed("a")).reason())
        .isEqualTo(Reason.TOO_LARGE);
    String[] identity = {"content-length", "11", "content-encoding", "Identity"};
    assertThat(admit(exchange(), export(identity), false, allowed("a"))).isNotNull();
    String[] gzip = {"content-length", "11", "content-encoding", "gzip"};
    assertThat(admit(exchange(), export(gzip), false, allowed("a"))).isNull();
    String[] twice = {
      "content-length", "11", "content-encoding", "identity", "content-encoding", "gzip"
    };
    assertThat(admit(exchange(), export(twice), false, allowed("a")).reason())
        .isEqualTo(Reason.UNSUPPORTED_CODING);
  }

  @Test
  void aRequestWithoutABodyStoresNothing() {
    limit(largest(0));
    assertThat(admit(exchange(), export(), true, allowed("a"))).isNull();
    assertThat(admit(exchange(), export(), false, allowed("a"))).isNotNull();
  }

  @Test
  void aStreamsMessageIsReadOnlyWhereRangesAreLimited() {
    Http2Headers call =
        head("POST", "/tempopb.StreamingQuerier/Search").add("content-type", "application/grpc");
    Routed to = table.route(call.method(), call.path(), call.get("content-type"), true);

    assertThat(control(NO_CEILING).readsMessage(to.served(), allowed("a"))).isFalse();
    limit(reads(null, Duration.ofHours(1)));
    assertThat(control(NO_CEILING).readsMessage(to.served(), allowed("a"))).isTrue();
    assertThat(control(NO_CEILING).checkMessage(to.served(), call, allowed("a"), null).reason())
        .isEqualTo(Reason.MALFORMED);
  }
}

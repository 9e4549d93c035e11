package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.ReviewObserver.Kind;
import io.scopegate.authz.ReviewObserver.Outcome;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TelemetryTest {
  private final Telemetry telemetry = new Telemetry(null, 2, "1.2.3");

  @AfterEach
  void close() {
    telemetry.close();
  }

  @Test
  void countsRequestsByTheirLabels() {
    telemetry.finished(RequestRecords.search());
    telemetry.finished(RequestRecords.search());
    telemetry.finished(RequestRecords.export());

    assertThat(scrape())
        .contains(
            "scopegate_requests_total{code=\"200\",endpoint=\"/api/search\",grpc_code=\"none\","
                + "listener=\"query\",outcome=\"ok\",protocol=\"HTTP/1.1\"} 2.0",
            "scopegate_requests_total{code=\"200\",endpoint=\"opentelemetry.proto.collector.trace"
                + ".v1.TraceService/Export\",grpc_code=\"OK\",listener=\"otlp-grpc\","
                + "outcome=\"ok\",protocol=\"HTTP/2\"} 1.0",
            "scopegate_response_bytes_total{endpoint=\"/api/search\",listener=\"query\"} 4096.0",
            "scopegate_request_duration_seconds_bucket{endpoint=\"/api/search\","
                + "listener=\"query\",le=\"0.001\"} 0",
            "scopegate_request_duration_seconds_bucket{endpoint=\"/api/search\","
                + "listener=\"query\",le=\"0.005\"} 2",
            "scopegate_tenant_request_bytes_total{operation=\"write\",tenant=\"showcase\"} 1500.0",
            "scopegate_tenant_requests_total{operation=\"read\",outcome=\"ok\","
                + "tenant=\"showcase\"} 2.0");
  }

  @Test
  void tellsHowRequestsEnded() {
    RequestRecord failed = RequestRecords.export();
    failed.grpcStatus = 14;
    RequestRecord aborted = RequestRecords.search();
    aborted.aborted = true;
    RequestRecord gone = RequestRecords.search();
    gone.status = 0;
    RequestRecord odd = RequestRecords.search();
    odd.status = 999;
    RequestRecord refused = RequestRecords.refused(Reason.NOT_FOUND, "");
    refused.endpoint = null;
    List.of(failed, aborted, gone, odd, refused).forEach(telemetry::finished);

    assertThat(withoutPrefix("scopegate_requests_total"))
        .containsExactlyInAnyOrder(
            "{code=\"200\",endpoint=\"opentelemetry.proto.collector.trace.v1.TraceService/Export\","
                + "grpc_code=\"UNAVAILABLE\",listener=\"otlp-grpc\",outcome=\"failed\","
                + "protocol=\"HTTP/2\"} 1.0",
            "{code=\"200\",endpoint=\"/api/search\",grpc_code=\"none\",listener=\"query\","
                + "outcome=\"aborted\",protocol=\"HTTP/1.1\"} 1.0",
            "{code=\"none\",endpoint=\"/api/search\",grpc_code=\"none\",listener=\"query\","
                + "outcome=\"failed\",protocol=\"HTTP/1.1\"} 1.0",
            "{code=\"other\",endpoint=\"/api/search\",grpc_code=\"none\",listener=\"query\","
                + "outcome=\"failed\",protocol=\"HTTP/1.1\"} 1.0",
            "{code=\"403\",endpoint=\"unmatched\",grpc_code=\"none\",listener=\"query\","
                + "outcome=\"refused\",protocol=\"HTTP/1.1\"} 1.0");
  }

  @Test
  void countsRefusalsByReason() {
    telemetry.finished(RequestRecords.refused(Reason.FORBIDDEN, "showcase"));
    telemetry.finished(RequestRecords.refused(Reason.FORBIDDEN, "payments"));
    telemetry.finished(RequestRecords.refused(Reason.UNDECIDED, "showcase"));

    assertThat(scrape())
        .contains(
            "scopegate_refusals_total{endpoint=\"/api/search\",listener=\"query\","
                + "reason=\"forbidden\"} 2.0",
            "scopegate_refusals_total{endpoint=\"/api/search\",listener=\"query\","
                + "reason=\"undecided\"} 1.0");
  }

  @Test
  void readsOfSeveralTenantsShareOneLabelAndLeaveTheCapAlone() {
    for (String tenant : List.of("a|b", "a|c", "b|c", "a|b|c", "a", "b")) {
      RequestRecord t = RequestRecords.search();
      t.tenant = tenant;
      telemetry.finished(t);
    }

    assertThat(withoutPrefix("scopegate_tenant_requests_total"))
        .containsExactlyInAnyOrder(
            "{operation=\"read\",outcome=\"ok\",tenant=\"a\"} 1.0",
            "{operation=\"read\",outcome=\"ok\",tenant=\"b\"} 1.0",
            "{operation=\"read\",outcome=\"ok\",tenant=\"federated\"} 4.0");
  }

  @Test
  void tenantsBeyondTheCapShareOneLabel() {
    for (String tenant : List.of("a", "b", "c", "d", "a")) {
      RequestRecord t = RequestRecords.search();
      t.tenant = tenant;
      telemetry.finished(t);
    }

    assertThat(withoutPrefix("scopegate_tenant_requests_total"))
        .containsExactlyInAnyOrder(
            "{operation=\"read\",outcome=\"ok\",tenant=\"a\"} 2.0",
            "{operation=\"read\",outcome=\"ok\",tenant=\"b\"} 1.0",
            "{operation=\"read\",outcome=\"ok\",tenant=\"other\"} 2.0");
  }

  @Test
  void namesThatWereOnlyTriedDoNotUseTheCapUp() {
    for (int i = 0; i < 10; i++) {
      telemetry.finished(RequestRecords.refused(Reason.FORBIDDEN, "guess-" + i));
    }
    telemetry.finished(RequestRecords.search());

    assertThat(withoutPrefix("scopegate_tenant_requests_total"))
        .containsExactlyInAnyOrder(
            "{operation=\"read\",outcome=\"refused\",tenant=\"other\"} 10.0",
            "{operation=\"read\",outcome=\"ok\",tenant=\"showcase\"} 1.0");
  }

  @Test
  void equalLabelsOfOtherObjectsAreTheSameSeries() {
    RequestRecord copy = RequestRecords.searchAgain();
    copy.refusal = null;
    telemetry.finished(RequestRecords.search());
    telemetry.finished(copy);
    RequestRecord refused = RequestRecords.refused(Reason.LIMITED, "showcase");
    telemetry.finished(refused);
    refused.refusal = Refusal.retryable(Reason.LIMITED, "another text", 5);
    telemetry.finished(refused);

    assertThat(withoutPrefix("scopegate_requests_total"))
        .hasSize(2)
        .allMatch(s -> s.endsWith(" 2.0"));
  }

  @Test
  void countsConnectionsUpstreamsReviewsAndCaches() {
    telemetry.listener("query").connectionOpened();
    telemetry.listener("query").connectionOpened();
    telemetry.listener("query").connectionClosed();
    telemetry.listener("query").connectionFailed(ListenerMeters.Failure.HANDSHAKE);
    telemetry.listener("query").streamOpened();
    telemetry.upstream("query-frontend").connected(2_000_000);
    telemetry.upstream("query-frontend").connectFailed();
    telemetry.kubernetes().answered(Kind.TOKEN, Outcome.UNDECIDED, 5_000_000);
    telemetry.kubernetes().answered(Kind.ACCESS, Outcome.YES, 5_000_000);
    telemetry.kubernetes().caches(() -> 2, () -> 0);
    for (int i = 0; i < 7; i++) {
      telemetry.kubernetes().cached(Kind.TOKEN, false);
    }
    telemetry.kubernetes().asked(Kind.TOKEN);
    telemetry.inFlight(
        new Telemetry.InFlight(() -> 4_096, () -> 3, () -> 0, () -> 0, () -> 0, () -> 0, () -> 0));
    telemetry.reloaded(Telemetry.Reload.CERTIFICATES, true);
    System.gc();

    assertThat(scrape())
        .contains(
            "scopegate_connections{listener=\"query\"} 1.0",
            "scopegate_connections_accepted_total{listener=\"query\"} 2.0",
            "scopegate_connections_failed_total{cause=\"handshake\",listener=\"query\"} 1.0",
            "scopegate_streams{listener=\"query\"} 1.0",
            "scopegate_upstream_connections{upstream=\"query-frontend\"} 1.0",
            "scopegate_upstream_connect_failures_total{upstream=\"query-frontend\"} 1.0",
            "scopegate_review_duration_seconds_count{kind=\"token\",outcome=\"undecided\"} 1",
            "scopegate_review_duration_seconds_count{kind=\"access\",outcome=\"allow\"} 1",
            "scopegate_cache_lookups_total{cache=\"tokens\",result=\"hit\"} 7.0",
            "scopegate_cache_lookups_total{cache=\"tokens\",result=\"miss\"} 1.0",
            "scopegate_cache_entries{cache=\"tokens\"} 2.0",
            "scopegate_in_flight_bytes 4096.0",
            "scopegate_reloads_total{result=\"ok\",what=\"certificates\"} 1.0");
  }

  private List<String> withoutPrefix(String name) {
    return scrape().stream()
        .filter(line -> line.startsWith(name + "{"))
        .map(line -> line.substring(name.length()))
        .toList();
  }

  @Test
  void theExpiryOfTheOwnCredentialIsShownWhileItIsKnown() {
    String name = "scopegate_own_credential_expiration_timestamp_seconds";
    telemetry.kubernetes().ownCredential(Long.MAX_VALUE);
    assertThat(scrape()).noneMatch(line -> line.contains(name));
    telemetry.kubernetes().ownCredential(1_796_000_000_999L);
    assertThat(scrape()).contains(name + " 1.796E9");
    telemetry.kubernetes().ownCredential(Long.MAX_VALUE);
    assertThat(scrape()).contains(name + " NaN");
  }

  private List<String> scrape() {
    return new String(telemetry.scrape(), StandardCharsets.UTF_8).lines().toList();
  }
}

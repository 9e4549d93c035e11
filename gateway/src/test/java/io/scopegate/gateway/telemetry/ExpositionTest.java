package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who asks for metrics gets the format that it prefers. */
final class ExpositionTest {
  private static final String PROTOBUF =
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
  private static final String OPEN_METRICS = "application/openmetrics-text;version=1.0.0;q=0.75";
  private static final String TEXT = "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

  private final Telemetry telemetry = new Telemetry(null, 10, "test");

  @BeforeEach
  void add() {
    RequestRecord traced = RequestRecords.search();
    traced.trace = RequestRecords.trace();
    telemetry.finished(traced);
    telemetry.finished(RequestRecords.export());
  }

  @AfterEach
  void close() {
    telemetry.close();
  }

  private String page(String accept) {
    return new String(telemetry.scrape(accept).body(), StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "*/*", "text/html", TEXT, "nonsense;;q=x"})
  void anybodyElseGetsText(String accept) {
    assertThat(telemetry.scrape(accept).contentType())
        .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    assertThat(page(accept))
        .contains(
            "# TYPE scopegate_request_duration_seconds histogram",
            "scopegate_request_duration_seconds_bucket{endpoint=\"/api/search\","
                + "listener=\"query\",le=\"0.005\"} 1\n",
            "scopegate_request_duration_seconds_max{endpoint=\"/api/search\"")
        .doesNotContain("trace_id");
  }

  @Test
  void openMetricsHasExemplars() {
    assertThat(telemetry.scrape(OPEN_METRICS + "," + TEXT).contentType())
        .startsWith("application/openmetrics-text; version=1.0.0");
    assertThat(page(OPEN_METRICS))
        .contains("# {span_id=\"0000000000000004\",trace_id=\"00000000000000010000000000000002\"}")
        .endsWith("# EOF\n");
  }

  @Test
  void protobufHasNativeHistograms() {
    Scrape scrape = telemetry.scrape(PROTOBUF + "," + OPEN_METRICS + "," + TEXT);
    assertThat(scrape.contentType())
        .isEqualTo(
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily;"
                + " encoding=delimited");
    assertThat(page(PROTOBUF)).contains("scopegate_request_duration_seconds", "trace_id");
  }
}

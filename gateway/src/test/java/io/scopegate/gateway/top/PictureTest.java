package io.scopegate.gateway.top;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.traffic.Traffic;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PictureTest {
  private static final String BEFORE =
      """
      scopegate_build_info{version="0.1.0",commit="abc",java="17"} 1
      scopegate_ready 1
      scopegate_audit_only_listeners 0
      scopegate_requests_total{listener="otlp",outcome="ok"} 100
      scopegate_request_bytes_total{listener="otlp"} 1000
      scopegate_response_bytes_total{listener="otlp"} 10
      scopegate_streams{listener="otlp"} 3
      scopegate_refusals_total{reason="forbidden"} 5
      scopegate_refusals_total{reason="limited"} 5
      scopegate_tenant_requests_total{tenant="orders",outcome="ok"} 10
      scopegate_tenant_requests_total{tenant="payments",outcome="ok"} 10
      scopegate_tenant_requests_in_flight{tenant="payments"} 2
      scopegate_tenant_limited_total{tenant="payments",limit="spansPerSecond"} 0
      scopegate_tenant_limit{tenant="payments",limit="spansPerSecond"} 100
      scopegate_tenant_limit{tenant="payments",limit="ingestBytesPerSecond"} 1000
      scopegate_tenant_limit{tenant="orders",limit="ingestBytesPerSecond"} +Inf
      scopegate_tenant_ingested_spans_total{tenant="payments"} 0
      scopegate_tenant_ingested_bytes_total{tenant="payments"} 0
      scopegate_upstream_connections{upstream="query"} 4
      scopegate_upstream_up{upstream="query"} 1
      scopegate_upstream_multitenant{upstream="query"} 1
      """;

  private static List<String> drawn(String before, String after, int rows) {
    return Picture.lines(
        Traffic.between(Scrape.of(before), Scrape.of(after), Duration.ofSeconds(2)), rows);
  }

  private static String later(String... changes) {
    String after = BEFORE;
    for (int i = 0; i < changes.length; i += 2) {
      assertThat(after).contains(changes[i]);
      after = after.replace(changes[i], changes[i + 1]);
    }
    return after;
  }

  @Test
  void showsWhatHasHappenedInBetween() {
    List<String> lines =
        drawn(
            BEFORE,
            later(
                "outcome=\"ok\"} 100",
                "outcome=\"ok\"} 350",
                "scopegate_request_bytes_total{listener=\"otlp\"} 1000",
                "scopegate_request_bytes_total{listener=\"otlp\"} 2401000",
                "reason=\"limited\"} 5",
                "reason=\"limited\"} 10",
                "{tenant=\"payments\",outcome=\"ok\"} 10",
                "{tenant=\"payments\",outcome=\"ok\"} 35",
                "spansPerSecond\"} 0",
                "spansPerSecond\"} 4",
                "ingested_spans_total{tenant=\"payments\"} 0",
                "ingested_spans_total{tenant=\"payments\"} 180",
                "ingested_bytes_total{tenant=\"payments\"} 0",
                "ingested_bytes_total{tenant=\"payments\"} 200"),
            20);

    assertThat(lines.get(0))
        .isEqualTo(
            "scopegate 0.1.0, ready: 125 requests/s, 1.20 MB/s in, 0 B/s out, 3 in progress");
    assertThat(lines.get(1)).isEqualTo("refused: limited 2.50/s");
    assertThat(lines.get(3)).startsWith("TENANT ").endsWith("NEAREST LIMIT");
    assertThat(lines.get(4).split(" +"))
        .containsExactly(
            "payments", "12.5", "0", "B", "0", "B", "2", "2", "90", "%", "of", "spansPerSecond");
    assertThat(lines.get(5).split(" +"))
        .containsExactly("orders", "0", "0", "B", "0", "B", "0", "0");
    assertThat(lines.get(8).split(" +")).containsExactly("query", "up", "4", "0", "0");
  }

  @Test
  void saysWhatIsWrong() {
    assertThat(drawn(BEFORE, later("scopegate_ready 1", "scopegate_ready 0"), 20).get(0))
        .contains("NOT READY");
    assertThat(drawn(BEFORE, later("listeners 0", "listeners 1"), 20).get(0))
        .endsWith("THE GATE IS OPEN (enforce: audit)");
    assertThat(drawn(BEFORE, later("_up{upstream=\"query\"} 1", "_up{upstream=\"query\"} 0"), 20))
        .anyMatch(line -> line.startsWith("query ") && line.contains(" DOWN "));
    assertThat(
            drawn(
                BEFORE, later("tenant{upstream=\"query\"} 1", "tenant{upstream=\"query\"} 0"), 20))
        .anyMatch(line -> line.startsWith("query ") && line.contains(" OPEN "));
    assertThat(drawn(BEFORE, later("scopegate_upstream_up{upstream=\"query\"} 1\n", ""), 20))
        .anyMatch(line -> line.startsWith("query ") && line.contains(" unknown "));
  }

  @Test
  void aGatewayThatHasStartedAnewHasNoNegativeRates() {
    assertThat(drawn(later("outcome=\"ok\"} 100", "outcome=\"ok\"} 900"), BEFORE, 20).get(0))
        .contains(" 0 requests/s");
  }

  @Test
  void showsTheBusiestAndHowManyMoreThereAre() {
    List<String> lines =
        drawn(
            BEFORE,
            later(
                "{tenant=\"payments\",outcome=\"ok\"} 10",
                "{tenant=\"payments\",outcome=\"ok\"} 11"),
            1);
    assertThat(lines.get(4)).startsWith("payments ");
    assertThat(lines.get(5)).isEqualTo("1 more");
  }

  @Test
  void aNameMovesNoCursorAndStaysInItsColumn() {
    String name = "a\u001b[2J\u202e" + "x".repeat(40);
    List<String> lines =
        drawn("", "scopegate_tenant_requests_total{tenant=\"" + name + "\"} 1\n", 20);
    assertThat(lines.get(4)).startsWith("a [2J " + "x".repeat(21) + "… ").doesNotContain("\u001b");
  }

  @Test
  void nothingSoFar() {
    assertThat(drawn("", "", 20)).contains("refused: nothing", "none so far");
  }
}

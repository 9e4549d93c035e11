package io.scopegate.gateway.top;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.traffic.Figure;
import io.scopegate.gateway.traffic.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScrapeTest {
  private static List<String> read(String page) {
    List<String> samples = new ArrayList<>();
    Scrape.read(
        page, (metric, labels, value) -> samples.add(metric + new TreeMap<>(labels) + value));
    return samples;
  }

  @Test
  void readsTheSamplesOfOurMetrics() {
    assertThat(
            read(
                """
                # HELP scopegate_requests_total finished requests
                # TYPE scopegate_requests_total counter
                scopegate_requests_total{listener="a",code="200"} 3.0
                scopegate_requests_total{listener="a",code="503"} 1.5E1
                scopegate_requests_total{listener="b",code="200"} 4 1767225600000
                scopegate_ready 1.0
                jvm_threads_live_threads 20.0
                """))
        .containsExactly(
            "scopegate_requests_total{code=200, listener=a}3.0",
            "scopegate_requests_total{code=503, listener=a}15.0",
            "scopegate_requests_total{code=200, listener=b}4.0",
            "scopegate_ready{}1.0");
  }

  @Test
  void addsThemUp() {
    Figures figures =
        Scrape.of(
            """
            scopegate_requests_total{listener="a",code="200"} 3.0
            scopegate_requests_total{listener="b",code="503"} 15
            scopegate_something_else{listener="b"} 7
            """);

    assertThat(figures.of(Figure.REQUESTS)).isEqualTo(18);
    assertThat(figures.of(Figure.READY)).isZero();
  }

  @Test
  void labelsAreReadAsTheyWereWritten() {
    List<Map<String, String>> read = new ArrayList<>();
    Scrape.read(
        "scopegate_tenant_limit{tenant=\"a\\\"b\\\\c\\nd}, {\",limit=\"x\"} 1\n",
        (metric, labels, value) -> read.add(labels));

    assertThat(read).containsExactly(Map.of("tenant", "a\"b\\c\nd}, {", "limit", "x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "scopegate_",
        "scopegate_x",
        "scopegate_x ",
        "scopegate_x y",
        "scopegate_x{",
        "scopegate_x{a",
        "scopegate_x{a=\"",
        "scopegate_x{a=\"b",
        "scopegate_x{a=\"b\"",
        "scopegate_x{a=\"b\"}",
        "scopegate_x{a=\"b\\",
      })
  void whatIsNoSampleIsLeftOut(String line) {
    assertThat(read(line)).isEmpty();
  }
}

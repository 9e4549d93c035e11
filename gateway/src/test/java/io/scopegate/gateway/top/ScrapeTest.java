package io.scopegate.gateway.top;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScrapeTest {
  @Test
  void addsUpTheSamplesWithTheseLabels() {
    Scrape scrape =
        Scrape.of(
            """
            # HELP scopegate_requests_total finished requests
            # TYPE scopegate_requests_total counter
            scopegate_requests_total{listener="a",code="200"} 3.0
            scopegate_requests_total{listener="a",code="503"} 1.5E1
            scopegate_requests_total{listener="b",code="200"} 4 1767225600000
            scopegate_ready 1.0
            jvm_threads_live_threads 20.0
            """);

    assertThat(scrape.sum("scopegate_requests_total")).isEqualTo(22);
    assertThat(scrape.sum("scopegate_requests_total", "listener", "a")).isEqualTo(18);
    assertThat(scrape.sum("scopegate_requests_total", "listener", "a", "code", "503"))
        .isEqualTo(15);
    assertThat(scrape.sum("scopegate_requests_total", "listener", "c")).isZero();
    assertThat(scrape.sum("scopegate_ready")).isEqualTo(1);
    assertThat(scrape.values("scopegate_requests_total", "listener")).containsExactly("a", "b");
    assertThat(scrape.has("jvm_threads_live_threads")).isFalse();
  }

  @Test
  void labelsAreReadAsTheyWereWritten() {
    Scrape scrape =
        Scrape.of("scopegate_tenant_limit{tenant=\"a\\\"b\\\\c\\nd}, {\",limit=\"x\"} 1\n");

    assertThat(scrape.values("scopegate_tenant_limit", "tenant")).containsExactly("a\"b\\c\nd}, {");
    assertThat(scrape.values("scopegate_tenant_limit", "limit")).containsExactly("x");
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
    assertThat(Scrape.of(line).sum("scopegate_x")).isZero();
  }
}

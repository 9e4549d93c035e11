package io.scopegate.testkit.tempo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.proto.trace.v1.ResourceSpans;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceQlTest {
  private final StoredSpan span = firstSpan();

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      textBlock =
          """
          '', true
          {}, true
          { true }, true
          { resource.service.name = "shop" }, true
          { resource.service.name = "other" }, false
          { resource.service.name != "other" }, true
          { span.number = "1" }, true
          { .number = 1 }, true
          { .service.name = "shop" }, true
          { name = "GET /" }, true
          { name =~ "GET.*" && kind = server }, true
          { name =~ "GET.*" && kind = client }, false
          { status = unset }, true
          { span.missing = "x" }, false
          """)
  void filters(String query, boolean matches) {
    assertThat(TraceQl.parse(query).filter().test(span)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "nonsense",
        "{ name }",
        "{ name = \"x\" || name = \"y\" }",
        "{ } | quantile()"
      })
  void refusesWhatItDoesNotUnderstand(String query) {
    assertThatThrownBy(() -> TraceQl.parse(query)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readsMetrics() {
    TraceQl query = TraceQl.parse("{ name = \"x\" } | rate() by (resource.service.name)");

    assertThat(query.function()).isEqualTo("rate");
    assertThat(query.by()).isEqualTo("resource.service.name");
  }

  private static StoredSpan firstSpan() {
    ResourceSpans batch =
        Traces.batch("0af7651916cd43dd8448eb211c80319c", "shop", "GET /", 1).getResourceSpans(0);
    return new StoredSpan(
        batch.getResource(), batch.getScopeSpans(0).getScope(), batch.getScopeSpans(0).getSpans(0));
  }
}

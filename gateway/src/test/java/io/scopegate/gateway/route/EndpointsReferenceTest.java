package io.scopegate.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.MarkdownTable;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndpointsReferenceTest {
  @Test
  void theReferenceListsEveryRowAndNothingElse() {
    assertThat(MarkdownTable.rows("reference/endpoints.md", "Serves"))
        .containsExactlyElementsOf(Rows.ALL.stream().map(EndpointsReferenceTest::row).toList());
  }

  private static List<String> row(Row row) {
    String pattern = row.endpoint().grpc() ? row.endpoint().name() : row.pattern();
    return List.of(
        row.protocol().label(),
        String.join(", ", row.methods()),
        pattern,
        row.endpoint().operation().label());
  }
}

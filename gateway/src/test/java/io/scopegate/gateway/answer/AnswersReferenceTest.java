package io.scopegate.gateway.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.MarkdownTable;
import io.scopegate.gateway.answer.Refusal.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AnswersReferenceTest {
  @Test
  void theReferenceListsEveryReasonWithItsStatusesAndNothingElse() {
    List<List<String>> documented =
        MarkdownTable.rows("reference/answers.md", "Reason").stream()
            .map(row -> List.of(row.get(0), row.get(2), row.get(3), row.get(4)))
            .toList();

    assertThat(documented)
        .containsExactlyElementsOf(
            Arrays.stream(Reason.values()).map(AnswersReferenceTest::row).toList());
  }

  private static List<String> row(Reason reason) {
    return List.of(
        reason.label(),
        both(reason, status -> Integer.toString(status.http())),
        both(reason, status -> Answers.statusName(status.grpc())),
        both(reason, status -> status.delayed() ? "yes" : "no"));
  }

  private static String both(Reason reason, java.util.function.Function<Status, String> part) {
    return Stream.of(Status.of(reason, false), Status.of(reason, true))
        .map(part)
        .distinct()
        .collect(Collectors.joining(", "));
  }
}

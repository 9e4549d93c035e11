package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.MarkdownTable;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The page of the log lists every field of the access log, and nothing else. */
class LogReferenceTest {
  private static Set<String> documented() {
    Set<String> fields = new TreeSet<>();
    documented("Field", fields);
    return fields;
  }

  private static void documented(String table, Set<String> fields) {
    MarkdownTable.rows("reference/log.md", table)
        .forEach(
            row -> Arrays.stream(row.get(0).split(",")).map(String::strip).forEach(fields::add));
  }

  @Test
  void listsEveryFieldOfAUsageRecord() {
    Set<String> fields = new TreeSet<>(Set.of("time", "type", "from", "to", "tenant", "rest"));
    UsageAccount account = new UsageAccount("acme");
    account.add(RequestRecords.refused(Reason.FORBIDDEN, "acme"), Outcome.REFUSED);
    account.read(
        new UsageAccount.Reader() {
          @Override
          public void field(String label, long value) {
            fields.add(label);
          }

          @Override
          public void refused(String reason, long count) {
            fields.add("refused_REASON");
          }
        });
    Set<String> listed = new TreeSet<>();
    documented("Field of a record", listed);

    assertThat(listed).isEqualTo(fields);
  }

  private static Set<String> declared() {
    Set<String> fields = new TreeSet<>(Set.of("time", "type"));
    Arrays.stream(AccessField.values()).forEach(field -> fields.add(field.label));
    return fields;
  }

  private static RequestRecord full() {
    RequestRecord full = RequestRecords.export();
    full.stale = true;
    full.aborted = true;
    full.skipped = 3;
    full.refusal = RequestRecords.refused(Reason.FORBIDDEN, "acme").refusal;
    full.waived = full.refusal;
    full.overLimit = full.refusal;
    full.trace = RequestRecords.trace();
    full.cause = "the token is for another audience";
    return full;
  }

  @Test
  void listsEveryFieldOfTheAccessLog() {
    assertThat(documented()).containsExactlyInAnyOrderElementsOf(declared());
  }

  @Test
  void everyFieldIsInALineThatLacksNothing() throws InterruptedException {
    Lines lines = new Lines();
    try (LogOutput output = new LogOutput(lines)) {
      LineLog.ofRequests(output, LogConfig.Format.JSON, InstantSource.system()).write(full());

      assertThat(new JsonObject(lines.next()).fieldNames())
          .containsExactlyInAnyOrderElementsOf(declared());
    }
  }
}

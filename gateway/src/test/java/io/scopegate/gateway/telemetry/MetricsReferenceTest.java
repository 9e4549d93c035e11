package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authentication;
import io.scopegate.gateway.MarkdownTable;
import io.scopegate.gateway.answer.Refusal.Reason;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MetricsReferenceTest {
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern LABEL = Pattern.compile("[{,](\\w+)=\"");

  @Test
  void theReferenceListsEveryMetricWithItsTypeAndLabelsAndNothingElse() {
    Map<String, String> documented = new TreeMap<>();
    for (List<String> row : MarkdownTable.rows("reference/metrics.md", "Metric")) {
      documented.put(row.get(0), row.get(1) + " " + labels(row.get(2)));
    }

    assertThat(scraped()).isEqualTo(documented);
  }

  private static Map<String, String> scraped() {
    List<String> lines = scrape().lines().toList();
    Map<String, String> metrics = new TreeMap<>();
    for (String line : lines) {
      Matcher type = TYPE.matcher(line);
      if (type.matches() && type.group(1).startsWith("scopegate_")) {
        String name = type.group(1);
        metrics.put(name, type.group(2) + " " + labelsOf(name, lines));
      }
    }
    return metrics;
  }

  private static Set<String> labelsOf(String name, List<String> lines) {
    Set<String> labels = new TreeSet<>();
    lines.stream()
        .filter(line -> line.matches(name + "(_bucket|_sum|_count)?[{ ].*"))
        .forEach(
            line -> {
              Matcher label = LABEL.matcher(line);
              while (label.find()) {
                labels.add(label.group(1));
              }
            });
    labels.removeAll(Set.of("le", "quantile"));
    return labels;
  }

  private static Set<String> labels(String cell) {
    Set<String> labels = new HashSet<>(Arrays.asList(cell.split(", ")));
    labels.remove("");
    return new TreeSet<>(labels);
  }

  private static String scrape() {
    try (LogOutput output = new LogOutput(new Lines())) {
      AccessLog log = new AccessLog(output, LogFormat.JSON, InstantSource.system());
      try (Telemetry telemetry = new Telemetry(log, 500, "test")) {
        telemetry.logOutput(output);
        telemetry.bytesInFlight(() -> 0);
        telemetry.eventLoopTasks(() -> 0);
        telemetry.ready(() -> true);
        telemetry.listener("query");
        telemetry.upstream("query-frontend");
        telemetry.reviews().tokenReviewed(Authentication.Outcome.AUTHENTICATED, 1);
        telemetry.reviews().cache("tokens", () -> 0, () -> 0, () -> 0);
        telemetry.reloaded(Telemetry.Reload.CONFIGURATION, false);
        telemetry.finished(Transactions.export());
        telemetry.finished(Transactions.refused(Reason.FORBIDDEN, "a"));
        return new String(telemetry.scrape(), StandardCharsets.UTF_8);
      }
    }
  }
}

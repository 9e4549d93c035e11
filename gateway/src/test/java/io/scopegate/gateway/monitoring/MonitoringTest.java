package io.scopegate.gateway.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.MarkdownTable;
import io.scopegate.gateway.MetricsPage;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The files of {@code deploy/monitoring} fit the metrics, the pages and the chart. With {@code
 * -Dscopegate.docs.write} what is generated or copied is brought up to date instead.
 */
class MonitoringTest {
  private static final Path FILES = Path.of("../deploy/monitoring");
  private static final Path CHART = Path.of("../deploy/helm/scopegate/files");
  private static final String WRITE = "scopegate.docs.write";
  private static final Pattern METRIC = Pattern.compile("\\b(scopegate|jvm|process)_[a-z_]+");
  private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");

  /** What a histogram or a summary adds to its name. */
  private static final Pattern SERIES = Pattern.compile("_(bucket|sum|count)$");

  private static String read(String file) throws IOException {
    return Files.readString(FILES.resolve(file));
  }

  private static Set<String> found(Pattern pattern, String text, int group) {
    return pattern
        .matcher(text)
        .results()
        .map(found -> found.group(group))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> metrics(String text) {
    return found(METRIC, text, 0).stream()
        .map(name -> SERIES.matcher(name).replaceFirst(""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String used() throws IOException {
    StringBuilder text = new StringBuilder(read("rules.yaml"));
    Dashboards.all().values().forEach(board -> text.append(board.json()));
    return text.toString();
  }

  @Test
  void theDashboardsAreWhatTheGeneratorWrites() throws IOException {
    for (Map.Entry<String, Dashboard> board : Dashboards.all().entrySet()) {
      Path file = FILES.resolve("dashboards").resolve(board.getKey());
      if (System.getProperty(WRITE) != null) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, board.getValue().json());
      }
      assertThat(Files.readString(file))
          .as("bring %s up to date by -D%s", file, WRITE)
          .isEqualTo(board.getValue().json());
    }
  }

  @Test
  void theChartHasTheSameFiles() throws IOException {
    List<Path> files = new ArrayList<>(List.of(Path.of("rules.yaml")));
    Dashboards.all().keySet().forEach(name -> files.add(Path.of("dashboards", name)));
    for (Path file : files) {
      Path copy = CHART.resolve(file);
      if (System.getProperty(WRITE) != null) {
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, Files.readString(FILES.resolve(file)));
      }
      assertThat(Files.readString(copy))
          .as("bring %s up to date by -D%s", copy, WRITE)
          .isEqualTo(Files.readString(FILES.resolve(file)));
    }
  }

  @Test
  void everyMetricThatIsUsedExists() throws IOException {
    Set<String> own =
        metrics(used()).stream()
            .filter(name -> name.startsWith("scopegate_"))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(MetricsPage.documented().keySet()).containsAll(own);
  }

  @Test
  void everyDocumentedMetricIsUsed() throws IOException {
    assertThat(metrics(used())).containsAll(MetricsPage.documented().keySet());
  }

  @Test
  void everyLabelThatIsUsedExists() throws IOException {
    Pattern selector = Pattern.compile("(scopegate_[a-z_]+)\\{([^}]*)}");
    Pattern label = Pattern.compile("(\\w+)=~?\"");
    Set<String> general = Set.of("job", "instance", "le");
    Map<String, String> documented = MetricsPage.documented();
    List<String> wrong = new ArrayList<>();
    for (Matcher m = selector.matcher(used().replace("\\\"", "\"")); m.find(); ) {
      String name = SERIES.matcher(m.group(1)).replaceFirst("");
      for (String used : found(label, m.group(2), 1)) {
        if (!general.contains(used) && !documented.getOrDefault(name, "").contains(used)) {
          wrong.add(name + "{" + used + "}");
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyAlertIsExplainedAndTestedBothWays() throws IOException {
    Set<String> alerts = found(ALERT, read("rules.yaml"), 1);
    String page = Files.readString(Path.of("../docs/guides/alerts.md"));
    String tests = read("rules-test.yaml");
    assertThat(found(Pattern.compile("(?m)^## (\\w+)$"), page, 1)).isEqualTo(alerts);
    for (String alert : alerts) {
      assertThat(page.split("\n## " + alert + "\n")[1].split("\n## ")[0])
          .contains("**Means:**", "**Look at:**", "**Do:**");
      assertThat(tests).contains("name: " + alert + " is silent", "name: " + alert + " fires");
      assertThat(read("rules.yaml")).contains("runbook: alerts.md#" + alert.toLowerCase());
    }
  }

  @Test
  void thePlacesThatTheAlertsPageNamesAreOnTheDashboards() throws IOException {
    String page = Files.readString(Path.of("../docs/guides/alerts.md"));
    Set<String> rows = found(Pattern.compile("\\*Operations\\*, row\\s+\\*(\\w+)\\*"), page, 1);
    assertThat(rows).isNotEmpty();
    Set<String> titles = new HashSet<>();
    new JsonObject(Dashboards.all().get("operations.json").json())
        .getJsonArray("panels")
        .forEach(panel -> titles.add(((JsonObject) panel).getString("title")));
    assertThat(titles).containsAll(rows);
  }

  @Test
  void thePageOfTheFolderNamesItsFiles() throws IOException {
    Set<String> named =
        MarkdownTable.rows("../deploy/monitoring/README.md", "File").stream()
            .map(row -> row.get(0))
            .collect(Collectors.toCollection(TreeSet::new));
    try (Stream<Path> files = Files.walk(FILES)) {
      assertThat(named)
          .isEqualTo(
              files
                  .filter(Files::isRegularFile)
                  .map(file -> FILES.relativize(file).toString())
                  .filter(file -> !file.equals("README.md"))
                  .collect(Collectors.toCollection(TreeSet::new)));
    }
  }
}

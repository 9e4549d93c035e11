package io.scopegate.gateway;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Metrics by name, each with its type and its labels: those documented and those scraped. */
public final class MetricsPage {
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern LABEL = Pattern.compile("[{,](\\w+)=\"");

  private MetricsPage() {}

  /** What the reference says. */
  public static Map<String, String> documented() {
    Map<String, String> documented = new TreeMap<>();
    for (List<String> row : MarkdownTable.rows("reference/metrics.md", "Metric")) {
      documented.put(row.get(0), row.get(1) + " " + labels(row.get(2)));
    }
    return documented;
  }

  private static Set<String> labels(String cell) {
    Set<String> labels = new TreeSet<>(Arrays.asList(cell.split(", ")));
    labels.remove("");
    return labels;
  }

  /** What was scraped of the gateway's own. */
  public static Map<String, String> scraped(String page) {
    List<String> lines = page.lines().toList();
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
}

package io.scopegate.gateway.top;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What {@code /metrics} said at one time: the samples of Scopegate's own metrics by their names.
 *
 * <p>Written for a page that a gateway wrote, in <a
 * href="https://prometheus.io/docs/instrumenting/exposition_formats/">Prometheus' text format</a>;
 * lines that are anything else are left out.
 */
public final class Scrape {
  private static final String OURS = "scopegate_";

  private final Map<String, List<Sample>> samples;

  private Scrape(Map<String, List<Sample>> samples) {
    this.samples = samples;
  }

  /** A value with its labels. */
  private record Sample(Map<String, String> labels, double value) {}

  /** Reads a page. */
  public static Scrape of(String page) {
    Map<String, List<Sample>> samples = new HashMap<>();
    page.lines()
        .filter(line -> line.startsWith(OURS))
        .forEach(line -> {
          int name = endOfName(line);
          Map<String, String> labels = new HashMap<>();
          int at = line.startsWith("{", name) ? labels(line, name + 1, labels) : name;
          try {
            double value =
                Double.parseDouble(
                    line.substring(Math.min(at, line.length())).strip().split(" ", 2)[0]);
            samples
                .computeIfAbsent(line.substring(0, name), key -> new ArrayList<>())
                .add(new Sample(labels, value));
          } catch (NumberFormatException e) {
            // no sample
          }
        });
    return new Scrape(samples);
  }

  private static int endOfName(String line) {
    int at = 0;
    while (at < line.length() && line.charAt(at) != '{' && line.charAt(at) != ' ') {
      at++;
    }
    return at;
  }

  /** Reads {@code name="value",…}}; where what comes after it begins. */
  private static int labels(String line, int from, Map<String, String> labels) {
    int at = from;
    while (at < line.length() && line.charAt(at) != '}') {
      int equals = line.indexOf("=\"", at);
      if (equals < 0) {
        return line.length();
      }
      StringBuilder value = new StringBuilder();
      int end = value(line, equals + 2, value);
      labels.put(line.substring(at, equals), value.toString());
      at = line.startsWith(",", end) ? end + 1 : end;
    }
    return at + 1;
  }

  /** Reads to the closing quote; where what comes after it begins. */
  private static int value(String line, int from, StringBuilder value) {
    int at = from;
    while (at < line.length() && line.charAt(at) != '"') {
      char c = line.charAt(at++);
      if (c == '\\' && at < line.length()) {
        char escaped = line.charAt(at++);
        value.append(escaped == 'n' ? '\n' : escaped);
      } else {
        value.append(c);
      }
    }
    return at + 1;
  }

  /** Whether there is a metric of this name. */
  boolean has(String metric) {
    return samples.containsKey(metric);
  }

  /** The values of a label, in their order. */
  Set<String> values(String metric, String label) {
    Set<String> values = new TreeSet<>();
    for (Sample sample : samples.getOrDefault(metric, List.of())) {
      values.add(sample.labels.getOrDefault(label, ""));
    }
    return values;
  }

  /**
   * The sum of the samples with these labels; 0 when there is none.
   *
   * @param labels names and values in turn
   */
  double sum(String metric, String... labels) {
    return samples.getOrDefault(metric, List.of()).stream()
        .filter(sample -> matches(sample, labels))
        .mapToDouble(Sample::value)
        .sum();
  }

  private static boolean matches(Sample sample, String... labels) {
    for (int i = 0; i < labels.length; i += 2) {
      if (!labels[i + 1].equals(sample.labels.get(labels[i]))) {
        return false;
      }
    }
    return true;
  }
}

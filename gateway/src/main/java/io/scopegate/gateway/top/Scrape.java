package io.scopegate.gateway.top;

import io.scopegate.gateway.traffic.Figures;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads {@code /metrics}.
 *
 * <p>Written for a page that a gateway wrote, in <a
 * href="https://prometheus.io/docs/instrumenting/exposition_formats/">Prometheus' text format</a>;
 * lines that are anything else are left out.
 */
public final class Scrape {
  private static final String OURS = "scopegate_";

  private Scrape() {}

  /** Takes a sample. */
  interface Sink {
    void sample(String metric, Map<String, String> labels, double value);
  }

  /** What a page says. */
  public static Figures of(String page) {
    Figures figures = new Figures();
    read(page, (metric, labels, value) -> figures.add(metric, labels::get, value));
    return figures;
  }

  /** Reads the samples of Scopegate's own metrics. */
  static void read(String page, Sink sink) {
    page.lines().filter(line -> line.startsWith(OURS)).forEach(line -> line(line, sink));
  }

  private static void line(String line, Sink sink) {
    int name = endOfName(line);
    Map<String, String> labels = new HashMap<>();
    int at = line.startsWith("{", name) ? labels(line, name + 1, labels) : name;
    try {
      String rest = line.substring(Math.min(at, line.length())).strip();
      sink.sample(line.substring(0, name), labels, Double.parseDouble(rest.split(" ", 2)[0]));
    } catch (NumberFormatException e) {
      // no sample
    }
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
}

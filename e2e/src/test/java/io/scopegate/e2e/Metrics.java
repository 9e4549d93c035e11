package io.scopegate.e2e;

/**
 * What {@code /metrics} shows.
 *
 * @param text in the format of Prometheus
 */
record Metrics(String text) {

  static Metrics of(String text) {
    return new Metrics(text);
  }

  /** The sum of a metric over all of its series that have this label. */
  long sum(String name, String label) {
    return text.lines()
        .filter(line -> line.startsWith(name + "{") && line.contains(label))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}

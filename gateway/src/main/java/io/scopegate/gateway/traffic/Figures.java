package io.scopegate.gateway.traffic;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * All figures at one time. With the metrics of 500 tenants it is about a megabyte. It is filled by
 * one thread; once filled, it is for any.
 */
public final class Figures {
  private final Map<Figure, Map<String, Double>> sums = new EnumMap<>(Figure.class);

  /**
   * Adds a sample to what it counts for. NaN is no sample: a gauge has it while it knows nothing.
   *
   * @param metric its name, as {@code /metrics} has it
   */
  public void add(String metric, Labels labels, double value) {
    if (Double.isNaN(value)) {
      return;
    }
    for (Figure figure : Figure.of(metric)) {
      String part = figure.part(labels);
      if (part != null) {
        sums.computeIfAbsent(figure, key -> new TreeMap<>()).merge(part, value, Double::sum);
      }
    }
  }

  /** What a figure is divided into, sorted; one empty name for a figure that is not divided. */
  public Set<String> parts(Figure figure) {
    return sums.getOrDefault(figure, Map.of()).keySet();
  }

  /** Whether there is a sample of a part. */
  public boolean has(Figure figure, String part) {
    return parts(figure).contains(part);
  }

  /** A part of a figure; 0 when there is none. */
  public double of(Figure figure, String part) {
    return sums.getOrDefault(figure, Map.of()).getOrDefault(part, 0.0);
  }

  /** The sum of a figure's parts; 0 when there is none. */
  public double of(Figure figure) {
    return sums.getOrDefault(figure, Map.of()).values().stream()
        .mapToDouble(Double::doubleValue)
        .sum();
  }
}

package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import io.scopegate.gateway.traffic.Figure;
import io.scopegate.gateway.traffic.Figures;

/** Reads the figures from the meters, without the text of {@code /metrics} in between. */
final class RegistryFigures {
  private RegistryFigures() {}

  static Figures of(MeterRegistry registry) {
    Figures figures = new Figures();
    registry.getMeters().forEach(meter -> add(meter, figures));
    return figures;
  }

  /** Only counters and gauges are figures; each has one measurement. */
  private static void add(Meter meter, Figures to) {
    String name = meter.getId().getName().replace('.', '_');
    String counter = name + "_total";
    boolean isCounter = !Figure.of(counter).isEmpty();
    if (!isCounter && Figure.of(name).isEmpty()) {
      return;
    }
    for (Measurement measured : meter.measure()) {
      if (isCounter == (measured.getStatistic() == Statistic.COUNT)) {
        to.add(isCounter ? counter : name, meter.getId()::getTag, measured.getValue());
      }
    }
  }
}

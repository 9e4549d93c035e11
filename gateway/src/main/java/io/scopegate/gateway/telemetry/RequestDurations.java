package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.distribution.TimeWindowMax;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * How long requests took, for servers with classic histograms and with native ones, and with
 * exemplars: Micrometer has no native ones, and those of Prometheus' own library find the current
 * trace by the thread.
 */
final class RequestDurations implements Collector {
  private static final String NAME = "scopegate_request_duration_seconds";
  private static final long MAX_MILLIS = 60_000;
  private static final int MAX_PARTS = 3;

  private final PrometheusMeterRegistry registry;
  private final List<Of> all = new CopyOnWriteArrayList<>();

  RequestDurations(PrometheusMeterRegistry registry) {
    this.registry = registry;
    registry.getPrometheusRegistry().register(this);
  }

  @Override
  public String getPrometheusName() {
    return NAME;
  }

  @Override
  public MetricSnapshot collect() {
    HistogramSnapshot.Builder snapshot =
        HistogramSnapshot.builder()
            .name(NAME)
            .help("Time from a request's head to the end of the response");
    all.forEach(one -> snapshot.dataPoint(one.histogram.snapshot(one.labels)));
    return snapshot.build();
  }

  /** Those of one endpoint of one listener. */
  Of of(String listener, String endpoint) {
    Of made = new Of(Labels.of("listener", listener, "endpoint", endpoint));
    all.add(made);
    Gauge.builder(NAME + "_max", made.longest, TimeWindowMax::poll)
        .description("The longest of the last minutes")
        .tags(Tags.of("listener", listener, "endpoint", endpoint))
        .strongReference(true)
        .register(registry);
    return made;
  }

  /** The durations of one endpoint. */
  static final class Of {
    private final Labels labels;
    private final DurationHistogram histogram = new DurationHistogram();
    private final TimeWindowMax longest = new TimeWindowMax(Clock.SYSTEM, MAX_MILLIS, MAX_PARTS);

    private Of(Labels labels) {
      this.labels = labels;
    }

    /**
     * A request has ended.
     *
     * @param trace its trace; null when it has none
     */
    void took(long nanos, @Nullable RequestTrace trace) {
      longest.record(nanos / 1e9);
      histogram.add(nanos, trace == null ? null : trace.span);
    }
  }
}

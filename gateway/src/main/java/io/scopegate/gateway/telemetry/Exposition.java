package io.scopegate.gateway.telemetry;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Writes all metrics in the <a
 * href="https://prometheus.io/docs/instrumenting/content_negotiation/">format</a> that is asked
 * for: protobuf (which alone has native histograms), OpenMetrics (which has exemplars), or
 * Prometheus' text.
 */
final class Exposition {
  private static final int USUAL_BYTES = 32 * 1024;

  private final ExpositionFormats formats = ExpositionFormats.init();
  private final PrometheusRegistry registry;

  Exposition(PrometheusRegistry registry) {
    this.registry = registry;
  }

  /**
   * All metrics; takes milliseconds.
   *
   * @param accept what is accepted, as the header of that name; null for the text format
   */
  Scrape scrape(@Nullable String accept) {
    ExpositionFormatWriter writer = formats.findWriter(accept);
    ByteArrayOutputStream out = new ByteArrayOutputStream(USUAL_BYTES);
    try {
      writer.write(out, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Scrape(writer.getContentType(), out.toByteArray());
  }
}

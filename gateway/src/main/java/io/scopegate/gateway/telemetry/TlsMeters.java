package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.scopegate.gateway.tls.TlsFile;
import io.scopegate.gateway.tls.TlsUse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** TLS providers in use and the expiry of certificates; for any thread. */
final class TlsMeters {
  private static final double MILLIS = 1000.0;

  private final MultiGauge providers;
  private final MultiGauge expirations;
  private volatile Map<String, TlsUse> shown = Map.of();

  TlsMeters(MeterRegistry registry) {
    providers =
        MultiGauge.builder("scopegate.tls.provider")
            .description("Always 1; the labels say which TLS provider is used where")
            .register(registry);
    expirations =
        MultiGauge.builder("scopegate.certificate.expiration.timestamp")
            .description("Expiry time of a certificate file")
            .baseUnit("seconds")
            .register(registry);
  }

  /** Replaces everything that is shown, by the key that configures it. */
  void replaceWith(Map<String, TlsUse> all) {
    List<Row<?>> who = new ArrayList<>();
    List<Row<?>> until = new ArrayList<>();
    all.forEach((key, use) -> {
      Tags usedBy = Tags.of("used_by", key);
      use.providers().forEach(name -> who.add(Row.of(usedBy.and("provider", name), 1)));
      use.files().forEach(file -> until.add(expiration(usedBy, file)));
    });
    shown = Map.copyOf(all);
    providers.register(who, true);
    expirations.register(until, true);
  }

  /** What is shown. */
  Map<String, TlsUse> shown() {
    return shown;
  }

  private static Row<?> expiration(Tags usedBy, TlsFile file) {
    return Row.of(usedBy.and("file", file.path().toString()), seconds(file.notAfter()));
  }

  private static double seconds(Instant instant) {
    return instant.toEpochMilli() / MILLIS;
  }
}

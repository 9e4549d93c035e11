package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Who does TLS where, and how long certificates are good; for any thread. */
final class TlsMeters {
  private static final double MILLIS = 1000.0;

  private final MultiGauge providers;
  private final MultiGauge expirations;

  TlsMeters(MeterRegistry registry) {
    providers =
        MultiGauge.builder("scopegate.tls.provider")
            .description("Always 1; the labels tell whose TLS is used where")
            .register(registry);
    expirations =
        MultiGauge.builder("scopegate.certificate.expiration.timestamp")
            .description("When a file of certificates is good for nothing any more")
            .baseUnit("seconds")
            .register(registry);
  }

  /** Shows these and no others from now on. */
  void become(List<Telemetry.TlsUsed> all) {
    List<Row<?>> who = new ArrayList<>();
    List<Row<?>> until = new ArrayList<>();
    for (Telemetry.TlsUsed one : all) {
      Tags usedBy = Tags.of("used_by", one.usedBy());
      one.providers().forEach(name -> who.add(Row.of(usedBy.and("provider", name), 1)));
      one.notAfter()
          .forEach((file, end) -> until.add(Row.of(usedBy.and("file", file), seconds(end))));
    }
    providers.register(who, true);
    expirations.register(until, true);
  }

  private static double seconds(Instant instant) {
    return instant.toEpochMilli() / MILLIS;
  }
}

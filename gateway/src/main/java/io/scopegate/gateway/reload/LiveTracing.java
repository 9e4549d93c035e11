package io.scopegate.gateway.reload;

import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.otlp.OtlpConfig;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.telemetry.Tracing;
import io.scopegate.gateway.telemetry.TracingConfig;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Tracing, as the configuration in force wants it. What is replaced sends what it still has on its
 * own thread.
 */
final class LiveTracing {
  private final Telemetry telemetry;

  LiveTracing(Telemetry telemetry) {
    this.telemetry = telemetry;
  }

  /**
   * Starts what the next configuration needs, or finds what can stay.
   *
   * @return null for no tracing
   * @throws IOException when a certificate cannot be used
   */
  @Nullable Tracing prepare(GatewayConfig next) throws IOException {
    TracingConfig wanted = next.tracing();
    OtlpConfig otlp = wanted.otlp();
    Tracing now = telemetry.tracing();
    if (otlp == null) {
      return null;
    }
    return now != null && now.config().equals(wanted)
        ? now
        : Tracing.start(wanted, otlp, telemetry);
  }

  /** Before pipelines are made, which look for it. */
  void replaceWith(@Nullable Tracing next) {
    Tracing before = telemetry.tracing();
    telemetry.traceWith(next);
    if (before != null && before != next) {
      end(before);
    }
  }

  private static void end(Tracing unused) {
    Thread thread = new Thread(unused::close, "scopegate-otlp-end");
    thread.setDaemon(true);
    thread.start();
  }
}

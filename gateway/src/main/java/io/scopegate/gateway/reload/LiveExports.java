package io.scopegate.gateway.reload;

import io.scopegate.config.FileWatcher;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.otlp.OtlpConfig;
import io.scopegate.gateway.otlp.OtlpSource;
import io.scopegate.gateway.otlp.OtlpTls;
import io.scopegate.gateway.telemetry.LogRecords;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.telemetry.Tracing;
import io.scopegate.gateway.tls.TlsUse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway tells of itself by OTLP, spans and log records, as the configuration in force
 * wants it. The files of a receiver are followed. An export that is replaced sends what it still
 * has on a thread of its own.
 */
final class LiveExports {
  private static final String TRACING = "tracing.otlp";
  private static final String LOGS = "log.otlp";

  private final FileWatcher files;
  private final Telemetry telemetry;
  private final Consumer<Boolean> reloaded;
  private volatile Prepared current = Prepared.NONE;

  /**
   * Nothing is exported yet.
   *
   * @param files follows certificates
   * @param reloaded told whether changed ones could be taken over
   */
  LiveExports(FileWatcher files, Telemetry telemetry, Consumer<Boolean> reloaded) {
    this.files = files;
    this.telemetry = telemetry;
    this.reloaded = reloaded;
  }

  /** What a configuration needs; null is what it does not want. */
  record Prepared(@Nullable Export<Tracing> spans, @Nullable Export<LogRecords> logs) {
    static final Prepared NONE = new Prepared(null, null);
  }

  /**
   * Something that sends to a receiver.
   *
   * @param wanted the part of the configuration that it was made for
   * @param tls how the receiver is reached
   */
  private record Export<T extends OtlpSource>(T value, Object wanted, ReloadableFile<OtlpTls> tls) {

    void end() {
      tls.close();
      Thread thread = new Thread(value::close, "scopegate-otlp-end");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /**
   * Starts what the next configuration needs, or finds what can stay.
   *
   * @throws IOException when a certificate cannot be used
   */
  Prepared prepare(GatewayConfig next) throws IOException {
    Prepared now = current;
    Export<Tracing> spans =
        prepare(
            TRACING,
            next.tracing(),
            next.tracing().otlp(),
            now.spans,
            tls -> Tracing.start(next.tracing(), tls, telemetry));
    try {
      OtlpConfig logs = next.log().otlp();
      return new Prepared(
          spans, prepare(LOGS, logs, logs, now.logs, tls -> LogRecords.start(tls, telemetry)));
    } catch (IOException | RuntimeException e) {
      endUnless(spans, now.spans);
      throw e;
    }
  }

  private <T extends OtlpSource> @Nullable Export<T> prepare(
      String key,
      @Nullable Object wanted,
      @Nullable OtlpConfig to,
      @Nullable Export<T> now,
      Function<OtlpTls, T> start)
      throws IOException {
    if (wanted == null || to == null) {
      return null;
    }
    if (now != null && now.wanted.equals(wanted)) {
      return now;
    }
    ReloadableFile<OtlpTls> tls =
        ReloadableFile.of(
            key + ".tls",
            OtlpTls.files(to),
            files,
            reloaded,
            () -> new OtlpTls(to),
            OtlpTls::reload);
    return new Export<>(start.apply(tls.value()), wanted, tls);
  }

  /** Before pipelines are made, which look for it. */
  void replaceWith(Prepared next) {
    Prepared before = current;
    current = next;
    telemetry.traceWith(next.spans == null ? null : next.spans.value);
    telemetry.sendLogs(next.logs == null ? null : next.logs.value);
    endUnless(before.spans, next.spans);
    endUnless(before.logs, next.logs);
  }

  private static void endUnless(@Nullable Export<?> one, @Nullable Export<?> stays) {
    if (one != null && one != stays) {
      one.end();
    }
  }

  /** The end of all requests: sends what waits, for some seconds at most. Blocks. */
  void close() {
    Prepared last = current;
    current = Prepared.NONE;
    telemetry.traceWith(null);
    telemetry.sendLogs(null);
    close(last.spans);
    close(last.logs);
  }

  private static void close(@Nullable Export<?> one) {
    if (one != null) {
      one.tls.close();
      one.value.close();
    }
  }

  /** The certificates in use, by the key that asks for them. */
  Map<String, TlsUse> tls() {
    Map<String, TlsUse> all = new LinkedHashMap<>();
    Prepared now = current;
    put(all, TRACING, now.spans);
    put(all, LOGS, now.logs);
    return all;
  }

  private static void put(Map<String, TlsUse> all, String key, @Nullable Export<?> export) {
    TlsUse use = export == null ? null : export.tls.value().use();
    if (use != null) {
      all.put(key + ".tls", use);
    }
  }
}

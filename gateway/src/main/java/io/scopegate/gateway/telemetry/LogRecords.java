package io.scopegate.gateway.telemetry;

import io.netty.util.concurrent.FastThreadLocal;
import io.scopegate.gateway.json.JsonBytes;
import io.scopegate.gateway.otlp.OtlpCounts;
import io.scopegate.gateway.otlp.OtlpExporter;
import io.scopegate.gateway.otlp.OtlpSignal;
import io.scopegate.gateway.otlp.OtlpSource;
import io.scopegate.gateway.otlp.OtlpTls;
import io.scopegate.gateway.otlp.ProtoBytes;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Lines of the audit log and usage records as log records of OTLP: the body is the line in JSON,
 * the event's name says which of the two it is. For any thread; never waits.
 *
 * @see <a
 *     href="https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto">LogRecord</a>
 */
public final class LogRecords implements OtlpSource {
  private static final int USUAL_BYTES = 1024;
  private static final int TIME = 1;
  private static final int SEVERITY = 2;
  private static final int SEVERITY_TEXT = 3;
  private static final int BODY = 5;
  private static final int FLAGS = 8;
  private static final int TRACE_ID = 9;
  private static final int SPAN_ID = 10;
  private static final int OBSERVED = 11;
  private static final int EVENT_NAME = 12;
  private static final int STRING = 1;
  private static final int INFO = 9;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final OtlpExporter exporter;
  private final InstantSource clock;
  private final FastThreadLocal<Writer> writers =
      new FastThreadLocal<>() {
        @Override
        protected Writer initialValue() {
          return new Writer();
        }
      };

  private static final class Writer {
    final JsonAuditLine audit = new JsonAuditLine();
    final JsonBytes line = new JsonBytes(USUAL_BYTES);
    final ProtoBytes record = new ProtoBytes(USUAL_BYTES);
  }

  private LogRecords(OtlpExporter exporter, InstantSource clock) {
    this.exporter = exporter;
    this.clock = clock;
  }

  /**
   * Starts the export.
   *
   * @param to the receiver
   * @param telemetry where records are counted; {@link Telemetry#sendLogs} puts it into force
   */
  public static LogRecords start(OtlpTls to, Telemetry telemetry) {
    OtlpCounts counts = telemetry.otlp(OtlpSignal.LOGS);
    return new LogRecords(
        OtlpExporter.start("log.otlp", to, OtlpSignal.LOGS, telemetry.version(), counts),
        InstantSource.system());
  }

  /** A decision. */
  void audit(AuditEntry entry) {
    Writer writer = writers.get();
    long now = clock.millis();
    writer.line.clear();
    writer.audit.append(entry, now, writer.line);
    RequestTrace trace = entry.request().trace;
    offer(writer, "scopegate.audit", now, trace == null ? null : trace.known());
  }

  /**
   * A usage record.
   *
   * @param line in JSON, with its end
   */
  void usage(byte[] line, long millis) {
    Writer writer = writers.get();
    writer.line.clear();
    writer.line.raw(line);
    offer(writer, "scopegate.usage", millis, null);
  }

  private void offer(Writer writer, String event, long millis, @Nullable TraceParent of) {
    ProtoBytes record = writer.record;
    record.clear();
    record
        .fixed64(TIME, millis * NANOS_PER_MILLI)
        .number(SEVERITY, INFO)
        .text(SEVERITY_TEXT, "INFO", 4);
    int body = record.begin(BODY);
    record.bytes(STRING, writer.line.array(), writer.line.length() - 1); // without the line's end
    record.end(body);
    if (of != null) {
      record.fixed32(FLAGS, of.flags()).id(TRACE_ID, of.high(), of.low()).id(SPAN_ID, of.span());
    }
    record.fixed64(OBSERVED, millis * NANOS_PER_MILLI).text(EVENT_NAME, event, event.length());
    exporter.offer(record.toByteArray());
  }

  @Override
  public void close() {
    exporter.close();
  }
}

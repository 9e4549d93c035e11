package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.scopegate.config.ConfigLoader;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.DecisionSource;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.otlp.OtlpConfig;
import io.scopegate.gateway.otlp.OtlpTls;
import io.scopegate.gateway.otlp.OtlpTlsConfig;
import io.scopegate.testkit.otlp.OtlpReceiver;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where lines go besides standard output, and which do not go at all. */
final class LogRecordsTest {
  @TempDir private Path directory;
  private final Lines lines = new Lines();
  private final LogOutput output = new LogOutput(lines);
  private final Telemetry telemetry =
      new Telemetry(
          LineLog.ofRequests(output, LogConfig.Format.JSON, InstantSource.system()), 10, "test");
  private OtlpReceiver receiver;
  private LogRecords records;

  @BeforeEach
  void open() throws IOException {
    receiver = OtlpReceiver.open();
  }

  @AfterEach
  void close() {
    telemetry.closeLogs();
    telemetry.close();
    output.close();
    receiver.close();
  }

  private static LogConfig log(boolean access, double successRatio) {
    return new LogConfig(
        LogConfig.Level.INFO,
        LogConfig.Format.JSON,
        access,
        null,
        null,
        null,
        LogConfig.Audit.ALL,
        successRatio,
        null,
        null);
  }

  private void send() throws IOException {
    OtlpConfig receivers =
        new OtlpConfig(
            receiver.url(),
            null,
            Map.of(),
            Map.of(),
            Duration.ofSeconds(5),
            ConfigLoader.defaults(OtlpTlsConfig.class));
    records = LogRecords.start(new OtlpTls(receivers), telemetry);
    telemetry.sendLogs(records);
  }

  /** Whatever is still to be sent has been. */
  private void sent() {
    telemetry.sendLogs(null);
    records.close();
  }

  private static AccessDecision refused() {
    return new AccessDecision(
        Refusal.of(Reason.FORBIDDEN, "authorization: no"), null, "showcase", "grafana", 0);
  }

  @Test
  void auditLinesAreSentWithTheTraceOfTheRequest() throws IOException {
    send();
    telemetry.reconfigure(log(false, 1));
    RequestRecord request = RequestRecords.search();
    request.trace = RequestRecords.trace();
    telemetry.decided(request, refused(), DecisionSource.ASKED);
    sent();

    assertThat(receiver.logs()).hasSize(1);
    LogRecord record = receiver.logs().get(0);
    assertThat(record.getEventName()).isEqualTo("scopegate.audit");
    assertThat(record.getSeverityText()).isEqualTo("INFO");
    assertThat(record.getTimeUnixNano() / 1_000_000_000)
        .isCloseTo(System.currentTimeMillis() / 1_000, org.assertj.core.data.Offset.offset(60L));
    assertThat(HexFormat.of().formatHex(record.getTraceId().toByteArray()))
        .isEqualTo("00000000000000010000000000000002");
    assertThat(record.getSpanId().size()).isEqualTo(8);
    JsonObject body = new JsonObject(record.getBody().getStringValue());
    assertThat(body.getString("type")).isEqualTo("audit");
    assertThat(body.getString("decision")).isEqualTo("deny");
    assertThat(body.getString("trace_id")).isEqualTo("00000000000000010000000000000002");
  }

  @Test
  void usageRecordsAreSentAsTheyAreWritten() throws Exception {
    telemetry.usageTo(new UsageLog(output, LogConfig.Format.JSON, InstantSource.system()));
    send();
    telemetry.reconfigure(log(false, 1));
    telemetry.usage().reconfigure(new UsageConfig(true, Duration.ofHours(1)));
    telemetry.finished(RequestRecords.export());
    telemetry.usage().end();
    sent();

    String written = lines.next();
    assertThat(receiver.logs()).hasSize(1);
    assertThat(receiver.logs().get(0).getEventName()).isEqualTo("scopegate.usage");
    assertThat(receiver.logs().get(0).getBody().getStringValue()).isEqualTo(written.strip());
    assertThat(receiver.logs().get(0).getTraceId().isEmpty()).isTrue();
  }

  @Test
  void auditLinesGoToAFileAsWell() throws Exception {
    Path path = directory.resolve("audit.log");
    telemetry.auditTo(LineLog.ofDecisions(output, LogConfig.Format.JSON, InstantSource.system()));
    telemetry.auditTo(AuditFile.of(path, LogConfig.Format.JSON, InstantSource.system()));
    telemetry.reconfigure(log(false, 1));
    telemetry.decided(RequestRecords.search(), refused(), DecisionSource.ASKED);
    AccessDecision allowed =
        new AccessDecision(null, AsciiString.of("showcase"), "showcase", "grafana", Long.MAX_VALUE);
    telemetry.decided(RequestRecords.search(), allowed, DecisionSource.MEMO);
    telemetry.closeLogs();

    List<String> inFile = Files.readAllLines(path);
    assertThat(inFile).hasSize(2);
    assertThat(new JsonObject(inFile.get(0)).getString("decision")).isEqualTo("deny");
    assertThat(new JsonObject(lines.next()).getString("decision")).isEqualTo("deny");
  }

  @Test
  void aFileThatCannotBeWrittenIsCountedAsLostLines() {
    telemetry.auditTo(LineLog.ofDecisions(output, LogConfig.Format.JSON, InstantSource.system()));
    telemetry.auditTo(
        AuditFile.of(
            directory.resolve("none").resolve("audit.log"),
            LogConfig.Format.JSON,
            InstantSource.system()));
    telemetry.reconfigure(log(false, 1));
    telemetry.decided(RequestRecords.search(), refused(), DecisionSource.ASKED);
    telemetry.closeLogs();
    assertThat(new String(telemetry.scrape(), java.nio.charset.StandardCharsets.UTF_8))
        .contains("scopegate_audit_log_dropped_total 1.0");
  }

  @Test
  void ofGoodRequestsAPartIsLoggedAndOfAllOthersEach() {
    telemetry.reconfigure(log(true, 0.25));
    for (int i = 0; i < 4_000; i++) {
      telemetry.finished(RequestRecords.search());
    }
    output.close();
    assertThat(lines.waiting()).isBetween(700, 1_300);
  }

  @Test
  void whatIsNotGoodIsLoggedEachTime() throws InterruptedException {
    telemetry.reconfigure(log(true, 0));
    telemetry.finished(RequestRecords.search());
    telemetry.finished(RequestRecords.refused(Reason.FORBIDDEN, "a"));
    RequestRecord failed = RequestRecords.search();
    failed.status = 500;
    telemetry.finished(failed);
    RequestRecord aborted = RequestRecords.search();
    aborted.aborted = true;
    telemetry.finished(aborted);
    RequestRecord waived = RequestRecords.search();
    waived.waived = Refusal.of(Reason.FORBIDDEN, "no");
    telemetry.finished(waived);

    assertThat(lines.next()).contains("\"refusal\":\"forbidden\"");
    assertThat(lines.next()).contains("\"status\":500");
    assertThat(lines.next()).contains("\"aborted\":true");
    assertThat(lines.next()).contains("\"would_refuse\":\"forbidden\"");
    assertThat(new String(telemetry.scrape(), java.nio.charset.StandardCharsets.UTF_8))
        .contains("scopegate_access_log_skipped_total 1.0");
  }
}

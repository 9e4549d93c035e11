package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.answer.Refusal.Reason;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccessLogTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-21T12:13:14.015Z"));

  private final Lines lines = new Lines();
  private final LogOutput output = new LogOutput(lines);
  private final LineLog<RequestRecord> json =
      LineLog.ofRequests(output, LogConfig.Format.JSON, CLOCK);
  private final LineLog<RequestRecord> text =
      LineLog.ofRequests(output, LogConfig.Format.TEXT, CLOCK);

  @AfterEach
  void close() {
    output.close();
  }

  @Test
  void aForwardedCallHasEverythingThatIsKnown() throws InterruptedException {
    json.write(RequestRecords.export());

    assertThat(new JsonObject(lines.next()))
        .isEqualTo(
            new JsonObject()
                .put("time", "2026-11-21T12:13:14.015Z")
                .put("type", "access")
                .put("request_id", "0123456789abcdef")
                .put("listener", "otlp-grpc")
                .put("client", "10.1.2.3:40404")
                .put("protocol", "HTTP/2")
                .put("tls", true)
                .put("method", "POST")
                .put("path", "/opentelemetry.proto.collector.trace.v1.TraceService/Export")
                .put("endpoint", "opentelemetry.proto.collector.trace.v1.TraceService/Export")
                .put("operation", "write")
                .put("tenant", "showcase")
                .put("user", "system:serviceaccount:observability:grafana")
                .put("status", 200)
                .put("grpc_status", "OK")
                .put("duration_ms", 3.25)
                .put("bytes_in", 1500)
                .put("bytes_out", 7)
                .put("upstream", "distributor-otlp-grpc"));
  }

  @Test
  void aRefusalHasItsReasonAndText() throws InterruptedException {
    RequestRecord refused = RequestRecords.refused(Reason.FORBIDDEN, "payments");
    refused.endpoint = null;
    refused.aborted = true;
    refused.stale = true;

    json.write(refused);

    String line = lines.next();
    assertThat(line).contains("\\u001b[31m").doesNotContain("\u001b");
    assertThat(new JsonObject(line))
        .contains(java.util.Map.entry("refusal", "forbidden"))
        .contains(java.util.Map.entry("detail", "authorize: \"no\"\n\u001b[31mrule"))
        .contains(java.util.Map.entry("aborted", true))
        .contains(java.util.Map.entry("stale", true))
        .doesNotContain(java.util.Map.entry("upstream", ""));
  }

  @Test
  void peopleGetOneLineToo() throws InterruptedException {
    text.write(RequestRecords.search());
    text.write(RequestRecords.refused(Reason.FORBIDDEN, "payments"));

    assertThat(lines.next())
        .isEqualTo(
            "2026-11-21T12:13:14.015Z 200 GET /api/search 3.250ms listener=query"
                + " client=10.1.2.3:40404 tenant=showcase"
                + " user=system:serviceaccount:observability:grafana upstream=query-frontend"
                + " in=0 out=2048 id=0123456789abcdef");
    assertThat(lines.next())
        .endsWith("refusal=forbidden \"authorize: \\\"no\\\"\\n\\u001b[31mrule\"");
  }

  @Test
  void aHostilePathCannotForgeALine() throws InterruptedException {
    String path = "/x\n{\"type\":\"access\"}" + "\u0000".repeat(100_000);
    RequestRecord hostile = RequestRecords.search("1", "GET", path);

    json.write(hostile);
    assertThat(new JsonObject(lines.next()).getString("path")).hasSize(1025).endsWith("\u0000…");
    text.write(hostile);
    assertThat(lines.next()).contains("/x\\n{").hasSizeLessThan(7_000);
    json.write(RequestRecords.search());
    assertThat(new JsonObject(lines.next()).getString("path")).isEqualTo("/api/search");
  }

  @Test
  void aValueCannotPassForAField() throws InterruptedException {
    RequestRecord hostile = RequestRecords.search("a=b", "GET 200", "/x tenant=payments");
    hostile.user = "jane tenant=payments";
    text.write(hostile);
    assertThat(lines.next())
        .contains(" \"GET 200\" \"/x tenant=payments\" ")
        .contains(" user=\"jane tenant=payments\" ")
        .endsWith(" id=\"a=b\"");
  }

  @Test
  void dropsAndCountsLinesWhenTheOutputStalls() throws InterruptedException {
    lines.stall();
    int written = 5_000;
    for (int i = 0; i < written; i++) {
      json.write(RequestRecords.export());
    }
    long dropped = json.dropped();
    lines.resume();

    assertThat(dropped).isPositive();
    for (long i = 0; i < written - dropped; i++) {
      assertThat(lines.next()).startsWith("{").endsWith("}");
    }
    writeOnceThereIsRoom();
    assertThat(lines.next()).startsWith("{").endsWith("}");
  }

  /** The last line is out a moment before its room is free. */
  private void writeOnceThereIsRoom() {
    long before;
    do {
      before = json.dropped();
      json.write(RequestRecords.export());
    } while (json.dropped() != before);
  }

  @Test
  void closingWritesWhatWaits() {
    json.write(RequestRecords.export());
    json.write(RequestRecords.search());

    output.close();

    assertThat(lines.waiting()).isEqualTo(2);
  }
}

package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.scopegate.config.DataSize;
import io.scopegate.gateway.access.Enforcement;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.meter.BodyFormat;
import io.scopegate.gateway.meter.BodyMeter;
import io.scopegate.gateway.meter.Measure;
import io.scopegate.gateway.meter.MeterPool;
import io.scopegate.gateway.telemetry.RequestRecord;
import io.scopegate.gateway.telemetry.Telemetry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The bounds of what a tenant may store, at the bound itself. */
class WriteAdmissionTest {
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong clock = new AtomicLong();
  private final Budget budget = new Budget(1 << 20, 10);
  private final Telemetry telemetry = new Telemetry(null, 10, "test");
  private final Delays delays = new Delays(bound -> 0);
  private final MeterPool pool = new MeterPool();
  private final Limiter limiter =
      new Limiter(
          budget,
          telemetry,
          clock::get,
          InstantSource.system(),
          new LocalBuckets(clock::get),
          delays);

  @AfterEach
  void close() {
    telemetry.close();
    pool.close();
  }

  private static Limits limits(TenantLimits defaults) {
    StoreConfig store = StoreConfig.local();
    return Limits.of(
        new LimitsConfig(
            defaults,
            Map.of(),
            null,
            Enforcement.DENY,
            LimitsConfig.UnmeasuredCodings.REFUSE,
            store),
        Map.of(),
        TempoOverrides.NONE);
  }

  private TenantUsage tenant(TenantLimits limits) {
    limiter.reconfigure(limits(limits));
    return limiter.tenant("a");
  }

  private static TenantLimits limits(Long bytes, Double requests, Double spans, Long largest) {
    return new TenantLimits(
        bytes == null ? null : new DataSize(bytes),
        null,
        requests,
        spans,
        largest == null ? null : new DataSize(largest),
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  private Refusal charge(TenantUsage tenant, long size) {
    return WriteAdmission.charge(tenant, tenant.terms(), size, delays);
  }

  private static long left(TenantUsage tenant, LimitKind kind) {
    return tenant.terms().rate(kind).bucket().available();
  }

  private static RequestRecord record(long bytesIn) {
    RequestRecord record = new RequestRecord("in", "", false, "HTTP/2", 0);
    record.bytesIn = bytesIn;
    return record;
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }

  private String page() {
    return new String(telemetry.scrape(), StandardCharsets.UTF_8);
  }

  // ---- the head

  @Test
  void theLargestRequestIsStillStored() {
    TenantUsage tenant = tenant(limits(null, null, null, 10L));

    assertThat(charge(tenant, 10)).isNull();
    assertThat(charge(tenant, 11).reason()).isEqualTo(Refusal.Reason.TOO_LARGE);
    assertThat(charge(tenant, 11).detail())
        .contains(
            "the request of 11B or more", "tenant a", "at most 10B, decoded, by maxRequestBytes");
    assertThat(tenant.share.requests()).isEqualTo(1);
    assertThat(page()).contains("scopegate_tenant_limited_total{limit=\"maxRequestBytes\"");
  }

  @Test
  void theKeyThatMakesARequestTooLargeIsNamed() {
    assertThat(limits(10L, null, null, null).largestRequestKey()).isEqualTo("ingestBytesPerSecond");
    assertThat(limits(10L, null, null, 4L).largestRequestKey()).isEqualTo("maxRequestBytes");
  }

  @Test
  void aTenantThatMayStoreNothingMaySendAnEmptyBodyAlone() {
    TenantUsage tenant = tenant(limits(null, null, null, 0L));

    assertThat(charge(tenant, -1).reason()).isEqualTo(Refusal.Reason.TOO_LARGE);
    assertThat(charge(tenant, 1).reason()).isEqualTo(Refusal.Reason.TOO_LARGE);
    assertThat(charge(tenant, 0)).isNull();
  }

  @Test
  void aBodyOfUnknownSizeNeedsSomethingLeftAndTakesNothing() {
    TenantUsage tenant = tenant(limits(10L, null, null, null));

    assertThat(charge(tenant, -1)).isNull();
    assertThat(left(tenant, LimitKind.INGEST_BYTES)).isEqualTo(10);
    assertThat(charge(tenant, 10)).isNull();
    assertThat(charge(tenant, -1).detail()).contains("ingestBytesPerSecond");
    assertThat(charge(tenant, 0)).isNull();
  }

  @Test
  void theDelayIsThatOfTheWholeBody() {
    TenantUsage tenant = tenant(limits(10L, null, null, 100L));
    assertThat(charge(tenant, 100)).isNull();

    assertThat(charge(tenant, 50).retryAfterMillis()).isEqualTo(5_000);
    assertThat(charge(tenant, -1).retryAfterMillis()).isEqualTo(1_000);
    assertThat(charge(tenant, 50).allowance().remaining()).isZero();
    assertThat(charge(tenant, 50).allowance().limit()).isEqualTo(10);
    assertThat(charge(tenant, 50).allowance().resetSeconds()).isEqualTo(5);
  }

  @Test
  void spansThatAreOwedKeepOutAllButEmptyBodies() {
    TenantUsage tenant = tenant(limits(null, null, 1.0, null));
    assertThat(charge(tenant, 5)).isNull();
    tenant.terms().rate(LimitKind.SPANS).bucket().charge(3);

    assertThat(charge(tenant, 5).detail()).contains("spansPerSecond");
    assertThat(charge(tenant, -1).detail()).contains("spansPerSecond");
    assertThat(charge(tenant, 0)).isNull();
    clock.addAndGet(3 * SECOND);
    assertThat(charge(tenant, 5)).isNull();
  }

  @Test
  void onlyABudgetThatIsEmptyKeepsTheNextCallOut() {
    TenantUsage tenant = tenant(limits(10L, 2.0, 2.0, null));
    TenantUsage.Terms terms = tenant.terms();
    assertThat(WriteAdmission.stillOver(terms)).isNull();

    for (LimitKind kind :
        List.of(LimitKind.INGEST_REQUESTS, LimitKind.INGEST_BYTES, LimitKind.SPANS)) {
      Bucket bucket = terms.rate(kind).bucket();
      bucket.charge(bucket.available());
      assertThat(WriteAdmission.stillOver(terms).kind()).isEqualTo(kind);
    }
    assertThat(tenant.share.requests()).isZero();
  }

  // ---- the body

  @Test
  void spansAreChargedOnceEachAsTheyPass() {
    TenantUsage tenant = tenant(limits(null, null, 10.0, null));
    Measure measure = new Measure(BodyFormat.ZIPKIN_JSON, true, Long.MAX_VALUE);
    WriteAdmission admission =
        new WriteAdmission(tenant, tenant.terms(), 0, BodyMeter.http(null, -1, measure, pool));
    assertThat(admission.measures()).isTrue();

    assertThat(admission.received(text("[{\"id\":\"1\"},{\"id\":\"2\"},"), false)).isNull();
    assertThat(left(tenant, LimitKind.SPANS)).isEqualTo(8);
    assertThat(admission.received(text("{\"id\":\"3\"}]"), true)).isNull();
    assertThat(left(tenant, LimitKind.SPANS)).isEqualTo(7);
    admission.ended(record(30));

    assertThat(left(tenant, LimitKind.SPANS)).isEqualTo(7);
    assertThat(page()).contains("scopegate_tenant_ingested_spans_total{tenant=\"a\"} 3.0");
  }

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  @Test
  void decodedBytesAreChargedOnceAsTheyPass() throws IOException {
    TenantUsage tenant = tenant(limits(1_000L, null, null, null));
    Measure measure = new Measure(BodyFormat.OTHER, false, 1_000);
    WriteAdmission admission =
        new WriteAdmission(tenant, tenant.terms(), 0, BodyMeter.http("gzip", -1, measure, pool));
    byte[] body = gzip(new byte[300]);

    admission.received(Unpooled.wrappedBuffer(body, 0, body.length - 1), false);
    admission.received(Unpooled.wrappedBuffer(body, body.length - 1, 1), true);
    assertThat(left(tenant, LimitKind.INGEST_BYTES)).isEqualTo(700);
    admission.ended(record(body.length));

    assertThat(left(tenant, LimitKind.INGEST_BYTES)).isEqualTo(700);
    assertThat(page()).contains("scopegate_tenant_ingested_bytes_total{tenant=\"a\"} 300.0");
  }

  @Test
  void aBodyOfExactlyTheLargestSizeIsNotTooLarge() throws IOException {
    TenantUsage tenant = tenant(limits(null, null, null, 300L));
    for (int size : new int[] {300, 301}) {
      Measure measure = new Measure(BodyFormat.OTHER, false, 300);
      WriteAdmission admission =
          new WriteAdmission(tenant, tenant.terms(), 0, BodyMeter.http("gzip", -1, measure, pool));
      Refusal refusal = admission.received(Unpooled.wrappedBuffer(gzip(new byte[size])), true);
      assertThat(refusal == null).as(size + " bytes").isEqualTo(size == 300);
      admission.ended(record(1));
    }
  }

  @Test
  void itIsInProgressUntilItsEnd() {
    TenantUsage tenant = tenant(TenantLimits.NONE);
    assertThat(charge(tenant, 5)).isNull();
    WriteAdmission admission = new WriteAdmission(tenant, tenant.terms(), 0, null);
    assertThat(admission.measures()).isFalse();
    assertThat(admission.received(text("hello"), true)).isNull();
    assertThat(page()).contains("scopegate_tenant_requests_in_flight{tenant=\"a\"} 1.0");

    admission.ended(record(5));

    assertThat(page())
        .contains("scopegate_tenant_requests_in_flight{tenant=\"a\"} 0.0")
        .contains("scopegate_tenant_ingested_bytes_total{tenant=\"a\"} 0.0");
    assertThat(tenant.share.requests()).isZero();
  }

  @Test
  void whereBytesAreLimitedTheyAreCountedWithoutAMeter() {
    TenantUsage tenant = tenant(limits(1_000L, null, null, null));
    assertThat(charge(tenant, 5)).isNull();
    new WriteAdmission(tenant, tenant.terms(), 5, null).ended(record(5));

    assertThat(left(tenant, LimitKind.INGEST_BYTES)).isEqualTo(995);
    assertThat(page()).contains("scopegate_tenant_ingested_bytes_total{tenant=\"a\"} 5.0");
  }

  // ---- the tenant

  @Test
  void otherLimitsHoldForATenantThatIsKnownAndShowAsMetrics() {
    TenantUsage tenant = tenant(limits(1_000L, null, null, null));
    assertThat(page()).contains("scopegate_tenant_limit{limit=\"ingestBytesPerSecond\"");
    assertThat(charge(tenant, 500)).isNull();

    limiter.reconfigure(limits(limits(2_000L, null, null, null)));

    assertThat(left(tenant, LimitKind.INGEST_BYTES)).isEqualTo(1_000);
    assertThat(page())
        .contains("scopegate_tenant_limit{limit=\"ingestBytesPerSecond\",tenant=\"a\"} 2000.0");
    limiter.reconfigure(limits(TenantLimits.NONE));
    assertThat(page()).doesNotContain("scopegate_tenant_limit{limit=\"ingestBytesPerSecond\"");
  }

  @Test
  void aTenantIsKeptUntilItsSlowestBudgetIsFullTwice() {
    TenantUsage tenant = tenant(limits(10L, null, 1.0, 1_000L));
    assertThat(tenant.keptNanos()).isEqualTo(600 * SECOND + 200 * SECOND);
    assertThat(tenant(limits(1L, null, null, 1_000_000_000L)).keptNanos())
        .isEqualTo(600 * SECOND + 86_400 * SECOND);
  }
}

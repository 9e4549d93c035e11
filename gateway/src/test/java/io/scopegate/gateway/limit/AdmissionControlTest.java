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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken, charged and given back, by a clock that only moves when it is told to. */
class AdmissionControlTest {
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

  private TenantUsage limited(TenantLimits limits) {
    limiter.reconfigure(
        Limits.of(
            new LimitsConfig(
                limits,
                Map.of(),
                null,
                Enforcement.DENY,
                LimitsConfig.UnmeasuredCodings.REFUSE,
                StoreConfig.local()),
            Map.of(),
            TempoOverrides.NONE));
    return limiter.tenant("a");
  }

  private static TenantLimits bytes(long perSecond, long largest) {
    DataSize rate = new DataSize(perSecond);
    return new TenantLimits(
        rate, null, null, null, new DataSize(largest), null, null, null, null, null, null, null);
  }

  private static TenantLimits reads(Double perSecond, Integer queries, Integer streams) {
    return new TenantLimits(
        null, null, null, null, null, perSecond, queries, streams, null, null, null, null);
  }

  private static RequestRecord ended(long bytesIn) {
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

  /**
   * A client that sends at three times the limit, many requests at once, and repeats refused ones.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theLongRunRateIsTheLimitInDecodedBytes(boolean compressed) throws IOException {
    TenantUsage tenant = limited(bytes(100_000, 100_000));
    byte[] plain = new byte[30_000];
    byte[] wire = compressed ? gzip(plain) : plain;
    long accepted = 0;

    for (int second = 0; second < 600; second++) {
      for (int i = 0; i < 10; i++) {
        clock.addAndGet(SECOND / 10);
        long size = compressed ? -1 : plain.length;
        TenantUsage.Terms terms = tenant.terms();
        if (WriteAdmission.charge(tenant, terms, size, delays) == null) {
          BodyMeter meter =
              compressed
                  ? BodyMeter.http("gzip", -1, new Measure(BodyFormat.OTHER, false, 100_000), pool)
                  : null;
          WriteAdmission admission = new WriteAdmission(tenant, terms, Math.max(0, size), meter);
          assertThat(admission.received(Unpooled.wrappedBuffer(wire), true)).isNull();
          admission.ended(ended(wire.length));
          accepted += plain.length;
        }
      }
    }

    assertThat((double) accepted).isBetween(0.95 * 60_000_000, 1.05 * 60_000_000);
    assertThat(tenant.share.requests()).isZero();
  }

  @Test
  void aStreamCountsAlthoughItsTenantWasForgottenMeanwhile() {
    TenantUsage tenant = limited(reads(null, null, 1));
    ReadAdmission.Outcome open =
        ReadAdmission.charge(List.of(tenant), LimitKind.CONCURRENT_STREAMS, delays);
    assertThat(open.refusal()).isNull();
    clock.addAndGet(3_600 * SECOND);
    limiter.tenant("another");

    TenantUsage again = limiter.tenant("a");
    assertThat(ReadAdmission.charge(List.of(again), LimitKind.CONCURRENT_STREAMS, delays).refusal())
        .isNotNull();
    open.admission().ended(ended(0));
    assertThat(again.streams).hasValue(0);
    assertThat(
            ReadAdmission.charge(List.of(limiter.tenant("a")), LimitKind.CONCURRENT_STREAMS, delays)
                .refusal())
        .isNull();
  }

  @Test
  void aBodyThatIsCutShortGetsTheRestBack() {
    TenantUsage tenant = limited(bytes(1, 1_000));
    TenantUsage.Terms terms = tenant.terms();

    assertThat(WriteAdmission.charge(tenant, terms, 800, delays)).isNull();
    assertThat(WriteAdmission.charge(tenant, terms, 800, delays)).isNotNull();
    new WriteAdmission(tenant, terms, 800, null).ended(ended(100));

    assertThat(terms.rate(LimitKind.INGEST_BYTES).bucket().available()).isEqualTo(900);
  }

  @Test
  void whatOneLimitRefusesIsNotTakenFromTheOthers() {
    TenantUsage tenant =
        limited(
            new TenantLimits(
                new DataSize(100),
                null,
                1.0,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null));
    TenantUsage.Terms terms = tenant.terms();

    assertThat(WriteAdmission.charge(tenant, terms, 10, delays)).isNull();
    Refusal refusal = WriteAdmission.charge(tenant, terms, 10, delays);

    assertThat(refusal.detail()).contains("ingestRequestsPerSecond");
    assertThat(terms.rate(LimitKind.INGEST_BYTES).bucket().available()).isEqualTo(90);
    assertThat(tenant.share.requests()).isEqualTo(1);
  }

  @Test
  void aBombIsCutOffWhenItPassesTheBound() throws IOException {
    TenantUsage tenant = limited(bytes(100_000, 100_000));
    Measure measure = new Measure(BodyFormat.OTHER, false, 100_000);
    BodyMeter meter = BodyMeter.http("gzip", -1, measure, pool);
    WriteAdmission admission = new WriteAdmission(tenant, tenant.terms(), 0, meter);
    ByteBuf bomb = Unpooled.wrappedBuffer(gzip(new byte[10_000_000]));

    assertThat(admission.received(bomb.slice(0, 20), false)).isNull();
    assertThat(budget.heldBytes()).isEqualTo(40 << 10); // the inflater
    Refusal refusal = admission.received(bomb.slice(20, bomb.readableBytes() - 20), false);
    assertThat(budget.heldBytes()).isZero();
    admission.ended(ended(bomb.readableBytes()));

    assertThat(refusal.reason()).isEqualTo(Refusal.Reason.TOO_LARGE);
    assertThat(bomb.refCnt()).isEqualTo(1);
    assertThat(budget.heldBytes()).isZero();
    assertThat(tenant.terms().rate(LimitKind.INGEST_BYTES).bucket().available()).isBetween(-1L, 0L);
  }

  @Test
  void readsAtATimeAreGivenBackAtTheirEnd() {
    TenantUsage tenant = limited(reads(null, 2, 1));
    List<TenantUsage> one = List.of(tenant);

    ReadAdmission first =
        ReadAdmission.charge(one, LimitKind.CONCURRENT_QUERIES, delays).admission();
    assertThat(ReadAdmission.charge(one, LimitKind.CONCURRENT_QUERIES, delays).refusal()).isNull();
    assertThat(ReadAdmission.charge(one, LimitKind.CONCURRENT_QUERIES, delays).refusal())
        .isNotNull();
    assertThat(ReadAdmission.charge(one, LimitKind.CONCURRENT_STREAMS, delays).refusal()).isNull();
    assertThat(ReadAdmission.charge(one, LimitKind.CONCURRENT_STREAMS, delays).refusal())
        .isNotNull();
    first.ended(ended(0));
    assertThat(ReadAdmission.charge(one, LimitKind.CONCURRENT_QUERIES, delays).refusal()).isNull();
    assertThat(tenant.share.requests()).isEqualTo(3);
  }

  @Test
  void aReadOfSeveralTenantsIsChargedToAllOrNone() {
    TenantUsage a = limited(reads(1.0, 1, null));
    TenantUsage b = limiter.tenant("b");
    ReadAdmission.charge(List.of(b), LimitKind.CONCURRENT_QUERIES, delays);

    Refusal refusal =
        ReadAdmission.charge(List.of(a, b), LimitKind.CONCURRENT_QUERIES, delays).refusal();

    assertThat(refusal.detail()).contains("tenant b");
    assertThat(a.queries.get()).isZero();
    assertThat(a.share.requests()).isZero();
    assertThat(a.terms().rate(LimitKind.QUERIES).bucket().available()).isEqualTo(1);
  }

  @Test
  void aReadIsInProgressUntilItsEnd() {
    TenantUsage tenant = limited(reads(null, null, null));

    ReadAdmission read =
        ReadAdmission.charge(List.of(tenant), LimitKind.CONCURRENT_STREAMS, delays).admission();

    assertThat(page()).contains("scopegate_tenant_requests_in_flight{tenant=\"a\"} 1.0");
    assertThat(tenant.streams).hasValue(1);
    assertThat(tenant.queries).hasValue(0);
    assertThat(read.measures()).isFalse();
    read.ended(ended(0));
    assertThat(page()).contains("scopegate_tenant_requests_in_flight{tenant=\"a\"} 0.0");
    assertThat(tenant.streams).hasValue(0);
  }

  @Test
  void aReadOverItsRateGivesBackItsPlace() {
    TenantUsage tenant = limited(reads(1.0, 1, null));
    List<TenantUsage> one = List.of(tenant);
    ReadAdmission.charge(one, LimitKind.CONCURRENT_QUERIES, delays).admission().ended(ended(0));

    Refusal refusal = ReadAdmission.charge(one, LimitKind.CONCURRENT_QUERIES, delays).refusal();

    assertThat(refusal.detail()).contains("queriesPerSecond");
    assertThat(tenant.queries).hasValue(0);
    assertThat(tenant.share.requests()).isZero();
    assertThat(page()).contains("scopegate_tenant_limited_total{limit=\"queriesPerSecond\"");
  }

  @Test
  void aReadWithoutAShareIsNotCharged() {
    TenantUsage tenant = limited(reads(1.0, 1, null));
    List<TenantUsage> one = List.of(tenant);
    while (tenant.share.begin()) {
      // takes all there is
    }
    int taken = tenant.share.requests();

    Refusal refusal = ReadAdmission.charge(one, LimitKind.CONCURRENT_QUERIES, delays).refusal();

    assertThat(refusal.reason()).isEqualTo(Refusal.Reason.UNAVAILABLE);
    assertThat(tenant.queries).hasValue(0);
    assertThat(tenant.share.requests()).isEqualTo(taken);
    assertThat(tenant.terms().rate(LimitKind.QUERIES).bucket().available()).isEqualTo(1);
  }

  private String page() {
    return new String(telemetry.scrape(), StandardCharsets.UTF_8);
  }

  @Test
  void anIdleTenantIsForgottenOnlyWhenItsBudgetsAreFullAgain() {
    TenantUsage tenant =
        limited(
            new TenantLimits(
                new DataSize(1),
                new DataSize(3_600),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null));

    clock.addAndGet(3_600 * SECOND);
    assertThat(limiter.tenant("a")).isSameAs(tenant);
    clock.addAndGet(8_000 * SECOND);
    assertThat(limiter.tenant("a")).isNotSameAs(tenant);
  }

  @Test
  void aTenantMayHaveAsManyRequestsAsAreFree() {
    TenantUsage a = limited(TenantLimits.NONE);
    TenantUsage b = limiter.tenant("b");

    for (int i = 0; i < 10; i++) {
      assertThat(a.share.begin()).isTrue(); // the exchanges themselves are counted elsewhere
    }
    assertThat(a.share.begin()).isFalse();
    assertThat(b.share.begin()).isTrue();
  }

  @Test
  void aFloodForWhatBelongsToNoTenantIsItsCallersAlone() {
    CallerAdmission jane = limiter.caller("jane");
    int begun = 0;
    for (int i = 0; i < 1_000; i++) {
      if (jane.begin(delays) == null) {
        jane.ended(ended(0));
        begun++;
      }
    }
    assertThat(begun).isEqualTo(CallerAdmission.RATE.burst());
    assertThat(limiter.caller("jane").begin(delays).reason()).isEqualTo(Refusal.Reason.LIMITED);
    Refusal refusal = limiter.caller("jane").begin(delays);
    assertThat(refusal.allowance()).isEqualTo(new Refusal.Allowance(20, 0, 1));
    assertThat(jane.share().requests()).isZero();
    assertThat(jane.measures()).isFalse();
    assertThat(limiter.caller("joe").begin(delays)).isNull();
    clock.addAndGet(SECOND);
    assertThat(limiter.caller("jane").begin(delays)).isNull();
  }

  @Test
  void callersWhoseAnswersWaitLeaveRoomForOthers() {
    CallerAdmission jane = limiter.caller("jane");
    int waiting = 0;
    while (jane.begin(delays) == null) {
      waiting++;
    }
    assertThat(waiting).isEqualTo(10);
    assertThat(limiter.caller("joe").begin(delays)).isNull();
  }
}

package io.scopegate.gateway.limit;

import io.netty.buffer.ByteBuf;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Admission;
import io.scopegate.gateway.meter.BodyMeter;
import io.scopegate.gateway.meter.Flaw;
import io.scopegate.gateway.telemetry.RequestRecord;
import org.jspecify.annotations.Nullable;

/**
 * A request that stores and was let through. What it will store is charged beforehand when its size
 * is known, otherwise as it passes. In that case the budget may become negative, and the tenant can
 * store again when it is positive.
 */
final class WriteAdmission implements Admission {
  private final TenantUsage tenant;
  private final TenantUsage.Terms terms;
  private final @Nullable BodyMeter meter;
  private @Nullable Refusal waived;
  private int reserved;
  private long charged;
  private long spans;

  /** A request that was let through because it is within its limits. */
  WriteAdmission(
      TenantUsage tenant, TenantUsage.Terms terms, long charged, @Nullable BodyMeter meter) {
    this(tenant, terms, charged, meter, null);
  }

  /**
   * A request that was let through.
   *
   * @param charged bytes that were taken beforehand
   * @param meter measures its body; null when nothing needs to be measured
   * @param waived why it would have been refused, if limits did more than log: then it is charged
   *     nothing; mostly null
   */
  WriteAdmission(
      TenantUsage tenant,
      TenantUsage.Terms terms,
      long charged,
      @Nullable BodyMeter meter,
      @Nullable Refusal waived) {
    this.waived = waived;
    this.tenant = tenant;
    this.terms = terms;
    this.charged = charged;
    this.meter = meter;
    tenant.meters.begun();
  }

  /**
   * Charges what is needed, or returns the refusal.
   *
   * @param size of the body, decoded; negative when it is not known
   */
  static @Nullable Refusal charge(
      TenantUsage tenant, TenantUsage.Terms terms, long size, Delays delays) {
    long largest = terms.largestRequest();
    if (size > largest || largest == 0 && size != 0) {
      return TenantRefusals.tooLarge(tenant, terms, size);
    }
    if (!tenant.share.begin()) {
      return TenantRefusals.share(tenant, delays);
    }
    RateLimit over = over(terms, size);
    if (over == null) {
      return null;
    }
    tenant.share.end();
    return TenantRefusals.overRate(
        tenant, over, over.kind() == LimitKind.INGEST_BYTES ? Math.max(1, size) : 1, delays);
  }

  /** The rate that a body of unknown size would be over; null when it might be let through. */
  static @Nullable RateLimit stillOver(TenantUsage.Terms terms) {
    return firstDry(
        terms.rate(LimitKind.SPANS),
        terms.rate(LimitKind.INGEST_BYTES),
        terms.rate(LimitKind.INGEST_REQUESTS));
  }

  private static @Nullable RateLimit firstDry(
      @Nullable RateLimit spans, @Nullable RateLimit bytes, @Nullable RateLimit requests) {
    if (isDry(spans)) {
      return spans;
    }
    if (isDry(bytes)) {
      return bytes;
    }
    return isDry(requests) ? requests : null;
  }

  private static boolean isDry(@Nullable RateLimit limit) {
    return limit != null && limit.bucket().available() <= 0;
  }

  /** The limit that it is over; null when there is none and everything was taken. */
  private static @Nullable RateLimit over(TenantUsage.Terms terms, long size) {
    RateLimit spans = terms.rate(LimitKind.SPANS);
    if (spans != null && size != 0 && spans.bucket().available() <= 0) {
      return spans;
    }
    RateLimit bytes = terms.rate(LimitKind.INGEST_BYTES);
    if (bytes != null && !chargeBytes(bytes.bucket(), size)) {
      return bytes;
    }
    RateLimit requests = terms.rate(LimitKind.INGEST_REQUESTS);
    if (requests == null || requests.bucket().tryCharge(1)) {
      return null;
    }
    if (bytes != null) {
      bytes.bucket().refund(size);
    }
    return requests;
  }

  private static boolean chargeBytes(Bucket bucket, long size) {
    return size < 0 ? bucket.available() > 0 : bucket.tryCharge(size);
  }

  @Override
  public boolean measures() {
    return meter != null;
  }

  @Override
  public @Nullable Refusal received(ByteBuf bytes, boolean end) {
    BodyMeter m = meter;
    if (m == null) {
      return null;
    }
    m.add(bytes);
    if (end) {
      m.end();
    }
    reserve(m.memoryBytes());
    if (waived != null) {
      return null;
    }
    Refusal refusal = charge(m);
    if (refusal == null || tenant.enforces()) {
      return refusal;
    }
    waived = refusal;
    return null;
  }

  private @Nullable Refusal charge(BodyMeter m) {
    chargeMore(m);
    if (!isBounded()) {
      return null; // it is only measured
    }
    Flaw flaw = m.flaw();
    if (flaw != null) {
      return TenantRefusals.unmeasured(flaw);
    }
    long most = terms.largestRequest();
    return m.exceeded() || m.decodedBytes() > most
        ? TenantRefusals.tooLarge(tenant, terms, m.decodedBytes())
        : null;
  }

  /** Whether there is a limit that a body which cannot be measured could get around. */
  private boolean isBounded() {
    return terms.largestRequest() != Long.MAX_VALUE || terms.rate(LimitKind.SPANS) != null;
  }

  /** The memory that decoding takes counts as the tenant's. */
  private void reserve(int bytes) {
    tenant.share.reserve(bytes - reserved);
    reserved = bytes;
  }

  /** Charges what has passed since it was charged last. */
  private void chargeMore(BodyMeter m) {
    long decoded = m.decodedBytes();
    RateLimit bytes = terms.rate(LimitKind.INGEST_BYTES);
    if (bytes != null && decoded > charged) {
      bytes.bucket().charge(decoded - charged);
      charged = decoded;
    }
    RateLimit ofSpans = terms.rate(LimitKind.SPANS);
    if (ofSpans != null && m.spans() > spans) {
      ofSpans.bucket().charge(m.spans() - spans);
    }
    spans = m.spans();
  }

  @Override
  public void ended(RequestRecord record) {
    long decoded = record.bytesIn;
    if (meter != null) {
      meter.close();
      decoded = meter.decodedBytes();
      spans = meter.spans();
    }
    if (waived != null) {
      record.overLimit = waived;
    }
    record.decodedBytes = decoded;
    record.spans = spans;
    RateLimit bytes = terms.rate(LimitKind.INGEST_BYTES);
    if (bytes != null && waived == null) { // a body that was cut short gets the rest back
      bytes.bucket().refund(charged - decoded);
    }
    if (meter != null || bytes != null) {
      tenant.meters.ingested(decoded, spans);
    }
    reserve(0);
    tenant.share.end();
    tenant.meters.ended();
  }
}

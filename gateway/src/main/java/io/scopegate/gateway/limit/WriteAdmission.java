package io.scopegate.gateway.limit;

import io.netty.buffer.ByteBuf;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Admission;
import io.scopegate.gateway.meter.BodyMeter;
import io.scopegate.gateway.telemetry.RequestRecord;
import org.jspecify.annotations.Nullable;

/**
 * A request that stores and was let through. What it will store is taken beforehand where its size
 * is known, and charged as it passes where it is not: then the tenant may owe something, and stores
 * no more until that has filled up again.
 */
final class WriteAdmission implements Admission {
  private final TenantUsage tenant;
  private final TenantUsage.Terms terms;
  private final @Nullable BodyMeter meter;
  private final int reserved;
  private long charged;
  private long spans;

  /**
   * A request that was let through.
   *
   * @param charged bytes that were taken beforehand
   * @param meter measures its body; null when nothing needs to be measured
   * @param reserved memory that the meter takes, which counts as the tenant's
   */
  WriteAdmission(
      TenantUsage tenant,
      TenantUsage.Terms terms,
      long charged,
      @Nullable BodyMeter meter,
      int reserved) {
    this.tenant = tenant;
    this.terms = terms;
    this.charged = charged;
    this.meter = meter;
    this.reserved = reserved;
    tenant.share.reserve(reserved);
    tenant.meters.begun();
  }

  /**
   * Takes what is needed, or says why not.
   *
   * @param size of the body, decoded; negative when it is not known
   */
  static @Nullable Refusal take(
      TenantUsage tenant, TenantUsage.Terms terms, long size, Delays delays) {
    long largest = terms.largestRequest();
    if (size > largest || largest == 0 && size != 0) {
      return TenantRefusals.tooLarge(tenant, largest);
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
        tenant, over, over == terms.bytes() ? Math.max(1, size) : 1, delays);
  }

  /** Why a body of unknown size would not be let through; null when it might be. */
  static @Nullable Refusal stillOver(TenantUsage tenant, TenantUsage.Terms terms, Delays delays) {
    RateLimit over =
        isDry(terms.spans())
            ? terms.spans()
            : isDry(terms.bytes())
                ? terms.bytes()
                : isDry(terms.requests()) ? terms.requests() : null;
    return over == null ? null : TenantRefusals.overRate(tenant, over, 1, delays);
  }

  private static boolean isDry(@Nullable RateLimit limit) {
    return limit != null && limit.bucket().available() <= 0;
  }

  /** The limit that it is over; null when there is none and everything was taken. */
  private static @Nullable RateLimit over(TenantUsage.Terms terms, long size) {
    RateLimit spans = terms.spans();
    if (spans != null && size != 0 && spans.bucket().available() <= 0) {
      return spans;
    }
    RateLimit bytes = terms.bytes();
    if (bytes != null && !takeBytes(bytes.bucket(), size)) {
      return bytes;
    }
    RateLimit requests = terms.requests();
    if (requests == null || requests.bucket().take(1)) {
      return null;
    }
    if (bytes != null) {
      bytes.bucket().putBack(size);
    }
    return requests;
  }

  private static boolean takeBytes(Bucket bucket, long size) {
    return size < 0 ? bucket.available() > 0 : bucket.take(size);
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
    settle(m);
    long most = terms.largestRequest();
    return m.exceeded() || m.decodedBytes() > most ? TenantRefusals.tooLarge(tenant, most) : null;
  }

  private void settle(BodyMeter m) {
    long decoded = m.decodedBytes();
    if (terms.bytes() != null && decoded > charged) {
      terms.bytes().bucket().settle(decoded - charged);
      charged = decoded;
    }
    if (terms.spans() != null && m.spans() > spans) {
      terms.spans().bucket().settle(m.spans() - spans);
    }
    spans = m.spans();
  }

  @Override
  public void ended(RequestRecord record) {
    long decoded = record.bytesIn;
    if (meter != null) {
      meter.close();
      decoded = meter.decodedBytes();
    }
    RateLimit bytes = terms.bytes();
    if (bytes != null) { // a body that was cut short gets the rest back
      bytes.bucket().putBack(charged - decoded);
    }
    if (meter != null || bytes != null) {
      tenant.meters.ingested(decoded, spans);
    }
    tenant.share.reserve(-reserved);
    tenant.share.end();
    tenant.meters.ended();
  }
}

package io.scopegate.gateway.limit;

import io.netty.buffer.ByteBuf;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Admission;
import io.scopegate.gateway.telemetry.RequestRecord;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A read that was let through, or a change of a tenant's configuration. It is charged to every
 * tenant it reads, or to none of them.
 */
final class ReadAdmission implements Admission {
  private final List<TenantUsage> tenants;
  private final @Nullable LimitKind atATime;

  private ReadAdmission(List<TenantUsage> tenants, @Nullable LimitKind atATime) {
    this.tenants = tenants;
    this.atATime = atATime;
  }

  /** Either an admission or why there is none. */
  record Outcome(@Nullable ReadAdmission admission, @Nullable Refusal refusal) {}

  /**
   * Charges every tenant with a read; one that refuses has all others get theirs back.
   *
   * @param atATime what bounds the number of such reads at a time; null for a read that goes on
   *     although it is over a limit: it takes memory alone
   */
  static Outcome charge(List<TenantUsage> tenants, @Nullable LimitKind atATime, Delays delays) {
    for (int i = 0; i < tenants.size(); i++) {
      Refusal refusal = charge(tenants.get(i), atATime, delays);
      if (refusal != null) {
        for (int charged = 0; charged < i; charged++) {
          refund(tenants.get(charged), atATime);
        }
        return new Outcome(null, refusal);
      }
    }
    for (int i = 0; i < tenants.size(); i++) {
      tenants.get(i).meters.begun();
    }
    return new Outcome(new ReadAdmission(tenants, atATime), null);
  }

  private static @Nullable Refusal charge(
      TenantUsage tenant, @Nullable LimitKind atATime, Delays delays) {
    if (!tenant.share.begin()) {
      return TenantRefusals.share(tenant, delays);
    }
    Refusal refusal = atATime == null ? null : begin(tenant, atATime, delays);
    if (refusal != null) {
      tenant.share.end();
    }
    return refusal;
  }

  private static @Nullable Refusal begin(TenantUsage tenant, LimitKind atATime, Delays delays) {
    TenantUsage.Terms terms = tenant.terms();
    Integer most = most(terms.limits(), atATime);
    AtomicInteger now = now(tenant, atATime);
    if (now.incrementAndGet() > (most == null ? Integer.MAX_VALUE : most)) {
      now.decrementAndGet();
      return TenantRefusals.concurrent(tenant, atATime, most == null ? 0 : most, delays);
    }
    RateLimit queries = terms.rate(LimitKind.QUERIES);
    if (queries == null || queries.bucket().tryCharge(1)) {
      return null;
    }
    now.decrementAndGet();
    return TenantRefusals.overRate(tenant, queries, 1, delays);
  }

  private static @Nullable Integer most(TenantLimits limits, LimitKind atATime) {
    return atATime == LimitKind.CONCURRENT_STREAMS
        ? limits.concurrentStreams()
        : limits.concurrentQueries();
  }

  private static AtomicInteger now(TenantUsage tenant, LimitKind atATime) {
    return atATime == LimitKind.CONCURRENT_STREAMS ? tenant.streams : tenant.queries;
  }

  private static void refund(TenantUsage tenant, @Nullable LimitKind atATime) {
    RateLimit queries = tenant.terms().rate(LimitKind.QUERIES);
    if (queries != null && atATime != null) {
      queries.bucket().refund(1);
    }
    end(tenant, atATime);
  }

  private static void end(TenantUsage tenant, @Nullable LimitKind atATime) {
    if (atATime != null) {
      now(tenant, atATime).decrementAndGet();
    }
    tenant.share.end();
  }

  @Override
  public boolean measures() {
    return false;
  }

  @Override
  public @Nullable Refusal received(ByteBuf bytes, boolean end) {
    return null;
  }

  @Override
  public void ended(RequestRecord record) {
    for (int i = 0; i < tenants.size(); i++) {
      TenantUsage tenant = tenants.get(i);
      end(tenant, atATime);
      tenant.meters.ended();
    }
  }
}

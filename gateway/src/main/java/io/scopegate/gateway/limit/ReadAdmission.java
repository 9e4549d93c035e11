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
  private final Kind kind;

  /** What it counts as. */
  enum Kind {
    /** One answer. */
    QUERY,
    /** An answer that goes on. */
    STREAM
  }

  private ReadAdmission(List<TenantUsage> tenants, Kind kind) {
    this.tenants = tenants;
    this.kind = kind;
  }

  /** Either an admission or why there is none. */
  record Outcome(@Nullable ReadAdmission admission, @Nullable Refusal refusal) {}

  /** Takes what is needed of every tenant; one that refuses has all others get theirs back. */
  static Outcome take(List<TenantUsage> tenants, Kind kind, Delays delays) {
    for (int i = 0; i < tenants.size(); i++) {
      Refusal refusal = take(tenants.get(i), kind, delays);
      if (refusal != null) {
        for (int taken = 0; taken < i; taken++) {
          putBack(tenants.get(taken), kind);
        }
        return new Outcome(null, refusal);
      }
    }
    for (int i = 0; i < tenants.size(); i++) {
      tenants.get(i).meters.begun();
    }
    return new Outcome(new ReadAdmission(tenants, kind), null);
  }

  private static @Nullable Refusal take(TenantUsage tenant, Kind kind, Delays delays) {
    if (!tenant.share.begin()) {
      return TenantRefusals.share(tenant, delays);
    }
    Refusal refusal = takeQuery(tenant, kind, delays);
    if (refusal != null) {
      tenant.share.end();
    }
    return refusal;
  }

  private static @Nullable Refusal takeQuery(TenantUsage tenant, Kind kind, Delays delays) {
    TenantUsage.Terms terms = tenant.terms();
    boolean stream = kind == Kind.STREAM;
    Integer most = stream ? terms.limits().concurrentStreams() : terms.limits().concurrentQueries();
    AtomicInteger now = now(tenant, kind);
    if (now.incrementAndGet() > (most == null ? Integer.MAX_VALUE : most)) {
      now.decrementAndGet();
      LimitKind limit = stream ? LimitKind.CONCURRENT_STREAMS : LimitKind.CONCURRENT_QUERIES;
      return TenantRefusals.concurrent(tenant, limit, most == null ? 0 : most, delays);
    }
    RateLimit queries = terms.queries();
    if (queries == null || queries.bucket().take(1)) {
      return null;
    }
    now.decrementAndGet();
    return TenantRefusals.overRate(tenant, queries, 1, delays);
  }

  private static AtomicInteger now(TenantUsage tenant, Kind kind) {
    return kind == Kind.STREAM ? tenant.streams : tenant.queries;
  }

  private static void putBack(TenantUsage tenant, Kind kind) {
    RateLimit queries = tenant.terms().queries();
    if (queries != null) {
      queries.bucket().putBack(1);
    }
    end(tenant, kind);
  }

  private static void end(TenantUsage tenant, Kind kind) {
    now(tenant, kind).decrementAndGet();
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
      end(tenant, kind);
      tenant.meters.ended();
    }
  }
}

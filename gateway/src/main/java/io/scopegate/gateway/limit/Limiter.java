package io.scopegate.gateway.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.meter.BodyMeter;
import io.scopegate.gateway.meter.MeterPool;
import io.scopegate.gateway.telemetry.Telemetry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps every tenant within its limits and every listener within its own. There is one for the
 * process: all event loops charge the same budgets, and a new configuration changes them without
 * forgetting what was used. For any thread.
 *
 * <p>A tenant is known from its first request that may pass, so that names which are merely tried
 * take no memory; it is forgotten when it has been idle until all its budgets were full again.
 */
public final class Limiter {
  /** Callers of what belongs to no tenant; one that was forgotten begins with a full budget. */
  private static final int MOST_CALLERS = 10_000;

  private static final Duration CALLER_KEPT = Duration.ofMinutes(1);

  /**
   * More tenants than any installation has; a caller that may name any tenant must not fill the
   * memory.
   */
  private static final int MOST_TENANTS = 100_000;

  private final Budget budget;
  private final Telemetry telemetry;
  private final Buckets store;

  /** Listener limits protect this process, so they are never shared. */
  private final Buckets own;

  private final Delays delays;
  private final Cache<String, TenantUsage> tenants;
  private final Cache<String, CallerAdmission> callers;

  /** Tenants that were forgotten while requests of theirs were in progress, which still count. */
  private final Map<String, TenantUsage> lingering = new ConcurrentHashMap<>();

  private final Map<String, ListenerLimiter> ceilings = new ConcurrentHashMap<>();
  private final Map<LoopContext, MeterPool> pools = new ConcurrentHashMap<>();
  private final LongSupplier nanos;
  private final InstantSource clock;
  private volatile Limits limits = Limits.NONE;
  private volatile boolean measuresUsage;

  /**
   * No limits yet.
   *
   * @param budget what all tenants share
   * @param nanos the time in nanoseconds, from any beginning
   * @param clock the time of day
   * @param store where the budgets of tenants are kept
   */
  public Limiter(
      Budget budget,
      Telemetry telemetry,
      LongSupplier nanos,
      InstantSource clock,
      LimitStore store) {
    this(budget, telemetry, nanos, clock, store.buckets(), new Delays(Limiter::chance));
  }

  private static int chance(int bound) {
    return ThreadLocalRandom.current().nextInt(bound);
  }

  Limiter(
      Budget budget,
      Telemetry telemetry,
      LongSupplier nanos,
      InstantSource clock,
      Buckets store,
      Delays delays) {
    this.budget = budget;
    this.telemetry = telemetry;
    this.store = store;
    this.own = new LocalBuckets(nanos);
    this.nanos = nanos;
    this.clock = clock;
    this.delays = delays;
    // Maintenance on the calling thread: to wake another one for it costs more than what it does.
    this.tenants =
        Caffeine.newBuilder()
            .maximumSize(MOST_TENANTS)
            .executor(Runnable::run)
            .ticker(nanos::getAsLong)
            .expireAfter(
                Expiry.<String, TenantUsage>accessing(
                    (name, tenant) -> Duration.ofNanos(tenant.keptNanos())))
            .evictionListener(this::forgotten)
            .build();
    this.callers =
        Caffeine.newBuilder()
            .maximumSize(MOST_CALLERS)
            .executor(Runnable::run)
            .ticker(nanos::getAsLong)
            .expireAfterAccess(CALLER_KEPT)
            .build();
  }

  /** A stream may last longer than its tenant is remembered. */
  private void forgotten(@Nullable String name, @Nullable TenantUsage tenant, RemovalCause cause) {
    lingering.values().removeIf(left -> left.share.requests() == 0);
    if (name != null && tenant != null && tenant.share.requests() > 0) {
      lingering.put(name, tenant);
    }
  }

  /** What holds for a tenant at the moment, by its name. */
  public TenantLimits limits(String tenant) {
    return limits.forTenant(tenant);
  }

  /** Puts these limits into force, for requests that begin from now on. */
  public void reconfigure(Limits next) {
    if (next.any()) {
      BodyMeter.prepare();
    }
    limits = next;
    tenants.asMap().values().forEach(tenant -> tenant.reconfigure(next));
  }

  /** Whether what tenants use is measured from now on, with limits or without. */
  public void measureUsage(boolean wanted) {
    if (wanted) {
      BodyMeter.prepare();
    }
    measuresUsage = wanted;
  }

  boolean measuresUsage() {
    return measuresUsage;
  }

  /** What lets the requests of one listener in, on one event loop. */
  public AdmissionControl admissions(String listener, ListenerLimits ceiling, LoopContext loop) {
    ListenerLimiter known =
        ceilings.compute(
            listener,
            (name, before) -> {
              if (before == null) {
                return new ListenerLimiter(name, ceiling, own, delays);
              }
              before.reconfigure(ceiling);
              return before;
            });
    MeterPool pool = pools.computeIfAbsent(loop, key -> new MeterPool());
    RecentTenants recent = new RecentTenants(this, loop::nowNanos);
    return new AdmissionControl(this, recent, known, delays, pool);
  }

  /** Whether requests over a tenant's limit are refused, and not only noted. */
  boolean enforces() {
    return limits.enforced();
  }

  /** Whether bodies are refused whose encoding is not measured, where they would have to be. */
  boolean refusesUnmeasured() {
    return limits.refusesUnmeasured();
  }

  /** The time in nanoseconds that budgets of this process go by. */
  LongSupplier nanos() {
    return nanos;
  }

  /** The time of day in milliseconds since the epoch. */
  long nowMillis() {
    return clock.millis();
  }

  /** What a tenant has used. */
  TenantUsage tenant(String name) {
    TenantUsage known = tenants.getIfPresent(name);
    if (known == null) {
      known = Objects.requireNonNull(tenants.get(name, this::meet));
    }
    keepCurrent(known); // it may have been met while they changed
    return known;
  }

  /** Puts the limits in force into force for this tenant. */
  void keepCurrent(TenantUsage tenant) {
    tenant.reconfigure(limits);
  }

  /** What a user has used of what belongs to no tenant. */
  CallerAdmission caller(String user) {
    CallerAdmission known = callers.getIfPresent(user);
    return known != null ? known : Objects.requireNonNull(callers.get(user, this::meetCaller));
  }

  private CallerAdmission meetCaller(String user) {
    return new CallerAdmission(
        new TenantMemoryShare(budget), own.bucket(user, LimitKind.QUERIES, CallerAdmission.RATE));
  }

  private TenantUsage meet(String name) {
    TenantUsage left = lingering.remove(name);
    return left != null
        ? left
        : new TenantUsage(
            name, limits, store, new TenantMemoryShare(budget), telemetry.limits(name));
  }
}

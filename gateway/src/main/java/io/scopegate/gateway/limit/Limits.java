package io.scopegate.gateway.limit;

import io.scopegate.gateway.access.Enforcement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * The limits of every tenant, joined key by key from three sources: what {@code limits.tenants}
 * says of the tenant, else what Tempo's overrides file says, else {@code limits.defaults}.
 * Immutable.
 */
public final class Limits {
  /** No limits for anybody. */
  static final Limits NONE =
      new Limits(TenantLimits.NONE, Map.of(), Map.of(), TempoOverrides.NONE, true, true);

  private final TenantLimits defaults;
  private final Map<String, TenantLimits> tenants;
  private final Map<String, String> ids;
  private final TempoOverrides overrides;
  private final boolean refusesUnmeasured;
  private final boolean enforced;

  private Limits(
      TenantLimits defaults,
      Map<String, TenantLimits> tenants,
      Map<String, String> ids,
      TempoOverrides overrides,
      boolean refusesUnmeasured,
      boolean enforced) {
    this.enforced = enforced;
    this.refusesUnmeasured = refusesUnmeasured;
    this.defaults = defaults;
    this.tenants = tenants;
    this.ids = ids;
    this.overrides = overrides;
  }

  /**
   * Joins the sources.
   *
   * @param ids {@code tenancy.ids}: Tempo's file knows a tenant by the id that upstream gets
   * @param overrides what {@code limits.tempoOverridesFile} holds
   */
  public static Limits of(LimitsConfig config, Map<String, String> ids, TempoOverrides overrides) {
    return new Limits(
        config.defaults(),
        config.tenants(),
        Map.copyOf(ids),
        overrides,
        config.unmeasuredCodings() == LimitsConfig.UnmeasuredCodings.REFUSE,
        config.enforce() == Enforcement.DENY);
  }

  /**
   * Joins the sources, reading Tempo's file when there is one.
   *
   * @throws IOException when it cannot be read or is not valid
   */
  public static Limits of(LimitsConfig config, Map<String, String> ids) throws IOException {
    Path file = config.tempoOverridesFile();
    return of(config, ids, file == null ? TempoOverrides.NONE : TempoOverrides.read(file));
  }

  /** Whether there are any, for anybody. */
  boolean any() {
    return !defaults.equals(TenantLimits.NONE)
        || !tenants.isEmpty()
        || overrides != TempoOverrides.NONE;
  }

  /** Whether requests over a limit are refused, and not only noted. */
  boolean enforced() {
    return enforced;
  }

  /** Whether bodies are refused whose encoding is not measured. */
  boolean refusesUnmeasured() {
    return refusesUnmeasured;
  }

  /** The limits of a tenant, by its name. */
  public TenantLimits forTenant(String name) {
    TenantLimits below = overrides.of(ids.getOrDefault(name, name)).over(defaults);
    TenantLimits own = tenants.get(name);
    return own == null ? below : own.over(below);
  }
}

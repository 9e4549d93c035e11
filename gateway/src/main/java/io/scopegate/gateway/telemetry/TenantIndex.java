package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The meters of tenants, for as many of them as the cap allows; the rest share {@code other}.
 *
 * <p>A tenant gets meters of its own with its first request that was let through: names that
 * clients merely try must not use the cap up. Reads of several tenants share {@code federated}: one
 * user with a few rights could otherwise use the cap up with combinations.
 */
final class TenantIndex {
  private final MeterRegistry registry;
  private final int maxTenants;
  private final TenantMeters other;
  private final TenantMeters federated;
  private final Map<String, TenantMeters> tenants = new ConcurrentHashMap<>();

  TenantIndex(MeterRegistry registry, int maxTenants) {
    this.registry = registry;
    this.maxTenants = maxTenants;
    this.other = new TenantMeters(registry, "other", false);
    this.federated = new TenantMeters(registry, "federated", false);
  }

  /**
   * The meters of a tenant.
   *
   * @param tenant the name; several of them come with {@code |} between, which no name holds
   * @param letThrough whether the request at hand was
   */
  TenantMeters of(String tenant, boolean letThrough) {
    TenantMeters known = tenants.get(tenant);
    if (known != null) {
      return known;
    }
    if (tenant.indexOf('|') >= 0) {
      return federated;
    }
    return letThrough ? add(tenant) : other;
  }

  private synchronized TenantMeters add(String tenant) {
    return tenants.size() < maxTenants
        ? tenants.computeIfAbsent(tenant, name -> new TenantMeters(registry, name, true))
        : tenants.getOrDefault(tenant, other);
  }
}

package io.scopegate.gateway.limit;

import io.scopegate.config.Key;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant may use at most.
 *
 * @param defaults of every tenant
 * @param tenants by tenant, each already merged over the defaults
 * @param tempoOverridesFile Tempo's own file of limits per tenant
 * @param store where budgets are kept
 */
public record LimitsConfig(
    @Key(doc = "Limits of every tenant; an absent one is unlimited.") TenantLimits defaults,
    @Key(
            doc = "Limits by tenant, merged key by key over `defaults`.",
            def = "{}",
            inherits = "limits.defaults",
            notBuilt = "limiting")
        Map<String, TenantLimits> tenants,
    @Key(doc = "Tempo's own per-tenant file as a further source.", notBuilt = "limiting")
        @Nullable Path tempoOverridesFile,
    @Key(doc = "Where budgets are kept.") StoreConfig store) {

  /** Copies the map, keeping its order. */
  public LimitsConfig {
    tenants = Collections.unmodifiableMap(new LinkedHashMap<>(tenants));
  }
}

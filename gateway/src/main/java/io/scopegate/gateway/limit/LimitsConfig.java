package io.scopegate.gateway.limit;

import io.scopegate.config.Key;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant may use at most. {@link Limits} joins the three sources.
 *
 * @param defaults of every tenant
 * @param tenants by tenant, as they are written: not merged over anything
 * @param tempoOverridesFile Tempo's own file of limits per tenant
 * @param store where budgets are kept
 */
public record LimitsConfig(
    @Key(doc = "Limits of every tenant; an absent one is unlimited.", reload = Key.Reload.AT_ONCE)
        TenantLimits defaults,
    @Key(
            doc =
                "Limits by tenant; a key that is absent here is that of `tempoOverridesFile`, or"
                    + " else of `defaults`.",
            def = "{}",
            reload = Key.Reload.AT_ONCE)
        Map<String, TenantLimits> tenants,
    @Key(
            doc =
                "Tempo's own per-tenant file: its ingestion rate and burst lie over `defaults` and"
                    + " below `tenants`.",
            reload = Key.Reload.AT_ONCE_FILE_FOLLOWED)
        @Nullable Path tempoOverridesFile,
    @Key(doc = "Where budgets are kept.") StoreConfig store) {

  /** Copies the map, keeping its order. */
  public LimitsConfig {
    tenants = Collections.unmodifiableMap(new LinkedHashMap<>(tenants));
  }
}

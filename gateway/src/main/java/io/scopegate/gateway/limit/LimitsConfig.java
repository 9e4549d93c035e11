package io.scopegate.gateway.limit;

import io.scopegate.config.Key;
import io.scopegate.gateway.access.Enforcement;
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
 * @param enforce what becomes of a request over a limit of its tenant
 * @param unmeasuredCodings what becomes of bodies whose encoding is not measured
 * @param store where budgets are kept
 */
public record LimitsConfig(
    @Key(
            doc = "Limits of every tenant; a missing key means unlimited.",
            reload = Key.Reload.AT_ONCE)
        TenantLimits defaults,
    @Key(
            doc =
                "Limits by tenant; a key that is missing here comes from `tempoOverridesFile`, or"
                    + " else from `defaults`.",
            def = "{}",
            reload = Key.Reload.AT_ONCE)
        Map<String, TenantLimits> tenants,
    @Key(
            doc =
                "Tempo's own per-tenant overrides file: its ingestion rate and burst take"
                    + " precedence over `defaults`, but not over `tenants`.",
            reload = Key.Reload.AT_ONCE_FILE_FOLLOWED)
        @Nullable Path tempoOverridesFile,
    @Key(
            doc =
                "`deny`: a request over a limit of its tenant is refused. `audit`: it is **forwarded"
                    + " all the same**, and logged and counted as one that would be refused, to find"
                    + " out which limits fit. `listeners.NAME.limits`, and what bounds the gateway's"
                    + " own memory, hold in any case.",
            def = "deny",
            reload = Key.Reload.AT_ONCE)
        Enforcement enforce,
    @Key(
            doc =
                "What happens to a request that stores, for a tenant with a limit of bytes or spans,"
                    + " when its encoding cannot be measured (lz4, br, several at once): `refuse`"
                    + " it with 415, or `count-wire`: count its bytes as received, and no spans."
                    + " gzip, deflate, zstd and snappy are measured.",
            def = "refuse",
            reload = Key.Reload.AT_ONCE)
        UnmeasuredCodings unmeasuredCodings,
    @Key(doc = "Where the use of limits is counted.") StoreConfig store) {

  /** Copies the map, keeping its order. */
  public LimitsConfig {
    tenants = Collections.unmodifiableMap(new LinkedHashMap<>(tenants));
  }

  /** What becomes of bodies that cannot be measured. */
  public enum UnmeasuredCodings {
    /** They are refused. */
    REFUSE,
    /** Their bytes count as they come, and their spans do not. */
    COUNT_WIRE
  }
}

package io.scopegate.gateway.access;

import io.scopegate.config.Key;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which tenant a request is for.
 *
 * @param header the header that carries the tenant, from clients and to upstream
 * @param source where the tenant is looked for; the first that gives one wins
 * @param claim the claim of a token that names its tenant; null for none
 * @param ids tenant name to the id that upstream gets; a name that is missing is its own id
 * @param maxFederated tenants of one federated query
 * @param forwardUnreviewed whether a proxied request keeps a tenant header that is not what was
 *     reviewed
 */
public record TenancyConfig(
    @Key(
            doc = "Header that carries the tenant, from clients and to upstream.",
            def = "X-Scope-OrgID",
            reload = Key.Reload.AT_ONCE)
        String header,
    @Key(
            doc =
                "Where the tenant is looked for, the first that gives one wins: `header`;"
                    + " `namespace`, that of the caller's service account; `certificate`, the only"
                    + " OU of a client certificate; `claim`, that of a token which the gateway"
                    + " itself has checked.",
            def = "[header, namespace]",
            reload = Key.Reload.AT_ONCE)
        List<Source> source,
    @Key(doc = "Claim of a token that names its tenant, for the source `claim`.")
        @Nullable String claim,
    @Key(
            doc =
                "Tenant name to the id that upstream gets; other names are their own ids. Nobody"
                    + " may use the id of another name: that is answered as for a tenant without"
                    + " rights.",
            def = "{}",
            reload = Key.Reload.AT_ONCE)
        Map<String, String> ids,
    @Key(
            doc = "Tenants of one federated query, and values of one proxied request.",
            def = "16",
            min = 1,
            max = 10_000,
            reload = Key.Reload.AT_ONCE)
        int maxFederated,
    @Key(
            doc =
                "Forward the tenant header of a proxied request though something else was reviewed:"
                    + " every authorised client may then name any tenant.",
            def = "false",
            reload = Key.Reload.AT_ONCE)
        boolean forwardUnreviewed) {

  /** Copies the collections. */
  public TenancyConfig {
    source = List.copyOf(source);
    ids = Collections.unmodifiableMap(new LinkedHashMap<>(ids));
  }

  /** Whether this can be a tenant's name, or the id that Tempo is told. */
  public static boolean isTenant(String name) {
    return TenantResolver.flaw(name) == null;
  }

  /** Where a tenant comes from. */
  public enum Source {
    /** The tenant header. */
    HEADER,
    /** The namespace of the caller's service account. */
    NAMESPACE,
    /** The only OU of the client's certificate. */
    CERTIFICATE,
    /** A claim of the caller's token. */
    CLAIM
  }
}

package io.scopegate.gateway.importing;

import org.jspecify.annotations.Nullable;

/**
 * A tenant of the other gateway.
 *
 * @param name as clients say it
 * @param id as Tempo gets it; the name when it has no id, empty when it is left out
 * @param way how its callers are authenticated
 * @param issuer whose tokens they bring; only for {@link Way#OIDC}
 * @param rulesApply whether the file of rights decides, and not a policy engine
 */
record GatewayTenant(String name, String id, Way way, @Nullable Issuer issuer, boolean rulesApply) {

  /** How callers are authenticated. */
  enum Way {
    /** By tokens of an issuer. */
    OIDC,
    /** By the cluster. */
    KUBERNETES,
    /** In a way that cannot be migrated. */
    NONE
  }
}

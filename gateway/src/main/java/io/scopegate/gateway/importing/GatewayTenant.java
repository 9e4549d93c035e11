package io.scopegate.gateway.importing;

import org.jspecify.annotations.Nullable;

/**
 * A tenant of the other gateway.
 *
 * @param name as clients say it
 * @param id as Tempo is told; the name when it has none of its own, empty when it is left out
 * @param way how its callers are known
 * @param issuer whose tokens they bring; only for {@link Way#OIDC}
 * @param rulesApply whether the file of rights decides, and not a policy engine
 */
record GatewayTenant(String name, String id, Way way, @Nullable Issuer issuer, boolean rulesApply) {

  /** How callers are known. */
  enum Way {
    /** By tokens of an issuer. */
    OIDC,
    /** By the cluster. */
    KUBERNETES,
    /** In a way that cannot be carried over. */
    NONE
  }
}

package io.scopegate.gateway.importing;

import org.jspecify.annotations.Nullable;

/**
 * One way by which tokens are authenticated: an issuer, one of its clients, and how its tokens are
 * read.
 *
 * @param url the issuer
 * @param clientId the only audience
 * @param usernameClaim the claim of the user's name
 * @param groupClaim the claim of the groups; null when it has none
 * @param caFile the authorities of its own certificate; null for the system's
 * @param inlineCa the same, where they stand in the file itself; null when not
 */
record Issuer(
    String url,
    String clientId,
    String usernameClaim,
    @Nullable String groupClaim,
    @Nullable String caFile,
    @Nullable String inlineCa) {

  /** Whether both would accept the same token. */
  boolean sharesTokensWith(Issuer other) {
    return url.equals(other.url) && clientId.equals(other.clientId);
  }
}

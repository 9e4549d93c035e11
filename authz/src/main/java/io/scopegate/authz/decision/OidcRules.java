package io.scopegate.authz.decision;

import io.scopegate.authz.Authentication.Proof.Source;
import io.scopegate.authz.OidcConfig;
import io.scopegate.authz.User;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads <a href="https://openid.net/specs/openid-connect-core-1_0.html#IDToken">ID tokens</a> of
 * one issuer. Names that start with {@code system:} belong to Kubernetes: no issuer may assign one.
 */
final class OidcRules implements LocalIssuer.Rules {
  private static final String RESERVED = "system:";
  private static final String EVERYBODY = "system:authenticated";
  private static final int MAX_GROUPS = 500;

  private final OidcConfig config;
  private final @Nullable String tenantClaim;

  /**
   * Rules of one issuer.
   *
   * @param tenantClaim the claim that names the tenant; null when none does
   */
  OidcRules(OidcConfig config, @Nullable String tenantClaim) {
    this.config = config;
    this.tenantClaim = tenantClaim;
  }

  @Override
  public Source source() {
    return Source.OIDC;
  }

  @Override
  public boolean isIssuer(String named, @Nullable String issuer) {
    return named.equals(config.issuer());
  }

  @Override
  public boolean accepts(Jws jws, @Nullable String issuer) {
    return jws.isFor(config.audiences());
  }

  @Override
  public User user(Jws jws) throws TokenFlaw {
    String claim = config.usernameClaim();
    Object said = jws.claim(claim);
    if (!(said instanceof String text) || text.isEmpty()) {
      throw TokenFlaw.ofClaim(
          (said == null ? "no claim " + claim : "claim " + claim + " is no text, or empty")
              + " (authentication.oidc[].usernameClaim)"
              + TokenCause.issuedBy(jws));
    }
    if (isUnverified(claim, jws)) {
      throw TokenFlaw.ofClaim(
          "claim email_verified is "
              + TokenCause.value(jws.claim("email_verified"))
              + " (expected: true)"
              + TokenCause.issuedBy(jws));
    }
    String name = config.usernamePrefix() + text;
    if (name.startsWith(RESERVED)) {
      throw TokenFlaw.ofClaim(
          "claim "
              + claim
              + " gives the name "
              + TokenCause.value(name)
              + ", and names that begin with system: are Kubernetes' own (see"
              + " authentication.oidc[].usernamePrefix)");
    }
    // No uid: what an issuer calls so need not be one in Kubernetes' sense.
    return new User(name, "", groups(jws.claim(config.groupsClaim())), Map.of());
  }

  /** An unverified e-mail address could belong to anyone. */
  private static boolean isUnverified(String claim, Jws jws) {
    Object verified = jws.claim("email_verified");
    // Some issuers write the boolean as a text.
    return claim.equals("email")
        && verified != null
        && !verified.equals(true)
        && !verified.equals("true");
  }

  private List<String> groups(@Nullable Object claim) throws TokenFlaw {
    List<?> said =
        claim instanceof List<?> several ? several : claim == null ? List.of() : List.of(claim);
    if (said.size() > MAX_GROUPS) {
      throw TokenFlaw.ofClaim(
          "claim "
              + config.groupsClaim()
              + " has "
              + said.size()
              + " groups (expected: at most "
              + MAX_GROUPS
              + ")");
    }
    Set<String> groups = new LinkedHashSet<>();
    for (Object one : said) {
      if (!(one instanceof String group)) {
        throw TokenFlaw.ofClaim(
            "claim " + config.groupsClaim() + " has what is no text (expected: names)");
      }
      String name = config.groupsPrefix() + group;
      if (!group.isEmpty() && !name.startsWith(RESERVED)) {
        groups.add(name);
      }
    }
    groups.add(EVERYBODY);
    return List.copyOf(groups);
  }

  @Override
  public List<String> audiences(@Nullable String issuer) {
    return config.audiences();
  }

  @Override
  public List<String> boundTo(Jws jws) {
    return List.of();
  }

  @Override
  public String tenant(Jws jws) {
    return tenantClaim != null && jws.claim(tenantClaim) instanceof String tenant ? tenant : "";
  }
}

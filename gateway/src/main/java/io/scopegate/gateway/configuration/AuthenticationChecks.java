package io.scopegate.gateway.configuration;

import io.scopegate.authz.AuthenticationConfig;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.KubernetesConfig.ForeignTokens;
import io.scopegate.authz.KubernetesConfig.Mode;
import io.scopegate.authz.OidcConfig;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks of {@code authentication}. */
final class AuthenticationChecks {
  private static final KeyPath ROOT = KeyPath.of("authentication");

  private AuthenticationChecks() {}

  static void check(AuthenticationConfig config, Loaded<?> loaded) {
    checkLocal(config.kubernetes(), loaded);
    Set<List<String>> taken = new HashSet<>();
    for (int i = 0; i < config.oidc().size(); i++) {
      OidcConfig issuer = config.oidc().get(i);
      KeyPath path = ROOT.key("oidc").index(i);
      checkIssuer(path, issuer, loaded);
      for (String audience : new HashSet<>(issuer.audiences())) {
        if (!taken.add(List.of(issuer.issuer(), audience))) {
          loaded.problem(
              path.key("audiences"), audience, "each audience of an issuer in one place");
        }
      }
    }
  }

  /** Without the check here nobody can tell which tokens are the cluster's. */
  private static void checkLocal(KubernetesConfig config, Loaded<?> loaded) {
    KeyPath check = ROOT.key("kubernetes").key("localJwtCheck");
    if (config.localJwtCheck()) {
      return;
    }
    if (config.mode() == Mode.LOCAL_ONLY) {
      loaded.problem(check, "false", "true beside mode: local-only");
    } else if (config.foreignTokens() == ForeignTokens.REFUSE) {
      loaded.problem(check, "false", "true beside foreignTokens: refuse");
    }
  }

  private static void checkIssuer(KeyPath path, OidcConfig issuer, Loaded<?> loaded) {
    if (!OidcConfig.isUsableUrl(issuer.issuer())) {
      loaded.problem(
          path.key("issuer"),
          issuer.issuer(),
          "a URL without a query: https, or http on localhost or 127.0.0.1");
    }
    checkNames(path.key("audiences"), issuer.audiences(), loaded);
    checkClaim(path.key("usernameClaim"), issuer.usernameClaim(), loaded);
    checkClaim(path.key("groupsClaim"), issuer.groupsClaim(), loaded);
    new TlsChecks(loaded).checkAuthorities(path.key("caFile"), issuer.caFile());
  }

  private static void checkNames(KeyPath path, List<String> audiences, Loaded<?> loaded) {
    if (audiences.isEmpty()) {
      loaded.problem(path, "[]", "at least one audience");
    }
    for (int i = 0; i < audiences.size(); i++) {
      if (audiences.get(i).isBlank()) {
        loaded.problem(path.index(i), audiences.get(i), "an audience");
      }
    }
  }

  private static void checkClaim(KeyPath path, String claim, Loaded<?> loaded) {
    if (claim.isBlank()) {
      loaded.problem(path, claim, "the name of a claim");
    }
  }
}

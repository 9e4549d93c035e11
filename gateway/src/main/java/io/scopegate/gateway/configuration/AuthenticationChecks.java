package io.scopegate.gateway.configuration;

import io.scopegate.authz.AuthenticationConfig;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.KubernetesConfig.ForeignTokens;
import io.scopegate.authz.KubernetesConfig.Mode;
import io.scopegate.authz.OidcConfig;
import io.scopegate.authz.kubernetes.ClusterAccess;
import io.scopegate.authz.kubernetes.ClusterAccessException;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks of {@code authentication}. */
final class AuthenticationChecks {
  private static final KeyPath ROOT = KeyPath.of("authentication");
  private static final KeyPath KUBERNETES = ROOT.key("kubernetes");

  private AuthenticationChecks() {}

  static void check(GatewayConfig all, Loaded<?> loaded) {
    AuthenticationConfig config = all.authentication();
    checkMode(all, loaded);
    checkKubeconfig(config.kubernetes(), loaded);
    Path tokens = config.staticTokens();
    if (tokens != null && !Files.exists(tokens)) {
      loaded.absent(ROOT.key("staticTokens"), tokens);
    }
    checkEach(KUBERNETES.key("audiences"), config.kubernetes().audiences(), loaded);
    checkLocal(config.kubernetes(), loaded);
    Set<List<String>> taken = new HashSet<>();
    for (int i = 0; i < config.oidc().size(); i++) {
      OidcConfig issuer = config.oidc().get(i);
      KeyPath path = ROOT.key("oidc").index(i);
      checkIssuer(path, issuer, loaded);
      for (String audience : new HashSet<>(issuer.audiences())) {
        if (!taken.add(List.of(issuer.issuer(), audience))) {
          loaded.problem(
              path.key("audiences"),
              audience,
              "is given for this issuer already",
              "each audience of an issuer in one place");
        }
      }
    }
  }

  // ---- kubernetes

  /** Callers must be authenticated somehow, if not by Kubernetes. */
  private static void checkMode(GatewayConfig all, Loaded<?> loaded) {
    AuthenticationConfig config = all.authentication();
    Mode mode = config.kubernetes().mode();
    if ((mode == Mode.OFF || mode == Mode.RIGHTS_ONLY)
        && config.otherSources().isEmpty()
        && !TlsChecks.takesCertificates(all)) {
      loaded.problem(
          KUBERNETES.key("mode"),
          (mode == Mode.OFF ? "off" : "rights-only"),
          "leaves no way to authenticate anybody",
          "authentication.oidc, authentication.staticTokens or tls.clientCaFile as well");
    }
  }

  private static void checkKubeconfig(KubernetesConfig config, Loaded<?> loaded) {
    Path kubeconfig = config.kubeconfig();
    if (kubeconfig == null) {
      return;
    }
    KeyPath path = KUBERNETES.key("kubeconfig");
    if (config.mode() == Mode.OFF) {
      loaded.problem(path, kubeconfig, "is never used with mode: off", "null");
    }
    try {
      ClusterAccess.check(kubeconfig, System.getenv());
    } catch (ClusterAccessException e) {
      loaded.problem(path, "", e.what(), e.expected());
    }
  }

  /** Without local checks the cluster's tokens cannot be told from others. */
  private static void checkLocal(KubernetesConfig config, Loaded<?> loaded) {
    if (config.localJwtCheck()) {
      return;
    }
    KeyPath path = KUBERNETES.key("localJwtCheck");
    if (config.mode() == Mode.LOCAL_ONLY) {
      loaded.problem(path, "false", "cannot be combined with mode: local-only", "true");
    } else if (config.foreignTokens() == ForeignTokens.REFUSE) {
      loaded.problem(path, "false", "cannot be combined with foreignTokens: refuse", "true");
    }
  }

  // ---- oidc

  private static void checkIssuer(KeyPath path, OidcConfig issuer, Loaded<?> loaded) {
    if (!OidcConfig.isUsableUrl(issuer.issuer())) {
      loaded.problem(
          path.key("issuer"),
          issuer.issuer(),
          "a URL without a query: https, or http on localhost or 127.0.0.1");
    }
    checkKeysUrl(path.key("discoveryUrl"), issuer.discoveryUrl(), loaded);
    checkKeysUrl(path.key("jwksUrl"), issuer.jwksUrl(), loaded);
    if (issuer.discoveryUrl() != null && issuer.jwksUrl() != null) {
      loaded.problem(
          path.key("discoveryUrl"),
          issuer.discoveryUrl(),
          "is never read with jwksUrl",
          "discoveryUrl or jwksUrl");
    }
    if (issuer.audiences().isEmpty()) {
      loaded.problem(path.key("audiences"), "[]", "at least one audience");
    }
    checkEach(path.key("audiences"), issuer.audiences(), loaded);
    checkClaim(path.key("usernameClaim"), issuer.usernameClaim(), loaded);
    checkClaim(path.key("groupsClaim"), issuer.groupsClaim(), loaded);
    new CertificateChecks(loaded).checkAuthorities(path.key("caFile"), issuer.caFile());
  }

  private static void checkKeysUrl(KeyPath path, @Nullable String url, Loaded<?> loaded) {
    if (url != null && !OidcConfig.isKeysUrl(url)) {
      loaded.problem(path, url, "a URL: https, or http on localhost or 127.0.0.1");
    }
  }

  private static void checkEach(KeyPath path, List<String> audiences, Loaded<?> loaded) {
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

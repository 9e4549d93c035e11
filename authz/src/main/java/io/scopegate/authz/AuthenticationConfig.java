package io.scopegate.authz;

import io.scopegate.config.Key;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How callers are authenticated.
 *
 * @param kubernetes the Kubernetes API that is asked about tokens
 * @param oidc OpenID Connect issuers whose tokens are taken
 * @param staticTokens a file of token hashes with their users
 * @param basicPassword whether the password of Basic authentication is taken as a token
 */
public record AuthenticationConfig(
    @Key(doc = "The Kubernetes API server that reviews tokens and rights.")
        KubernetesConfig kubernetes,
    @Key(doc = "OpenID Connect issuers whose tokens are accepted.", def = "[]")
        List<OidcConfig> oidc,
    @Key(
            doc = "File that maps hashes of tokens to users and groups.",
            reload = Key.Reload.FILE_FOLLOWED)
        @Nullable Path staticTokens,
    @Key(
            doc = "Use the password of Basic authentication as a token; the user name is ignored.",
            def = "true",
            reload = Key.Reload.AT_ONCE)
        boolean basicPassword) {

  /** Copies the list. */
  public AuthenticationConfig {
    oidc = List.copyOf(oidc);
  }

  /** Whose tokens are taken besides the cluster's, in words for people; empty for nobody's. */
  public List<String> otherSources() {
    List<String> others = new ArrayList<>();
    if (!oidc.isEmpty()) {
      others.add("OIDC issuers " + oidc.size());
    }
    if (staticTokens != null) {
      others.add("static tokens " + staticTokens);
    }
    return others;
  }
}

package io.scopegate.authz;

import io.scopegate.config.Key;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the Kubernetes API is and how it is asked.
 *
 * @param mode what the cluster decides
 * @param kubeconfig the file that says where; null inside a cluster
 * @param audiences what a token must be meant for; empty for the API server's own audiences
 * @param localJwtCheck whether tokens of the cluster's own issuer are checked here first
 * @param foreignTokens what happens to tokens that the cluster did not issue
 * @param watchSecrets whether Secrets are followed too, for tokens that are bound to one
 * @param tokenCache how long an answer about a token is kept
 * @param reviews how much is asked at most
 */
public record KubernetesConfig(
    @Key(
            doc =
                "What the cluster decides: `review` asks the API server about tokens and rights;"
                    + " `local-only` about rights alone, tokens are checked by the cluster's keys;"
                    + " `rights-only` likewise, and accepts no tokens of the cluster; with `off` it"
                    + " is never asked: OpenID Connect, static tokens and client certificates"
                    + " authenticate, and `authorization.static` alone authorizes.",
            def = "review")
        Mode mode,
    @Key(
            doc =
                "Path of a kubeconfig file, or several with `:` between them, merged as by kubectl;"
                    + " null or empty: the Pod's service account.",
            reload = Key.Reload.FILE_FOLLOWED)
        @Nullable Path kubeconfig,
    @Key(
            doc =
                "A token must have one of these audiences; empty: those of the API server itself.",
            def = "[]")
        List<String> audiences,
    @Key(
            doc =
                "Reject malformed tokens, and tokens of the cluster's issuer that are expired,"
                    + " badly signed or for another audience, without asking the API server.",
            def = "true")
        boolean localJwtCheck,
    @Key(
            doc =
                "What to do with opaque tokens and tokens of other issuers: `ask` the API server,"
                    + " or `refuse` them.",
            def = "ask")
        ForeignTokens foreignTokens,
    @Key(
            doc =
                "Also watch Secrets, for tokens that are bound to one. The gateway then needs the"
                    + " right to list all of them. This lets its account read them, though it"
                    + " requests only their names.",
            def = "false")
        boolean watchSecrets,
    @Key(doc = "Caching of answers about tokens.") TokenCacheConfig tokenCache,
    @Key(doc = "Limits for reviews by the API server.") ReviewsConfig reviews) {

  /** Copies the list. */
  public KubernetesConfig {
    audiences = List.copyOf(audiences);
  }

  /** What the cluster decides. */
  public enum Mode {
    /** Tokens and rights, by reviews. */
    REVIEW,
    /** Rights only; tokens are checked with the cluster's keys. */
    LOCAL_ONLY,
    /** Rights only; its tokens are not taken. */
    RIGHTS_ONLY,
    /** Nothing; it is not asked. */
    OFF;

    /** Whether its tokens are taken. */
    public boolean takesTokens() {
      return this == REVIEW || this == LOCAL_ONLY;
    }
  }

  /** What happens to tokens that the cluster did not issue. */
  public enum ForeignTokens {
    /** The API server is asked. */
    ASK,
    /** They are refused without asking. */
    REFUSE
  }
}

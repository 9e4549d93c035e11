package io.scopegate.authz;

import io.scopegate.config.Key;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One OpenID Connect issuer, or some of its audiences: with others it may be there again, so that
 * tokens for one application make other users than those for another.
 *
 * @param issuer the issuer's URL, as in {@code iss}
 * @param audiences what a token must be meant for
 * @param usernameClaim the claim that holds the user's name
 * @param groupsClaim the claim that holds the groups
 * @param usernamePrefix what is put before the name
 * @param groupsPrefix what is put before each group
 * @param caFile the certificates that the issuer's own is checked with; null for the system's
 * @param discoveryUrl where its document is read; null for the usual place below the issuer
 * @param jwksUrl where its keys are read, without any document; null: where the document says
 */
public record OidcConfig(
    @Key(
            doc =
                "URL of the issuer, as in the claim `iss`; https, or http on loopback. An issuer"
                    + " may be listed again with other audiences.")
        String issuer,
    @Key(doc = "A token must have one of these audiences.") List<String> audiences,
    @Key(doc = "Claim with the user's name.", def = "sub") String usernameClaim,
    @Key(doc = "Claim with the groups.", def = "groups") String groupsClaim,
    @Key(
            doc = "Prefix of the user's name; a name that then starts with `system:` is refused.",
            def = "\"\"")
        String usernamePrefix,
    @Key(
            doc = "Prefix of each group; a group that then starts with `system:` is left out.",
            def = "\"\"")
        String groupsPrefix,
    @Key(
            doc =
                "CA certificates (PEM) that the issuer's certificate is verified with; null: the"
                    + " system's.")
        @Nullable Path caFile,
    @Key(
            doc =
                "URL of the discovery document where it is not below the issuer, for example at an"
                    + " address inside the cluster; https, or http on loopback. The document must"
                    + " still name `issuer`. Null: `issuer` with `/.well-known/openid-configuration`.")
        @Nullable String discoveryUrl,
    @Key(
            doc =
                "URL of the keys (JWKS); no discovery document is read then. Null: the document's"
                    + " `jwks_uri`.")
        @Nullable String jwksUrl) {

  /** Copies the list. */
  public OidcConfig {
    audiences = List.copyOf(audiences);
  }

  /** An issuer whose document is in the usual place. */
  public OidcConfig(
      String issuer,
      List<String> audiences,
      String usernameClaim,
      String groupsClaim,
      String usernamePrefix,
      String groupsPrefix,
      @Nullable Path caFile) {
    this(
        issuer,
        audiences,
        usernameClaim,
        groupsClaim,
        usernamePrefix,
        groupsPrefix,
        caFile,
        null,
        null);
  }

  /** Whether an issuer may have this URL: https, or http on this machine, without a query. */
  public static boolean isUsableUrl(String url) {
    return isKeysUrl(url) && url.indexOf('?') < 0;
  }

  /** Whether keys may be read there: https, or http on this machine. */
  public static boolean isKeysUrl(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      return false;
    }
    String host = uri.getHost();
    return host != null
        && uri.getRawUserInfo() == null
        && uri.getRawFragment() == null
        && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()) && isLoopback(host));
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]");
  }
}

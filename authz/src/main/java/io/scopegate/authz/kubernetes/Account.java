package io.scopegate.authz.kubernetes;

import io.scopegate.authz.kubernetes.Cluster.ClientKey;
import io.scopegate.config.PemFiles;
import io.scopegate.config.Secret;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Who this process is at the API server, in words for the operator: the log names it when the API
 * server does not accept it. Holds no secret.
 *
 * @param credential what is presented, and where it comes from
 * @param remedy how to get another one
 */
record Account(String credential, String remedy) {
  private static final String NEW_TOKEN =
      "check that the account still exists and renew the token, for example with kubectl create"
          + " token ACCOUNT -n NAMESPACE > FILE";

  /**
   * Describes what is presented.
   *
   * @param origin where it comes from, for example a file; empty when that is not known
   */
  static Account of(String origin, @Nullable ClientKey clientKey, @Nullable Secret token) {
    String from = origin.isEmpty() ? "" : " of " + origin;
    if (token != null) {
      return new Account("the token" + from + owner(token.reveal()), NEW_TOKEN);
    }
    if (clientKey != null) {
      return new Account(
          "the client certificate" + from + subject(clientKey.certificate()),
          "check its date and that the API server's --client-ca-file has its issuer");
    }
    return new Account(
        "nothing" + from, "give the user a token, tokenFile, exec or client certificate");
  }

  /** The same with another remedy. */
  Account withRemedy(String other) {
    return new Account(credential, other);
  }

  /** What our own token says about itself: the API server verifies it, so nothing rests on this. */
  private static String owner(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return "";
    }
    try {
      JsonObject claims = new JsonObject(Buffer.buffer(Base64.getUrlDecoder().decode(parts[1])));
      String subject = claims.getValue("sub") instanceof String sub ? " (" + shown(sub) : " (";
      String expired =
          claims.getValue("exp") instanceof Number exp
                  && exp.longValue() < Instant.now().getEpochSecond()
              ? ", expired at " + Instant.ofEpochSecond(exp.longValue())
              : "";
      return subject + expired + ")";
    } catch (IllegalArgumentException | DecodeException e) {
      return "";
    }
  }

  private static String subject(String certificate) {
    try {
      return " ("
          + shown(
              PemFiles.certificates(certificate, "client certificate")
                  .get(0)
                  .getSubjectX500Principal()
                  .getName())
          + ")";
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static String shown(String text) {
    String visible = text.replaceAll("[^ -~]", "?");
    return visible.length() > 200 ? visible.substring(0, 200) + "..." : visible;
  }
}

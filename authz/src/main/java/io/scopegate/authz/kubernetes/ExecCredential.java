package io.scopegate.authz.kubernetes;

import io.scopegate.authz.kubernetes.Cluster.ClientKey;
import io.scopegate.config.Secret;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * What an {@code exec} plug-in printed: an <a
 * href="https://kubernetes.io/docs/reference/config-api/client-authentication.v1/">ExecCredential</a>.
 *
 * @param token the bearer token; null when it gave none
 * @param clientKey the client certificate and its key; null when it gave none
 * @param expiryMillis when it expires, in milliseconds since the epoch; {@link Long#MAX_VALUE} when
 *     the plug-in does not say
 */
record ExecCredential(@Nullable Secret token, @Nullable ClientKey clientKey, long expiryMillis) {

  /**
   * Reads it. Messages quote nothing of it.
   *
   * @param where names the plug-in, for the message
   * @param apiVersion what was asked for
   */
  static ExecCredential read(String json, String where, String apiVersion)
      throws ClusterAccessException {
    JsonObject status;
    try {
      JsonObject root = new JsonObject(json);
      if (!"ExecCredential".equals(root.getValue("kind"))
          || !apiVersion.equals(root.getValue("apiVersion"))) {
        throw flaw(where + ": kind, apiVersion", "ExecCredential and " + apiVersion);
      }
      status = root.getJsonObject("status", new JsonObject());
      return read(status, where);
    } catch (DecodeException | ClassCastException e) {
      throw flaw(where + ": no ExecCredential", "an ExecCredential in JSON");
    }
  }

  private static ExecCredential read(JsonObject status, String where)
      throws ClusterAccessException {
    String token = text(status, "token");
    String certificate = text(status, "clientCertificateData");
    String key = text(status, "clientKeyData");
    if (certificate.isEmpty() != key.isEmpty()) {
      throw flaw(where + ": clientCertificateData, clientKeyData", "both or none");
    }
    if (token.isEmpty() && key.isEmpty()) {
      throw flaw(where + ": status", "token, or clientCertificateData and clientKeyData");
    }
    return new ExecCredential(
        token.isEmpty() ? null : AccessFiles.token(token, where + ": status.token"),
        key.isEmpty() ? null : new ClientKey(certificate, Secret.parse(key)),
        expiry(text(status, "expirationTimestamp"), where));
  }

  /** Empty when it is missing; only texts will do. */
  private static String text(JsonObject status, String key) {
    Object value = status.getValue(key);
    return value == null ? "" : (String) value;
  }

  private static long expiry(String timestamp, String where) throws ClusterAccessException {
    if (timestamp.isEmpty()) {
      return Long.MAX_VALUE;
    }
    try {
      return OffsetDateTime.parse(timestamp).toInstant().toEpochMilli();
    } catch (DateTimeException e) {
      throw flaw(
          where + ": status.expirationTimestamp", "a time such as " + Instant.ofEpochSecond(0));
    }
  }

  private static ClusterAccessException flaw(String what, String expected) {
    return new ClusterAccessException(what, expected);
  }

  /** Shows nothing of it. */
  @Override
  public String toString() {
    return "ExecCredential[********]";
  }
}

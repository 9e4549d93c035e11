package io.scopegate.authz.kubernetes;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be told about a token without asking anybody. */
public final class Tokens {
  /** Far above what Kubernetes or an identity provider issues, and what headers may hold. */
  public static final int MAX_LENGTH = 16 * 1024;

  /** What a service account's token may be bound to, besides a node. */
  private static final List<String> BOUND_TO = List.of("serviceaccount", "pod", "secret");

  private Tokens() {}

  /** Why this cannot be a token, or null when it may be one. */
  public static @Nullable String flaw(CharSequence token) {
    if (token.length() == 0) {
      return "the token is empty";
    }
    if (token.length() > MAX_LENGTH) {
      return "the token is longer than 16 KiB";
    }
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (c <= ' ' || c > '~') {
        return "the token holds a character that no token has";
      }
    }
    return null;
  }

  /**
   * When an accepted token ends by its own word, in milliseconds since the epoch: the {@code exp}
   * of a <a href="https://datatracker.ietf.org/doc/html/rfc7519#section-4.1.4">JWT</a>. {@link
   * Long#MAX_VALUE} for an opaque token or one that does not say. Only to be believed of a token
   * that was accepted.
   */
  static long expiryMillis(String token) {
    return claims(token).expiryMillis();
  }

  /** What a token says of itself, whether it is true or not. */
  public static Claims claims(String token) {
    int first = token.indexOf('.');
    int second = first < 0 ? -1 : token.indexOf('.', first + 1);
    if (second < 0) {
      return Claims.NONE;
    }
    try {
      byte[] payload = Base64.getUrlDecoder().decode(unpadded(token.substring(first + 1, second)));
      JsonObject claims = new JsonObject(Buffer.buffer(payload));
      Object exp = claims.getValue("exp");
      long expiry = exp instanceof Number seconds ? millis(seconds) : Long.MAX_VALUE;
      return new Claims(expiry, boundTo(claims.getValue("kubernetes.io")));
    } catch (IllegalArgumentException | DecodeException | ClassCastException e) {
      // Looks like a JWT but is none: opaque then.
      return Claims.NONE;
    }
  }

  /**
   * The UIDs in the <a
   * href="https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens">claims</a>
   * of a service account's token.
   */
  private static List<String> boundTo(@Nullable Object kubernetes) {
    if (!(kubernetes instanceof JsonObject claims)) {
      return List.of();
    }
    List<String> uids = new ArrayList<>(3);
    for (String kind : BOUND_TO) {
      if (claims.getValue(kind) instanceof JsonObject object
          && object.getValue("uid") instanceof String uid) {
        uids.add(uid);
      }
    }
    return List.copyOf(uids);
  }

  /**
   * What a token says of itself.
   *
   * @param expiryMillis when it ends, in milliseconds since the epoch
   * @param boundTo the UIDs of the objects without which it is not good
   */
  public record Claims(long expiryMillis, List<String> boundTo) {
    private static final Claims NONE = new Claims(Long.MAX_VALUE, List.of());
  }

  private static String unpadded(String base64) {
    int end = base64.length();
    while (end > 0 && base64.charAt(end - 1) == '=') {
      end--;
    }
    return base64.substring(0, end);
  }

  private static long millis(Number seconds) {
    double millis = seconds.doubleValue() * 1000;
    // The cast saturates, so that an absurd number is merely far away.
    return Double.isNaN(millis) ? 0 : (long) Math.floor(millis);
  }
}

package io.scopegate.authz.kubernetes;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Tells whether a TokenReview that rejects means the token. The <a
 * href="https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/">API
 * server</a> answers 201 with {@code authenticated: false} as well when it could not tell: a
 * webhook did not answer, etcd was slow, or an OIDC issuer's keys are not there yet. Only {@code
 * error} shows the difference; the errors of several authenticators come as {@code [one, other]}.
 */
final class Rejections {
  /** A longer message is none of the known ones. */
  private static final int MAX_LENGTH = 4096;

  /**
   * The texts that speak of the token itself, in lower case: the API server's own for bearer tokens
   * and for those of service accounts, and those of its libraries for JWT and OIDC. None may hold a
   * comma, which stands between errors.
   */
  private static final List<Pattern> PLAIN =
      List.of(
          Pattern.compile("invalid bearer token"),
          Pattern.compile("(service account )?token has expired"),
          Pattern.compile("(service account )?token is not valid yet"),
          Pattern.compile("service account token is issued in the future"),
          Pattern.compile("(service account )?token has been invalidated"),
          Pattern.compile("service account [^ ,]+ has been deleted"),
          Pattern.compile("serviceaccounts? \"[^\",]*\" not found"),
          Pattern.compile(
              "(service account|pod|secret|node) uid \\([^ ,]*\\) does not match [^,]*"),
          Pattern.compile("token audiences [^,]* invalid for the target audiences[^,]*"),
          Pattern.compile("[^ ,]*go-jose[^ ,]*: error in cryptographic primitive"),
          Pattern.compile("oidc: verify token: oidc: token is expired [^,]*"),
          Pattern.compile("oidc: verify token: oidc: expected audience [^,]*"));

  /**
   * Those of them that tell of the token's own time and audience. All others may be a look-up that
   * failed: of the account, the Pod or the Secret that a token is bound to.
   */
  private static final Pattern LASTING =
      Pattern.compile(
          "(service account )?token (has expired|is not valid yet|is issued in the future)"
              + "|token audiences [^,]* invalid for the target audiences[^,]*");

  private Rejections() {}

  /** Whether each of the errors speaks of the token; when there is none, the answer itself does. */
  static boolean isPlain(String error) {
    if (error.length() > MAX_LENGTH) {
      return false;
    }
    String errors = unbracketed(error);
    if (errors.isEmpty()) {
      return true;
    }
    for (String one : errors.split(", ", -1)) {
      if (PLAIN.stream().noneMatch(plain -> plain.matcher(one).matches())) {
        return false;
      }
    }
    return true;
  }

  /** Whether each speaks of the token, and one of what no look-up has a part in. */
  static boolean isLasting(String error) {
    return isPlain(error)
        && Arrays.stream(unbracketed(error).split(", ", -1))
            .anyMatch(one -> LASTING.matcher(one).matches());
  }

  private static String unbracketed(String error) {
    String errors = error.strip().toLowerCase(Locale.ROOT);
    return errors.startsWith("[") && errors.endsWith("]")
        ? errors.substring(1, errors.length() - 1)
        : errors;
  }
}

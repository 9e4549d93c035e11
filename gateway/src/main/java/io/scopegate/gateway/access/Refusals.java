package io.scopegate.gateway.access;

import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.User;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.route.Operation;
import java.util.Locale;
import java.util.function.IntUnaryOperator;

/** The words of a refusal: step, who, what, and the rule that would allow it. */
final class Refusals {
  private static final int MIN_WAIT_MILLIS = 1000;
  private static final int SPREAD_MILLIS = 2000;
  private static final int MAX_USER_CHARACTERS = 200;

  private final IntUnaryOperator random;

  /**
   * With a source of jitter.
   *
   * @param random gives a number from 0 to its argument, the argument excluded
   */
  Refusals(IntUnaryOperator random) {
    this.random = random;
  }

  /** The token is no good. */
  static Refusal unauthenticated(String reason) {
    return Refusal.of(Reason.UNAUTHENTICATED, "authentication: " + reason);
  }

  /** Nobody could be asked. The wait is spread, so that clients do not come back all at once. */
  Refusal undecided(String step, String reason) {
    int wait = MIN_WAIT_MILLIS + random.applyAsInt(SPREAD_MILLIS + 1);
    return Refusal.retryable(Reason.UNDECIDED, step + ": " + reason + "; try again", wait);
  }

  /** A review said no. */
  static Refusal forbidden(
      User user, String tenant, Operation operation, ResourceAttributes asked) {
    return Refusal.of(
        Reason.FORBIDDEN,
        "authorization: user "
            + shortened(user.name())
            + " may not "
            + action(operation)
            + " tenant "
            + tenant
            + ": SubjectAccessReview denied "
            + asked.verb()
            + " "
            + asked.resource()
            + (asked.apiGroup().isEmpty() ? "" : "." + asked.apiGroup())
            + (asked.name().isEmpty() ? "" : "/" + asked.name())
            + "; "
            + ResourceMapping.rule(asked)
            + ", bound to the user, would allow it");
  }

  /** A review of a proxied request said no. */
  static Refusal forbidden(User user, ResourceAttributes asked) {
    return Refusal.of(
        Reason.FORBIDDEN,
        "authorization: user "
            + shortened(user.name())
            + " may not "
            + asked.verb()
            + " "
            + (asked.isResource() ? resource(asked) : asked.path())
            + ": SubjectAccessReview denied it; "
            + ResourceMapping.rule(asked)
            + ", bound to the user, would allow it");
  }

  private static String resource(ResourceAttributes asked) {
    return asked.resource()
        + (asked.subresource().isEmpty() ? "" : "/" + asked.subresource())
        + (asked.apiGroup().isEmpty() ? "" : "." + asked.apiGroup())
        + (asked.name().isEmpty() ? "" : "/" + asked.name())
        + (asked.namespace().isEmpty() ? "" : " in namespace " + asked.namespace());
  }

  /** No static rule grants it, and nobody else is asked. */
  static Refusal noRule(User user, String tenant, Operation operation) {
    return Refusal.of(
        Reason.FORBIDDEN,
        "authorization: user "
            + shortened(user.name())
            + " may not "
            + action(operation)
            + " tenant "
            + tenant
            + ": no rule of authorization.static allows it; one for this user with {tenants: ["
            + tenant
            + "], operations: ["
            + operation.name().toLowerCase(Locale.ROOT)
            + "]} would");
  }

  private static String action(Operation operation) {
    return switch (operation) {
      case READ -> "read";
      case WRITE -> "write to";
      case ADMIN -> "configure";
      case OPEN, PUBLIC -> "use";
    };
  }

  private static String shortened(String name) {
    return name.length() <= MAX_USER_CHARACTERS
        ? name
        : name.substring(0, MAX_USER_CHARACTERS) + "...";
  }
}

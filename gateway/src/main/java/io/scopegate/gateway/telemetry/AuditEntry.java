package io.scopegate.gateway.telemetry;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authorization;
import io.scopegate.authz.User;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.DecisionBasis;
import io.scopegate.gateway.access.DecisionSource;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One decision for the audit log.
 *
 * @param request what was decided about
 * @param verdict the decision
 * @param origin where it came from
 * @param revoked whether it ended a request that had been let through
 * @param skipped how many refusals of the same caller before it were left out
 */
public record AuditEntry(
    RequestRecord request,
    AccessDecision verdict,
    DecisionSource origin,
    boolean revoked,
    long skipped) {
  /** Further groups are left out; users with more are rare. */
  static final int MOST_GROUPS = 64;

  /** Longer group names are cut. */
  static final int MOST_GROUP_CHARS = 256;

  private static final long UNKNOWN = -1;
  private static final Authentication.Proof.Source NOBODY = Authentication.Proof.Source.NONE;

  /** One before which none was left out. */
  AuditEntry(
      RequestRecord request, AccessDecision verdict, DecisionSource origin, boolean revoked) {
    this(request, verdict, origin, revoked, 0);
  }

  /**
   * {@code allow}, {@code deny}, or the reason of the refusal in one word; {@code would_deny} for
   * what was forwarded all the same.
   */
  String decision() {
    Refusal refusal = verdict.refusal();
    if (verdict.waived() != null) {
      return "would_deny";
    }
    if (refusal == null) {
      return "allow";
    }
    return refusal.reason() == Reason.FORBIDDEN ? "deny" : refusal.reason().label();
  }

  /** The reason as text: that of the refusal, or that of the review or rule that allowed it. */
  String reason() {
    Refusal refusal = verdict.refusal() == null ? verdict.waived() : verdict.refusal();
    if (refusal != null) {
      return refusal.detail();
    }
    List<Authorization> answers = answers();
    return answers.isEmpty() ? "" : answers.get(answers.size() - 1).reason();
  }

  /** The user; null when the caller was not authenticated. */
  @Nullable User user() {
    DecisionBasis grounds = verdict.grounds();
    return grounds == null ? null : grounds.authentication().user();
  }

  /** What authenticated the caller, in one word; empty when nothing did. */
  String source() {
    DecisionBasis grounds = verdict.grounds();
    return grounds == null || grounds.authentication().proof().source().equals(NOBODY)
        ? ""
        : grounds.authentication().proof().source().label();
  }

  /** Where the tenant came from; empty when there is none. */
  String tenantSource() {
    DecisionBasis grounds = verdict.grounds();
    return grounds == null ? "" : grounds.tenantSource();
  }

  /** Where the decision came from; empty when no authentication or authorization was needed. */
  String from() {
    return verdict.grounds() == null ? "" : origin.label();
  }

  /** Age of the answer about identity in milliseconds; negative when not known. */
  long authenticationAge(long nowMillis) {
    DecisionBasis grounds = verdict.grounds();
    return grounds == null
        ? UNKNOWN
        : age(grounds.authentication().proof().answeredMillis(), nowMillis);
  }

  /** Age of the oldest answer about rights in milliseconds; negative when not known. */
  long authorizationAge(long nowMillis) {
    long oldest = UNKNOWN;
    for (Authorization answer : answers()) {
      oldest = Math.max(oldest, age(answer.ground().answeredMillis(), nowMillis));
    }
    return oldest;
  }

  private List<Authorization> answers() {
    DecisionBasis grounds = verdict.grounds();
    return grounds == null ? List.of() : grounds.answers();
  }

  private static long age(long answeredMillis, long nowMillis) {
    return answeredMillis == 0 ? UNKNOWN : Math.max(0, nowMillis - answeredMillis);
  }
}

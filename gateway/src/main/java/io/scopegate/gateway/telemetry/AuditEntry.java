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
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One decision for the audit log.
 *
 * @param request what was decided about
 * @param verdict the decision
 * @param origin where it came from
 * @param revoked whether it ended a request that had been let through
 */
public record AuditEntry(
    RequestRecord request, AccessDecision verdict, DecisionSource origin, boolean revoked) {
  /** So many groups are named; users with more of them are rare. */
  static final int MOST_GROUPS = 64;

  /** Longer names of groups are cut. */
  static final int MOST_GROUP_CHARS = 256;

  private static final long UNKNOWN = -1;
  private static final Authentication.Proof.Source NOBODY = Authentication.Proof.Source.NONE;

  /** {@code allow}, {@code deny}, or the reason of the refusal in one word. */
  String decision() {
    Refusal refusal = verdict.refusal();
    if (refusal == null) {
      return "allow";
    }
    return refusal.reason() == Reason.FORBIDDEN ? "deny" : refusal.reason().label();
  }

  /** Why, in words: those of the answer to the client, or those of who allowed it. */
  String reason() {
    Refusal refusal = verdict.refusal();
    if (refusal != null) {
      return refusal.detail();
    }
    List<Authorization> answers = answers();
    return answers.isEmpty() ? "" : answers.get(answers.size() - 1).reason();
  }

  /** Who it is; null when that was not established. */
  @Nullable User user() {
    DecisionBasis grounds = verdict.grounds();
    return grounds == null ? null : grounds.authentication().user();
  }

  /** Who said who it is, in one word; empty when nobody did. */
  String source() {
    DecisionBasis grounds = verdict.grounds();
    return grounds == null || grounds.authentication().proof().source() == NOBODY
        ? ""
        : grounds.authentication().proof().source().name().toLowerCase(Locale.ROOT);
  }

  /** Where the tenant came from; empty when there is none. */
  String tenantSource() {
    DecisionBasis grounds = verdict.grounds();
    return grounds == null ? "" : grounds.tenantSource();
  }

  /** Where the decision came from; empty when nobody had to be asked for it, now or before. */
  String from() {
    return verdict.grounds() == null ? "" : origin.label();
  }

  /** How long ago it was said who it is, in milliseconds; negative when that is not known. */
  long authenticationAge(long nowMillis) {
    DecisionBasis grounds = verdict.grounds();
    return grounds == null
        ? UNKNOWN
        : age(grounds.authentication().proof().answeredMillis(), nowMillis);
  }

  /** How long ago the oldest answer was given that allows or denies it; likewise. */
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

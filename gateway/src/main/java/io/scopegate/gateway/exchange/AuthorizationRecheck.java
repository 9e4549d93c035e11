package io.scopegate.gateway.exchange;

import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.DecisionBasis;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The right of an exchange under way to go on. When the verdict it began with ends, by its time or
 * because something it rests on has changed, the same request is decided anew: a no ends the
 * exchange, a yes lets it go on. While nobody can be asked it goes on for a while, but never beyond
 * the end of its credential: some seconds when something was taken away, some minutes else. Then
 * its client is told to come back.
 */
final class AuthorizationRecheck {
  /** After an attempt that decided nothing. */
  private static final long RETRY_MILLIS = 1_000;

  /** So long it goes on undecided when something that it rests on has changed. */
  private static final long CHANGED_MILLIS = 5_000;

  /** So long when it is merely over: as old answers serve by default. */
  private static final long OVER_MILLIS = 300_000;

  private final Exchange exchange;
  private AccessDecision verdict;
  private boolean asking;
  private long notBeforeMillis;

  /** When it was first seen not to stand; 0 while it does. */
  private long openSinceMillis;

  AuthorizationRecheck(Exchange exchange, AccessDecision verdict) {
    this.exchange = exchange;
    this.verdict = verdict;
  }

  /** Looks whether it still stands; on the exchange's event loop. */
  void check(long nowMillis) {
    DecisionBasis grounds = Objects.requireNonNull(verdict.grounds(), "grounds");
    if (nowMillis >= grounds.notAfterMillis()) {
      exchange.revoke(expired());
    } else if (!asking
        && nowMillis >= notBeforeMillis
        && (nowMillis >= verdict.validUntilMillis() || !verdict.stands())) {
      asking = true;
      openSinceMillis = openSinceMillis == 0 ? nowMillis : openSinceMillis;
      grounds
          .again()
          .get()
          .onComplete(answer -> decided(answer.succeeded() ? answer.result() : null));
    }
  }

  private void decided(@Nullable AccessDecision next) {
    LoopContext worker = exchange.client().worker;
    if (worker.loop.inEventLoop()) {
      take(next);
    } else {
      worker.loop.execute(() -> take(next));
    }
  }

  private void take(@Nullable AccessDecision next) {
    asking = false;
    if (exchange.over()) {
      return;
    }
    Refusal refusal = next == null ? null : next.refusal();
    if (next == null || next.grounds() == null || refusal != null && isPassing(refusal)) {
      undecided(next, exchange.client().worker.nowMillis());
    } else if (refusal != null) {
      exchange.revoke(next);
    } else if (!Objects.equals(next.tenantHeader(), verdict.tenantHeader())) {
      exchange.revoke(anotherTenant(next));
    } else {
      verdict = next;
      openSinceMillis = 0;
    }
  }

  private void undecided(@Nullable AccessDecision next, long nowMillis) {
    long most = verdict.stands() ? OVER_MILLIS : CHANGED_MILLIS;
    // A clock that was set back far must not prolong it.
    if (Math.abs(nowMillis - openSinceMillis) >= most) {
      exchange.revoke(next != null && next.refusal() != null ? next : cannotTell());
    } else {
      notBeforeMillis = nowMillis + RETRY_MILLIS;
    }
  }

  private AccessDecision cannotTell() {
    Refusal refusal =
        Refusal.retryable(
            Reason.UNDECIDED, "authorization: nobody could be asked anew", RETRY_MILLIS);
    return new AccessDecision(
        refusal, null, verdict.tenant(), verdict.user(), 0, verdict.grounds());
  }

  /** By a new configuration the request is for another tenant than the one it has gone to. */
  private static AccessDecision anotherTenant(AccessDecision next) {
    Refusal refusal =
        Refusal.retryable(
            Reason.UNAVAILABLE,
            "tenant: by a new configuration this request is for another tenant; try again",
            RETRY_MILLIS);
    return new AccessDecision(refusal, null, next.tenant(), next.user(), 0, next.grounds());
  }

  private static boolean isPassing(Refusal refusal) {
    return refusal.reason() == Reason.UNDECIDED || refusal.reason() == Reason.DEFECT;
  }

  private AccessDecision expired() {
    Refusal refusal =
        Refusal.of(Reason.UNAUTHENTICATED, "authentication: the credential has expired");
    return new AccessDecision(
        refusal, null, verdict.tenant(), verdict.user(), 0, verdict.grounds());
  }
}

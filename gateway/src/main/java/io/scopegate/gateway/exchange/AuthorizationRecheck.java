package io.scopegate.gateway.exchange;

import io.netty.channel.EventLoop;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.DecisionBasis;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Checks again whether an exchange under way may go on. When the decision that it began with
 * expires, or something that it rests on has changed, the same request is decided again: a no ends
 * the exchange, a yes lets it go on. While nobody can be asked it goes on, but never beyond the end
 * of its credential: for some seconds when something was taken away, otherwise for some minutes.
 * Then its client is told to come back.
 */
final class AuthorizationRecheck {
  /** After an attempt that decided nothing. */
  private static final long RETRY_MILLIS = 1_000;

  /** So long it goes on undecided when something that it rests on has changed. */
  private static final long CHANGED_MILLIS = 5_000;

  /** So long when it is merely over: as old answers serve by default. */
  private static final long OVER_MILLIS = 300_000;

  /** What goes on or not. */
  interface Subject {
    /** The event loop that it lives on. */
    LoopContext loop();

    /** Whether it has ended by itself. */
    boolean ended();

    /** Ends it: it may not go on, by this decision, which has a refusal. */
    void revoke(AccessDecision now);
  }

  private final Subject subject;
  private AccessDecision decision;
  private boolean asking;
  private long notBeforeMillis;

  /** When it was first seen not to stand; 0 while it does. */
  private long openSinceMillis;

  AuthorizationRecheck(Subject subject, AccessDecision begun) {
    this.subject = subject;
    decision = begun;
  }

  /** Looks whether it still stands; on its event loop. */
  void check(long nowMillis) {
    DecisionBasis grounds = Objects.requireNonNull(decision.grounds(), "grounds");
    if (nowMillis >= grounds.notAfterMillis()) {
      subject.revoke(expired());
    } else if (!asking
        && nowMillis >= notBeforeMillis
        && (nowMillis >= decision.validUntilMillis() || !decision.stands())) {
      asking = true;
      openSinceMillis = openSinceMillis == 0 ? nowMillis : openSinceMillis;
      grounds
          .again()
          .get()
          .onComplete(answer -> decided(answer.succeeded() ? answer.result() : null));
    }
  }

  private void decided(@Nullable AccessDecision next) {
    EventLoop loop = subject.loop().eventLoop;
    if (loop.inEventLoop()) {
      take(next, subject.loop().nowMillis());
    } else {
      loop.execute(() -> take(next, subject.loop().nowMillis()));
    }
  }

  /** Somebody was asked and has answered; null when asking failed. */
  void take(@Nullable AccessDecision next, long nowMillis) {
    asking = false;
    if (subject.ended()) {
      return;
    }
    Refusal refusal = next == null ? null : next.refusal();
    if (next == null || next.grounds() == null || refusal != null && isPassing(refusal)) {
      undecided(next, nowMillis);
    } else if (refusal != null) {
      subject.revoke(next);
    } else if (!Objects.equals(next.tenantHeader(), decision.tenantHeader())) {
      subject.revoke(anotherTenant(next));
    } else {
      decision = next;
      openSinceMillis = 0;
    }
  }

  private void undecided(@Nullable AccessDecision next, long nowMillis) {
    long most = decision.stands() ? OVER_MILLIS : CHANGED_MILLIS;
    // A clock that was set back far must not prolong it.
    if (Math.abs(nowMillis - openSinceMillis) >= most) {
      subject.revoke(next != null && next.refusal() != null ? next : cannotTell());
    } else {
      notBeforeMillis = nowMillis + RETRY_MILLIS;
    }
  }

  private AccessDecision cannotTell() {
    Refusal refusal =
        Refusal.retryable(
            Reason.UNDECIDED,
            "authorization: the right could not be checked again; retry",
            RETRY_MILLIS);
    return new AccessDecision(
        refusal, null, decision.tenant(), decision.user(), 0, decision.grounds());
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
        refusal, null, decision.tenant(), decision.user(), 0, decision.grounds());
  }
}

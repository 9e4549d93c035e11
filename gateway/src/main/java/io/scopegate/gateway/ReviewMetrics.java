package io.scopegate.gateway;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authorization;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.gateway.admin.Readiness;
import io.scopegate.gateway.telemetry.ReviewMeters;

/** Counts reviews, and notes the first one that was answered. For any thread. */
final class ReviewMetrics implements ReviewObserver {
  private final ReviewMeters meters;
  private final Readiness readiness;

  ReviewMetrics(ReviewMeters meters, Readiness readiness) {
    this.meters = meters;
    this.readiness = readiness;
  }

  @Override
  public void answered(Kind kind, Outcome outcome, long nanos) {
    if (outcome != Outcome.UNDECIDED) {
      readiness.reached(Readiness.Condition.REVIEW);
    }
    if (kind == Kind.TOKEN) {
      meters.tokenReviewed(authentication(outcome), nanos);
    } else {
      meters.accessReviewed(authorization(outcome), nanos);
    }
  }

  private static Authentication.Outcome authentication(Outcome outcome) {
    return switch (outcome) {
      case YES -> Authentication.Outcome.AUTHENTICATED;
      case NO -> Authentication.Outcome.UNAUTHENTICATED;
      case UNDECIDED -> Authentication.Outcome.UNDECIDED;
    };
  }

  private static Authorization.Decision authorization(Outcome outcome) {
    return switch (outcome) {
      case YES -> Authorization.Decision.ALLOW;
      case NO -> Authorization.Decision.DENY;
      case UNDECIDED -> Authorization.Decision.UNDECIDED;
    };
  }
}

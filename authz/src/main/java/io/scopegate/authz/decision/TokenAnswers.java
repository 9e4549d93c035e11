package io.scopegate.authz.decision;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof.Source;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.TokenCheck;
import io.vertx.core.Future;
import java.time.InstantSource;

/** Answers that nobody has to be asked for, each counted by its reason. */
final class TokenAnswers {
  private final InstantSource clock;
  private final ReviewObserver observer;

  TokenAnswers(InstantSource clock, ReviewObserver observer) {
    this.clock = clock;
    this.observer = observer;
  }

  /** Counts what was found out and goes on. */
  void checked(TokenCheck check) {
    observer.checked(check);
  }

  Future<Authentication> refused(TokenCheck flaw) {
    return refused(flaw, "");
  }

  /** With what exactly is wrong, for the operator. */
  Future<Authentication> refused(TokenCheck flaw, String cause) {
    observer.checked(flaw);
    return Future.succeededFuture(
        Authentication.unauthenticated(flaw.words(), clock.millis(), Source.NONE).because(cause));
  }

  Future<Authentication> undecided(TokenCheck why, String words, String cause) {
    observer.checked(why);
    return Future.succeededFuture(Authentication.undecided(words, clock.millis()).because(cause));
  }
}

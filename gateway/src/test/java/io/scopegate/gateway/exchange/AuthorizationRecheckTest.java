package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.Lease;
import io.scopegate.authz.User;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.DecisionBasis;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AuthorizationRecheckTest {
  private static final long EXPIRES = 1_000_000L;
  private static final long NOT_AFTER = 5_000_000L;

  private final LoopContext loop =
      new LoopContext(new EmbeddedChannel().eventLoop(), new Budget(1, 1));
  private final Lease lease = new Lease();
  private final Deque<Promise<AccessDecision>> asked = new ArrayDeque<>();
  private final List<Refusal> revoked = new ArrayList<>();
  private boolean ended;

  private final AuthorizationRecheck recheck =
      new AuthorizationRecheck(
          new AuthorizationRecheck.Subject() {
            @Override
            public LoopContext loop() {
              return loop;
            }

            @Override
            public boolean ended() {
              return ended;
            }

            @Override
            public void revoke(AccessDecision now) {
              revoked.add(now.refusal());
              ended = true;
            }
          },
          decision(null, "a", EXPIRES));

  private DecisionBasis basis() {
    Proof proof = new Proof(Proof.Source.TOKEN_REVIEW, "", 0, NOT_AFTER, lease);
    User user = new User("jane", "u", List.of(), Map.of());
    return new DecisionBasis(
        Authentication.authenticated(user, Long.MAX_VALUE, proof),
        List.of("a"),
        "header",
        List.of(),
        List.of(),
        this::ask);
  }

  private Future<AccessDecision> ask() {
    Promise<AccessDecision> answer = Promise.promise();
    asked.add(answer);
    return answer.future();
  }

  private AccessDecision decision(@Nullable Refusal refusal, String tenant, long untilMillis) {
    return new AccessDecision(
        refusal, AsciiString.of(tenant), tenant, "jane", untilMillis, basis());
  }

  private AccessDecision undecided() {
    return decision(Refusal.retryable(Reason.UNDECIDED, "nobody answers", 1), "a", 0);
  }

  private void answer(AccessDecision next) {
    asked.remove().complete(next);
  }

  @Test
  void asksNobodyWhileTheDecisionStands() {
    recheck.check(EXPIRES - 1);
    assertThat(asked).isEmpty();
  }

  @Test
  void asksOnceWhenItExpiresAndGoesOnByTheNewDecision() {
    recheck.check(EXPIRES);
    recheck.check(EXPIRES + 100);
    assertThat(asked).hasSize(1);
    answer(decision(null, "a", 2 * EXPIRES));
    recheck.check(2 * EXPIRES - 1);
    assertThat(asked).isEmpty();
    recheck.check(2 * EXPIRES);
    assertThat(asked).hasSize(1);
    assertThat(revoked).isEmpty();
  }

  @Test
  void asksAtOnceWhenWhatItRestsOnHasEnded() {
    lease.end();
    recheck.check(0);
    assertThat(asked).hasSize(1);
  }

  @Test
  void aNoEndsIt() {
    recheck.check(EXPIRES);
    answer(decision(Refusal.of(Reason.FORBIDDEN, "no"), "a", 0));
    assertThat(revoked).extracting(Refusal::reason).containsExactly(Reason.FORBIDDEN);
  }

  @Test
  void anotherTenantEndsIt() {
    recheck.check(EXPIRES);
    answer(decision(null, "b", 2 * EXPIRES));
    assertThat(revoked).extracting(Refusal::reason).containsExactly(Reason.UNAVAILABLE);
  }

  @Test
  void theEndOfItsCredentialEndsItWithoutAsking() {
    recheck.check(NOT_AFTER);
    assertThat(asked).isEmpty();
    assertThat(revoked).extracting(Refusal::reason).containsExactly(Reason.UNAUTHENTICATED);
  }

  @Test
  void nothingFollowsItsOwnEnd() {
    recheck.check(EXPIRES);
    ended = true;
    answer(decision(Refusal.of(Reason.FORBIDDEN, "no"), "a", 0));
    assertThat(revoked).isEmpty();
  }

  /** Asks each second while nobody answers; when it was revoked, or -1. */
  private long outlives(long fromMillis, long forMillis) {
    for (long now = fromMillis; now <= fromMillis + forMillis; now += 1_000) {
      recheck.check(now);
      if (asked.isEmpty()) {
        continue;
      }
      takeAt(now);
      if (!revoked.isEmpty()) {
        return now - fromMillis;
      }
    }
    return -1;
  }

  private void takeAt(long nowMillis) {
    asked.remove();
    recheck.take(undecided(), nowMillis);
  }

  @Test
  void aStreamWhoseRightWasTakenDoesNotOutliveAnOutage() {
    lease.end();
    assertThat(outlives(1_000, 60_000)).isBetween(5_000L, 6_000L);
    assertThat(revoked).extracting(Refusal::reason).containsExactly(Reason.UNDECIDED);
  }

  @Test
  void aStreamWhoseDecisionMerelyExpiredOutlivesAShortOutage() {
    assertThat(outlives(EXPIRES, 600_000)).isBetween(300_000L, 302_000L);
  }

  @Test
  void aDecisionAfterAnOutageStartsTheTimeAgain() {
    lease.end();
    recheck.check(1_000);
    takeAt(1_000);
    recheck.check(4_000);
    asked.remove();
    recheck.take(decision(null, "a", EXPIRES), 4_000);
    recheck.check(5_000); // the same lease has ended, so it is asked again
    takeAt(5_000);
    recheck.check(7_000);
    takeAt(7_000);
    assertThat(revoked).isEmpty();
  }
}

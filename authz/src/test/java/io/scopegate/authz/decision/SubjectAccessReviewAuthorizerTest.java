package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authorization;
import io.scopegate.authz.Authorization.Decision;
import io.scopegate.authz.Fixtures;
import io.scopegate.authz.HandClock;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.User;
import io.scopegate.authz.kubernetes.ApiAnswer;
import io.scopegate.authz.kubernetes.ReviewPriority;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SubjectAccessReviewAuthorizerTest {
  private static final int PER_USER = 2;

  private final HandClock clock = new HandClock();
  private final ScriptedReviewer reviewer = new ScriptedReviewer();
  private final CountingObserver observer = new CountingObserver();
  private final SubjectAccessReviewAuthorizer authorizer =
      new SubjectAccessReviewAuthorizer(reviewer, Fixtures.decisions(), PER_USER, clock, observer);

  private Authorization ask() {
    return authorizer.authorize(Fixtures.INGEST, Fixtures.WRITE_PAYMENTS).result();
  }

  private Authorization cached() {
    return authorizer.cached(Fixtures.INGEST, Fixtures.WRITE_PAYMENTS);
  }

  @Test
  void keepsAYesForItsTime() {
    reviewer.answers(Fixtures.allowed(true));
    assertThat(cached()).isNull();
    assertThat(ask().decision()).isEqualTo(Decision.ALLOW);
    clock.turn(Duration.ofMinutes(5).minusMillis(1));
    assertThat(cached().decision()).isEqualTo(Decision.ALLOW);
    clock.turn(Duration.ofMillis(1));
    assertThat(cached()).isNull();
  }

  @Test
  void keepsANoForItsTime() {
    reviewer.answers(Fixtures.allowed(false));
    assertThat(ask().decision()).isEqualTo(Decision.DENY);
    assertThat(cached().reason()).isEqualTo("because");
    clock.turn(Duration.ofSeconds(30));
    assertThat(cached()).isNull();
  }

  @Test
  void anEvaluationErrorWithoutAYesDecidesNothingUnlessItIsDenied() {
    JsonObject failed = new JsonObject().put("allowed", false).put("evaluationError", "webhook");
    reviewer.answers(failed);
    assertThat(ask().decision()).isEqualTo(Decision.UNDECIDED);
    assertThat(ask().reason()).contains("could not evaluate");
    assertThat(cached()).isNull();
    reviewer.answers(failed.copy().put("denied", true));
    assertThat(ask().decision()).isEqualTo(Decision.DENY);
  }

  @Test
  void anEvaluationErrorDoesNotTakeAnOldYesAway() {
    reviewer.answers(Fixtures.allowed(true));
    ask();
    clock.turn(Duration.ofMinutes(6));
    reviewer.answers(new JsonObject().put("allowed", false).put("evaluationError", "webhook"));
    assertThat(ask().decision()).isEqualTo(Decision.ALLOW);
  }

  @Test
  void anIncompleteAnswerDecidesNothing() {
    reviewer.answers(new JsonObject());
    assertThat(ask().decision()).isEqualTo(Decision.UNDECIDED);
    assertThat(cached()).isNull();
  }

  @Test
  void servesAStaleYesWhileNobodyCanBeAskedButNoStaleNo() {
    reviewer.answers(Fixtures.allowed(true));
    ask();
    reviewer.cannotBeAsked();
    clock.turn(Duration.ofMinutes(6));
    Authorization stale = ask();
    assertThat(stale.decision()).isEqualTo(Decision.ALLOW);
    assertThat(stale.ground().stale()).isTrue();
    assertThat(observer.stale).hasValue(1);
    clock.turn(Duration.ofMinutes(5));
    assertThat(ask().decision()).isEqualTo(Decision.UNDECIDED);

    reviewer.answers(Fixtures.allowed(false));
    assertThat(ask().decision()).isEqualTo(Decision.DENY);
    clock.turn(Duration.ofSeconds(31));
    reviewer.cannotBeAsked();
    assertThat(ask().decision()).isEqualTo(Decision.UNDECIDED);
  }

  @Test
  void nobodyWaitsForTheNextAttemptWhileAttemptsKeepFailing() {
    reviewer.answers(Fixtures.allowed(true));
    ask();
    reviewer.cannotBeAsked();
    clock.turn(Duration.ofMinutes(6));
    ask();
    Promise<ApiAnswer> hanging = reviewer.answersLater();
    clock.turn(Duration.ofSeconds(1));
    assertThat(cached().decision()).isEqualTo(Decision.ALLOW);
    hanging.complete(ApiAnswer.of(Fixtures.allowed(false)));
    assertThat(cached().decision()).isEqualTo(Decision.DENY);
  }

  @Test
  void aNoEndsAStaleYes() {
    reviewer.answers(Fixtures.allowed(true));
    ask();
    clock.turn(Duration.ofMinutes(6));
    reviewer.answers(Fixtures.allowed(false));
    assertThat(ask().decision()).isEqualTo(Decision.DENY);
    clock.turn(Duration.ofSeconds(31));
    reviewer.cannotBeAsked();
    assertThat(ask().decision()).isEqualTo(Decision.UNDECIDED);
  }

  @Test
  void tellsUsersAndAttributesApartByAllTheirParts() {
    reviewer.answers(Fixtures.allowed(true));
    ask();
    User user = Fixtures.INGEST;
    List<User> others =
        List.of(
            new User(user.name(), user.uid(), List.of("system:authenticated"), Map.of()),
            new User(user.name(), "4712", user.groups(), Map.of()),
            new User(user.name(), user.uid(), user.groups(), Map.of("k", List.of("v"))));
    assertThat(others)
        .allSatisfy(
            other -> assertThat(authorizer.cached(other, Fixtures.WRITE_PAYMENTS)).isNull());
    ResourceAttributes sub =
        new ResourceAttributes("create", "tempo.grafana.com", "", "payments", "x", "traces", "");
    assertThat(authorizer.cached(user, sub)).isNull();
    User equal = new User(user.name(), user.uid(), user.groups(), Map.of());
    assertThat(authorizer.cached(equal, Fixtures.WRITE_PAYMENTS)).isNotNull();
  }

  @Test
  void whateverATemplateMayFillSpreadsTheHashes() {
    Set<Integer> hashes = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      String t = "t" + i;
      for (ResourceAttributes each :
          List.of(
              new ResourceAttributes("get", t, "", "r", "s", "n", "ns"),
              new ResourceAttributes("get", "g", "", "r", t, "n", "ns"))) {
        hashes.add(new SubjectAccessReviewAuthorizer.Question(Fixtures.INGEST, each).hashCode());
      }
    }
    assertThat(hashes).hasSizeGreaterThan(150);
  }

  @Test
  void asksOnceForAThousandEqualQuestions() {
    Promise<ApiAnswer> answer = reviewer.answersLater();
    List<Future<Authorization>> waiting = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      waiting.add(authorizer.authorize(Fixtures.INGEST, Fixtures.WRITE_PAYMENTS));
    }
    answer.complete(ApiAnswer.of(Fixtures.allowed(true)));
    assertThat(reviewer.asked).hasSize(1);
    assertThat(waiting)
        .allSatisfy(each -> assertThat(each.result().decision()).isEqualTo(Decision.ALLOW));
  }

  private static ResourceAttributes tenant(String name) {
    return new ResourceAttributes("get", "g", "", name, "", "traces", "");
  }

  @Test
  void onlyWhatHadAYesTakesTheLaneOfTheKnown() {
    reviewer.answers(Fixtures.allowed(true));
    ask();
    clock.turn(Duration.ofMinutes(6));
    ask();
    reviewer.answers(Fixtures.allowed(false));
    authorizer.authorize(Fixtures.INGEST, tenant("random"));
    clock.turn(Duration.ofMinutes(1));
    authorizer.authorize(Fixtures.INGEST, tenant("random"));
    assertThat(reviewer.lanes)
        .containsExactly(
            ReviewPriority.UNKNOWN,
            ReviewPriority.KNOWN,
            ReviewPriority.UNKNOWN,
            ReviewPriority.UNKNOWN);
  }

  @Test
  void whatAUserAsksBeyondTheirReviewsWaitsForItsTurn() {
    Promise<ApiAnswer> answer = reviewer.answersLater();
    List<Future<Authorization>> all = new ArrayList<>();
    for (int i = 0; i < PER_USER * (1 + UserTurns.WAITING_OF_ONE); i++) {
      all.add(authorizer.authorize(Fixtures.INGEST, tenant("t" + i)));
    }
    assertThat(reviewer.asked).hasSize(PER_USER);
    // The same question again asks nobody, so it counts for nothing.
    assertThat(authorizer.authorize(Fixtures.INGEST, tenant("t0")).isComplete()).isFalse();
    clock.turn(Duration.ofMillis(300));
    answer.complete(ApiAnswer.of(Fixtures.allowed(true)));
    assertThat(all).allMatch(one -> one.result().decision() == Decision.ALLOW);
    assertThat(reviewer.asked).hasSize(all.size());
    assertThat(reviewer.waitedMillis.subList(0, PER_USER)).containsOnly(0L);
    assertThat(reviewer.waitedMillis.subList(PER_USER, all.size())).containsOnly(300L);
  }

  @Test
  void aUserWithTooManyReviewsOnTheirWayIsToldToRetryAndNobodyElse() {
    Promise<ApiAnswer> answer = reviewer.answersLater();
    for (int i = 0; i < PER_USER * (1 + UserTurns.WAITING_OF_ONE); i++) {
      assertThat(authorizer.authorize(Fixtures.INGEST, tenant("t" + i)).isComplete()).isFalse();
    }
    Authorization beyond = authorizer.authorize(Fixtures.INGEST, tenant("beyond")).result();
    assertThat(beyond.decision()).isEqualTo(Decision.UNDECIDED);
    assertThat(beyond.reason()).contains("of this user");
    assertThat(reviewer.asked).hasSize(PER_USER);

    User other = new User("jane", "", List.of(), Map.of());
    Future<Authorization> others = authorizer.authorize(other, tenant("a"));
    assertThat(reviewer.asked).hasSize(PER_USER + 1);
    answer.complete(ApiAnswer.of(Fixtures.allowed(true)));
    assertThat(others.result().decision()).isEqualTo(Decision.ALLOW);
    assertThat(authorizer.authorize(Fixtures.INGEST, tenant("beyond")).result().decision())
        .isEqualTo(Decision.ALLOW);
  }

  @Test
  void keepsABoundedNumberOfDecisions() {
    reviewer.answers(Fixtures.allowed(true));
    for (int i = 0; i < 10_000; i++) {
      ResourceAttributes each = new ResourceAttributes("get", "g", "", "t" + i, "", "traces", "");
      authorizer.authorize(Fixtures.INGEST, each);
      reviewer.forget();
    }
    assertThat(authorizer.size()).isBetween(1L, 1250L);
  }
}

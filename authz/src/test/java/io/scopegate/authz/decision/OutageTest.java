package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Outcome;
import io.scopegate.authz.Authorization;
import io.scopegate.authz.Authorization.Decision;
import io.scopegate.authz.Fixtures;
import io.scopegate.authz.HandClock;
import io.scopegate.authz.User;
import io.scopegate.authz.kubernetes.ApiAnswer;
import io.scopegate.authz.kubernetes.ReviewPriority;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients notice of an API server that is down, with the default times. */
final class OutageTest {
  private static final int CLIENTS = 200;
  private static final int OUTAGE_SECONDS = 240;

  private final HandClock clock = new HandClock();
  private final ScriptedReviewer reviewer = new ScriptedReviewer();
  private final CountingObserver observer = new CountingObserver();
  private final TokenReviewAuthenticator authenticator =
      new TokenReviewAuthenticator(
          reviewer, Fixtures.kubernetes(List.of(), Duration.ofSeconds(5)), clock, observer);
  private final SubjectAccessReviewAuthorizer authorizer =
      new SubjectAccessReviewAuthorizer(reviewer, Fixtures.decisions(), 32, clock, observer);

  /** The reviews that hang, by the second in which they were asked. */
  private final List<List<Promise<ApiAnswer>>> hanging = new ArrayList<>();

  private static JsonObject answer(JsonObject request) {
    JsonObject spec = request.getJsonObject("spec");
    return spec.containsKey("token")
        ? Fixtures.accepted("user-" + spec.getString("token"))
        : Fixtures.allowed(true);
  }

  /** Waits for nothing but the end of patience; so whoever needs more fails here. */
  private <A> A soon(Future<A> answer) {
    if (!answer.isComplete()) {
      reviewer.endPatience();
    }
    assertThat(answer.isComplete()).isTrue();
    return answer.result();
  }

  private void request(int client) {
    Authentication who = soon(authenticator.authenticate("token-" + client));
    assertThat(who.outcome()).isEqualTo(Outcome.AUTHENTICATED);
    assertThat(soon(authorizer.authorize(who.user(), Fixtures.WRITE_PAYMENTS)).decision())
        .isEqualTo(Decision.ALLOW);
  }

  private void hang() {
    hanging.add(new ArrayList<>());
    reviewer.answersWith(request -> {
      Promise<ApiAnswer> never = Promise.promise();
      hanging.get(hanging.size() - 1).add(never);
      return never.future();
    });
  }

  /** A second later; what has hung for five comes to its deadline. */
  private void nextSecond() {
    clock.turn(Duration.ofSeconds(1));
    hanging.add(new ArrayList<>());
    if (hanging.size() > 5) {
      List<Promise<ApiAnswer>> due = hanging.remove(0);
      due.forEach(each -> each.complete(ApiAnswer.none(ApiAnswer.Problem.TIMEOUT)));
    }
    reviewer.forget();
    observer.outcomes.clear();
  }

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void fourMinutesCostNoKnownClientARequest(boolean hangs, boolean circuitOpens) {
    // Given: everybody was reviewed, and a part of their time is over
    reviewer.answersEach(OutageTest::answer);
    for (int client = 0; client < CLIENTS; client++) {
      reviewer.earlierMillis = client * 12_000L / CLIENTS;
      request(client);
    }
    clock.turn(Duration.ofSeconds(100));

    // When: every client sends a request a second
    if (hangs) {
      hang();
    } else {
      reviewer.cannotBeAsked();
    }
    for (int second = 0; second < OUTAGE_SECONDS; second++) {
      reviewer.down = circuitOpens && second >= 15;
      for (int client = 0; client < CLIENTS; client++) {
        request(client);
        // Then: with an open circuit not even patience is asked for
        assertThat(reviewer.down && !reviewer.impatient.isEmpty()).isFalse();
      }
      reviewer.endPatience();
      nextSecond();
    }
    assertThat(observer.stale.get()).isGreaterThan(CLIENTS);

    // Then: when it is back, everybody is reviewed again
    reviewer.down = false;
    reviewer.answersEach(OutageTest::answer);
    hanging.forEach(
        second -> second.forEach(each -> each.complete(ApiAnswer.none(ApiAnswer.Problem.TIMEOUT))));
    clock.turn(Duration.ofSeconds(1));
    for (int client = 0; client < CLIENTS; client++) {
      request(client);
      request(client);
      assertThat(authenticator.cached("token-" + client).proof().stale()).isFalse();
    }
  }

  @Test
  void withAnOpenCircuitAnOldAnswerServesAtOnceAndSaysSo() {
    reviewer.answersEach(OutageTest::answer);
    request(1);
    Authentication fresh = authenticator.cached("token-1");
    assertThat(fresh.proof().stale()).isFalse();
    clock.turn(Duration.ofMinutes(6));
    reviewer.down = true;
    Promise<ApiAnswer> later = reviewer.answersLater();

    Authentication old = authenticator.cached("token-1");
    assertThat(old.proof().stale()).isTrue();
    assertThat(old.proof().lease()).isSameAs(fresh.proof().lease());
    assertThat(old.proof().answeredMillis()).isEqualTo(fresh.proof().answeredMillis());
    assertThat(authorizer.cached(old.user(), Fixtures.WRITE_PAYMENTS).ground().stale()).isTrue();
    // Each is asked about in the background, once, and may be the probe.
    assertThat(reviewer.lanes)
        .containsExactly(
            ReviewPriority.UNKNOWN,
            ReviewPriority.UNKNOWN,
            ReviewPriority.KNOWN,
            ReviewPriority.KNOWN);
    later.complete(ApiAnswer.of(Fixtures.rejected("")));
  }

  @Test
  void patienceEndsWithTheOldAnswerAndTheNewOneCountsWhenItIsThere() {
    reviewer.answers(Fixtures.allowed(true));
    User user = new User("jane", "", List.of(), Map.of());
    authorizer.authorize(user, Fixtures.WRITE_PAYMENTS);
    clock.turn(Duration.ofMinutes(6));
    Promise<ApiAnswer> slow = reviewer.answersLater();
    Future<Authorization> waiting = authorizer.authorize(user, Fixtures.WRITE_PAYMENTS);
    assertThat(waiting.isComplete()).isFalse();
    reviewer.endPatience();
    assertThat(waiting.result().decision()).isEqualTo(Decision.ALLOW);
    assertThat(waiting.result().ground().stale()).isTrue();

    slow.complete(ApiAnswer.of(Fixtures.allowed(false)));
    assertThat(authorizer.cached(user, Fixtures.WRITE_PAYMENTS).decision())
        .isEqualTo(Decision.DENY);
  }

  @Test
  void aRefusalIsNotTurnedIntoAnAllowByPatienceOrAnOpenCircuit() {
    reviewer.answers(Fixtures.allowed(false));
    User user = new User("jane", "", List.of(), Map.of());
    authorizer.authorize(user, Fixtures.WRITE_PAYMENTS);
    clock.turn(Duration.ofSeconds(31));
    reviewer.down = true;
    Promise<ApiAnswer> slow = reviewer.answersLater();
    assertThat(authorizer.cached(user, Fixtures.WRITE_PAYMENTS)).isNull();
    Future<Authorization> waiting = authorizer.authorize(user, Fixtures.WRITE_PAYMENTS);
    reviewer.endPatience();
    assertThat(waiting.isComplete()).isFalse();
    slow.complete(ApiAnswer.none(ApiAnswer.Problem.TIMEOUT));
    assertThat(waiting.result().decision()).isEqualTo(Decision.UNDECIDED);
  }

  @Test
  void aNoThatComesBeforePatienceEndsCounts() {
    reviewer.answers(Fixtures.allowed(true));
    User user = new User("jane", "", List.of(), Map.of());
    authorizer.authorize(user, Fixtures.WRITE_PAYMENTS);
    clock.turn(Duration.ofMinutes(6));
    Promise<ApiAnswer> slow = reviewer.answersLater();
    Future<Authorization> waiting = authorizer.authorize(user, Fixtures.WRITE_PAYMENTS);
    slow.complete(ApiAnswer.of(Fixtures.allowed(false)));
    reviewer.endPatience();
    assertThat(waiting.result().decision()).isEqualTo(Decision.DENY);
  }

  @Test
  void anOpenCircuitDoesNotProlongATokenPastItsExpiry() {
    String token = Fixtures.jwt("{\"exp\":" + (clock.millis() / 1000 + 130) + "}");
    reviewer.answers(Fixtures.accepted("jane"));
    authenticator.authenticate(token);
    reviewer.down = true;
    reviewer.cannotBeAsked();
    for (int second = 0; second < 130; second++) {
      Authentication answer = authenticator.cached(token);
      assertThat(answer.outcome()).isEqualTo(Outcome.AUTHENTICATED);
      assertThat(answer.validUntilMillis()).isLessThanOrEqualTo(answer.proof().notAfterMillis());
      clock.turn(Duration.ofSeconds(1));
    }
    assertThat(authenticator.cached(token)).isNull();
    Promise<ApiAnswer> hanging = reviewer.answersLater();
    Future<Authentication> waiting = authenticator.authenticate(token);
    reviewer.endPatience();
    assertThat(waiting.isComplete()).isFalse();
    hanging.complete(ApiAnswer.none(ApiAnswer.Problem.TIMEOUT));
    assertThat(waiting.result().outcome()).isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void anOpenCircuitServesNoOldAnswerLongerThanStaleIfError() {
    reviewer.answers(Fixtures.accepted("jane"));
    authenticator.authenticate("t");
    reviewer.down = true;
    reviewer.cannotBeAsked();
    clock.turn(Duration.ofMinutes(7).minusMillis(1));
    assertThat(authenticator.cached("t")).isNotNull();
    clock.turn(Duration.ofMillis(1));
    assertThat(authenticator.cached("t")).isNull();
    assertThat(authenticator.authenticate("t").result().outcome()).isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void renewalsOfOneBurstAreSpread() {
    reviewer.answersEach(OutageTest::answer);
    for (int client = 0; client < 12; client++) {
      reviewer.earlierMillis = client * 1000;
      request(client);
    }
    clock.turn(Duration.ofSeconds(109));
    for (int client = 11; client >= 0; client--) {
      assertThat(authenticator.cached("token-" + client) == null).isEqualTo(client == 11);
    }
    clock.turn(Duration.ofSeconds(1));
    assertThat(authenticator.cached("token-10")).isNull();
    assertThat(authenticator.cached("token-9")).isNotNull();
  }
}

package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Outcome;
import io.scopegate.authz.Fixtures;
import io.scopegate.authz.HandClock;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.kubernetes.ApiAnswer;
import io.scopegate.authz.kubernetes.ReviewPriority;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenReviewAuthenticatorTest {
  private final HandClock clock = new HandClock();
  private final ScriptedReviewer reviewer = new ScriptedReviewer();
  private final CountingObserver observer = new CountingObserver();
  private TokenReviewAuthenticator authenticator = authenticator(List.of());

  private TokenReviewAuthenticator authenticator(List<String> audiences) {
    return new TokenReviewAuthenticator(
        reviewer, Fixtures.kubernetes(audiences, Duration.ofSeconds(1)), clock, observer);
  }

  private Authentication ask(String token) {
    return authenticator.authenticate(token).result();
  }

  @Test
  void keepsAnAcceptedTokenForItsTime() {
    reviewer.answers(Fixtures.accepted("jane"));
    assertThat(authenticator.cached("t")).isNull();
    assertThat(ask("t").user().name()).isEqualTo("jane");
    assertThat(authenticator.cached("t").outcome()).isEqualTo(Outcome.AUTHENTICATED);
    assertThat(authenticator.cached("t").validUntilMillis()).isEqualTo(clock.millis() + 120_000);

    clock.turn(Duration.ofMinutes(2));
    assertThat(authenticator.cached("t")).isNull();
    ask("t");
    assertThat(reviewer.asked).hasSize(2);
    assertThat(observer.hits).hasValue(2);
  }

  @Test
  void keepsARejectionForItsShorterTime() {
    reviewer.answers(Fixtures.rejected("invalid bearer token"));
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    assertThat(authenticator.cached("t").reason()).isEqualTo("Kubernetes rejected the token");
    clock.turn(Duration.ofSeconds(10));
    assertThat(authenticator.cached("t")).isNull();
  }

  @Test
  void neverKeepsATokenBeyondItsExpiry() {
    long exp = clock.millis() / 1000 + 30;
    String token = Fixtures.jwt("{\"exp\":" + exp + "}");
    reviewer.answers(Fixtures.accepted("jane"));
    assertThat(ask(token).validUntilMillis()).isEqualTo(exp * 1000);

    clock.turn(Duration.ofMillis(29_999));
    assertThat(authenticator.cached(token)).isNotNull();
    clock.turn(Duration.ofMillis(1));
    reviewer.cannotBeAsked();
    assertThat(authenticator.cached(token)).isNull();
    // Not even as a stale answer.
    assertThat(ask(token).outcome()).isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void doesNotKeepATokenThatWasAcceptedAfterItsExpiry() {
    String token = Fixtures.jwt("{\"exp\":" + (clock.millis() / 1000 - 5) + "}");
    reviewer.answers(Fixtures.accepted("jane"));
    assertThat(ask(token).outcome()).isEqualTo(Outcome.AUTHENTICATED);
    assertThat(authenticator.cached(token)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\nb", "ä"})
  void refusesWhatCannotBeATokenWithoutAsking(String token) {
    assertThat(ask(token).outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    assertThat(ask("x".repeat(16 * 1024 + 1)).outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    assertThat(authenticator.cached("x".repeat(16 * 1024 + 1))).isNull();
    assertThat(reviewer.asked).isEmpty();
  }

  @Test
  void cannotDecideWhenNobodyCanBeAsked() {
    Authentication answer = ask("t");
    assertThat(answer.outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(answer.reason()).contains("could not be reached");
    assertThat(authenticator.cached("t")).isNull();
    assertThat(observer.outcomes).containsExactly(ReviewObserver.Outcome.UNDECIDED);
  }

  @Test
  void servesAStaleAcceptanceWhileNobodyCanBeAsked() {
    reviewer.answers(Fixtures.accepted("jane"));
    ask("t");
    reviewer.cannotBeAsked();
    clock.turn(Duration.ofMinutes(3));

    assertThat(ask("t").user().name()).isEqualTo("jane");
    assertThat(observer.stale).hasValue(1);
    assertThat(authenticator.cached("t").proof().stale()).isTrue();
    // For a second nobody is asked again.
    assertThat(authenticator.cached("t").outcome()).isEqualTo(Outcome.AUTHENTICATED);
    assertThat(authenticator.cached("t").validUntilMillis()).isEqualTo(clock.millis() + 1000);
    assertThat(reviewer.asked).hasSize(2);

    clock.turn(Duration.ofMinutes(5));
    assertThat(authenticator.cached("t")).isNull();
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void nobodyWaitsForTheNextAttemptWhileAttemptsKeepFailing() {
    reviewer.answers(Fixtures.accepted("jane"));
    ask("t");
    reviewer.cannotBeAsked();
    clock.turn(Duration.ofMinutes(3));
    ask("t");
    Promise<ApiAnswer> hanging = reviewer.answersLater();
    for (int second = 0; second < 3; second++) {
      clock.turn(Duration.ofSeconds(1));
      assertThat(authenticator.cached("t").outcome()).isEqualTo(Outcome.AUTHENTICATED);
      assertThat(authenticator.cached("t").validUntilMillis()).isEqualTo(clock.millis() + 1000);
    }
    // One attempt is on its way, and its answer counts at once.
    assertThat(reviewer.asked).hasSize(3);
    hanging.complete(ApiAnswer.of(Fixtures.rejected("")));
    assertThat(authenticator.cached("t")).isNull();
  }

  @Test
  void whoeverComesLongAfterAFailedAttemptWaitsForTheNext() {
    reviewer.answers(Fixtures.accepted("jane"));
    ask("t");
    reviewer.cannotBeAsked();
    clock.turn(Duration.ofMinutes(3));
    ask("t");
    clock.turn(Duration.ofSeconds(11));
    assertThat(authenticator.cached("t")).isNull();
    reviewer.answers(Fixtures.rejected(""));
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
  }

  @Test
  void aStaleAcceptanceNeverOutlivesTheExpiry() {
    String token = Fixtures.jwt("{\"exp\":" + (clock.millis() / 1000 + 122) + "}");
    reviewer.answers(Fixtures.accepted("jane"));
    ask(token);
    reviewer.cannotBeAsked();
    clock.turn(Duration.ofSeconds(121));
    assertThat(ask(token).outcome()).isEqualTo(Outcome.AUTHENTICATED);
    clock.turn(Duration.ofSeconds(1));
    assertThat(authenticator.cached(token)).isNull();
    assertThat(ask(token).outcome()).isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void neverTurnsARefusalIntoAStaleAcceptance() {
    reviewer.answers(Fixtures.accepted("jane"));
    ask("t");
    clock.turn(Duration.ofMinutes(3));
    reviewer.answers(Fixtures.rejected(""));
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNDECIDED);
    // The first rejection is in doubt, but the acceptance does not serve any more either.
    reviewer.cannotBeAsked();
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNDECIDED);
    reviewer.answers(Fixtures.rejected(""));
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    clock.turn(Duration.ofSeconds(11));
    reviewer.cannotBeAsked();
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(reviewer.lanes)
        .containsExactly(
            ReviewPriority.UNKNOWN,
            ReviewPriority.KNOWN,
            ReviewPriority.KNOWN,
            ReviewPriority.KNOWN,
            ReviewPriority.UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Post \"https://webhook/authenticate\": context deadline exceeded",
        "[invalid bearer token, etcdserver: request timed out]",
        "[invalid bearer token, oidc: authenticator not initialized]",
        "[invalid bearer token, service account token has expired, no route to host]"
      })
  void aFailureBehindTheApiServerIsNoRejectionTheFirstTime(String error) {
    reviewer.answers(Fixtures.rejected(error));
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(authenticator.cached("t")).isNull();
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    assertThat(authenticator.cached("t").outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    // While it goes on the answer stays the same.
    clock.turn(Duration.ofSeconds(10).minusMillis(1));
    assertThat(authenticator.cached("t").outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "invalid bearer token",
        "[invalid bearer token, service account token has expired]",
        "[invalid bearer token, Token has been invalidated]",
        "[invalid bearer token, serviceaccounts \"ghost\" not found]",
        "[invalid bearer token, service account UID (1) does not match claim (2)]",
        "[invalid bearer token, square/go-jose: error in cryptographic primitive]",
        "[invalid bearer token, token audiences [\"a\" \"b\"] is invalid for the target audiences"
            + " [\"c\"]]",
        "[invalid bearer token, oidc: verify token: oidc: token is expired (Token Expiry:"
            + " 2026-01-01 00:00:00 +0000 UTC)]"
      })
  void anUnknownTokenThatIsPlainlyRejectedIsRefusedAtOnce(String error) {
    reviewer.answers(Fixtures.rejected(error));
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
  }

  @Test
  void whatARejectedTokenSaysOfItselfIsForTheOperator() {
    reviewer.answers(
        Fixtures.rejected(
            "[invalid bearer token, token audiences [\"a\"] is invalid for the target audiences [\"c\"]]"));
    String token = signed("{\"iss\":\"https://cluster\",\"aud\":\"vault\",\"exp\":4102444800}");

    Authentication rejected = ask(token);
    assertThat(rejected.reason())
        .isEqualTo("Kubernetes rejected the token: it is meant for another audience");
    assertThat(rejected.cause())
        .startsWith("aud is vault, iss is https://cluster (expected: one of the API server's")
        .endsWith(", exp is 2100-01-01T00:00:00Z");
    assertThat(ask("opaque").cause()).isEmpty();

    authenticator = authenticator(List.of("tempo"));
    assertThat(ask(token).cause())
        .isEqualTo(
            "aud is vault (expected: one of tempo), iss is https://cluster,"
                + " exp is 2100-01-01T00:00:00Z");
  }

  /** Of an algorithm that is accepted, by a signature that nobody looks at here. */
  private static String signed(String claims) {
    String unsigned = Fixtures.jwt(claims);
    return "eyJhbGciOiJSUzI1NiJ9" + unsigned.substring(unsigned.indexOf('.'));
  }

  @Test
  void aTokenThatWasGoodIsRefusedByTheSecondRejectionInARow() {
    reviewer.answers(Fixtures.accepted("jane"));
    ask("t");
    clock.turn(Duration.ofMinutes(3));
    reviewer.answers(Fixtures.rejected("[invalid bearer token, Token has been invalidated]"));
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNDECIDED);
    reviewer.answers(Fixtures.accepted("jane"));
    assertThat(ask("t").outcome()).isEqualTo(Outcome.AUTHENTICATED);

    clock.turn(Duration.ofMinutes(3));
    reviewer.answers(Fixtures.rejected("[invalid bearer token, Token has been invalidated]"));
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNDECIDED);
    clock.turn(Duration.ofHours(1)); // in a row all the same: it asks seldom
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 11, 60, 86_400})
  void anErrorInUnknownWordsIsARejectionTheSecondTimeHoweverSeldomTheClientAsks(int seconds) {
    reviewer.answers(Fixtures.rejected("Failed to authenticate with OpenStack Keystone"));
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNDECIDED);
    for (int i = 0; i < 3; i++) {
      clock.turn(Duration.ofSeconds(seconds));
      assertThat(ask("t").outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    }
  }

  @Test
  void aFailureBehindTheApiServerDoesNotPushOutAnAcceptance() {
    reviewer.answers(Fixtures.accepted("jane"));
    ask("t");
    clock.turn(Duration.ofMinutes(3));
    reviewer.answers(Fixtures.rejected("etcdserver: request timed out"));
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNDECIDED);
    reviewer.cannotBeAsked();
    assertThat(ask("t").outcome()).isEqualTo(Outcome.AUTHENTICATED);
  }

  @Test
  void aTokenThatWasGoodAndHasExpiredIsRefusedAtOnce() {
    String token = Fixtures.jwt("{\"exp\":" + (clock.millis() / 1000 + 30) + "}");
    reviewer.answers(Fixtures.accepted("jane"));
    ask(token);
    clock.turn(Duration.ofSeconds(30));
    reviewer.answers(
        Fixtures.rejected("[invalid bearer token, service account token has expired]"));
    assertThat(ask(token).outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
  }

  @Test
  void anIncompleteAnswerDecidesNothing() {
    reviewer.answers(new JsonObject().put("authenticated", true));
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNDECIDED);
    reviewer.answers(new JsonObject().put("authenticated", "yes"));
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void asksForTheAudiencesOfTheConfiguration() {
    authenticator = authenticator(List.of("tempo"));
    reviewer.answers(Fixtures.accepted("jane").put("audiences", List.of("tempo")));
    assertThat(ask("t").outcome()).isEqualTo(Outcome.AUTHENTICATED);
    assertThat(reviewer.asked.get(0).getJsonObject("spec").getJsonArray("audiences"))
        .isEqualTo(new JsonArray().add("tempo"));
  }

  @Test
  void asksOnceForAThousandEqualTokens() {
    Promise<ApiAnswer> answer = reviewer.answersLater();
    List<Future<Authentication>> waiting = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      waiting.add(authenticator.authenticate("t"));
    }
    answer.complete(ApiAnswer.of(Fixtures.accepted("jane")));
    assertThat(reviewer.asked).hasSize(1);
    assertThat(waiting).allSatisfy(each -> assertThat(each.result().user()).isNotNull());
  }

  @Test
  void renewalsOfAcceptedTokensTakeTheLaneOfKnownUsers() {
    reviewer.answers(Fixtures.accepted("jane"));
    ask("t");
    clock.turn(Duration.ofMinutes(3));
    ask("t");
    ask("other");
    assertThat(reviewer.lanes)
        .containsExactly(ReviewPriority.UNKNOWN, ReviewPriority.KNOWN, ReviewPriority.UNKNOWN);
  }

  @Test
  void keepsABoundedNumberOfAnswers() {
    reviewer.answersEach(request -> {
      String token = request.getJsonObject("spec").getString("token");
      return token.endsWith("7") ? Fixtures.accepted(token) : Fixtures.rejected("");
    });
    for (int i = 0; i < 30_000; i++) {
      ask("token-" + i);
      reviewer.forget();
      observer.outcomes.clear();
    }
    assertThat(authenticator.size()).isBetween(1L, 1250L);
  }

  @Test
  void aFloodOfBadTokensDoesNotPushOutAGoodOne() {
    reviewer.answers(Fixtures.accepted("jane"));
    ask("good");
    reviewer.answers(Fixtures.rejected(""));
    for (int i = 0; i < 10_000; i++) {
      ask("bad-" + i);
      reviewer.forget();
    }
    assertThat(authenticator.cached("good")).isNotNull();
  }

  @Test
  void aClockThatIsSetBackDoesNotMakeAnswersLast() {
    reviewer.answers(Fixtures.accepted("jane"));
    ask("t");
    clock.turn(Duration.ofHours(-1));
    assertThat(authenticator.cached("t")).isNull();
    reviewer.cannotBeAsked();
    assertThat(ask("t").outcome()).isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void equalUsersAreOneObject() {
    reviewer.answers(Fixtures.accepted("jane"));
    assertThat(ask("one").user()).isSameAs(ask("two").user());
  }
}
